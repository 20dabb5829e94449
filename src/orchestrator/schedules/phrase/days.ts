/** `every …`, and the other words for days that come again. */
import type { Cursor } from "./cursor.ts";
import { readDate } from "./date.ts";
import type { Clause, DaysSaid } from "./draft.ts";
import { readEachMonthDay } from "./month-days.ts";
import { readAmount, readOrdinal } from "./number.ts";
import { type Part, SECONDS, type Unit, unitNamed } from "./vocabulary.ts";
import { readParts, readWeekdays, WORK } from "./weekdays.ts";

const days = (said: DaysSaid, parts?: readonly Part[]): Clause =>
  parts === undefined ? { kind: "days", days: said } : { kind: "days", days: said, parts };
const week = (weekdays: readonly number[] | null, every = 1): DaysSaid => ({ by: "week", every, weekdays });

function ofUnit(n: number, unit: Unit): Clause {
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
  if (other) return days(week(named.weekdays, 2));
  if (named.weekdays.length > 1) return null;
  const text = `every ${cursor.source.slice(from, cursor.tokens[cursor.at - 1]?.end)}`;
  if (nth === 1) return days({ by: "month", every: 1, on: { by: "nth", list: [{ nth, weekday }] } });
  return nth <= 5 ? nthQuestion(nth, weekday, text) : null;
}

function readEveryCount(cursor: Cursor): Clause | null {
  const glued = cursor.peek(1).leads === false;
  const n = cursor.take("couple") ? 2 : cursor.take("few") ? Number.NaN : readAmount(cursor);
  if (n === null) return null;
  cursor.take("of");
  const unit = unitNamed(cursor.word);
  if (unit !== null && (cursor.word.length > 1 || glued)) {
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

/** What stands behind `every` or `each`. */
function readEveryBody(cursor: Cursor): Clause | null {
  cursor.take("single");
  if (cursor.takeAll("half", "hour") || cursor.takeAll("half", "an", "hour")) return { kind: "every", seconds: 1800 };
  if (cursor.takeAll("quarter", "hour") || cursor.takeAll("quarter", "of", "an", "hour"))
    return { kind: "every", seconds: 900 };
  const onMonth = cursor.attempt(readEachMonthDay);
  if (onMonth !== null) return onMonth;
  const nth = cursor.attempt(readEveryNth);
  if (nth !== null) return nth;
  const date = cursor.attempt(readEveryDate);
  if (date !== null) return date;
  const count = cursor.attempt(readEveryCount);
  if (count !== null) return count;
  const parts = readParts(cursor);
  if (parts !== null) return days({ by: "day", every: 1 }, parts);
  // "every noon": the time is a clause of its own.
  if (["noon", "midday", "midnight"].includes(cursor.word)) return everyDay;
  const group = cursor.attempt(readWeekdays);
  if (group !== null) return days(week(group.weekdays), readParts(cursor) ?? undefined);
  const unit = unitNamed(cursor.word);
  if (unit === null || cursor.word.length === 1) return null;
  cursor.at += 1;
  if (unit === "hour") return readAndMore(cursor, 1, unit);
  const clause = ofUnit(1, unit);
  if (unit === "day" && !cursor.takeAll("of", "the", "week")) cursor.takeAll("in", "the", "week");
  const ofDay = unit === "day" || unit === "weekday" ? readParts(cursor) : null;
  return ofDay !== null && clause.kind === "days" ? { ...clause, parts: ofDay } : clause;
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
  const word = cursor.take("every", "each", "everyday", "evry", "eevry", "evey");
  if (word === null) return null;
  if (word === "everyday") return everyDay;
  return readEveryBody(cursor);
}

const ADVERBS: Readonly<Record<string, Clause>> = {
  hourly: { kind: "every", seconds: 3600 },
  daily: everyDay,
  nightly: { kind: "days", days: { by: "day", every: 1 }, parts: ["night"] },
  weekly: days(week(null)),
  fortnightly: days(week(null, 2)),
  monthly: days({ by: "month", every: 1, on: null }),
  quarterly: days({ by: "quarter" }),
  yearly: days({ by: "year", every: 1, month: null, dates: [] }),
  annually: days({ by: "year", every: 1, month: null, dates: [] }),
};

const both = (question: string, one: Clause, two: Clause): Clause => ({
  kind: "choice",
  choice: { question, options: [one, two] },
});

/** `bi-weekly` and its kind: twice in each, or every second one. */
function readBi(cursor: Cursor): Clause | null {
  const glued = cursor.take("biweekly", "bimonthly", "semiweekly", "semimonthly");
  let kind = glued === null ? null : glued.replace(/^(bi|semi)/, "");
  if (kind === null) {
    if (!cursor.take("bi", "semi")) return null;
    cursor.mark("-");
    kind = cursor.take("weekly", "monthly");
  }
  if (kind === null) return null;
  return kind === "weekly"
    ? both(`"bi-weekly" can mean every two weeks or twice a week. Which one?`, days(week(null, 2)), {
        kind: "often",
        times: 2,
        unit: "week",
      })
    : both(
        `"bi-monthly" can mean every two months or twice a month. Which one?`,
        days({ by: "month", every: 2, on: null }),
        { kind: "often", times: 2, unit: "month" },
      );
}

/** `daily`, `hourly`, `half-hourly`, `bi-weekly`, … */
export function readAdverb(cursor: Cursor): Clause | null {
  const bi = cursor.attempt(readBi);
  if (bi !== null) return bi;
  const half = cursor.attempt((c) => {
    if (!c.take("half")) return null;
    c.mark("-");
    return c.take("hourly");
  });
  if (half !== null) return { kind: "every", seconds: 1800 };
  const clause = Object.hasOwn(ADVERBS, cursor.word) ? ADVERBS[cursor.word] : undefined;
  if (clause === undefined) return null;
  cursor.at += 1;
  return clause.kind === "days" ? { ...clause, adverb: true } : clause;
}
