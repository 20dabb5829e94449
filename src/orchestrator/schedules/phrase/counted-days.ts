/** Days that are counted from another day, which no rule can say: named as what they are, so that nobody has to guess. */
import type { Cursor } from "./cursor.ts";
import { readDate } from "./date.ts";
import type { Clause } from "./draft.ts";
import { readMonthDays } from "./month-days.ts";
import { readOrdinal, readWhole } from "./number.ts";

const refusal = (reason: string, example: string): Clause => ({
  kind: "refusal",
  code: "not_understood",
  reason,
  example,
});

/** `weekday`, `business days`. */
const readWorkday = (cursor: Cursor): string | null =>
  cursor.take("weekday", "weekdays", "workday", "workdays") ??
  cursor.attempt((c) => (c.take("business", "working", "work") ? c.take("day", "days") : null));

const NEAR = ["nearest", "closest"] as const;

/** `the weekday nearest the 15th`, `the nearest weekday to day 15 of the month`. */
function readNearest(cursor: Cursor): Clause | null {
  cursor.take("on");
  cursor.take("the");
  const before = cursor.take(...NEAR);
  if (readWorkday(cursor) === null) return null;
  if (before === null && cursor.take(...NEAR) === null) return null;
  cursor.take("to");
  cursor.take("the");
  const day = cursor.take("day") ? Number(cursor.digits(2) ?? 0) : readOrdinal(cursor);
  if (day === null || day < 1 || day > 31) return null;
  cursor.attempt((c) => {
    if (!c.take("of", "in")) return null;
    c.take("the", "every", "each");
    return c.take("month");
  });
  return refusal("the weekday nearest to a date can be said in cron only", `cron 0 9 ${day}W * *`);
}

/** `5 business days before the end of the month`, `the day before the last Friday of every month`. */
function readDaysAway(cursor: Cursor): Clause | null {
  cursor.take("on");
  cursor.take("the");
  const count = cursor.take("a", "one") ? 1 : cursor.attempt(readWhole);
  const workdays = readWorkday(cursor);
  if (workdays === null) cursor.take("calendar");
  const unit = workdays ?? cursor.take("day", "days", "week", "weeks");
  if (unit === null || cursor.take("before", "after", "prior", "from", "following", "preceding") === null) return null;
  cursor.take("to");
  const target = cursor.attempt(readMonthDays);
  // "two weeks from today", "the day after tomorrow" are dates.
  if (target === null && (cursor.attempt(readDate)?.kind !== "date" || count === null)) return null;
  return refusal(
    "I cannot count days from another day; say the day itself",
    "on the second to last weekday of every month at 9:00",
  );
}

export const readCountedDays = (cursor: Cursor): Clause | null =>
  cursor.attempt(readNearest) ?? cursor.attempt(readDaysAway);
