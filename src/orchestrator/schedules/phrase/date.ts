/** Dates: by name, by number, or from today. */
import { dateOfDay, dayNumber, daysInMonth, weekdayOfDay } from "../civil.ts";
import type { Cursor } from "./cursor.ts";
import { readOrdinal, readWhole } from "./number.ts";
import { monthNamed, TODAY, TOMORROW, weekdayNamed } from "./vocabulary.ts";

export type DateSaid =
  /** Days from today. */
  | { readonly kind: "days"; readonly days: number }
  /** The coming one, never today. */
  | { readonly kind: "weekday"; readonly weekday: number }
  | {
      readonly kind: "date";
      readonly year: number | null;
      readonly month: number;
      readonly day: number;
      readonly weekday: number | null;
    }
  /** `3/12/2026`: day first or month first. */
  | { readonly kind: "either"; readonly year: number | null; readonly one: number; readonly two: number };

function readYear(cursor: Cursor): number | null {
  return cursor.attempt((c) => {
    c.mark(",");
    const digits = c.digits(4);
    const year = Number(digits ?? 0);
    return year >= 2000 && year <= 2199 && !(c.peek().text === ":" && !c.peek().leads) ? year : null;
  });
}

function readMonth(cursor: Cursor): number | null {
  const month = monthNamed(cursor.word);
  if (month === null) return null;
  cursor.at += 1;
  // "Dec." but not "Dec. Then": a full stop is part of a short name only when the date goes on.
  cursor.attempt((c) => (!c.peek().leads && c.mark(".") !== null && c.peek().kind === "number" ? true : null));
  return month;
}

/** `3 December 2026`, `the 3rd of December`. */
function readDayFirst(cursor: Cursor): DateSaid | null {
  cursor.take("the");
  const day = readOrdinal(cursor) ?? Number(cursor.digits(2) ?? Number.NaN);
  if (!(day >= 1 && day <= 31)) return null;
  cursor.take("of");
  cursor.mark("-");
  const month = readMonth(cursor);
  if (month === null) return null;
  cursor.mark("-");
  return { kind: "date", year: readYear(cursor), month, day, weekday: null };
}

/** `December 3rd, 2026`. */
function readMonthFirst(cursor: Cursor): DateSaid | null {
  const month = readMonth(cursor);
  if (month === null) return null;
  cursor.take("the");
  const day = readOrdinal(cursor) ?? Number(cursor.digits(2) ?? Number.NaN);
  if (!(day >= 1 && day <= 31) || (cursor.peek().text === ":" && !cursor.peek().leads)) return null;
  return { kind: "date", year: readYear(cursor), month, day, weekday: null };
}

/** `2026-12-03`, `3.12.2026`, `3/12/2026`, `3/12`. */
function readNumeric(cursor: Cursor): DateSaid | null {
  const first = cursor.digits(4);
  if (first === null || cursor.peek().leads) return null;
  const mark = cursor.mark("-", ".", "/");
  const second = mark === null ? null : cursor.digits(2);
  if (mark === null || second === null) return null;
  const third = cursor.peek().leads ? null : cursor.attempt((c) => (c.mark(mark) === null ? null : c.digits(4)));
  const year = (digits: string | null): number | null => (digits?.length === 4 ? Number(digits) : null);
  if (first.length === 4) {
    if (third === null || third.length > 2 || mark === ".") return null;
    if (cursor.peek().text === "t" && !cursor.peek().leads) cursor.at += 1;
    return { kind: "date", year: Number(first), month: Number(second), day: Number(third), weekday: null };
  }
  if (first.length > 2 || (third === null ? mark !== "/" : third.length !== 4)) return null;
  const [one, two] = [Number(first), Number(second)];
  if (mark !== "/") return { kind: "date", year: year(third), month: two, day: one, weekday: null };
  if (one > 12) return { kind: "date", year: year(third), month: two, day: one, weekday: null };
  if (two > 12 || one === two) return { kind: "date", year: year(third), month: one, day: two, weekday: null };
  return { kind: "either", year: year(third), one, two };
}

/** `tomorrow`, `the day after tomorrow`, `in 3 days`, `a week from today`. */
function readFromToday(cursor: Cursor): DateSaid | null {
  if (cursor.take(...TODAY)) return { kind: "days", days: 0 };
  if (cursor.take(...TOMORROW)) return { kind: "days", days: 1 };
  cursor.take("the");
  if (cursor.takeAll("day", "after")) return cursor.take(...TOMORROW) ? { kind: "days", days: 2 } : null;
  const ahead = cursor.take("in") !== null;
  const count = cursor.take("a", "one") ? 1 : readWhole(cursor);
  const unit = cursor.take("day", "days", "week", "weeks");
  if (count === null || unit === null) return null;
  const from = cursor.take("from") !== null && cursor.take("now", "today") !== null;
  if (ahead === from || count > 5000) return null;
  return { kind: "days", days: count * (unit.startsWith("week") ? 7 : 1) };
}

function readNamedWeekday(cursor: Cursor): DateSaid | null {
  if (!cursor.take("next", "this", "coming")) return null;
  cursor.take("coming");
  const named = weekdayNamed(cursor.word);
  if (named === null || named.plural) return null;
  cursor.at += 1;
  return { kind: "weekday", weekday: named.weekday };
}

/** One date; null when none stands here. It need not exist: {@link dayOf} says so. */
export function readDate(cursor: Cursor): DateSaid | null {
  const plain = (c: Cursor): DateSaid | null =>
    c.attempt(readDayFirst) ?? c.attempt(readMonthFirst) ?? c.attempt(readNumeric);
  return (
    cursor.attempt(readFromToday) ??
    cursor.attempt(readNamedWeekday) ??
    cursor.attempt(plain) ??
    cursor.attempt((c) => {
      const named = weekdayNamed(c.word);
      if (named === null || named.plural) return null;
      c.at += 1;
      if (!c.peek().leads) c.mark(".");
      c.mark(",");
      c.take("the");
      const date = plain(c);
      return date?.kind === "date" ? { ...date, weekday: named.weekday } : null;
    })
  );
}

export type DayFound =
  | {
      readonly kind: "day";
      readonly day: number /** A year was said, or it follows from today. */;
      readonly certain: boolean;
    }
  | { readonly kind: "none"; readonly reason: string };

const NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** The day a date means, seen from `today` (a day number); without a year it is the next such day, today included. */
export function dayOf(said: Exclude<DateSaid, { kind: "either" }>, today: number): DayFound {
  switch (said.kind) {
    case "days":
      return { kind: "day", day: today + said.days, certain: true };
    case "weekday":
      return { kind: "day", day: today + 1 + ((said.weekday - weekdayOfDay(today + 1) + 7) % 7), certain: true };
    case "date": {
      const { month, day, weekday } = said;
      if (month < 1 || month > 12 || day < 1) return { kind: "none", reason: "that date does not exist" };
      const thisYear = dateOfDay(today).year;
      const years = said.year === null ? Array.from({ length: 9 }, (_, n) => thisYear + n) : [said.year];
      const days = years.flatMap((year) => (day <= daysInMonth(year, month) ? [dayNumber(year, month, day)] : []));
      const found = said.year === null ? days.find((n) => n >= today) : days[0];
      if (found === undefined) return { kind: "none", reason: `there is no day ${day} in that month` };
      if (weekday !== null && weekdayOfDay(found) !== weekday) {
        return { kind: "none", reason: `that date is a ${NAMES[weekdayOfDay(found)]}, not a ${NAMES[weekday]}` };
      }
      return { kind: "day", day: found, certain: said.year !== null };
    }
  }
}
