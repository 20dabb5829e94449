/** A calendar rule in the terms people use (which days, which times), and the way between it and RFC 5545. */
import { MINUTE } from "./civil.ts";
import { parseRule, type Rule, ruleText } from "./rule.ts";

/** Which days. Weekdays count from 0, Monday; dates from 1, or from -1, the last of the month. */
export type Days =
  | { readonly by: "day"; readonly every: number }
  | { readonly by: "week"; readonly every: number; readonly weekdays: readonly number[] }
  | { readonly by: "date"; readonly every: number; readonly dates: readonly number[] }
  /** The nth of one weekday in its month: first Monday, last Friday. */
  | { readonly by: "nth"; readonly every: number; readonly list: readonly { nth: number; weekday: number }[] }
  /** The nth of all days of the month that are one of these weekdays: the last business day. */
  | {
      readonly by: "position";
      readonly every: number;
      readonly weekdays: readonly number[];
      readonly nths: readonly number[];
    }
  /** Those of the date that are that weekday: Friday the 13th. */
  | { readonly by: "weekdate"; readonly every: number; readonly weekday: number; readonly date: number }
  | { readonly by: "year"; readonly every: number; readonly month: number; readonly dates: readonly number[] };

export interface Plan {
  readonly days: Days;
  /** Only in these months (1 to 12); empty is all. */
  readonly months: readonly number[];
  /** Minutes since midnight, ascending, at least one. */
  readonly times: readonly number[];
  /** Wall-clock milliseconds, inclusive; null is open. */
  readonly until: number | null;
  readonly count: number | null;
}

/** Where a rule begins that no start was given for: the same words make the same schedule on every day. */
export const OPEN_START = "2020-01-01T00:00:00";

export const WORKDAYS = [0, 1, 2, 3, 4] as const;

/** True when the rule's slots depend on where it starts. */
export const needsStart = (plan: Plan): boolean => plan.days.every > 1 || plan.count !== null;

const ascending = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);

/** BYSETPOS numbers that pick some of a day's `size` combinations of hour and minute, on each of `days` days. */
function eachDay(indexes: readonly number[], size: number, days: number): number[] {
  return Array.from({ length: days }, (_, day) => indexes.map((index) => day * size + index + 1)).flat();
}

/** One form for days that can be said in two ways. */
function plain(plan: Plan): Plan {
  const { days, months } = plan;
  if (days.by === "week" && days.weekdays.length === 7 && days.every === 1)
    return { ...plan, days: { by: "day", every: 1 } };
  if (days.by === "position" && days.weekdays.length === 1) {
    const list = days.nths.map((nth) => ({ nth, weekday: days.weekdays[0] ?? 0 }));
    return { ...plan, days: { by: "nth", every: days.every, list } };
  }
  if (days.by === "position" && days.weekdays.length === 7) {
    return { ...plan, days: { by: "date", every: days.every, dates: days.nths } };
  }
  if (days.by === "date" && days.every === 1 && months.length === 1 && months[0] !== undefined) {
    return { ...plan, months: [], days: { by: "year", every: 1, month: months[0], dates: days.dates } };
  }
  return plan;
}

