/** What becomes of a step whose attempt failed. */
import type { Work } from "../db/work.ts";
import { assertNever, type Failure } from "../errors.ts";
import { announceRetry, dieRun } from "./ending.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { moveStep } from "./journal/store.ts";
import { decideRetry } from "./retry.ts";
import type { StepKey } from "./step.ts";
import type { HeldRun } from "./store.ts";
import { openWait } from "./waits/store.ts";

export interface FailedAttempt {
  readonly key: StepKey;
  readonly attempt: number;
  /** The call may be made again. */
  readonly repeatable: boolean;
  readonly change: Parameters<typeof moveStep>[5];
}

/**
 * Puts a `started` step where its failure belongs: to wait for a retry, or, when it is not to be retried, to `failed`.
 * @param tell what happens with a failure that is not retried; the step is `failed` already
 * @returns true when the run is over: its retries are used up, or `tell` ended it
 */
export async function retryLater(
  deps: EngineDeps,
  work: Work,
  run: HeldRun,
  tried: FailedAttempt,
  failure: Failure,
  tell: (failure: Failure) => Promise<boolean>,
): Promise<boolean> {
  const decision = decideRetry(failure, {
    attempt: tried.attempt,
    repeatable: tried.repeatable,
    delaysMs: run.pinned.policies.retryDelaysMs,
    random: deps.random(),
  });
  switch (decision.kind) {
    case "retry": {
      const dueAt = new Date(work.now.getTime() + decision.afterMs);
      await moveStep(work.tx, run, tried.key, "started", "ready", { ...tried.change, failure });
      await moveStep(work.tx, run, tried.key, "ready", "waiting");
      await openWait(work, {
        id: deps.ids.next(),
        workspaceId: run.workspaceId,
        runId: run.id,
        step: tried.key,
        kind: "retry",
        dueAt,
        detail: { attempt: tried.attempt, code: failure.code, message: failure.message },
      });
      await announceRetry(deps, work, run, { failure, attempts: tried.attempt, nextTryAt: dueAt });
      return false;
    }
    case "tell_model":
    case "ask":
      await moveStep(work.tx, run, tried.key, "started", "failed", { ...tried.change, failure });
      return tell(failure);
    case "dead":
      await moveStep(work.tx, run, tried.key, "started", "ready", { ...tried.change, failure });
      await dieRun(deps, work, run, failure);
      return true;
    default:
      return assertNever(decision, "retry decision");
  }
}
