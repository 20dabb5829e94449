/**
 * What a phrase means, said by hand, and the instants that follow from it: one calendar day after the other, one time
 * after the other, placed in the zone by Luxon. It shares no library with Claw and knows nothing of phrases.
 */
import { DateTime } from "luxon";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
const UNITS = { m: MINUTE, h: 60 * MINUTE } as const;
/** 29 February needs half a century for twelve instants. */
const FARTHEST = 366 * 60;

/** One time on the wall clock: `2026-12-03T14:00:00`. */
interface Once {
  readonly once: string;
  readonly zone?: string;
}

/** Elapsed time, `90m` or `2h`, from an instant that is itself none of the slots, unless `incl`. */
interface Step {
  readonly step: string;
  readonly since: string;
  readonly incl?: boolean;
  /** An instant; the last slot may be at it. */
  readonly until?: string;
  readonly count?: number;
  readonly zone?: string;
}

/** Times on days. */
interface Days {
  /**
   * `all`, `weekday`, or a list of: `Mon`; `15` or, from the end, `-1`; `Mon#1` or, from the end, `Fri#-1`; `workday#-1`;
   * `Fri&13`, both; `near:15`, the workday nearest to the 15th within its month.
   */
  readonly days: string;
  readonly at?: readonly string[];
  /** Instead of `at`: from `first` to `last`, both included, every so often; the last may be on the next day. */
  readonly every?: string;
  readonly first?: string;
  readonly last?: string;
  readonly months?: readonly number[];
  /** `3 days`, `2 weeks`, `2 months`, counted from `from`. */
  readonly each?: string;
  /** The first day; without one, today. */
  readonly from?: string;
  /** The last day. */
  readonly until?: string;
  readonly count?: number;
  readonly zone?: string;
}

export type Plan = Once | Step | Days;

