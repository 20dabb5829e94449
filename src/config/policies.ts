/** What a new workflow starts with: the defaults, and what the file says instead. Pure. */
import { DEFAULT_POLICIES, type Policies } from "../orchestrator/workflows/workflow.ts";
import type { ConfigFile } from "./schema.ts";

export function policiesOf(file: ConfigFile): Policies {
  const set = file.policies ?? {};
  const base = DEFAULT_POLICIES;
  return {
    overlap: set.overlap ?? base.overlap,
    catchUp: {
      mode: set.catchUp?.mode ?? base.catchUp.mode,
      windowMs: set.catchUp?.window === undefined ? base.catchUp.windowMs : set.catchUp.window,
    },
    report: set.report ?? base.report,
    retryDelaysMs: set.retryDelays ?? base.retryDelaysMs,
    pauseAfterFailures: set.pauseAfterFailures ?? base.pauseAfterFailures,
    runTimeLimitMs: set.runTimeLimit ?? base.runTimeLimitMs,
    idleLimitMs: set.idleLimit ?? base.idleLimitMs,
    approvalExpiryMs: set.approvalExpiry ?? base.approvalExpiryMs,
    maxSteps: set.maxSteps ?? base.maxSteps,
    runCeilingMicros: file.budget?.runCeiling ?? base.runCeilingMicros,
    calendar: set.calendar ?? base.calendar,
    concurrency: set.concurrency ?? base.concurrency,
  };
}
