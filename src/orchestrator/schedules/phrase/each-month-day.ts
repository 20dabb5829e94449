/** Ranked days behind `every`: `every 1st and 15th`, `every last Friday`, `every 27`. */
import type { Cursor } from "./cursor.ts";
import type { Clause, MonthDays } from "./draft.ts";
import { readMonthDays } from "./month-days.ts";
import { unitNamed } from "./vocabulary.ts";

const monthly = (on: MonthDays): Clause => ({ kind: "days", days: { by: "month", every: 1, on } });

const asked = (on: MonthDays): Clause => ({
  kind: "choice",
  choice: { question: "Do you mean that day of every month?", options: [monthly(on)] },
});

/** `every 27`, `every 2, 15, 27 at 9`: numbers with nothing but a time, a mark or the end behind them. */
function readBareDates(cursor: Cursor): Clause | null {
  const dates: number[] = [];
  while (dates.length < 31) {
    const digits = cursor.digits(2);
    if (digits === null || Number(digits) < 1 || Number(digits) > 31) return null;
    dates.push(Number(digits));
    const more = cursor.attempt((c) => {
      const comma = c.mark(",") !== null;
      const and = c.take("and") !== null;
      return (comma || and) && c.peek().kind === "number" ? true : null;
    });
    if (more === null) break;
  }
  const ends = cursor.done || cursor.peek().text === "at" || cursor.peek().text === "@";
  if (!ends || !cursor.atBoundary) return null;
  return asked({ by: "date", dates: [...new Set(dates)].sort((a, b) => a - b) });
}

/** `every 1st and 15th`, `every last Friday`; `every second Monday` and `every 3rd day` are not for here. */
export function readEachMonthDay(cursor: Cursor): Clause | null {
  const numbers = cursor.attempt(readBareDates);
  if (numbers !== null) return numbers;
  const { at } = cursor;
  const said = readMonthDays(cursor);
  // "every 12th of December" has said that it is every year.
  const clause = said?.kind === "choice" && said.choice.options.length === 1 ? (said.choice.options[0] ?? null) : said;
  if (clause?.kind !== "days" || clause.days.by !== "on") return clause;
  const { on } = clause.days;
  if (on.by === "date") {
    const bareDate = cursor.tokens.slice(at, cursor.at).every((token) => token.text !== "day");
    // "every 3rd month" counts months.
    const unit = unitNamed(cursor.word) !== null || ["day", "days"].includes(cursor.word);
    // "every second" alone counts seconds.
    const seconds = cursor.at === at + 1 && cursor.tokens[at]?.text === "second";
    if (bareDate) return unit || seconds ? null : monthly(on);
    const [date] = on.dates;
    if (date === -1) return monthly(on);
    return date === 1 && on.dates.length === 1 ? asked(on) : null;
  }
  const nths = on.by === "nth" ? on.list.map(({ nth }) => nth) : on.nths;
  const [nth] = nths;
  if (nths.length > 1 || nth === -1 || (on.by === "position" && nth === 1)) return monthly(on);
  return on.by === "position" ? asked(on) : null;
}
