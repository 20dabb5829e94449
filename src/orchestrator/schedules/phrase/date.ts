/** Dates: by name, by number, or from today. */
import type { Cursor } from "./cursor.ts";
import { readHoliday } from "./holidays.ts";
import { readOrdinal, readWhole } from "./number.ts";
import { monthNamed, TODAY, TOMORROW, weekdayNamed } from "./vocabulary.ts";

export type DateSaid =
  /** Days from today. */
  | { readonly kind: "days"; readonly days: number }
  /** The coming one, never today; with `weeks`, of that many calendar weeks from now. */
  | {
      readonly kind: "weekday";
      readonly weekday: number;
      readonly weeks?: number;
      /** Weeks behind it: "a week from Friday". */
      readonly later?: number;
      readonly said?: "next" | "this" | "coming";
    }
  /** The same day of a later month, or the last one of a shorter month. */
  | { readonly kind: "months"; readonly months: number }
  /** The next such day of a month, today included; `months` from now where they are said. */
  | { readonly kind: "monthday"; readonly day: number; readonly months?: number }
  /** The first or the last day of a period; `ahead` 0 is the one that runs now. */
  | {
      readonly kind: "edge";
      readonly of: "week" | "month" | "quarter" | "year";
      readonly ahead: number;
      readonly last: boolean;
    }
  /** The first or the last day of a month. */
  | { readonly kind: "monthStart" | "monthEnd"; readonly month: number; readonly year: number | null }
  /** One of several days; the person has to say which. */
  | { readonly kind: "options"; readonly question: string; readonly options: readonly DateSaid[] }
  | {
      readonly kind: "date";
      readonly year: number | null;
      readonly month: number;
      readonly day: number;
      readonly weekday: number | null;
    }
  /** `3/12/2026`: day first or month first. */
  | { readonly kind: "either"; readonly year: number | null; readonly one: number; readonly two: number };

export function readYear(cursor: Cursor): number | null {
  return cursor.attempt((c) => {
    c.mark(",");
    const digits = c.digits(4);
    const year = Number(digits ?? 0);
    return year >= 2000 && year <= 2199 && !(c.peek().text === ":" && !c.peek().leads) ? year : null;
  });
}

export function readMonth(cursor: Cursor): number | null {
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
  const third = cursor.peek().leads
    ? null
    : cursor.attempt((c) => (c.mark(mark) === null || c.peek().leads ? null : c.digits(4)));
  const year = (digits: string | null): number | null =>
    digits?.length === 4 ? Number(digits) : digits?.length === 2 ? 2000 + Number(digits) : null;
  if (first.length === 4) {
    if (third === null || third.length > 2) return null;
    // "2026-12-03T14:00": the time is a clause of its own.
    if (cursor.peek().text === "t" && !cursor.peek().leads) cursor.at += 1;
    return { kind: "date", year: Number(first), month: Number(second), day: Number(third), weekday: null };
  }
  // "31.12." has its year left out.
  const dotted = third === null && mark === "." && !cursor.peek().leads && !cursor.done && cursor.mark(".") !== null;
  if (first.length > 2 || (third === null ? mark !== "/" && !dotted : third.length !== 4 && third.length !== 2))
    return null;
  if (third?.length === 2 && mark === "-") return null;
  const [one, two] = [Number(first), Number(second)];
  if (mark !== "/") return { kind: "date", year: year(third), month: two, day: one, weekday: null };
  if (one > 12) return { kind: "date", year: year(third), month: two, day: one, weekday: null };
  if (two > 12 || one === two) return { kind: "date", year: year(third), month: one, day: two, weekday: null };
  return { kind: "either", year: year(third), one, two };
}

/** `tomorrow`, `the day after tomorrow`, `in 3 days`, `a week from today`. */
function readFromToday(cursor: Cursor): DateSaid | null {
  // "later today", "later this week" has no day.
  cursor.attempt((c) => (c.take("later") && c.word === "today" ? true : null));
  if (cursor.take(...TODAY)) return { kind: "days", days: 0 };
  if (cursor.take(...TOMORROW)) return { kind: "days", days: 1 };
  cursor.take("the");
  if (cursor.takeAll("day", "after")) return cursor.take(...TOMORROW) ? { kind: "days", days: 2 } : null;
  const ahead = cursor.take("in", "after") !== null;
  const count = cursor.take("a", "one", "an") ? 1 : readWhole(cursor);
  const glued = !cursor.peek().leads ? cursor.take("d", "w") : null;
  if (glued !== null && ahead && count !== null) return { kind: "days", days: count * (glued === "w" ? 7 : 1) };
  const unit = cursor.take("day", "days", "week", "weeks", "fortnight", "month", "months", "year", "years");
  if (count === null || unit === null || count > 5000) return null;
  const from = cursor.attempt((c) => (c.take("from") ? c.take("now", "today", ...TOMORROW) : null));
  if (ahead === (from !== null)) return null;
  if (unit.startsWith("month") || unit.startsWith("year"))
    return from === null || from === "now" || from === "today"
      ? { kind: "months", months: count * (unit.startsWith("y") ? 12 : 1) }
      : null;
  const late = from !== null && from !== "now" && from !== "today" ? 1 : 0;
  return { kind: "days", days: late + count * (unit === "fortnight" ? 14 : unit.startsWith("week") ? 7 : 1) };
}

function readPlainWeekday(cursor: Cursor): number | null {
  const named = weekdayNamed(cursor.word);
  if (named === null || named.plural) return null;
  cursor.at += 1;
  return named.weekday;
}

