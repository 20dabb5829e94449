/** What becomes of a phrase. */
import type { Schedule } from "../schedule.ts";

/**
 * `no_schedule`: nothing in the text says when. `no_instruction`: nothing says what. `never_fires`: no slot is left.
 * `too_often`: more than once a minute. `unknown_zone`. `not_understood`: something says when, but not all of it is clear.
 */
export type RefusalCode =
  | "no_schedule"
  | "no_instruction"
  | "never_fires"
  | "too_often"
  | "unknown_zone"
  | "not_understood";

/** One thing an unclear phrase may mean. */
export interface Reading {
  /** The schedule in words. */
  readonly label: string;
  /** A whole phrase, instruction included, that parses to exactly this reading. */
  readonly phrase: string;
}

export type PhraseResult =
  | {
      readonly kind: "scheduled";
      readonly schedule: Schedule;
      /** The canonical sentence of the schedule. */
      readonly words: string;
      /** What is left of the phrase, byte for byte. */
      readonly instruction: string;
    }
  /** At most three readings; none when only the person can say (what to do). */
  | { readonly kind: "question"; readonly question: string; readonly readings: readonly Reading[] }
  | {
      readonly kind: "refused";
      readonly code: RefusalCode;
      readonly reason: string;
      /** A phrase that works. */
      readonly try: string;
    };
