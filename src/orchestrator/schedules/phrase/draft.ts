/** What a phrase has said so far about when, and the clauses it is said with. */
import type { DateSaid } from "./date.ts";
import type { RefusalCode } from "./result.ts";
import type { TimeSaid } from "./time.ts";
import type { Part } from "./vocabulary.ts";

/** Days of a month. Dates count from 1, or from -1, the last; weekdays from 0, Monday. */
export type MonthDays =
  | { readonly by: "date"; readonly dates: readonly number[] }
  | { readonly by: "nth"; readonly list: readonly { nth: number; weekday: number }[] }
  | { readonly by: "position"; readonly weekdays: readonly number[]; readonly nths: readonly number[] };

/** Days as said; null where a phrase has not said which yet. */
export type DaysSaid =
  | { readonly by: "day"; readonly every: number }
  | { readonly by: "week"; readonly every: number; readonly weekdays: readonly number[] | null }
  | { readonly by: "month"; readonly every: number; readonly on: MonthDays | null }
  | { readonly by: "quarter" }
  | { readonly by: "year"; readonly every: number; readonly month: number | null; readonly dates: readonly number[] }
  /** "every Friday the 13th" */
  | { readonly by: "weekdate"; readonly weekday: number; readonly date: number }
  /** "on Monday": that one, or every one. */
  | { readonly by: "weekday"; readonly weekday: number }
  /** "on the 15th", "on the first Monday", with no "of every month". */
  | { readonly by: "on"; readonly on: MonthDays };

export interface MomentSaid {
  readonly date: DateSaid | null;
  readonly time: TimeSaid | null;
  /** Minutes east of UTC, where one of two equal times is meant. */
  readonly offset: number | null;
  /** "from 10:00", which is a start for a distance only. */
  readonly weak?: boolean;
}

export type Period = "hour" | "day" | "week" | "fortnight" | "month" | "quarter" | "year";

export interface Choice {
  readonly question: string;
  readonly options: readonly Clause[];
}

export type Clause =
  | { readonly kind: "every"; readonly seconds: number }
  | {
      readonly kind: "days";
      readonly days: DaysSaid;
      readonly parts?: readonly Part[];
      readonly months?: readonly number[];
      /** Times that the days bring with them: `at the end of each day`. */
      readonly times?: readonly TimeSaid[];
      /** One word such as `weekly`. */
      readonly adverb?: boolean;
    }
  | { readonly kind: "times"; readonly times: readonly TimeSaid[] }
  | { readonly kind: "parts"; readonly parts: readonly Part[] }
  /** Minutes past the hour; `hours` for "every n hours", `hourly` when the hour was named at all. */
  | {
      readonly kind: "past";
      readonly minutes: readonly number[];
      readonly hours: number | null;
      readonly hourly: boolean;
    }
  /** `workdays`: of Monday to Friday where no days are said. */
  | { readonly kind: "window"; readonly from: TimeSaid; readonly to: TimeSaid; readonly workdays?: boolean }
  | { readonly kind: "months"; readonly months: readonly number[] }
  | { readonly kind: "except"; readonly weekdays: readonly number[] }
  | { readonly kind: "date"; readonly date: DateSaid; readonly parts?: readonly Part[] }
  | { readonly kind: "delay"; readonly seconds: number }
  | { readonly kind: "often"; readonly times: number; readonly unit: Period }
  /** Adds nothing: `until further notice`. */
  | { readonly kind: "open" }
  /** `of the month`, behind days of which every one is meant anyway. */
  | { readonly kind: "every one" }
  | { readonly kind: "start"; readonly moment: MomentSaid }
  | { readonly kind: "until"; readonly moment: MomentSaid }
  /** `from … to …`. */
  | { readonly kind: "span"; readonly start: MomentSaid; readonly until: MomentSaid }
  | {
      readonly kind: "lasting";
      readonly count: number;
      readonly unit: "minute" | "hour" | "day" | "week" | "month" | "year";
    }
  | { readonly kind: "count"; readonly count: number }
  | { readonly kind: "zone"; readonly zone: string }
  | { readonly kind: "offset"; readonly minutes: number }
  | { readonly kind: "cron"; readonly expression: string }
  | { readonly kind: "rule"; readonly rrule: string }
  | { readonly kind: "single" }
  | { readonly kind: "choice"; readonly choice: Choice }
  | { readonly kind: "refusal"; readonly code: RefusalCode; readonly reason: string; readonly example?: string };

export interface Draft {
  readonly every: number | null;
  readonly days: DaysSaid | null;
  readonly times: readonly TimeSaid[];
  readonly parts: readonly Part[];
  /** Minutes past the hour. */
  readonly past: readonly number[];
  /** "Past the hour", "on the hour": every one of them. */
  readonly hourly: boolean;
  readonly window: { readonly from: TimeSaid; readonly to: TimeSaid } | null;
  readonly months: readonly number[];
  readonly except: readonly number[];
  readonly date: DateSaid | null;
  readonly delay: number | null;
  readonly often: Extract<Clause, { kind: "often" }> | null;
  readonly start: MomentSaid | null;
  readonly until: MomentSaid | null;
  readonly lasting: Extract<Clause, { kind: "lasting" }> | null;
  readonly count: number | null;
  readonly zone: string | null;
  readonly offset: number | null;
  readonly cron: string | null;
  readonly rrule: string | null;
  readonly single: boolean;
  readonly choice: Choice | null;
  readonly refusal: Extract<Clause, { kind: "refusal" }> | null;
}

export const EMPTY_DRAFT: Draft = {
  every: null,
  days: null,
  times: [],
  parts: [],
  past: [],
  hourly: false,
  window: null,
  months: [],
  except: [],
  date: null,
  delay: null,
  often: null,
  start: null,
  until: null,
  lasting: null,
  count: null,
  zone: null,
  offset: null,
  cron: null,
  rrule: null,
  single: false,
  choice: null,
  refusal: null,
};
