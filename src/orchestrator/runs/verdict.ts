/** Reads how a run ended from its `finish` step. */
import { FINISH, type Finish } from "../../tools/index.ts";
import { assertNever } from "../errors.ts";
import type { Policies } from "../workflows/workflow.ts";
import type { Verdict } from "./run.ts";
import type { ToolStep } from "./step.ts";

export const toVerdict = (finish: Finish): Verdict => ({
  kind: finish.verdict,
  text: finish.text,
  notes: finish.notes,
});

export const verdictOf = (step: ToolStep): Verdict | null =>
  step.name === FINISH && step.status === "succeeded" ? toVerdict(step.output as Finish) : null;

/**
 * Whether people are told what a run found.
 * @param before what the workflow's last good run said; null when there was none
 */
export function isSaid(policy: Policies["report"], verdict: Verdict, before: Verdict | null): boolean {
  if (verdict.kind !== "report") return false;
  switch (policy) {
    case "always":
      return true;
    case "on_change":
      return before?.kind !== "report" || before.text !== verdict.text;
    case "when_wrong":
      return false;
    default:
      return assertNever(policy, "report policy");
  }
}
