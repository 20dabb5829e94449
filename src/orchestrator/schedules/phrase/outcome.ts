/** What settling a draft comes to, before the instruction is looked at. */
import type { Schedule } from "../schedule.ts";
import type { Draft } from "./draft.ts";
import type { RefusalCode } from "./result.ts";

export type Outcome =
  | { readonly kind: "schedule"; readonly schedule: Schedule }
  | { readonly kind: "ask"; readonly question: string; readonly options: readonly Schedule[] }
  | { readonly kind: "refuse"; readonly code: RefusalCode; readonly reason: string; readonly example: string };

/** An outcome, or drafts of which one is meant and that still have to be settled. */
export type Step =
  | Outcome
  /** The same, said in another way. */
  | { readonly kind: "same"; readonly draft: Draft }
  | { readonly kind: "fork"; readonly question: string; readonly drafts: readonly Draft[] };

export const fork = (question: string, drafts: readonly Draft[]): Step => ({ kind: "fork", question, drafts });

export const refuse = (code: RefusalCode, reason: string, example = "every weekday at 9:00"): Outcome => ({
  kind: "refuse",
  code,
  reason,
  example,
});

export const notUnderstood = (reason: string, example?: string): Outcome => refuse("not_understood", reason, example);

/** A question with at most three readings; one that leads to a further question stands for its first answer. */
export function ask(question: string, outcomes: readonly Outcome[]): Outcome {
  const found = new Map<string, Schedule>();
  for (const outcome of outcomes) {
    const schedule =
      outcome.kind === "schedule" ? outcome.schedule : outcome.kind === "ask" ? outcome.options[0] : undefined;
    if (schedule !== undefined) found.set(JSON.stringify(schedule), schedule);
  }
  // Nothing that could be meant is possible: say what is wrong instead of asking.
  const [first] = outcomes;
  if (found.size === 0 && first?.kind === "refuse") return first;
  return { kind: "ask", question, options: [...found.values()].slice(0, 3) };
}
