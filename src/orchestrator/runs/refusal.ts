/** A call that is not made. */
import type { Work } from "../db/work.ts";
import type { Failure } from "../errors.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { enter } from "./interruption.ts";
import { moveStep } from "./journal/store.ts";
import { announceProgress } from "./progress.ts";
import type { ToolStep } from "./step.ts";
import type { HeldRun } from "./store.ts";

/** The model is told why. The call must be `ready`. */
export async function refuse(
  deps: Pick<EngineDeps, "ids">,
  work: Work,
  run: HeldRun,
  call: ToolStep,
  failure: Failure,
): Promise<void> {
  await enter(work, run);
  await moveStep(work.tx, run, call, "ready", "waiting");
  await moveStep(work.tx, run, call, "waiting", "refused", { failure, endedAt: work.now });
  await announceProgress(deps, work, run, { state: "running" });
}
