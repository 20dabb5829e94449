/** Months, and what ranked days belong to: `of every month`, `of each quarter`, `of March and June`. */
import type { Cursor } from "./cursor.ts";
import { readOrdinal, readWhole } from "./number.ts";
import { isPlainlyTime } from "./time.ts";
import { monthNamed } from "./vocabulary.ts";

export type Span =
  | { readonly of: "month"; readonly every: number }
  | { readonly of: "day" | "week" | "quarter" | "year" }
  | { readonly of: "months"; readonly months: readonly number[]; readonly yearly: boolean };

/** One month; a full stop behind a short name belongs to it when the phrase goes on. */
function readMonth(cursor: Cursor): number | null {
  const { word } = cursor;
  const named = monthNamed(word);
  if (named === null) return null;
  cursor.at += 1;
  if (word.length <= 4 && word !== "may" && word !== "june" && word !== "july")
    cursor.attempt((c) => (!c.peek().leads && c.mark(".") !== null && !c.done ? true : null));
  return named;
}

/** True when a day or a year stands here, so that the month before it is part of a date; false for a time. */
export function dayFollows(cursor: Cursor): boolean {
  const token = cursor.peek();
  if (token.kind !== "number") return false;
  return /^20\d\d$/.test(token.text) || !isPlainlyTime(cursor);
}

/** `January, April and July`, `June to August`, `may-dec`. */
export function readMonths(cursor: Cursor): number[] | null {
  const first = readMonth(cursor);
  if (first === null) return null;
  const months = [first];
  while (months.length < 12) {
    const more = cursor.attempt((c): number[] | null => {
      const range = c.mark("-") ?? c.take("to", "through", "thru");
      if (range === null && c.mark(",", "&", "/") === null && c.peek().text !== "and") return null;
      c.take("and");
      const next = readMonth(c);
      // "March and 3 April", "June, July 4": a day stands beside that one.
      if (next === null || dayFollows(c)) return null;
      if (range === null) return [next];
      const run: number[] = [];
      for (let n = months.at(-1) ?? next; n !== next; n = (n % 12) + 1) run.push((n % 12) + 1);
      return run;
    });
    if (more === null) break;
    months.push(...more);
  }
  return [...new Set(months)].sort((a, b) => a - b);
}

const YEARLY = [["every", "year"], ["each", "year"], ["yearly"], ["annually"], ["a", "year"], ["per", "year"]] as const;

const readYearly = (cursor: Cursor): boolean => YEARLY.some((words) => cursor.takeAll(...words));

function readAdverb(cursor: Cursor): Span | null {
  if (cursor.take("monthly")) return { of: "month", every: 1 };
  if (cursor.take("quarterly")) return { of: "quarter" };
  return null;
}

/** `every 2 months`, `each quarter`, `the year`. */
function readPeriod(cursor: Cursor, of: boolean): Span | null {
  const said = cursor.take("every", "each", "any", "per") ?? (of ? cursor.take("the", "a") : null);
  if (said === null && !of) return null;
  const count =
    said === null || said === "the" || said === "a"
      ? null
      : cursor.take("other", "alternate")
        ? 2
        : (cursor.attempt(readOrdinal) ?? cursor.attempt(readWhole));
  const every = count ?? 1;
  if (said === "any" && of === false) return null;
  if (cursor.take("quarter", "quarters")) return every === 1 ? { of: "quarter" } : null;
  if (cursor.take("year", "calendar")) return every === 1 ? { of: "year" } : null;
  if (cursor.take("day")) return every === 1 ? { of: "day" } : null;
  if (cursor.take("week")) return every === 1 ? { of: "week" } : null;
  cursor.take("calendar");
  if (!cursor.take("month", "months") || every < 1 || every > 120) return null;
  // It says aloud that shorter months are left out.
  cursor.takeAll("that", "has", "one");
  return { of: "month", every };
}

/** `of every month`, `of the month`, `of month`, `of every 2 months`, `of each quarter`, `of March and June`. */
export function readSpan(cursor: Cursor): Span | null {
  const of = cursor.take("of", "in") !== null;
  const period = cursor.attempt((c) => readPeriod(c, of));
  if (period !== null) return period;
  if (!of) return readAdverb(cursor);
  return readNamedMonths(cursor);
}

/** `March and June`, with `every year` behind them or not. */
export function readNamedMonths(cursor: Cursor): Span | null {
  const each = cursor.take("every", "each") !== null;
  const months = readMonths(cursor);
  if (months === null || dayFollows(cursor)) return null;
  return { of: "months", months, yearly: readYearly(cursor) || each };
}
