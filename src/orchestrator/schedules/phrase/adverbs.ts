/** One word for days that come again: `daily`, `hourly`, `bi-weekly`, `semi-annually`. */
import type { Cursor } from "./cursor.ts";
import { everyDay, HALF_YEAR } from "./days.ts";
import type { Clause, DaysSaid } from "./draft.ts";

const days = (said: DaysSaid): Clause => ({ kind: "days", days: said });
const week = (weekdays: readonly number[] | null, every = 1): DaysSaid => ({ by: "week", every, weekdays });

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
  biennially: days({ by: "year", every: 2, month: null, dates: [] }),
};

const yearlyEvery = (every: number): Clause => days({ by: "year", every, month: null, dates: [] });

const both = (question: string, one: Clause, two: Clause): Clause => ({
  kind: "choice",
  choice: { question, options: [one, two] },
});

const GLUED = [
  "biweekly",
  "bimonthly",
  "semiweekly",
  "semimonthly",
  "biannually",
  "biannual",
  "semiannually",
  "semiannual",
  "halfyearly",
] as const;

/** `bi-weekly` and its kind: twice in each, or every second one. */
function readBi(cursor: Cursor): Clause | null {
  const glued = cursor.take(...GLUED);
  let kind = glued === null ? null : glued.replace(/^(bi|semi|half)/, "");
  let prefix = glued === null ? null : glued.slice(0, glued.length - (kind?.length ?? 0));
  if (kind === null) {
    prefix = cursor.take("bi", "semi", "half");
    if (prefix === null) return null;
    cursor.mark("-");
    kind = cursor.take("weekly", "monthly", "annually", "annual", "yearly");
  }
  if (kind === null) return null;
  if (kind.startsWith("annual") || kind === "yearly") {
    if (prefix !== "bi") return HALF_YEAR;
    const question = "That can mean every two years or twice a year. Which one?";
    return both(question, yearlyEvery(2), { kind: "often", times: 2, unit: "year" });
  }
  if (prefix === "half") return null;
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
    const part = c.take("half", "quarter");
    if (part === null) return null;
    c.mark("-");
    return c.take("hourly") === null ? null : part;
  });
  if (half !== null) return { kind: "every", seconds: half === "half" ? 1800 : 900 };
  const clause = Object.hasOwn(ADVERBS, cursor.word) ? ADVERBS[cursor.word] : undefined;
  if (clause === undefined) return null;
  cursor.at += 1;
  return clause.kind === "days" ? { ...clause, adverb: true } : clause;
}

/** Behind `on`: `a daily basis`. */
export function readBasis(cursor: Cursor): Clause | null {
  if (!cursor.take("a", "an")) return null;
  const clause = readAdverb(cursor);
  return clause !== null && cursor.take("basis") ? clause : null;
}
