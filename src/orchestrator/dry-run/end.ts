/** Dry runs that are over before they have ended. */
import type { Caller } from "../caller.ts";
import { cancelRun } from "../runs/ending.ts";
import { lockRun, requestCancel } from "../runs/store.ts";
import type { Workflow } from "../workflows/workflow.ts";
import { openDryRuns } from "./store.ts";

/** Ends what is under way: its draft was dropped or its workflow deleted, and nobody waits for the answer. */
export async function endDryRuns(caller: Caller, workflow: Pick<Workflow, "id" | "workspaceId">): Promise<void> {
  const { deps, work, actor } = caller;
  for (const { id } of await openDryRuns(work.tx, workflow)) {
    const run = await lockRun(work, actor.workspaceId, { id });
    if (run?.status === "running") await requestCancel(work.tx, run, actor.name);
    else if (run?.status === "waiting" || run?.status === "queued")
      await cancelRun(deps, work, run, actor.name, run.status);
  }
}
