/** How often in a period: `once a day`, `twice weekly`, `3x/day`, `three times per month`. */
import { readAdverb } from "./adverbs.ts";
import { saidTime } from "./asking.ts";
import type { Cursor } from "./cursor.ts";
import { ofUnit, readEvery } from "./days.ts";
import type { Clause, Draft, MonthDays, Period } from "./draft.ts";
import { withClause } from "./merge.ts";
import { readWhole } from "./number.ts";
import { fork, notUnderstood, type Step } from "./outcome.ts";

const TIMES = ["once", "twice", "thrice"] as const;

const ADVERBS: Readonly<Record<string, Period>> = {
  hourly: "hour",
  daily: "day",
  nightly: "day",
  weekly: "week",
  monthly: "month",
  quarterly: "quarter",
  yearly: "year",
  annually: "year",
};

const PERIODS: Readonly<Record<string, Period>> = {
  hour: "hour",
  hr: "hour",
  day: "day",
  week: "week",
  wk: "week",
  fortnight: "fortnight",
  month: "month",
  quarter: "quarter",
  year: "year",
  yr: "year",
};

/** `daily`, `a week`, `/day`. */
function readPeriod(cursor: Cursor): Period | null {
  const adverb = Object.hasOwn(ADVERBS, cursor.word) ? ADVERBS[cursor.word] : undefined;
  if (adverb !== undefined) {
    cursor.at += 1;
    return adverb;
  }
  if (!cursor.take("a", "an", "per", "each", "every") && cursor.mark("/") === null) return null;
  const unit = Object.hasOwn(PERIODS, cursor.word) ? PERIODS[cursor.word] : undefined;
  if (unit === undefined) return null;
  cursor.at += 1;
  return unit;
}

/** Also `once every 3 days` and `once daily`, which are `every 3 days` and `daily`. */
export function readOften(cursor: Cursor): Clause | null {
  const word = cursor.take(...TIMES);
  const times = word === null ? readWhole(cursor) : TIMES.indexOf(word as (typeof TIMES)[number]) + 1;
  if (times === null || (word === null && !cursor.take("times", "time", "x"))) return null;
  cursor.mark("-");
  if (times === 1) {
    const plain = cursor.attempt(readEvery) ?? cursor.attempt((c) => (c.word === "a" ? null : readAdverb(c)));
    if (plain !== null) return plain.kind === "days" ? { ...plain, adverb: false } : plain;
    if (cursor.takeAll("a", "night") || cursor.takeAll("per", "night"))
      return { ...ofUnit(1, "day"), parts: ["night"] } as Clause;
    const weekday = cursor.attempt((c) => (c.take("a", "per", "each") && c.take("weekday", "workday") ? true : null));
    if (weekday !== null) return ofUnit(1, "weekday");
  }
  const unit = readPeriod(cursor);
  return unit === null ? null : { kind: "often", times, unit };
}

const single = (unit: Period): Clause => (unit === "hour" ? { kind: "every", seconds: 3600 } : ofUnit(1, unit));

const onWeekdays = (weekdays: readonly number[]): Clause => ({
  kind: "days",
  days: { by: "week", every: 1, weekdays },
});

const datesOf = (on: MonthDays): number =>
  on.by === "date" ? on.dates.length : on.by === "nth" ? on.list.length : on.nths.length;

/** How many days of a period were named; null when none were. */
function daysSaid(draft: Draft, unit: Period): number | null {
  const { days } = draft;
  if (unit === "week") {
    if (days?.by === "weekday") return 1;
    return days?.by === "week" ? (days.weekdays?.length ?? null) : null;
  }
  if (unit === "month")
    return (days?.by === "on" || days?.by === "month") && days.on !== null ? datesOf(days.on) : null;
  if (unit !== "year") return null;
  if (days?.by === "month" && days.on !== null && draft.months.length > 0)
    return datesOf(days.on) * draft.months.length;
  if (draft.date?.kind === "date") return 1;
  return days?.by === "year" && days.month !== null ? days.dates.length : null;
}

