/** Ends runs at their limits: for their holder, and for whoever sweeps when the holder hangs. */
import type { Database } from "../db/client.ts";
import { inWork, type Work, type WorkDeps } from "../db/work.ts";
import { type EndingDeps, failRun } from "./ending.ts";
import { happenedIn } from "./happened.ts";
import { loadJournal } from "./journal/store.ts";
import { type LimitKind, limitFailure } from "./limit.ts";
import { overdueRuns } from "./overdue/store.ts";
import { type HeldRun, lockRun } from "./store.ts";

/** What a holder is given to end a run by itself before the sweep does; milliseconds. */
const GRACE_MS = 30_000;

/** Ends a running run, whose row the work has locked, as `failed`. Calls in flight that may have happened become `unknown`. */
export async function failAtLimit(deps: EndingDeps, work: Work, run: HeldRun, limit: LimitKind): Promise<void> {
  const happened = happenedIn(deps, await loadJournal(work.tx, run));
  const of = { name: run.workflowName, policies: run.pinned.policies };
  await failRun(deps, work, run, limitFailure(limit, of, happened));
}

/** Called by the sweep of any process, for holders that keep a lease and do nothing else. Again is harmless. */
export async function endOverdueRuns(deps: WorkDeps & EndingDeps & { readonly db: Database }): Promise<void> {
  for (const over of await overdueRuns(deps.db, { now: new Date(deps.clock.now()), owner: null, graceMs: GRACE_MS })) {
    await inWork(deps, async (work) => {
      const run = await lockRun(work, over.workspaceId, { id: over.id });
      if (run?.status !== "running" || run.epoch !== over.epoch) return;
      deps.log.error(
        { runId: run.id, workflowId: run.workflowId, limit: over.limit },
        "run ended in its holder's place",
      );
      await failAtLimit(deps, work, run, over.limit);
    });
  }
}
