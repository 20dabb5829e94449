/** Several dates of a year: `14 jan, 14 apr and 14 oct`, `Aug 20 and 30`. */
import type { Cursor } from "./cursor.ts";
import { readDate } from "./date.ts";
import type { Clause } from "./draft.ts";
import { readOrdinal } from "./number.ts";
import { monthNamed } from "./vocabulary.ts";

/** `every 14 jan, 14 apr and 14 oct`: one day of several months. */
export function readEveryDates(cursor: Cursor): Clause | null {
  const monthFirst = monthNamed(cursor.word) !== null;
  const found: { month: number; day: number }[] = [];
  for (let n = 0; n < 24; n++) {
    const next = cursor.attempt((c) => {
      if (n > 0) {
        const comma = c.mark(",", "&") !== null;
        if (c.take("and") === null && !comma) return null;
        c.take("every", "each");
      }
      const date = c.attempt(readDate);
      if (date !== null) return date.kind === "date" && date.year === null && date.weekday === null ? date : null;
      const { at } = c;
      const last = found.at(-1);
      // "Aug 20 and 30": the month stands in front.
      const day = monthFirst ? (c.attempt(readOrdinal) ?? Number(c.digits(2) ?? 0)) : 0;
      if (last === undefined || day < 1 || day > 31 || !c.atBoundary) c.at = at;
      return c.at === at || last === undefined ? null : { month: last.month, day };
    });
    if (next === null) break;
    found.push({ month: next.month, day: next.day });
  }
  const dates = [...new Set(found.map(({ day }) => day))].sort((a, b) => a - b);
  const months = [...new Set(found.map(({ month }) => month))].sort((a, b) => a - b);
  if (found.length < 2) return null;
  if (dates.length * months.length === found.length)
    return { kind: "days", days: { by: "month", every: 1, on: { by: "date", dates } }, months };
  return {
    kind: "refusal",
    code: "not_understood",
    reason: "different days of different months are several schedules; make one request for each",
    example: "on the 15th of January and July at 9:00",
  };
}
