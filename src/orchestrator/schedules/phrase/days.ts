/** `every …`, and the other words for days that come again. */
import type { Cursor } from "./cursor.ts";
import { readDate } from "./date.ts";
import type { Clause, DaysSaid } from "./draft.ts";
import { readEachMonthDay } from "./each-month-day.ts";
import { readEveryDates } from "./every-dates.ts";
import { readHoliday, readMovingHoliday } from "./holidays.ts";
import { readAmount, readOrdinal } from "./number.ts";
import { readPast } from "./past.ts";
import { readMonths } from "./span.ts";
import { isPlainlyTime } from "./time.ts";
import { EVERY, type Part, SECONDS, type Unit, unitNamed } from "./vocabulary.ts";
import { readParts, readWeekdays, WORK } from "./weekdays.ts";

const days = (said: DaysSaid, parts?: readonly Part[]): Clause =>
  parts === undefined ? { kind: "days", days: said } : { kind: "days", days: said, parts };
/** January and July. */
export const HALF_YEAR: Clause = { kind: "days", days: { by: "month", every: 1, on: null }, months: [1, 7] };
const week = (weekdays: readonly number[] | null, every = 1): DaysSaid => ({ by: "week", every, weekdays });

/** Every `n` of a unit. */
export function ofUnit(n: number, unit: Unit): Clause {
  switch (unit) {
    case "second":
    case "minute":
    case "hour":
      return { kind: "every", seconds: Math.round(n * SECONDS[unit]) };
    default:
      if (!Number.isInteger(n) || n < 1 || n > 1000) {
        return { kind: "refusal", code: "not_understood", reason: `I cannot count "every ${n} ${unit}s"` };
      }
  }
  switch (unit) {
    case "day":
      return days({ by: "day", every: n });
    case "weekday":
      return n === 1
        ? days(week(WORK))
        : { kind: "refusal", code: "not_understood", reason: "I cannot count weekdays; I can count days and weeks" };
    case "week":
      return days(week(null, n));
    case "fortnight":
      return days(week(null, n * 2));
    case "month":
      return days({ by: "month", every: n, on: null });
    case "quarter":
      return n === 1 ? days({ by: "quarter" }) : days({ by: "month", every: n * 3, on: null });
    case "year":
      return days({ by: "year", every: n, month: null, dates: [] });
  }
}

const nthQuestion = (nth: number, weekday: number, text: string): Clause => ({
  kind: "choice",
  choice: {
    question: `"${text}" can mean two things. Which one?`,
    options: [
      days(week([weekday], nth)),
      { kind: "days", days: { by: "month", every: 1, on: { by: "nth", list: [{ nth, weekday }] } } },
    ],
  },
});

/** `other`, `second`, `2nd`, `third` before a unit or a weekday: every that many. */
function readEveryNth(cursor: Cursor): Clause | null {
  const from = cursor.peek().start;
  const other = cursor.take("other", "alternate", "alternating", "second's") !== null;
  const nth = other ? 2 : readOrdinal(cursor);
  if (nth === null) return null;
  const unit = unitNamed(cursor.word);
  if (unit !== null && cursor.word.length > 1) {
    cursor.at += 1;
    return ofUnit(nth, unit);
  }
  const named = readWeekdays(cursor);
  const [weekday] = named?.weekdays ?? [];
  if (named === null || weekday === undefined) return null;
  if (other) return days(week(named.weekdays, 2), readParts(cursor) ?? undefined);
  if (named.weekdays.length > 1) return named.weekdays.join() === "5,6" ? days(week(named.weekdays, nth)) : null;
  const text = `every ${cursor.source.slice(from, cursor.tokens[cursor.at - 1]?.end)}`;
  if (nth === 1) return days({ by: "month", every: 1, on: { by: "nth", list: [{ nth, weekday }] } });
  return nth <= 5 ? nthQuestion(nth, weekday, text) : null;
}

