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
  /** "on Monday": that one, or every one. */
  | { readonly by: "weekday"; readonly weekday: number }
  /** "on the 15th", "on the first Monday", with no "of every month". */
  | { readonly by: "on"; readonly on: MonthDays };

export interface MomentSaid {
  readonly date: DateSaid | null;
  readonly time: TimeSaid | null;
  /** Minutes east of UTC, where one of two equal times is meant. */
  readonly offset: number | null;
}

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
      /** One word such as `weekly`. */
      readonly adverb?: boolean;
    }
  | { readonly kind: "times"; readonly times: readonly TimeSaid[] }
  | { readonly kind: "parts"; readonly parts: readonly Part[] }
  /** Minutes past the hour; `hourly` when the words themselves say every hour. */
  | { readonly kind: "past"; readonly minute: number; readonly hourly: boolean }
  | { readonly kind: "window"; readonly from: TimeSaid; readonly to: TimeSaid }
  | { readonly kind: "months"; readonly months: readonly number[] }
  | { readonly kind: "except"; readonly weekdays: readonly number[] }
  | { readonly kind: "date"; readonly date: DateSaid; readonly parts?: readonly Part[] }
  | { readonly kind: "delay"; readonly seconds: number }
  | { readonly kind: "often"; readonly times: number; readonly unit: "hour" | "day" | "week" | "month" }
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
  readonly past: number | null;
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
  past: null,
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
