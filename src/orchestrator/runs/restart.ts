/** A dead run is begun anew, from the start: a run of its own, which knows what the dead one did already. */
import type { Caller } from "../caller.ts";
import type { Work } from "../db/work.ts";
import { ClawError } from "../errors.ts";
import { tellDecided } from "../incidents/telling.ts";
import { insertFirings, openRunsOf } from "../schedules/firings/store.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { actionOf, effectsIn, happenedIn } from "./happened.ts";
import { loadJournal } from "./journal/store.ts";
import { kindOfFiring, restartedFrom } from "./restarts/store.ts";
import { auditRun, lockOwn, newRunWords, type RunKey } from "./service.ts";
import { startRuns } from "./start.ts";
import { type HeldRun, moveRun } from "./store.ts";

export type Restarting =
  /** Nothing was done yet: the dead run had changed something, and whoever asked is told first. */
  | { readonly kind: "asks"; readonly runId: string; readonly number: number; readonly happened: readonly string[] }
  | { readonly kind: "started"; readonly number: number; readonly of: number; readonly revision: number };

/**
 * Queues a run with the same input as a dead one, on the revision that it had, and gives the dead one up. The firing is
 * one more of the same kind for the same planned time: the first has its run.
 * @param sure whoever asks knows what the dead run had already changed
 * @throws ClawError `unknown_subject`, `forbidden`, or `conflict` when it is not dead or another run is open
 */
export async function restart(caller: Caller, which: RunKey, sure: boolean): Promise<Restarting> {
  const { deps, work, actor, event } = caller;
  const run = await lockOwn(caller, which);
  const { number, workspaceId, workflowId } = run;
  if (run.status !== "dead") {
    throw new ClawError(
      "conflict",
      `Run ${number} is ${run.status}; only a dead run can be begun anew. ${await newRunWords(caller, run)}`,
    );
  }
  const open = (await openRunsOf(work.tx, [workflowId])).get(workflowId)?.[0];
  if (open && run.pinned.policies.overlap !== "allow") {
    throw new ClawError(
      "conflict",
      `Run ${open.number} of ${run.workflowName} is still ${open.status}. /claw cancel ${open.number} ends it.`,
    );
  }
  const happened = happenedIn(deps, await loadJournal(work.tx, run));
  if (happened.length > 0 && !sure) return { kind: "asks", runId: run.id, number, happened };
  const firingId = deps.ids.next();
  await insertFirings(work.tx, [
    {
      id: firingId,
      workspaceId,
      workflowId,
      kind: (await kindOfFiring(work.tx, run)) ?? "person",
      key: `restart:${run.id}:${event.key}`,
      plannedAt: run.plannedAt,
      outcome: "ran",
      reason: `run ${number} from the start`,
      count: 1,
      payload: run.payload,
      createdAt: work.now,
    },
  ]);
  const [started] = await startRuns(deps, work, [
    { workspaceId, firingId, revision: run.pinned, by: actor.memberId, restartOf: run.id },
  ]);
  if (!started) throw new ClawError("bug", "a run was not started");
  await moveRun(work.tx, run, "dead", "discarded", { endedAt: work.now });
  await auditRun(caller, run, "run.restarted", { as: started.number, happened });
  await tellDecided(work, run, {
    state: "dead",
    nextTryAt: null,
    decision: { kind: "restarted", by: actor.name, at: work.now.toISOString(), run: started.number },
  });
  return { kind: "started", number: started.number, of: number, revision: run.revision };
}

/** Why a call of a run that was begun anew is asked for with care: a dead run before it did the same, or may have. */
export async function doneBefore(
  deps: Pick<EngineDeps, "registry">,
  work: Work,
  run: HeldRun,
  call: { readonly tool: string; readonly hash: string },
): Promise<string[]> {
  const reasons: string[] = [];
  for (const before of await restartedFrom(work.tx, run)) {
    const journal = await loadJournal(work.tx, { id: before.id, workspaceId: run.workspaceId });
    const effects = effectsIn(deps.registry, journal).filter(({ step }) => step.name === call.tool);
    const same = effects.find(({ step }) => step.inputHash === call.hash);
    const like = same ?? effects[0];
    if (!like) continue;
    const did = like.sure ? "did" : "may have done";
    reasons.push(
      same
        ? `run ${before.number}, which this one began anew, ${did} exactly this already`
        : `run ${before.number}, which this one began anew, ${did} this already: ${actionOf(like)}`,
    );
  }
  return reasons;
}
