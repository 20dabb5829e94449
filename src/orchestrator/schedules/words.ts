/** A schedule as one canonical English sentence; the phrase parser reads it back to the same schedule. */
import { assertNever } from "../errors.ts";
import { clockText, DAY, dateOfDay, MINUTE, wallOf, weekdayOfDay } from "./civil.ts";
import { occurrences } from "./occurrences.ts";
import { type Days, needsStart, OPEN_START, type Plan, planOf, WORKDAYS } from "./plan.ts";
import type { Schedule } from "./schedule.ts";
import { ruleOf } from "./slots.ts";
import { place, wallAt } from "./wall.ts";

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;
const ORDINALS = ["", "first", "second", "third", "fourth", "fifth"] as const;

const monthName = (month: number): string => MONTHS[month - 1] ?? "";

/** `a`, `a and b`, `a, b and c`. */
export function joined(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** `Tue 24 Nov 2026`. */
export function dayText(day: number): string {
  const { year, month, day: date } = dateOfDay(day);
  const weekday = (WEEKDAYS[weekdayOfDay(day)] ?? "").slice(0, 3);
  return `${weekday} ${date} ${monthName(month).slice(0, 3)} ${year}`;
}

/** `Tue 24 Nov 2026 at 09:00`. */
const momentText = (wall: number): string => `${dayText(Math.floor(wall / DAY))} at ${clockText(wall)}`;

/** An instant on the zone's clock; the second of two equal times says its offset. */
export function instantWords(zone: string, ms: number): string {
  const wall = wallAt(zone, ms);
  if (place(zone, wall) === ms) return momentText(wall);
  const offset = (wall - ms) / MINUTE;
  const size = Math.abs(offset);
  const part = (value: number): string => String(value).padStart(2, "0");
  return `${momentText(wall)} ${offset < 0 ? "-" : "+"}${part(Math.floor(size / 60))}:${part(size % 60)}`;
}

function ordinal(n: number): string {
  const tail =
    n % 10 === 1 && n !== 11 ? "st" : n % 10 === 2 && n !== 12 ? "nd" : n % 10 === 3 && n !== 13 ? "rd" : "th";
  return `${n}${tail}`;
}

/** `first`, `last`, `second to last`. */
const rank = (n: number): string =>
  n > 0 ? (ORDINALS[n] ?? ordinal(n)) : n === -1 ? "last" : `${ORDINALS[-n] ?? ordinal(-n)} to last`;

function ofMonths(every: number, months: readonly number[], rare: boolean): string {
  if (months.length > 0) return ` of ${joined(months.map(monthName))}${months.length === 1 ? " every year" : ""}`;
  return ` of every ${every === 1 ? "month" : `${every} months`}${rare ? " that has one" : ""}`;
}

/** One run of three months or more is said from its first to its last, around the end of the year too. */
function monthsText(months: readonly number[]): string {
  if (months.length === 0) return "";
  const first = months.find((month) => !months.includes(month === 1 ? 12 : month - 1));
  const last = months.find((month) => !months.includes((month % 12) + 1));
  const runs = months.filter((month) => !months.includes((month % 12) + 1)).length;
  return runs === 1 && months.length > 2 && first !== undefined && last !== undefined
    ? ` from ${monthName(first)} to ${monthName(last)}`
    : ` in ${joined(months.map(monthName))}`;
}

/** Null for days that there is no sentence for. */
function daysText(days: Days, months: readonly number[]): string | null {
  if (days.every > 1 && months.length > 0) return null;
  const inMonths = monthsText(months);
  switch (days.by) {
    case "day":
      return `${days.every === 1 ? "Every day" : `Every ${days.every} days`}${inMonths}`;
    case "week": {
      const names = joined(days.weekdays.map((weekday) => WEEKDAYS[weekday] ?? ""));
      if (days.every > 1) return `Every ${days.every} weeks on ${names}`;
      if (days.weekdays.length === 6) {
        const left = WEEKDAYS.find((_, weekday) => !days.weekdays.includes(weekday));
        return `Every day except ${left}${inMonths}`;
      }
      return `Every ${days.weekdays.join() === WORKDAYS.join() ? "weekday" : names}${inMonths}`;
    }
    case "date": {
      const dates = days.dates.filter((n) => n > 0).map(ordinal);
      const fromEnd = days.dates.filter((n) => n < 0).map((n) => `${rank(n)} day`);
      const rare = days.dates.some((n) => Math.abs(n) > 28);
      return `On the ${joined([...dates, ...fromEnd])}${ofMonths(days.every, months, rare)}`;
    }
    case "nth": {
      const list = days.list.map(({ nth, weekday }) => `${rank(nth)} ${WEEKDAYS[weekday] ?? ""}`);
      const rare = days.list.some(({ nth }) => Math.abs(nth) > 4);
      return `On the ${joined(list)}${ofMonths(days.every, months, rare)}`;
    }
    case "position":
      if (days.weekdays.join() !== WORKDAYS.join()) return null;
      return `On the ${joined([...days.nths.filter((n) => n > 0), ...days.nths.filter((n) => n < 0)].map(rank))} weekday${ofMonths(days.every, months, false)}`;
    case "weekdate":
      if (days.every > 1 || days.date < 1) return null;
      return `Every ${WEEKDAYS[days.weekday] ?? ""} the ${ordinal(days.date)}${inMonths}`;
    case "year":
      if (days.dates.some((n) => n < 0)) {
        return days.every > 1 ? null : daysText({ by: "date", every: 1, dates: days.dates }, [days.month]);
      }
      return `Every ${days.every === 1 ? "year" : `${days.every} years`} on ${joined(days.dates.map(String))} ${monthName(days.month)}`;
  }
}

const units = (n: number, unit: string): string => (n === 1 ? unit : `${n} ${unit}s`);

const lengthText = (seconds: number): string =>
  seconds % 3600 === 0
    ? units(seconds / 3600, "hour")
    : seconds % 60 === 0
      ? units(seconds / 60, "minute")
      : units(seconds, "second");

const clockOfMinute = (time: number): string => clockText(time * MINUTE);

/** Times that go on after midnight begin behind the widest gap of the day: 22:00, 23:00, 00:00. */
function aroundMidnight(times: readonly number[]): readonly number[] {
  const last = times.at(-1) ?? 0;
  const gaps = times.map((time, at) => time - (times[at - 1] ?? last - 1440));
  const widest = gaps.indexOf(Math.max(...gaps));
  const night = gaps[0] === Math.min(...gaps);
  return night && widest > 0 ? [...times.slice(widest), ...times.slice(0, widest).map((time) => time + 1440)] : times;
}

/** Days and times; four times and more at one distance are said as a window. */
function slotsText(days: string, times: readonly number[]): string {
  const overnight = days === "Every day" ? aroundMidnight(times) : times;
  const [first = 0, second = 0] = overnight;
  const step = second - first;
  const even = overnight.every((time, at) => time === first + at * step);
  if (times.length < 4 || !even) return `${days} at ${joined(times.map(clockOfMinute))}`;
  const window = `between ${clockOfMinute(first)} and ${clockOfMinute(overnight.at(-1) ?? first)}`;
  return `Every ${lengthText(step * 60)} ${window} ${days.charAt(0).toLowerCase()}${days.slice(1)}`;
}

/** A whole day is said without its time: `from` means from its first second, `until` to its last. */
const edgeText = (word: string, wall: number, whole: number): string =>
  `, ${word} ${(((wall % DAY) + DAY) % DAY) === whole ? dayText(Math.floor(wall / DAY)) : momentText(wall)}`;

const untilText = (wall: number): string => edgeText("until", wall, DAY - 1000);

function planText(plan: Plan, schedule: Extract<Schedule, { kind: "calendar" }>): string | null {
  const { rule, start } = ruleOf(schedule);
  // "Every 2 weeks from" a day means the first slot on or after it; a rule that skips that one has no such words.
  if (plan.days.every > 1) {
    const first = occurrences({ ...rule, interval: 1, until: null, count: null }, start, start - 1).next().value;
    if (first === undefined || Math.floor(first / DAY) !== Math.floor(start / DAY)) return null;
  }
  const days = plan.until !== null && plan.count !== null ? null : daysText(plan.days, plan.months);
  if (days === null) return null;
  const from = needsStart(plan) || schedule.start !== OPEN_START ? edgeText("from", start, 0) : "";
  const until = plan.until === null ? "" : untilText(plan.until);
  const count = plan.count === null ? "" : `, ${plan.count} ${plan.count === 1 ? "time" : "times"}`;
  return `${slotsText(days, plan.times)}${from}${until}${count}`;
}

function calendarText(schedule: Extract<Schedule, { kind: "calendar" }>): string {
  const start = wallOf(schedule.start) ?? 0;
  const plan = planOf(schedule.rrule, start);
  return (plan === null ? null : planText(plan, schedule)) ?? `Rule ${schedule.rrule}${edgeText("from", start, 0)}`;
}

/** The anchor of intervals that keep to the clock: `every 15 minutes` is at :00, :15, :30 and :45. */
export const clockAnchor = (zone: string, minute: number): number => place(zone, Date.UTC(2020, 0, 1, 0, minute));

/** True for the distances that divide the hour, which people expect on the clock. */
export const keepsToClock = (seconds: number): boolean => seconds >= 60 && seconds % 60 === 0 && 3600 % seconds === 0;

const instantUntil = (zone: string, until: string | null): string => {
  if (until === null) return "";
  const wall = wallAt(zone, Date.parse(until));
  const plain = place(zone, wall) === Date.parse(until);
  return plain ? untilText(wall) : `, until ${instantWords(zone, Date.parse(until))}`;
};

const instantFrom = (zone: string, from: string | null): string =>
  from === null ? "" : `, from ${instantWords(zone, Date.parse(from))}`;

function intervalText(schedule: Extract<Schedule, { kind: "interval" }>): string {
  const { everySeconds, zone } = schedule;
  const every = `Every ${lengthText(everySeconds)}`;
  const until = instantUntil(zone, schedule.until);
  const anchor = Date.parse(schedule.anchor);
  if (keepsToClock(everySeconds) && anchor === clockAnchor(zone, 0)) return `${every}${until}`;
  const minute = (anchor - clockAnchor(zone, 0)) / MINUTE;
  if (everySeconds === 3600 && minute > 0 && minute < 60 && Number.isInteger(minute)) {
    return `${every} at :${String(minute).padStart(2, "0")}${until}`;
  }
  return `${every}${instantFrom(zone, schedule.anchor)}${until}`;
}

function sentence(schedule: Schedule): string {
  switch (schedule.kind) {
    case "calendar":
      return calendarText(schedule);
    case "cron":
      return `Cron ${schedule.expression}${instantFrom(schedule.zone, schedule.from)}${instantUntil(schedule.zone, schedule.until)}`;
    case "interval":
      return intervalText(schedule);
    case "once":
      return `Once, on ${instantWords(schedule.zone, Date.parse(schedule.at))}`;
    default:
      return assertNever(schedule, "schedule");
  }
}

/**
 * The schedule in words, always the same for the same schedule: `Every weekday at 09:00, Europe/Paris`. Parsing the
 * sentence gives the schedule back. Throws `bug` for a stored rule that cannot be read.
 */
export function describeSchedule(schedule: Schedule): string {
  return `${sentence(schedule)}, ${schedule.zone}`;
}
