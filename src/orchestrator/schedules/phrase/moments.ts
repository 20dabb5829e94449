/** From what was said about days and times to days and times. */
import { DAY, dateOfDay, dayNumber, daysInMonth, MINUTE, weekdayOfDay } from "../civil.ts";
import { place, wallAt } from "../wall.ts";
import type { DateSaid } from "./date.ts";
import { dayOf, type SingleDate } from "./day-of.ts";
import type { MomentSaid } from "./draft.ts";
import { inPart, type TimeSaid } from "./time.ts";
import { PARTS, type Part, type PartTimes } from "./vocabulary.ts";

export interface Here {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly zone: string;
  /** What a part of the day stands for. Absent: the usual times. */
  readonly partsOfDay?: Partial<PartTimes>;
}

export const todayOf = (here: Here): number => Math.floor(wallAt(here.zone, here.now) / DAY);

export type TimesFound =
  | { readonly kind: "times"; readonly times: readonly number[] }
  /** Several sets of times fit. */
  | { readonly kind: "unclear"; readonly options: readonly (readonly number[])[] }
  | { readonly kind: "none"; readonly reason: string };

const ascending = (times: readonly number[]): boolean =>
  times.every((time, at) => at === 0 || time > (times[at - 1] ?? 0));

/** "9 and 5pm": every way to read the hours that have no am or pm beside ones that do. */
function halves(said: readonly TimeSaid[]): number[][] {
  let sets: number[][] = [[]];
  for (const { minute, half } of said) {
    const readings = half === "loose" ? [minute, (minute + 720) % 1440] : [minute];
    sets = sets.flatMap((set) => readings.map((time) => [...set, time]));
    if (sets.length > 64) return [said.map((time) => time.minute)];
  }
  return sets;
}

/** Minutes since midnight, ascending, from times and parts of the day; without a time a part has its own. */
export function timesOf(
  said: readonly TimeSaid[],
  parts: readonly Part[],
  { partsOfDay }: Pick<Here, "partsOfDay">,
): TimesFound {
  const sorted = (times: readonly number[]): TimesFound => ({
    kind: "times",
    times: [...new Set(times)].sort((a, b) => a - b),
  });
  if (said.some(({ seconds }) => seconds !== 0))
    return { kind: "none", reason: "I keep time to the minute, not to the second" };
  const [part] = parts;
  if (part === undefined) {
    const mixed = said.some(({ half }) => half === "meridiem") && said.some(({ half }) => half === "loose");
    const plain = said.map(({ minute }) => minute);
    if (!mixed) return sorted(plain);
    const options = halves(said).filter(ascending);
    if (options.length === 1 && options[0]?.join() === plain.join()) return sorted(plain);
    return { kind: "unclear", options: options.length > 0 ? options : halves(said) };
  }
  if (said.length === 0) return sorted(parts.map((name) => partsOfDay?.[name] ?? PARTS[name]));
  if (parts.length > 1)
    return { kind: "none", reason: "I cannot tell which of those times belongs to which part of the day" };
  const times = said.map((time) => inPart(time, part));
  const within = times.filter((time) => time !== null);
  return within.length === times.length ? sorted(within) : { kind: "none", reason: `that time is not in the ${part}` };
}

export type WallFound =
  | { readonly kind: "wall"; readonly wall: number; readonly certain: boolean }
  | { readonly kind: "either"; readonly question: string; readonly options: readonly DateSaid[] }
  | { readonly kind: "none"; readonly reason: string };

/** A weekday of this week that is still to come, which "next Friday" may mean or not. */
const isThisWeek = (weekday: number, today: number): boolean => weekday > weekdayOfDay(today);

/** The dates that `3/12` or `next Friday` may mean, and what to ask; null for a date with one reading. */
export function datesMeant(said: DateSaid, here: Here): Extract<WallFound, { kind: "either" }> | null {
  if (said.kind === "options") return { kind: "either", question: said.question, options: said.options };
  if (said.kind === "weekday" && said.said === "next" && isThisWeek(said.weekday, todayOf(here))) {
    const options = [0, 1].map((weeks): DateSaid => ({ kind: "weekday", weekday: said.weekday, weeks }));
    return { kind: "either", question: "The one of this week or of next week?", options };
  }
  if (said.kind === "weekday" && said.said === "this" && said.weekday === weekdayOfDay(todayOf(here))) {
    const options = [0, 1].map((weeks): DateSaid => ({ kind: "weekday", weekday: said.weekday, weeks }));
    return { kind: "either", question: "Today or in a week?", options };
  }
  if (said.kind === "weekday" && said.later !== undefined && said.weekday === weekdayOfDay(todayOf(here))) {
    const { weekday, later } = said;
    const options = [later, later + 1].map((weeks): DateSaid => ({ kind: "weekday", weekday, weeks }));
    return { kind: "either", question: "Counted from today or from that day of next week?", options };
  }
  if (said.kind !== "either") return null;
  const date = (day: number, month: number): DateSaid => ({ kind: "date", year: said.year, month, day, weekday: null });
  return {
    kind: "either",
    question: "That date can be read day first or month first. Which one?",
    options: [date(said.one, said.two), date(said.two, said.one)],
  };
}

const isSingle = (said: DateSaid): said is SingleDate => said.kind !== "either" && said.kind !== "options";

/** A moment on the wall clock; without a time it is `whole` milliseconds into its day. */
export function wallOfMoment(moment: MomentSaid, here: Here, whole: number): WallFound {
  const said: DateSaid = moment.date ?? { kind: "days", days: 0 };
  const meant = datesMeant(said, here);
  if (meant !== null || !isSingle(said)) return meant ?? { kind: "none", reason: "that date is unclear" };
  const found = dayOf(said, todayOf(here));
  if (found.kind === "none") return found;
  const { time } = moment;
  const within = time === null ? whole : time.minute * MINUTE + time.seconds * 1000;
  return { kind: "wall", wall: found.day * DAY + within, certain: found.certain };
}

/** The instant of a wall-clock time; `offset` (minutes) picks the second of two equal ones. Null when it fits neither. */
export function instantOf(wall: number, zone: string, offset: number | null): number | null {
  if (offset === null) return place(zone, wall);
  const at = wall - offset * MINUTE;
  return wallAt(zone, at) === wall ? at : null;
}

/** The last day of a stretch that begins on `day`. */
export function lastDayOf(day: number, count: number, unit: "day" | "week" | "month" | "year"): number {
  if (unit === "day" || unit === "week") return day + count * (unit === "week" ? 7 : 1) - 1;
  const date = dateOfDay(day);
  const months = date.year * 12 + date.month - 1 + count * (unit === "year" ? 12 : 1);
  const [year, month] = [Math.floor(months / 12), (months % 12) + 1];
  return dayNumber(year, month, Math.min(date.day, daysInMonth(year, month))) - 1;
}