interface Wall {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const wallOf = (day: number): Wall => {
  const date = new Date(day * DAY);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
};
const dayOf = (date: string): number => Date.parse(`${date.slice(0, 10)}T00:00:00Z`) / DAY;
const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;
const monthLength = ({ year, month }: Wall): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

function minutesOf(clock: string): number {
  const [hour, minute] = clock.split(":").map(Number);
  return (hour ?? 0) * 60 + (minute ?? 0);
}

/** The first instant at which the zone shows the time; when it never does, the first minute after it that is shown. */
function place(zone: string, day: number, minutes: number, second = 0): number {
  for (let minute = minutes; ; minute++) {
    const wall = wallOf(day + Math.floor(minute / 1440));
    const hour = Math.floor((minute % 1440) / 60);
    const at = DateTime.fromObject({ ...wall, hour, minute: minute % 60, second }, { zone });
    if (!at.isValid) throw new Error(`${zone}: ${at.invalidReason}`);
    if (at.hour !== hour || at.minute !== minute % 60) continue;
    return Math.min(...at.getPossibleOffsets().map((one) => one.toMillis()));
  }
}

function workdaysOf(day: number): number[] {
  const wall = wallOf(day);
  const first = day - wall.day + 1;
  return Array.from({ length: monthLength(wall) }, (_, at) => first + at).filter((one) => weekdayOf(one) < 5);
}

const nth = (list: readonly number[], n: number): number | undefined => list.at(n > 0 ? n - 1 : n);

function fits(item: string, day: number): boolean {
  const wall = wallOf(day);
  const weekday = weekdayOf(day);
  if (item === "all") return true;
  if (item === "weekday") return weekday < 5;
  if (item.includes("&")) return item.split("&").every((part) => fits(part, day));
  if (/^-?\d+$/.test(item)) return wall.day === Number(item) || wall.day - monthLength(wall) - 1 === Number(item);
  const [name = "", number = ""] = item.split(/[#:]/);
  if (name === "workday") return nth(workdaysOf(day), Number(number)) === day;
  if (name === "near") {
    const far = (one: number): number => Math.abs(wallOf(one).day - Number(number));
    return workdaysOf(day).sort((a, b) => far(a) - far(b))[0] === day;
  }
  if (!WEEKDAYS.some((known) => known === name)) throw new Error(`"${item}" is no day`);
  if (WEEKDAYS[weekday] !== name) return false;
  if (number === "") return true;
  const inMonth = Array.from({ length: monthLength(wall) }, (_, at) => day - wall.day + 1 + at);
  return (
    nth(
      inMonth.filter((one) => weekdayOf(one) === weekday),
      Number(number),
    ) === day
  );
}

/** Whether the period in which the day lies is one of those counted from the first. */
function counted(each: string, from: number, day: number): boolean {
  const [n = 1, unit] = each.split(" ").map((part, at) => (at === 0 ? Number(part) : part)) as [number, string];
  const months = (one: number): number => wallOf(one).year * 12 + wallOf(one).month;
  switch (unit) {
    case "days":
      return (day - from) % n === 0;
    case "weeks":
      return ((day - weekdayOf(day) - (from - weekdayOf(from))) / 7) % n === 0;
    case "months":
      return (months(day) - months(from)) % n === 0;
    default:
      throw new Error(`"${each}" is no distance`);
  }
}

const lengthOf = (text: string): number => {
  const unit = UNITS[text.slice(-1) as keyof typeof UNITS];
  return Number(text.slice(0, -1)) * unit;
};

function timesOf(plan: Days): number[] {
  if (plan.at) return plan.at.map(minutesOf);
  if (!plan.every || !plan.first || !plan.last) throw new Error("a plan of days needs times");
  const first = minutesOf(plan.first);
  const last = minutesOf(plan.last) + (minutesOf(plan.last) < first ? 1440 : 0);
  const step = lengthOf(plan.every) / MINUTE;
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, at) => first + at * step);
}

function ofDays(plan: Days, zone: string, now: number, wanted: number): number[] {
  const today = dayOf(DateTime.fromMillis(now, { zone }).toISODate() ?? "");
  const from = plan.from === undefined ? null : dayOf(plan.from);
  const until = plan.until === undefined ? Number.POSITIVE_INFINITY : dayOf(plan.until);
  const times = timesOf(plan);
  const found = new Set<number>();
  // A window that began yesterday may still be open.
  for (let day = from ?? today - 1; day <= until && day < today + FARTHEST; day++) {
    if (plan.months && !plan.months.includes(wallOf(day).month)) continue;
    if (!plan.days.split(" ").some((item) => fits(item, day))) continue;
    if (plan.each !== undefined && !counted(plan.each, from ?? today, day)) continue;
    for (const time of times) {
      const at = place(zone, day, time);
      if (at > now) found.add(at);
      if (found.size === Math.min(wanted, plan.count ?? wanted)) return [...found];
    }
  }
  return [...found];
}

function ofStep(plan: Step, now: number, wanted: number): number[] {
  const length = lengthOf(plan.step);
  const since = Date.parse(plan.since);
  const until = plan.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(plan.until);
  const found: number[] = [];
  for (let at = plan.incl ? since : since + length; at <= until; at += length) {
    if (found.length === Math.min(wanted, plan.count ?? wanted)) break;
    if (at > now) found.push(at);
  }
  return found;
}

/** The first `wanted` instants after `now` as ISO 8601 in UTC, earliest first; fewer when the plan ends before. */
export function instantsOf(plan: Plan, seenFrom: { zone: string; now: string }, wanted = 12): string[] {
  const zone = plan.zone ?? seenFrom.zone;
  const now = Date.parse(seenFrom.now);
  const found =
    "once" in plan
      ? [place(zone, dayOf(plan.once), minutesOf(plan.once.slice(11, 16)), Number(plan.once.slice(17, 19)))]
      : "step" in plan
        ? ofStep(plan, now, wanted)
        : ofDays(plan, zone, now, wanted);
  return found.map((at) => new Date(at).toISOString().replace(".000Z", "Z"));
}