/** The plan as a rule; equal plans give equal rules. */
export function ruleOfPlan(said: Plan): Rule {
  const plan = plain(said);
  const hours = ascending(plan.times.map((time) => Math.floor(time / 60)));
  const minutes = ascending(plan.times.map((time) => time % 60));
  const size = hours.length * minutes.length;
  const wanted = new Set(plan.times);
  const indexes = hours
    .flatMap((hour) => minutes.map((minute) => hour * 60 + minute))
    .flatMap((time, at) => (wanted.has(time) ? [at] : []));
  const exact = indexes.length === size;
  const { days } = plan;
  const base: Rule = {
    freq: "MONTHLY",
    interval: days.every,
    months: plan.months,
    monthDays: [],
    weekdays: [],
    hours,
    minutes,
    positions: [],
    count: plan.count,
    until: plan.until,
  };
  const positions = (most: number): number[] => (exact ? [] : eachDay(indexes, size, most));
  switch (days.by) {
    case "day":
      return { ...base, freq: "DAILY", positions: positions(1) };
    case "week": {
      const weekdays = days.weekdays.map((weekday) => ({ nth: null, weekday }));
      // A set of positions over one day is shorter than over a week.
      if (days.every === 1 && !exact) return { ...base, freq: "DAILY", weekdays, positions: positions(1) };
      return { ...base, freq: "WEEKLY", weekdays, positions: positions(weekdays.length) };
    }
    case "date":
      return { ...base, monthDays: days.dates, positions: positions(days.dates.length) };
    case "nth":
      return { ...base, weekdays: days.list, positions: positions(days.list.length) };
    case "position": {
      const picks = days.nths.flatMap((nth) =>
        indexes.map((at) => (nth > 0 ? (nth - 1) * size + at + 1 : nth * size + at)),
      );
      return {
        ...base,
        weekdays: days.weekdays.map((weekday) => ({ nth: null, weekday })),
        positions: ascending(picks),
      };
    }
    case "weekdate":
      return {
        ...base,
        monthDays: [days.date],
        weekdays: [{ nth: null, weekday: days.weekday }],
        positions: positions(1),
      };
    case "year":
      return {
        ...base,
        freq: "YEARLY",
        months: [days.month],
        monthDays: days.dates,
        positions: positions(days.dates.length),
      };
  }
}

function daysOfRule(rule: Rule, size: number): Days | null {
  const every = rule.interval;
  // In this order only, so that a rule with another one is no plan.
  const weekdays = ascending(rule.weekdays.map(({ weekday }) => weekday));
  switch (rule.freq) {
    case "DAILY":
      return weekdays.length > 0 ? { by: "week", every, weekdays } : { by: "day", every };
    case "WEEKLY":
      return { by: "week", every, weekdays };
    case "MONTHLY": {
      if (weekdays.length === 0) return { by: "date", every, dates: rule.monthDays };
      const [weekday = 0] = weekdays;
      const [date] = rule.monthDays;
      if (date !== undefined) return { by: "weekdate", every, weekday, date };
      const list = rule.weekdays.flatMap(({ nth, weekday }) => (nth === null ? [] : [{ nth, weekday }]));
      if (list.length > 0) return { by: "nth", every, list };
      const nths = ascending(rule.positions.map((n) => (n > 0 ? Math.ceil(n / size) : -Math.ceil(-n / size))));
      return nths.length > 0 ? { by: "position", every, weekdays, nths } : null;
    }
    case "YEARLY":
      return rule.months[0] === undefined ? null : { by: "year", every, month: rule.months[0], dates: rule.monthDays };
  }
}

/** The plan behind a rule; null for a rule that {@link ruleOfPlan} would never write. */
export function planOfRule(rule: Rule): Plan | null {
  const combinations = rule.hours.flatMap((hour) => rule.minutes.map((minute) => hour * 60 + minute));
  const size = combinations.length;
  const days = daysOfRule(rule, size);
  if (days === null) return null;
  const indexes = new Set(rule.positions.map((n) => (n > 0 ? (n - 1) % size : ((n % size) + size) % size)));
  const times = rule.positions.length === 0 ? combinations : combinations.filter((_, at) => indexes.has(at));
  const months = days.by === "year" ? [] : rule.months;
  const plan: Plan = { days, months, times, until: rule.until, count: rule.count };
  return ruleText(ruleOfPlan(plan)) === ruleText(rule) ? plan : null;
}

/** Reads a stored rule as a plan; null for a rule that people have no words for. */
export function planOf(rrule: string, start: number): Plan | null {
  const rule = start % MINUTE === 0 ? parseRule(rrule, start) : null;
  const plan = rule === null ? null : planOfRule(rule);
  return plan !== null && ruleText(ruleOfPlan(plan)) === rrule ? plan : null;
}
