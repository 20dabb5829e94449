/** RFC 5545 recurrence rules, as far as schedules use them: days by DAILY to YEARLY, times by BYHOUR and BYMINUTE. */
import { DAY, dateOfDay, wallOf, wallText, weekdayOfDay } from "./civil.ts";

export const FREQUENCIES = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"] as const;
export type Frequency = (typeof FREQUENCIES)[number];

const DAY_CODES = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;

export interface RuleWeekday {
  /** 1 is the first of its month, -1 the last; null is every one. */
  readonly nth: number | null;
  /** 0 is Monday. */
  readonly weekday: number;
}

export interface Rule {
  readonly freq: Frequency;
  readonly interval: number;
  readonly months: readonly number[];
  readonly monthDays: readonly number[];
  readonly weekdays: readonly RuleWeekday[];
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  /** BYSETPOS over all slots of one period; empty takes them all. */
  readonly positions: readonly number[];
  readonly count: number | null;
  /** Wall-clock milliseconds, inclusive. */
  readonly until: number | null;
}

/** The rule as text, its parts in one fixed order, so that equal rules are equal strings. */
export function ruleText(rule: Rule): string {
  const parts = [`FREQ=${rule.freq}`];
  const list = (name: string, values: readonly (number | string)[]): void => {
    if (values.length > 0) parts.push(`${name}=${values.join(",")}`);
  };
  if (rule.interval > 1) parts.push(`INTERVAL=${rule.interval}`);
  list("BYMONTH", rule.months);
  list("BYMONTHDAY", rule.monthDays);
  list(
    "BYDAY",
    rule.weekdays.map(({ nth, weekday }) => `${nth ?? ""}${DAY_CODES[weekday] ?? ""}`),
  );
  list("BYHOUR", rule.hours);
  list("BYMINUTE", rule.minutes);
  list("BYSETPOS", rule.positions);
  if (rule.count !== null) parts.push(`COUNT=${rule.count}`);
  if (rule.until !== null) parts.push(`UNTIL=${wallText(rule.until).replace(/[-:]/g, "")}`);
  return parts.join(";");
}

function integers(text: string, fits: (value: number) => boolean): number[] | null {
  const values = text.split(",").map((value) => (/^[+-]?\d{1,4}$/.test(value) ? Number(value) : Number.NaN));
  return values.every(fits) ? [...new Set(values)].sort((a, b) => a - b) : null;
}

const naturals = (text: string, low: number, high: number): number[] | null =>
  integers(text, (value) => value >= low && value <= high);

/** Counted from the front (1, 2, …) or from the back (-1, -2, …). */
const positionsUpTo = (text: string, high: number): number[] | null =>
  integers(text, (value) => value !== 0 && Math.abs(value) <= high);

function weekdaysOf(text: string): RuleWeekday[] | null {
  const list: RuleWeekday[] = [];
  for (const item of text.split(",")) {
    const match = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/.exec(item);
    if (!match) return null;
    const nth = match[1] === undefined ? null : Number(match[1]);
    if (nth !== null && (nth === 0 || Math.abs(nth) > 5)) return null;
    list.push({ nth, weekday: DAY_CODES.indexOf(match[2] as (typeof DAY_CODES)[number]) });
  }
  return list;
}

/**
 * Reads a rule; what RFC 5545 takes from the start (the time, the day) is filled in from it.
 * @param start wall-clock milliseconds
 * @returns null for text that is no rule, and for parts that Claw does not evaluate (BYWEEKNO, BYYEARDAY, BYSECOND, a
 *   WKST other than Monday, frequencies under a day)
 */
export function parseRule(text: string, start: number): Rule | null {
  const parts = new Map<string, string>();
  for (const part of text.toUpperCase().split(";")) {
    const at = part.indexOf("=");
    const name = part.slice(0, at);
    if (at < 1 || parts.has(name)) return null;
    parts.set(name, part.slice(at + 1));
  }
  const take = <T>(name: string, read: (value: string) => T | null, otherwise: T): T | null => {
    const value = parts.get(name);
    parts.delete(name);
    return value === undefined ? otherwise : read(value);
  };
  const freq = take<Frequency | null>("FREQ", (value) => FREQUENCIES.find((known) => known === value) ?? null, null);
  const minuteOfStart = Math.floor(start / 60_000);
  const interval = take("INTERVAL", (value) => naturals(value, 1, 9999), [1])?.[0];
  const months = take("BYMONTH", (value) => naturals(value, 1, 12), []);
  const monthDays = take("BYMONTHDAY", (value) => positionsUpTo(value, 31), []);
  const weekdays = take("BYDAY", weekdaysOf, []);
  const hours = take("BYHOUR", (value) => naturals(value, 0, 23), [Math.floor(minuteOfStart / 60) % 24]);
  const minutes = take("BYMINUTE", (value) => naturals(value, 0, 59), [minuteOfStart % 60]);
  const positions = take("BYSETPOS", (value) => positionsUpTo(value, 9999), []);
  const count = take<number | null>("COUNT", (value) => (/^[1-9]\d{0,4}$/.test(value) ? Number(value) : -1), null);
  const until = take<number | null>(
    "UNTIL",
    (value) => wallOf(value.length === 8 ? `${value}T235959` : value) ?? -1,
    null,
  );
  const weekStart = take("WKST", (value) => (value === "MO" ? value : null), "MO");
  if (!freq || !interval || !months || !monthDays || !weekdays || !hours || !minutes || !positions || !weekStart)
    return null;
  if (parts.size > 0 || count === -1 || until === -1) return null;
  const monthly = freq === "MONTHLY" || (freq === "YEARLY" && months.length > 0);
  if (!monthly && weekdays.some(({ nth }) => nth !== null)) return null;
  if (freq === "YEARLY" && weekdays.length > 0 && months.length === 0) return null;
  return fillFromStart(
    { freq, interval, months, monthDays, weekdays, hours, minutes, positions, count, until },
    Math.floor(start / DAY),
  );
}

function fillFromStart(rule: Rule, startDay: number): Rule {
  if (rule.freq === "DAILY" || rule.monthDays.length > 0 || rule.weekdays.length > 0) return rule;
  const { month, day } = dateOfDay(startDay);
  if (rule.freq === "WEEKLY") return { ...rule, weekdays: [{ nth: null, weekday: weekdayOfDay(startDay) }] };
  return {
    ...rule,
    months: rule.freq === "YEARLY" && rule.months.length === 0 ? [month] : rule.months,
    monthDays: [day],
  };
}
