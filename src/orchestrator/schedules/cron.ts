/** Five-field cron expressions, with `L`, `W` and `#`, evaluated by croner on wall-clock time. */
import { Cron } from "croner";
import { daysInMonth } from "./civil.ts";

/** Parsing an expression costs more than evaluating it. */
const known = new Map<string, Cron | null>();
const MAX_KNOWN = 1000;

/** `5/15` is common shorthand for `5-59/15`; croner wants the long form. */
function spelledOut(expression: string): string {
  const tops = [59, 23, 31, 12, 7];
  return expression
    .split(" ")
    .map((field, at) =>
      field.replace(/(^|,)(\d+)\/(?=\d)/g, (_, lead: string, low: string) => `${lead}${low}-${tops[at]}/`),
    )
    .join(" ");
}

function cronOf(expression: string): Cron | null {
  const found = known.get(expression);
  if (found !== undefined) return found;
  let cron: Cron | null = null;
  try {
    cron = new Cron(spelledOut(expression), { timezone: "UTC", paused: true, mode: "5-part" });
  } catch {
    cron = null;
  }
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(expression, cron);
  return cron;
}

/** True for five fields that croner can read; anything with a nickname, a second or a year is none. */
export function isCron(expression: string): boolean {
  return expression.split(" ").length === 5 && !expression.includes("@") && cronOf(expression) !== null;
}

/** Days that no month has: `0 9 30 2 *`, which croner would look for through a century. */
function isImpossible(expression: string): boolean {
  const [, , days = "", months = "", weekdays = ""] = expression.split(" ");
  if (!/^\d[\d,-]*$/.test(days) || !/^[\d,]+$/.test(months) || !/^[*?]$/.test(weekdays)) return false;
  const longest = Math.max(...months.split(",").map((month) => daysInMonth(2024, Number(month))));
  // The first of `30-31` is its earliest.
  return days.split(",").every((day) => Number.parseInt(day, 10) > longest);
}

/** Wall-clock times at which the expression is due, ascending, strictly after `after` (wall-clock milliseconds). */
export function* cronOccurrences(expression: string, after: number): Generator<number, void> {
  const cron = isImpossible(expression) ? null : cronOf(expression);
  let at: Date | null = new Date(after);
  while (cron && at) {
    at = cron.nextRun(at);
    if (at) yield at.getTime();
  }
}
