/** What people do with runs that are over: replay them. */
import { appendAudit } from "../audit/store.ts";
import type { Caller } from "../caller.ts";
import { ClawError } from "../errors.ts";
import { loadJournal } from "../runs/journal/store.ts";
import { unknownRun } from "../runs/service.ts";
import { type HeldRun, lockRun } from "../runs/store.ts";
import { startAsked } from "../workflows/asked.ts";
import { mustChange, mustCreate } from "../workflows/permissions.ts";
import { findDefined } from "../workflows/store.ts";
import type { ReplayMode, ReplayRequest } from "./replay.ts";
import { openReplayOf } from "./store.ts";

export interface StartedReplay {
  /** Of the replay, which is a run of its own. */
  readonly number: number;
  /** Of the run it repeats. */
  readonly of: number;
  readonly revision: number;
}

/**
 * Queues a replay of a run that is over: the model is asked again and paid for, every tool is answered from the run's
 * journal, nothing is asked and nothing is changed. The same inbound event twice is one replay.
 * @throws ClawError `unknown_subject`, `forbidden`, or `conflict` when there is nothing to answer from
 */
export async function replayRun(
  caller: Caller,
  which: { readonly number: number } | { readonly id: string },
  mode: ReplayMode,
): Promise<StartedReplay> {
  const { work, actor, event } = caller;
  mustCreate(actor);
  const run = await lockRun(work, actor.workspaceId, which);
  if (!run) throw unknownRun("number" in which ? which.number : null);
  const defined = await findDefined(work.tx, actor.workspaceId, { id: run.workflowId });
  if (!defined) throw new ClawError("conflict", `${run.workflowName} is deleted, so its runs cannot be replayed.`);
  mustChange(actor, defined.workflow.ownerId, run.workflowName);
  await mustBeReplayable(caller, run);
  const revision = mode === "pinned" ? run.pinned : defined.revision;
  const { channelId, threadId } = event;
  const payload: ReplayRequest = { mode, channelId, threadId, memberId: actor.memberId };
  const replay = await startAsked(caller, { kind: "replay", revision, payload, replayOf: run.id });
  await appendAudit(work.tx, [
    {
      workspaceId: actor.workspaceId,
      at: work.now,
      actor: actor.memberId,
      action: "run.replayed",
      subject: { kind: "run", id: run.id },
      workflowId: run.workflowId,
      runId: run.id,
      detail: { number: run.number, replay: replay.number, mode, revision: revision.number },
    },
  ]);
  return { number: replay.number, of: run.number, revision: revision.number };
}

async function mustBeReplayable({ work }: Caller, run: HeldRun): Promise<void> {
  const { number, status } = run;
  if (run.replayOf !== null) {
    throw new ClawError("conflict", `Run ${number} is a replay itself. Replay the run that it repeats.`);
  }
  if (run.dry) throw new ClawError("conflict", `Run ${number} is a dry run. /claw dry-run makes another one.`);
  if (status === "queued" || status === "running" || status === "waiting") {
    throw new ClawError("conflict", `Run ${number} is still ${status}. It can be replayed when it is over.`);
  }
  const open = await openReplayOf(work.tx, run);
  if (open !== null) {
    throw new ClawError("conflict", `Run ${number} is being replayed already, as run ${open}.`);
  }
  if ((await loadJournal(work.tx, run)).length === 0) {
    throw new ClawError(
      "conflict",
      run.startedAt === null
        ? `Run ${number} never began, so there is nothing to replay.`
        : `The journal of run ${number} is not kept any more, so there is nothing to answer its tools from.`,
    );
  }
}