/** `next Friday`, `this Friday`, `Friday next week`, `next week on Friday`, `a week from Friday`. */
function readNamedWeekday(cursor: Cursor): DateSaid | null {
  const week = cursor.attempt((c) => {
    if (!c.takeAll("next", "week")) return null;
    c.mark(",");
    c.take("on");
    return readPlainWeekday(c);
  });
  if (week !== null) return { kind: "weekday", weekday: week, weeks: 1 };
  const behind = cursor.attempt((c) => {
    const weekday = readPlainWeekday(c);
    if (weekday === null) return null;
    c.take("of");
    if (c.takeAll("next", "week")) return { kind: "weekday" as const, weekday, weeks: 1 };
    return c.takeAll("this", "week") ? { kind: "weekday" as const, weekday, weeks: 0 } : null;
  });
  if (behind !== null) return behind;
  cursor.take("the");
  const word = cursor.take("next", "this", "coming", "upcoming");
  if (word === null) return null;
  const coming = cursor.take("coming", "upcoming") !== null;
  const weekday = readPlainWeekday(cursor);
  if (weekday === null || coming) return weekday === null ? null : { kind: "weekday", weekday };
  return { kind: "weekday", weekday, said: word === "next" ? "next" : word === "this" ? "this" : "coming" };
}

/** `a week from Friday`, `two weeks on Monday`, `Friday week`. */
function readWeeksFrom(cursor: Cursor): DateSaid | null {
  const behind = cursor.attempt((c) => {
    const weekday = readPlainWeekday(c);
    return weekday !== null && c.take("week") !== null ? weekday : null;
  });
  if (behind !== null) return { kind: "weekday", weekday: behind, later: 1 };
  const count = cursor.take("a", "one") ? 1 : readWhole(cursor);
  const unit = cursor.take("week", "weeks", "fortnight");
  if (count === null || unit === null || count < 1 || count > 100) return null;
  if (cursor.take("from", "on", "after") === null) return null;
  const weekday = readPlainWeekday(cursor);
  return weekday === null ? null : { kind: "weekday", weekday, later: count * (unit === "fortnight" ? 2 : 1) };
}

/** `the last day of next month`, `the end of this quarter`. */
function readPeriodDay(cursor: Cursor): DateSaid | null {
  cursor.take("the");
  const edge = cursor.take("last", "final", "end") ?? cursor.take("first", "start", "beginning");
  if (edge === null || (["last", "final", "first"].includes(edge) && !cursor.take("day"))) return null;
  const which = cursor.take("of", "in") === null ? null : cursor.take("next", "this");
  const of = which === null ? null : cursor.take("week", "month", "quarter", "year");
  if (of === null) return null;
  const last = ["last", "final", "end"].includes(edge);
  // Whose week begins on Sunday?
  return of === "week"
    ? null
    : { kind: "edge", of: of as "month" | "quarter" | "year", ahead: which === "next" ? 1 : 0, last };
}

/** `the 3rd of next month`, `next month on the 3rd`. */
function readNextMonthDay(cursor: Cursor): DateSaid | null {
  const first = cursor.takeAll("next", "month");
  if (first) cursor.take("on");
  cursor.take("the");
  const day = readOrdinal(cursor);
  if (day === null || day > 31 || (!first && !(cursor.take("of") && cursor.takeAll("next", "month")))) return null;
  return { kind: "monthday", day, months: 1 };
}

/** `next week`, `this weekend`, `next month`, which leave the day open. */
function readComingPeriod(cursor: Cursor): DateSaid | null {
  const weekend = cursor.attempt((c) => {
    const word = c.take("this", "next");
    return word !== null && c.take("weekend") ? word : null;
  });
  const onDays = (weeks: number, weekdays: readonly number[]): DateSaid[] =>
    weekdays.map((weekday): DateSaid => ({ kind: "weekday", weekday, weeks }));
  if (weekend !== null)
    return {
      kind: "options",
      question: "On which day of the weekend?",
      options: onDays(weekend === "next" ? 1 : 0, [5, 6]),
    };
  if (!cursor.take("next")) return null;
  const of = cursor.take("week", "month", "quarter", "year");
  if (of === null) return null;
  if (of === "week") return { kind: "options", question: "On which day of next week?", options: onDays(1, [0, 4]) };
  const edge = (last: boolean): DateSaid => ({ kind: "edge", of: of as "month" | "quarter" | "year", ahead: 1, last });
  return { kind: "options", question: `On which day of next ${of}?`, options: [edge(false), edge(true)] };
}

/** `christmas`, `new year's eve`. */
function readFeast(cursor: Cursor): DateSaid | null {
  const feast = readHoliday(cursor);
  return feast === null ? null : { kind: "date", year: readYear(cursor), ...feast, weekday: null };
}

/** One date; null when none stands here. It need not exist: finding its day says so. */
export function readDate(cursor: Cursor): DateSaid | null {
  const plain = (c: Cursor): DateSaid | null =>
    c.attempt(readDayFirst) ?? c.attempt(readMonthFirst) ?? c.attempt(readNumeric);
  return (
    cursor.attempt(readFromToday) ??
    cursor.attempt(readWeeksFrom) ??
    cursor.attempt(readPeriodDay) ??
    cursor.attempt(readNextMonthDay) ??
    cursor.attempt(readNamedWeekday) ??
    cursor.attempt(readFeast) ??
    cursor.attempt(readComingPeriod) ??
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