function readEveryCount(cursor: Cursor): Clause | null {
  const glued = cursor.peek(1).leads === false;
  const n = cursor.take("couple") ? 2 : cursor.take("few", "several") ? Number.NaN : readAmount(cursor);
  if (n === null) return null;
  cursor.take("of");
  const unit = unitNamed(cursor.word);
  if (unit !== null && (cursor.word.length > 1 || glued || cursor.word === "h")) {
    cursor.at += 1;
    if (Number.isNaN(n)) return { kind: "refusal", code: "not_understood", reason: `"every few" is not a number` };
    return readAndMore(cursor, n, unit);
  }
  const named = readWeekdays(cursor);
  return named === null || !Number.isInteger(n) || n < 1 || n > 100 ? null : days(week(named.weekdays, n));
}

/** `1 hour and 30 minutes`, `2h30`, `1 hour and a half`. */
function readAndMore(cursor: Cursor, n: number, unit: Unit): Clause {
  const clause = ofUnit(n, unit);
  if (clause.kind !== "every" || unit !== "hour") return clause;
  const more = readMinutesMore(cursor);
  return { kind: "every", seconds: clause.seconds + more * 60 };
}

/** The minutes that go on from a number of hours; 0 when there are none. */
export function readMinutesMore(cursor: Cursor): number {
  return (
    cursor.attempt((c) => {
      const and = c.take("and") !== null;
      if (and && c.takeAll("a", "half")) return 30;
      const glued = !c.peek().leads;
      const minutes = readAmount(c);
      if (minutes === null || minutes >= 60) return null;
      if (unitNamed(c.word) === "minute") c.at += 1;
      else if (!glued || and) return null;
      return minutes;
    }) ?? 0
  );
}

/** `half hour`, `half-hour`, `quarter of an hour`, `half day`, `half year`. */
function readEveryHalf(cursor: Cursor): Clause | null {
  const digits = cursor.attempt((c) =>
    c.digits(1) === "1" && c.mark("/") !== null && c.digits(1) === "2" ? ("half" as const) : null,
  );
  const part = digits ?? cursor.take("half", "quarter");
  if (part === null) return null;
  cursor.take("of");
  cursor.take("a", "an");
  cursor.mark("-");
  const unit = cursor.take("hour", "day", "year", "month", "minute");
  if (part === "half" && unit === "minute") return { kind: "every", seconds: 30 };
  if (unit === "hour") return { kind: "every", seconds: part === "half" ? 1800 : 900 };
  if (part === "half" && unit === "day") return { kind: "every", seconds: 43_200 };
  return part === "half" && unit === "year" ? HALF_YEAR : null;
}

/** `every half past`, `every quarter past`: of every hour. */
function readEveryPast(cursor: Cursor): Clause | null {
  const past = readPast(cursor);
  if (past?.kind !== "past") return null;
  return past.hours === null ? { ...past, hours: 1, hourly: true } : past;
}

/** `every December`, `every June and December`. */
function readEveryMonth(cursor: Cursor): Clause | null {
  const months = readMonths(cursor);
  return months === null ? null : { kind: "days", days: { by: "month", every: 1, on: null }, months };
}

function readEveryHoliday(cursor: Cursor): Clause | null {
  const day = readHoliday(cursor);
  if (day !== null) return days({ by: "year", every: 1, month: day.month, dates: [day.day] });
  const name = readMovingHoliday(cursor);
  return name === null
    ? null
    : { kind: "refusal", code: "not_understood", reason: `the date of ${name} changes from year to year; say a date` };
}

/** `weeknights`, of which there are four or five. */
export const readWeeknights = (cursor: Cursor): Clause | null => {
  if (!cursor.take("weeknight", "weeknights")) return null;
  const options = [WORK, [0, 1, 2, 3, 6]].map((weekdays) => days(week(weekdays), ["night"]));
  return { kind: "choice", choice: { question: "Which nights are weeknights?", options } };
};

/** The time is a clause of its own: `every noon`, `every 9am`, `every 9:30`. */
function beforeTime(cursor: Cursor): Clause | null {
  const named = ["noon", "midday", "midnight"].includes(cursor.word);
  return named || isPlainlyTime(cursor) ? everyDay : null;
}

/** `the 13th`, behind `every Friday`. */
function readItsDate(cursor: Cursor): number | null {
  cursor.take("the");
  const date = cursor.peek().kind === "number" ? readOrdinal(cursor) : null;
  cursor.attempt((c) => (c.take("of") && c.take("the", "every", "each") && c.take("month") ? true : null));
  // "every Friday the 3rd week", "the 3rd party's report"
  const counts = unitNamed(cursor.word) !== null || cursor.word === "party";
  return date !== null && date >= 1 && date <= 31 && !counts ? date : null;
}

