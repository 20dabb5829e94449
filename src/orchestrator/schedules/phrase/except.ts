/** Days that are left out: `except Wednesdays`, `but not on weekends`, `excluding August`. */
import type { Cursor } from "./cursor.ts";
import { readDate } from "./date.ts";
import type { Clause } from "./draft.ts";
import { readMonthDays } from "./month-days.ts";
import { readMonths } from "./span.ts";
import { readWeekdays } from "./weekdays.ts";

/** "but sunday", "not on sunday", "no weekends": only with a weekday behind them. */
const WEAK = ["but", "not", "no", "without", "minus", "never", "skip", "skipping", "save"] as const;

const refused = (reason: string): Clause => ({
  kind: "refusal",
  code: "not_understood",
  reason,
  example: "every day except Sunday at 9:00",
});

const otherMonths = (months: readonly number[]): number[] =>
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].filter((month) => !months.includes(month));

function readStrong(cursor: Cursor): boolean {
  return (
    cursor.take("except", "excluding", "excepting", "excl", "exc", "unless") !== null ||
    cursor.takeAll("but", "not") ||
    cursor.takeAll("other", "than") ||
    cursor.takeAll("apart", "from") ||
    cursor.takeAll("with", "the", "exception", "of")
  );
}

/** Weekdays and months can be left out; a date, a feast or an hour is refused rather than forgotten. */
export function readExcept(cursor: Cursor): Clause | null {
  const strong = readStrong(cursor);
  if (!strong && !cursor.take(...WEAK)) return null;
  cursor.take("for");
  cursor.take("on", "in", "during");
  cursor.take("the", "every");
  if (!strong) {
    const named = readWeekdays(cursor);
    return named === null ? null : { kind: "except", weekdays: named.weekdays };
  }
  const one = cursor.attempt((c) => (readDate(c) !== null || readMonthDays(c) !== null ? true : null));
  if (one !== null) return refused("a single date cannot be left out; weekdays and months can");
  const named = cursor.attempt(readWeekdays);
  if (named !== null) return { kind: "except", weekdays: named.weekdays };
  const months = cursor.attempt(readMonths);
  if (months !== null && months.length < 12) return { kind: "months", months: otherMonths(months) };
  cursor.take("public", "bank", "national", "federal", "school");
  return cursor.take("holiday", "holidays") === null
    ? null
    : refused("I do not know the holidays; weekdays and months can be left out");
}
