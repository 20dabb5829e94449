/** The wall-clock times at which a rule is due. */
import { DAY, dateOfDay, dayNumber, daysInMonth, MINUTE, weekdayOfDay } from "./civil.ts";
import type { Rule } from "./rule.ts";

/** A rule that is not due once in a century (29 February every 100 years) counts as never due. */
const HORIZON_DAYS = 110 * 366;

/** Days of one month that the rule takes, ascending. */
function daysOfMonth(rule: Rule, year: number, month: number): number[] {
  if (rule.months.length > 0 && !rule.months.includes(month)) return [];
  const first = dayNumber(year, month, 1);
  const length = daysInMonth(year, month);
  const taken: number[] = [];
  for (let day = 1; day <= length; day++) {
    const byDate = rule.monthDays.length === 0 || rule.monthDays.some((n) => n === day || n === day - length - 1);
    if (!byDate) continue;
    const weekday = weekdayOfDay(first + day - 1);
    const fromStart = Math.ceil(day / 7);
    const fromEnd = -Math.ceil((length - day + 1) / 7);
    const byWeekday =
      rule.weekdays.length === 0 ||
      rule.weekdays.some((w) => w.weekday === weekday && (w.nth === null || w.nth === fromStart || w.nth === fromEnd));
    if (byWeekday) taken.push(first + day - 1);
  }
  return taken;
}

function takesDay(rule: Rule, day: number): boolean {
  if (rule.weekdays.length > 0) {
    const weekday = weekdayOfDay(day);
    if (!rule.weekdays.some((w) => w.weekday === weekday)) return false;
  }
  if (rule.months.length === 0 && rule.monthDays.length === 0) return true;
  const date = dateOfDay(day);
  if (rule.months.length > 0 && !rule.months.includes(date.month)) return false;
  if (rule.monthDays.length === 0) return true;
  const fromEnd = date.day - daysInMonth(date.year, date.month) - 1;
  return rule.monthDays.some((n) => n === date.day || n === fromEnd);
}

/** Periods are numbered from the one the start lies in; `step` of them make one interval. */
interface Periods {
  readonly indexOf: (day: number) => number;
  readonly firstDay: (index: number) => number;
  readonly daysOf: (index: number) => number[];
}

function periodsOf(rule: Rule, startDay: number): Periods {
  const start = dateOfDay(startDay);
  const monday = startDay - weekdayOfDay(startDay);
  switch (rule.freq) {
    case "DAILY":
      return {
        indexOf: (day) => day - startDay,
        firstDay: (index) => startDay + index,
        daysOf: (index) => (takesDay(rule, startDay + index) ? [startDay + index] : []),
      };
    case "WEEKLY":
      return {
        indexOf: (day) => Math.floor((day - monday) / 7),
        firstDay: (index) => monday + index * 7,
        daysOf: (index) =>
          [0, 1, 2, 3, 4, 5, 6].map((n) => monday + index * 7 + n).filter((day) => takesDay(rule, day)),
      };
    case "MONTHLY": {
      const month = (index: number): [number, number] => {
        const total = start.year * 12 + start.month - 1 + index;
        return [Math.floor(total / 12), (total % 12) + 1];
      };
      return {
        indexOf: (day) => {
          const date = dateOfDay(day);
          return (date.year - start.year) * 12 + date.month - start.month;
        },
        firstDay: (index) => dayNumber(...month(index), 1),
        daysOf: (index) => daysOfMonth(rule, ...month(index)),
      };
    }
    case "YEARLY":
      return {
        indexOf: (day) => dateOfDay(day).year - start.year,
        firstDay: (index) => dayNumber(start.year + index, 1, 1),
        daysOf: (index) =>
          [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].flatMap((m) => daysOfMonth(rule, start.year + index, m)),
      };
  }
}

/** The times of a day that BYHOUR and BYMINUTE name, ascending, as milliseconds. */
export function timesOfDay(rule: Rule): number[] {
  return rule.hours.flatMap((hour) => rule.minutes.map((minute) => (hour * 60 + minute) * MINUTE));
}

function picked(slots: readonly number[], positions: readonly number[]): number[] {
  const indexes = positions.map((n) => (n > 0 ? n - 1 : slots.length + n));
  const kept = new Set(indexes.filter((index) => index >= 0 && index < slots.length));
  return slots.filter((_, index) => kept.has(index));
}

/**
 * Every time the rule is due, ascending, strictly after `after`; ends when the rule does.
 * @param start wall-clock milliseconds: nothing is due before it, intervals and COUNT are counted from it
 * @param after wall-clock milliseconds
 */
export function* occurrences(rule: Rule, start: number, after: number): Generator<number, void> {
  const periods = periodsOf(rule, Math.floor(start / DAY));
  const seconds = start % MINUTE;
  const times = timesOfDay(rule).map((time) => time + seconds);
  // COUNT is counted from the start, so nothing may be jumped over.
  const from = rule.count === null ? Math.max(after, start) : start;
  const fromDay = Math.floor(from / DAY);
  let counted = 0;
  for (
    let index = Math.ceil(Math.max(0, periods.indexOf(fromDay)) / rule.interval) * rule.interval;
    ;
    index += rule.interval
  ) {
    if (periods.firstDay(index) - Math.max(fromDay, Math.floor(after / DAY)) > HORIZON_DAYS) return;
    const days = periods.daysOf(index);
    let slots = days.flatMap((day) => times.map((time) => day * DAY + time));
    if (rule.positions.length > 0) slots = picked(slots, rule.positions);
    for (const slot of slots) {
      if (slot < start) continue;
      if (rule.until !== null && slot > rule.until) return;
      counted += 1;
      if (rule.count !== null && counted > rule.count) return;
      if (slot > after) yield slot;
    }
  }
}
