/** Days of a month by rank: `the 1st and 15th`, `the last business day`, `the first and third Monday`. */
import { saidTime } from "./asking.ts";
import type { Cursor } from "./cursor.ts";
import type { Clause, MonthDays } from "./draft.ts";
import { quarterDays, yearDays } from "./merge.ts";
import { readOrdinal } from "./number.ts";
import { readNamedMonths, readSpan, type Span } from "./span.ts";
import { weekdayNamed } from "./vocabulary.ts";
import { WORK } from "./weekdays.ts";

type Noun = "day" | "workday" | { readonly weekdays: readonly number[] };

interface Ranked {
  readonly nths: readonly number[];
  /** Null: the noun of the next one, or a date. */
  readonly noun: Noun | null;
  /** `1st`, or `first` with a noun: cannot be an ordinary word. */
  readonly plain: boolean;
  /** `15`, `last`: a day only when its month is named behind it. */
  readonly bare: boolean;
}

/** `Monday`, `mon,wed,thu`; "the first Monday and third Friday" is one weekday and a further rank. */
function readWeekdayNouns(cursor: Cursor): number[] | null {
  const weekdays: number[] = [];
  for (let n = 0; n < 7; n++) {
    const next = cursor.attempt((c) => {
      if (n > 0) {
        const comma = c.mark(",", "/", "&") !== null;
        if (c.take("and") === null && !comma) return null;
      }
      const named = weekdayNamed(c.word);
      if (named === null) return null;
      c.at += 1;
      return named.weekday;
    });
    if (next === null) break;
    weekdays.push(next);
  }
  return weekdays.length === 0 ? null : weekdays;
}

function readNoun(cursor: Cursor): Noun | null {
  if (cursor.take("day", "days")) return "day";
  if (cursor.takeAll("calendar", "day")) return "day";
  if (cursor.take("weekday", "workday", "weekdays", "workdays")) return "workday";
  const work = cursor.attempt((c) =>
    c.take("business", "working", "work", "week") && c.take("day", "days") ? true : null,
  );
  if (work !== null) return "workday";
  const weekdays = readWeekdayNouns(cursor);
  return weekdays === null ? null : { weekdays };
}

/** `second to last`, `second-to-last`, `second to the last`, `second last`. */
function readToLast(cursor: Cursor): string | null {
  cursor.mark("-");
  if (cursor.take("to")) cursor.take("the");
  cursor.mark("-");
  return cursor.take("last");
}

/** `day 15`, `day-of-month 1`. */
function readNumberedDay(cursor: Cursor): Ranked | null {
  if (!cursor.take("day", "days")) return null;
  cursor.attempt((c) => {
    c.mark("-");
    if (!c.take("of")) return null;
    c.mark("-");
    return c.take("month");
  });
  const nth = cursor.digits(2);
  return nth === null || Number(nth) === 0 ? null : { nths: [Number(nth)], noun: "day", plain: true, bare: false };
}

/** From one date to another: `1st-5th`, `1st through the 5th`. */
function readRangeEnd(cursor: Cursor, from: number): number | null {
  return cursor.attempt((c) => {
    if (c.mark("-") === null && c.take("to", "through", "thru", "until") === null) return null;
    c.take("the");
    const to = c.attempt(readOrdinal) ?? Number(c.digits(2) ?? 0);
    return to > from && to <= 31 ? to : null;
  });
}

function readRanked(cursor: Cursor): Ranked | null {
  cursor.take("the");
  const numbered = cursor.attempt(readNumberedDay);
  if (numbered !== null) return numbered;
  const digits = cursor.peek().kind === "number";
  const last = cursor.take("last", "final") ? -1 : cursor.take("penultimate") ? -2 : null;
  const ordinal = last ?? cursor.attempt(readOrdinal);
  const number = ordinal === null && digits ? Number(cursor.digits(2) ?? 0) : null;
  let nth = ordinal ?? number;
  if (nth === null || nth === 0 || nth > 31) return null;
  const toLast = ordinal !== null && nth > 1 && cursor.attempt(readToLast) !== null;
  if (toLast) nth = -nth;
  const to = nth > 0 ? readRangeEnd(cursor, nth) : null;
  const first = nth;
  const nths = to === null ? [nth] : Array.from({ length: to - first + 1 }, (_, n) => first + n);
  const noun = readNoun(cursor) ?? (toLast ? "day" : null);
  // "3 days" is a distance, not the third day.
  if (number !== null && noun === "day") return null;
  const bare = (number !== null && noun === null) || (noun === null && nth < 0);
  return { nths, noun, plain: digits || noun !== null, bare };
}

