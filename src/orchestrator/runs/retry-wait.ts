/** What becomes of a step whose attempt failed. */
import type { Work } from "../db/work.ts";
import { assertNever, classOf, type Failure } from "../errors.ts";
import { tellRetrying } from "../incidents/telling.ts";
import type { Outage } from "../services/service.ts";
import { dieRun } from "./ending.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { forgetAttempt, moveStep } from "./journal/store.ts";
import { decideRetry } from "./retry.ts";
import { waitForService } from "./service-wait.ts";
import type { StepKey } from "./step.ts";
import type { HeldRun } from "./store.ts";
import { openWait } from "./waits/store.ts";

export interface FailedAttempt {
  readonly key: StepKey;
  readonly attempt: number;
  /** The call may be made again. */
  readonly repeatable: boolean;
  /** Its service is down: the next attempt waits for that and not for its time. */
  readonly outage: Outage | null;
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
  const down = tried.repeatable && classOf(failure.code) === "transient" ? tried.outage : null;
  const outage = down && (await deps.services.confirm(work, run.workspaceId, down));
  if (outage) {
    await moveStep(work.tx, run, tried.key, "started", "ready", { ...tried.change, failure });
    await moveStep(work.tx, run, tried.key, "ready", "waiting");
    if (outage.probe) await forgetAttempt(work.tx, run, tried.key, tried.attempt);
    const { service, until, since } = outage;
    const why = { kind: "breaker", since, failure: outage.failure } as const;
    await waitForService(deps, work, run, tried.key, { kind: "wait", service, until, why });
    return false;
  }
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
      await tellRetrying(deps, work, run, { failure, attempts: tried.attempt, nextTryAt: dueAt });
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
