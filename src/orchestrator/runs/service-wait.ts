/** While an outside service is down, or has had its calls of this minute, a step waits for it without an attempt. */

import type { Work } from "../db/work.ts";
import { tellNoTime } from "../incidents/telling.ts";
import { outageKey, type PutOff } from "../services/service.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { tellHome } from "./home.ts";
import type { StepKey } from "./step.ts";
import { type HeldRun, refOf } from "./store.ts";
import { openWait } from "./waits/store.ts";

/** Opens the wait, and says in the home that the service is down, once an outage. The step must be `waiting` already. */
export async function waitForService(
  deps: Pick<EngineDeps, "ids">,
  work: Work,
  run: HeldRun,
  step: StepKey,
  { service, until, why }: PutOff,
): Promise<void> {
  await openWait(work, {
    id: deps.ids.next(),
    workspaceId: run.workspaceId,
    runId: run.id,
    step,
    kind: "service",
    dueAt: until,
    detail: {
      service,
      why: why.kind,
      ...(why.kind === "limit" ? { perMinute: why.perMinute } : { message: why.failure.message }),
    },
  });
  // A minute that is full is nothing to tell people, and a rehearsal is nothing to tell the thread.
  if (why.kind === "limit" || run.rehearsal) return;
  await tellHome(deps, work, run, outageKey(service, why.since, run.workflowId), {
    kind: "serviceDown",
    run: refOf(run),
    service,
    failure: why.failure,
    since: why.since.toISOString(),
    nextTryAt: until.toISOString(),
    backAt: null,
  });
  await tellNoTime(work, run);
}