function together(items: readonly Ranked[]): MonthDays | null {
  let noun: Noun = "day";
  const full = items
    .toReversed()
    .flatMap((item) => {
      noun = item.noun ?? noun;
      const kind = noun;
      return item.nths.toReversed().map((nth) => ({ nth, noun: kind }));
    })
    .toReversed();
  const dates = full.flatMap((item) => (item.noun === "day" ? [item.nth] : []));
  const works = full.flatMap((item) => (item.noun === "workday" ? [item.nth] : []));
  const list = full.flatMap((item) =>
    typeof item.noun === "string" ? [] : item.noun.weekdays.map((weekday) => ({ nth: item.nth, weekday })),
  );
  const ascending = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
  if (dates.length === full.length)
    return dates.every((n) => Math.abs(n) <= 31) ? { by: "date", dates: ascending(dates) } : null;
  if (works.length === full.length) {
    return works.every((n) => Math.abs(n) <= 20) ? { by: "position", weekdays: WORK, nths: ascending(works) } : null;
  }
  const mixed = full.some((item) => typeof item.noun === "string");
  return mixed || list.some(({ nth }) => Math.abs(nth) > 5) ? null : { by: "nth", list };
}

function readList(cursor: Cursor): Ranked[] | null {
  const first = readRanked(cursor);
  if (first === null) return null;
  const items = [first];
  while (items.length < 31) {
    const next = cursor.attempt((c) => {
      const comma = c.mark(",", "&", "/") !== null;
      const and = c.take("and") !== null;
      if (and) c.take("on");
      return and || comma ? readRanked(c) : null;
    });
    if (next === null) break;
    items.push(next);
  }
  return items;
}

/** `the end of each day` */
function inDay(end: boolean): Clause {
  const options = (end ? [1020, 1080] : [480, 540]).map(
    (minute): Clause => ({ kind: "days", days: { by: "day", every: 1 }, times: [saidTime(minute)] }),
  );
  return { kind: "choice", choice: { question: `When does the day ${end ? "end" : "start"}?`, options } };
}

function inWeek(on: MonthDays): Clause | null {
  const date = on.by === "date" && on.dates.length === 1 ? on.dates[0] : undefined;
  if (date !== 1 && date !== -1) return null;
  const options = (date === 1 ? [0, 6] : [4, 6]).map(
    (weekday): Clause => ({ kind: "days", days: { by: "week", every: 1, weekdays: [weekday] } }),
  );
  return {
    kind: "choice",
    choice: { question: `Which day is the ${date === 1 ? "first" : "last"} of the week?`, options },
  };
}

/** Ranked days of what they belong to; null when they are in none. */
function within(on: MonthDays, span: Span, several: boolean): Clause | null {
  switch (span.of) {
    case "month":
      return { kind: "days", days: { by: "month", every: span.every, on } };
    case "day":
      return null;
    case "week":
      return inWeek(on);
    case "quarter": {
      const quarter = quarterDays(on);
      return quarter === null ? null : { kind: "days", ...quarter };
    }
    case "year": {
      const year = yearDays(on);
      return year === null ? null : { kind: "days", ...year };
    }
    case "months": {
      const clause: Clause = { kind: "days", days: { by: "month", every: 1, on }, months: span.months };
      if (span.months.length > 1 || span.yearly || (several && on.by !== "date")) return clause;
      return {
        kind: "choice",
        choice: { question: "Do you mean every year? For one day only, say its date.", options: [clause] },
      };
    }
  }
}

/** `end of every month`, `month end`, `the start of the quarter`, `end of year`. */
function readEdge(cursor: Cursor): Clause | null {
  cursor.take("the");
  const edge = cursor.take("end", "start", "beginning", "begin");
  if (edge !== null) {
    const span = cursor.peek().text === "of" ? readSpan(cursor) : null;
    if (span?.of === "day") return inDay(edge === "end");
    return span === null ? null : within({ by: "date", dates: [edge === "end" ? -1 : 1] }, span, false);
  }
  const period = cursor.take("month", "quarter", "year");
  if (period === null) return null;
  cursor.mark("-");
  const of = period === "quarter" || period === "year" ? { of: period } : ({ of: "month", every: 1 } as const);
  return cursor.take("end") ? within({ by: "date", dates: [-1] }, of as Span, false) : null;
}

/** Ranked days, with or without the months they belong to. Without, it is not said whether they come again. */
export function readMonthDays(cursor: Cursor): Clause | null {
  const edge = cursor.attempt(readEdge);
  if (edge !== null) return edge;
  const items = readList(cursor);
  const on = items === null ? null : together(items);
  if (items === null || on === null) return null;
  const { at } = cursor;
  const span =
    cursor.attempt(readSpan) ??
    (on.by === "nth" ? cursor.attempt((c) => (c.mark(",") ? null : readNamedMonths(c))) : null);
  const bare = items.some((item) => item.bare);
  const several = items.length > 1 || (on.by === "nth" && on.list.length > 1);
  // "15 of the month" is a date, "3 every week" is not.
  if (span !== null && (!bare || ["of", "in"].includes(cursor.tokens[at]?.text ?? "")))
    return within(on, span, several);
  cursor.at = at;
  if (bare) return null;
  // "the first issue" is no date; "the 1st", "the first Monday" and "the first at 9" are.
  const goesOn = cursor.done || cursor.peek().text === "at" || cursor.peek().text === "@" || cursor.peek().text === ",";
  return items.at(-1)?.plain || goesOn ? { kind: "days", days: { by: "on", on } } : null;
}