/** `every weekday`, `every Monday morning`. */
function readEveryWeekdays(cursor: Cursor): Clause | null {
  const group = readWeekdays(cursor);
  const [weekday] = group?.weekdays ?? [];
  if (group === null || weekday === undefined) return null;
  const date = group.weekdays.length === 1 ? cursor.attempt(readItsDate) : null;
  if (date !== null) return days({ by: "weekdate", weekday, date });
  return days(week(group.weekdays), readParts(cursor) ?? undefined);
}

function readEveryUnit(cursor: Cursor): Clause | null {
  const unit = unitNamed(cursor.word);
  if (unit === null || cursor.word.length === 1) return null;
  cursor.at += 1;
  if (unit === "hour") return readAndMore(cursor, 1, unit);
  const clause = ofUnit(1, unit);
  if (unit === "day") readOfWeek(cursor);
  const ofDay = unit === "day" || unit === "weekday" ? readParts(cursor) : null;
  return ofDay !== null && clause.kind === "days" ? { ...clause, parts: ofDay } : clause;
}

/** `day of the week`, `day-of-week`, `day of the year`, which add nothing. */
function readOfWeek(cursor: Cursor): void {
  cursor.attempt((c) => {
    c.mark("-");
    if (!c.take("of", "in")) return null;
    c.mark("-");
    c.take("the");
    return c.take("week", "month", "year");
  });
}

/** "every minute of every hour of every day": what every minute says already. */
function readOfEvery(cursor: Cursor, clause: Clause): Clause {
  if (clause.kind !== "every") return clause;
  const units = clause.seconds < 3600 ? ["hour", "day"] : ["day"];
  for (let n = 0; n < 2; n++) {
    cursor.attempt((c) => {
      if (!c.take("of") && !c.mark(",")) return null;
      return c.take("every", "each", "the") && c.take(...units) ? true : null;
    });
  }
  return clause;
}

/** In this order: a longer reading stands before the shorter one it begins with. */
const BODIES: readonly ((cursor: Cursor) => Clause | null)[] = [
  readEveryHalf,
  readEachMonthDay,
  readEveryNth,
  readEveryDates,
  readEveryDate,
  readEveryHoliday,
  readEveryCount,
  (cursor) => {
    const parts = readParts(cursor);
    return parts === null ? null : days({ by: "day", every: 1 }, parts);
  },
  readEveryPast,
  readWeeknights,
  readEveryWeekdays,
  readEveryMonth,
  readEveryUnit,
  beforeTime,
];

/** What stands behind `every` or `each`. */
function readEveryBody(cursor: Cursor): Clause | null {
  cursor.take("single", "full");
  for (const read of BODIES) {
    const clause = cursor.attempt(read);
    if (clause !== null) return readOfEvery(cursor, clause);
  }
  return null;
}

/** `every 3 December`: once a year. */
function readEveryDate(cursor: Cursor): Clause | null {
  const date = readDate(cursor);
  if (date?.kind !== "date" || date.year !== null || date.weekday !== null) return null;
  return days({ by: "year", every: 1, month: date.month, dates: [date.day] });
}

export const everyDay: Clause = { kind: "days", days: { by: "day", every: 1 } };

/** `every …`, `each …`. */
export function readEvery(cursor: Cursor): Clause | null {
  // "all weekdays" but not "all open PRs".
  const all = cursor.attempt((c) => {
    if (!c.take("all")) return null;
    return c.take("days") ? everyDay : readEveryWeekdays(c);
  });
  if (all !== null) return all;
  const alternate = cursor.attempt((c) => (["alternate", "alternating"].includes(c.word) ? readEveryNth(c) : null));
  if (alternate !== null) return alternate;
  const word = cursor.take(...EVERY);
  if (word === null) return null;
  if (word.endsWith("day")) return everyDay;
  cursor.takeAll("and", "every");
  // Todoist's "every!", and "every-day".
  if (!cursor.peek().leads) cursor.mark("!", "-");
  return readEveryBody(cursor);
}
