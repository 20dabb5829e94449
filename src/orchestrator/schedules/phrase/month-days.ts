/** Days of a month by rank: `the 1st and 15th`, `the last business day`, `the first and third Monday`. */
import type { Cursor } from "./cursor.ts";
import type { Clause, MonthDays } from "./draft.ts";
import { quarterDays } from "./merge.ts";
import { readOrdinal, readWhole } from "./number.ts";
import { monthNamed, weekdayNamed } from "./vocabulary.ts";
import { WORK } from "./weekdays.ts";

type Noun = "day" | "workday" | { readonly weekday: number };

interface Ranked {
  readonly nth: number;
  /** Null: the noun of the next one, or a date. */
  readonly noun: Noun | null;
  /** `1st`, or `first` with a noun: cannot be an ordinary word. */
  readonly plain: boolean;
}

function readNoun(cursor: Cursor): Noun | null {
  if (cursor.take("day", "days")) return "day";
  if (cursor.take("weekday", "workday", "weekdays")) return "workday";
  if (cursor.attempt((c) => (c.take("business", "working", "work") && c.take("day", "days") ? true : null)))
    return "workday";
  const named = weekdayNamed(cursor.word);
  if (named === null) return null;
  cursor.at += 1;
  return { weekday: named.weekday };
}

/** `second to last`, `second-to-last`, `second last`. */
function readToLast(cursor: Cursor): string | null {
  cursor.mark("-");
  cursor.take("to");
  cursor.mark("-");
  return cursor.take("last");
}

function readRanked(cursor: Cursor): Ranked | null {
  cursor.take("the");
  if (cursor.take("day")) {
    const nth = cursor.digits(2);
    return nth === null ? null : { nth: Number(nth), noun: "day", plain: true };
  }
  const digits = cursor.peek().kind === "number";
  let nth = cursor.take("last", "final") ? -1 : cursor.take("penultimate") ? -2 : readOrdinal(cursor);
  if (nth === null || nth === 0) return null;
  if (nth > 1 && cursor.attempt(readToLast) !== null) nth = -nth;
  const noun = readNoun(cursor);
  if (noun === null && nth < 0) return null;
  return { nth, noun, plain: digits || noun !== null };
}

function together(items: readonly Ranked[]): MonthDays | null {
  let noun: Noun = "day";
  const full = items
    .toReversed()
    .map((item) => {
      noun = item.noun ?? noun;
      return { nth: item.nth, noun };
    })
    .toReversed();
  const dates = full.flatMap((item) => (item.noun === "day" ? [item.nth] : []));
  const works = full.flatMap((item) => (item.noun === "workday" ? [item.nth] : []));
  const list = full.flatMap((item) =>
    typeof item.noun === "string" ? [] : [{ nth: item.nth, weekday: item.noun.weekday }],
  );
  const ascending = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
  if (dates.length === full.length)
    return dates.every((n) => Math.abs(n) <= 31) ? { by: "date", dates: ascending(dates) } : null;
  if (works.length === full.length) {
    return works.every((n) => Math.abs(n) <= 20) ? { by: "position", weekdays: WORK, nths: ascending(works) } : null;
  }
  if (list.length !== full.length || list.some(({ nth }) => Math.abs(nth) > 5)) return null;
  return { by: "nth", list };
}

