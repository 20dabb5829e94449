/** Periods as the beginning or the end of a schedule: `next week`, `november`, `the end of the year`. */
import type { Cursor } from "./cursor.ts";
import { type DateSaid, readMonth, readYear } from "./date.ts";
import { readOrdinal } from "./number.ts";
import { weekdayNamed } from "./vocabulary.ts";

const PERIODS = ["week", "month", "quarter", "year"] as const;
type DatePeriod = (typeof PERIODS)[number];

const periodNamed = (word: string | null): DatePeriod | null => PERIODS.find((period) => period === word) ?? null;

/** `the end of the month`, `the beginning of next week`, `the end of March`. */
export function readPeriodEdge(cursor: Cursor): DateSaid | null {
  cursor.take("the");
  const edge = cursor.take("end", "start", "beginning");
  if (edge === null || !cursor.take("of")) return null;
  const last = edge === "end";
  const next = cursor.take("the", "this", "next") === "next";
  const of = periodNamed(cursor.take(...PERIODS));
  if (of !== null) return { kind: "edge", of, ahead: next ? 1 : 0, last };
  const month = next ? null : readMonth(cursor);
  if (month !== null) {
    const year = readYear(cursor);
    return last ? { kind: "monthEnd", month, year } : { kind: "date", year, month, day: 1, weekday: null };
  }
  const year = next ? null : readYear(cursor);
  return year === null ? null : { kind: "date", year, month: last ? 12 : 1, day: last ? 31 : 1, weekday: null };
}

/** `next week`: its first day, or, as an end, before it or behind it. */
function readNextPeriod(cursor: Cursor, last: boolean): DateSaid | null {
  const of = cursor.take("next") === null ? null : periodNamed(cursor.take(...PERIODS));
  if (of === null) return null;
  if (!last) return { kind: "edge", of, ahead: 1, last };
  const options = [0, 1].map((ahead): DateSaid => ({ kind: "edge", of, ahead, last }));
  return { kind: "options", question: `Is next ${of} in it or not?`, options };
}

/** `november`, `november 2027`: its first day, or, as an end, before it or behind it. */
function readWholeMonth(cursor: Cursor, last: boolean): DateSaid | null {
  cursor.take("in");
  const month = readMonth(cursor);
  if (month === null) return null;
  const year = readYear(cursor);
  if (cursor.peek().kind === "number") return null;
  if (!last) return { kind: "monthStart", month, year };
  const before: DateSaid =
    month === 1
      ? { kind: "monthEnd", month: 12, year: year === null ? null : year - 1 }
      : { kind: "monthEnd", month: month - 1, year };
  return {
    kind: "options",
    question: "Until it begins or until it ends?",
    options: [before, { kind: "monthEnd", month, year }],
  };
}

/** `the 15th`, of this month or of the next. */
function readMonthDay(cursor: Cursor): DateSaid | null {
  cursor.take("the");
  const day = readOrdinal(cursor);
  if (day === null || day > 31 || ["of", "minute", "min", "hour", "last"].includes(cursor.word)) return null;
  return weekdayNamed(cursor.word) === null ? { kind: "monthday", day } : null;
}

/** Where a schedule begins or ends, beside dates. `last`: as an end. */
export function readPeriod(cursor: Cursor, last: boolean): DateSaid | null {
  return (
    cursor.attempt(readPeriodEdge) ??
    cursor.attempt((c) => readNextPeriod(c, last)) ??
    cursor.attempt((c) => readWholeMonth(c, last)) ??
    cursor.attempt(readMonthDay)
  );
}