/** What `n` times a period may mean; anything else only the person can say. */
function spreadOver(times: number, unit: Period, said: number | null): Clause[] {
  const first = said ?? 0;
  const dates = (list: readonly number[], months?: readonly number[]): Clause => ({
    kind: "days",
    days: { by: "month", every: 1, on: { by: "date", dates: list } },
    ...(months === undefined ? {} : { months }),
  });
  if (unit === "month" && times === 2)
    return [dates(said === null ? [1, 15] : [said, said > 15 ? said - 15 : said + 15].sort((a, b) => a - b))];
  if (unit === "year" && 12 % times === 0 && times < 12)
    return [
      dates(
        [1],
        Array.from({ length: times }, (_, n) => 1 + (n * 12) / times),
      ),
    ];
  const spread = unit !== "week" ? [] : times === 2 ? [0, 3] : times === 3 ? [0, 2, 4] : [];
  return spread.length === 0 ? [] : [onWeekdays(spread.map((n) => (first + n) % 7).sort((a, b) => a - b))];
}

/** The one day of the period that was named; null when none or several were. */
function oneDay(draft: Draft, unit: Period): number | null {
  const { days } = draft;
  if (unit === "week" && days?.by === "weekday") return days.weekday;
  if (unit === "week" && days?.by === "week" && days.weekdays?.length === 1) return days.weekdays[0] ?? null;
  const on = (days?.by === "on" || days?.by === "month") && days.on?.by === "date" ? days.on.dates : [];
  const [date = 0] = on;
  return unit === "month" && on.length === 1 && date > 0 && date < 29 ? date : null;
}

const DAY_TIMES = [[], [], [540, 1020], [540, 780, 1020], [540, 720, 900, 1080]] as const;

/** "once a day", "3 times a week". */
export function settleOften(draft: Draft, times: number, unit: Period): Step {
  const rest: Draft = { ...draft, often: null };
  const named = daysSaid(rest, unit);
  if (times < 1 || times > 60) return notUnderstood("I cannot count that", "every 15 minutes");
  // Days that were said already are those days: "twice a day on weekdays".
  const together = unit === "day" && rest.days !== null ? rest : withClause(rest, single(unit));
  if (times === 1 && rest.date !== null && named === 1) {
    const yearly = withClause(rest, single("year"));
    if (yearly !== null) return { kind: "same", draft: yearly };
  }
  const said = (unit === "day" ? Math.max(rest.times.length, rest.parts.length) : named) === times;
  if (times === 1 || said) {
    const open = named === null || unit === "week" ? together : (withClause(rest, single(unit)) ?? everyTime(rest));
    return { kind: "same", draft: open ?? rest };
  }
  const how = times === 2 ? "twice" : `${times} times`;
  const question = `When exactly, ${how} ${unit === "hour" ? "an" : "a"} ${unit}?`;
  if (unit === "hour") {
    const every = withClause(rest, { kind: "every", seconds: 3600 / times });
    return fork(question, every === null || 60 % times !== 0 ? [] : [every]);
  }
  if (unit === "day") {
    if (rest.times.length > 0)
      return notUnderstood(
        `that is ${rest.times.length} times of day, and you said ${how}`,
        "every day at 9:00 and 17:00",
      );
    const spread = DAY_TIMES[times] ?? [];
    const possible = together !== null && spread.length > 0 && rest.window === null && rest.parts.length === 0;
    return fork(question, possible ? [{ ...together, times: spread.map(saidTime) }] : []);
  }
  // A day that was said is one of them.
  const first = oneDay(rest, unit);
  const open: Draft = first === null ? rest : { ...rest, days: null };
  return fork(
    question,
    spreadOver(times, unit, first).flatMap((clause) => withClause(open, clause) ?? []),
  );
}

/** "on the 1st and 15th", said to be of every month. */
const everyTime = (draft: Draft): Draft | null =>
  draft.days?.by === "on" ? { ...draft, days: { by: "month", every: 1, on: draft.days.on } } : null;
