/** Feasts with a fixed date, and others whose date changes from year to year or place to place. */
import type { Cursor } from "./cursor.ts";

/** Month and day. */
const FIXED: readonly (readonly [readonly string[], number, number])[] = [
  [["christmas", "eve"], 12, 24],
  [["xmas", "eve"], 12, 24],
  [["christmas"], 12, 25],
  [["xmas"], 12, 25],
  [["boxing", "day"], 12, 26],
  [["new", "year's", "eve"], 12, 31],
  [["new", "years", "eve"], 12, 31],
  [["new", "year", "eve"], 12, 31],
  [["new", "year's"], 1, 1],
  [["new", "years"], 1, 1],
  [["new", "year", "day"], 1, 1],
  [["new", "year"], 1, 1],
  [["valentine's"], 2, 14],
  [["valentines"], 2, 14],
  [["valentine"], 2, 14],
  [["halloween"], 10, 31],
  [["st", "patrick's"], 3, 17],
  [["leap", "day"], 2, 29],
];

const FIRST_WORDS: ReadonlySet<string> = new Set(FIXED.map(([words]) => words[0] ?? ""));

const MOVING = ["easter", "thanksgiving", "ramadan", "diwali", "hanukkah", "passover", "pentecost"];

/** A feast by name, with `day` behind it or not. */
export function readHoliday(cursor: Cursor): { readonly month: number; readonly day: number } | null {
  if (!FIRST_WORDS.has(cursor.word)) return null;
  for (const [words, month, day] of FIXED) {
    if (!cursor.takeAll(...words)) continue;
    cursor.take("day");
    return { month, day };
  }
  return null;
}

/** The name of a feast that has no fixed date; null when none stands here. */
export const readMovingHoliday = (cursor: Cursor): string | null => cursor.take(...MOVING);
