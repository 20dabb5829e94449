/** Reads how a run ended from its `finish` step. */
import { FINISH, type Finish } from "../../tools/index.ts";
import type { Verdict } from "./run.ts";
import type { ToolStep } from "./step.ts";

export const toVerdict = (finish: Finish): Verdict => ({
  kind: finish.verdict,
  text: finish.text,
  notes: finish.notes,
});

export const verdictOf = (step: ToolStep): Verdict | null =>
  step.name === FINISH && step.status === "succeeded" ? toVerdict(step.output as Finish) : null;