/** `January, April and July`, `June to August`. */
export function readMonths(cursor: Cursor): number[] | null {
  const month = (c: Cursor): number | null => {
    const named = monthNamed(c.word);
    if (named !== null) c.at += 1;
    return named;
  };
  const first = month(cursor);
  if (first === null) return null;
  const months = [first];
  while (months.length < 12) {
    const more = cursor.attempt((c): number[] | null => {
      const range = c.mark("-") ?? c.take("to", "through", "thru");
      if (range === null && c.mark(",", "&", "/") === null && c.peek().text !== "and") return null;
      c.take("and");
      const next = month(c);
      if (next === null) return null;
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

type Span =
  | { readonly of: "month"; readonly every: number }
  | { readonly of: "quarter" }
  | { readonly of: "months"; readonly months: readonly number[]; readonly yearly: boolean };

const YEARLY = [["every", "year"], ["each", "year"], ["yearly"], ["annually"]] as const;

/** `of every month`, `of the month`, `of every 2 months`, `of each quarter`, `of March and June`. */
function readSpan(cursor: Cursor): Span | null {
  const of = cursor.take("of", "in");
  if (cursor.take("every", "each", "the", "a") ?? (of === null ? null : cursor.take("any"))) {
    const every = cursor.take("other") ? 2 : (readWhole(cursor) ?? 1);
    if (cursor.take("quarter")) return every === 1 ? { of: "quarter" } : null;
    if (!cursor.take("month", "months") || every < 1 || every > 120) return null;
    // It says aloud that shorter months are left out.
    cursor.takeAll("that", "has", "one");
    return { of: "month", every };
  }
  if (of === null) return cursor.take("monthly") ? { of: "month", every: 1 } : null;
  const months = readMonths(cursor);
  if (months === null || cursor.peek().kind === "number") return null;
  const yearly = YEARLY.some((words) => cursor.takeAll(...words));
  return { of: "months", months, yearly };
}

function readList(cursor: Cursor): Ranked[] | null {
  const first = readRanked(cursor);
  if (first === null) return null;
  const items = [first];
  while (items.length < 31) {
    const next = cursor.attempt((c) => {
      const comma = c.mark(",", "&") !== null;
      return c.take("and") !== null || comma ? readRanked(c) : null;
    });
    if (next === null) break;
    items.push(next);
  }
  return items;
}

function monthly(on: MonthDays, span: Span): Clause | null {
  switch (span.of) {
    case "month":
      return { kind: "days", days: { by: "month", every: span.every, on } };
    case "quarter": {
      const quarter = quarterDays(on);
      return quarter === null ? null : { kind: "days", ...quarter };
    }
    case "months": {
      const clause: Clause = { kind: "days", days: { by: "month", every: 1, on }, months: span.months };
      if (span.months.length > 1 || span.yearly) return clause;
      return {
        kind: "choice",
        choice: { question: "Do you mean every year? For one day only, say its date.", options: [clause] },
      };
    }
  }
}

/** `end of every month`, `month end`, `the start of the month`. */
function readEdge(cursor: Cursor): Clause | null {
  cursor.take("the");
  const edge = cursor.take("end", "start", "beginning");
  if (edge !== null) {
    const span = readSpan(cursor);
    return span === null ? null : monthly({ by: "date", dates: [edge === "end" ? -1 : 1] }, span);
  }
  if (!cursor.take("month")) return null;
  cursor.mark("-");
  return cursor.take("end") ? monthly({ by: "date", dates: [-1] }, { of: "month", every: 1 }) : null;
}

/** Ranked days, with or without the months they belong to. Without, it is not said whether they come again. */
export function readMonthDays(cursor: Cursor): Clause | null {
  const edge = cursor.attempt(readEdge);
  if (edge !== null) return edge;
  const items = readList(cursor);
  const on = items === null ? null : together(items);
  if (items === null || on === null) return null;
  const span = cursor.attempt(readSpan);
  if (span !== null) return monthly(on, span);
  // "the first issue" is no date; "the 1st", "the first Monday" and "the first at 9" are.
  const goesOn = cursor.done || cursor.peek().text === "at" || cursor.peek().text === "@" || cursor.peek().text === ",";
  return items.at(-1)?.plain || goesOn ? { kind: "days", days: { by: "on", on } } : null;
}

/** The same behind `every`: `every 1st and 15th`, `every last Friday`; `every second Monday` is not for here. */
export function readEachMonthDay(cursor: Cursor): Clause | null {
  const { at } = cursor;
  const said = readMonthDays(cursor);
  // "every 12th of December" has said that it is every year.
  const clause = said?.kind === "choice" ? (said.choice.options[0] ?? null) : said;
  if (clause?.kind !== "days" || clause.days.by !== "on") return clause;
  const { on } = clause.days;
  const count = on.by === "date" ? on.dates.length : on.by === "nth" ? on.list.length : on.nths.length;
  const last = on.by === "date" ? on.dates[0] : on.by === "nth" ? on.list[0]?.nth : on.nths[0];
  const bareDate = on.by === "date" && cursor.tokens.slice(at, cursor.at).every((token) => token.text !== "day");
  if (on.by === "date" && !bareDate) return null;
  if (count === 1 && !bareDate && last !== -1) return null;
  return { kind: "days", days: { by: "month", every: 1, on } };
}
