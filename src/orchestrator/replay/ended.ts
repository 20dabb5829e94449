/** A replay has ended: its asker, and nobody else, is told what came out otherwise than in the run it repeats. */
import type { Work } from "../db/work.ts";
import { announce } from "../delivery/store.ts";
import type { ReplayedOutcome } from "../events.ts";
import type { EngineDeps } from "../runs/engine-deps.ts";
import { loadJournal } from "../runs/journal/store.ts";
import type { Step } from "../runs/step.ts";
import { type HeldRun, refOf } from "../runs/store.ts";
import { compareCalls } from "./compare.ts";
import { changedLines } from "./lines.ts";
import { ReplayRequest } from "./replay.ts";
import { type Outcome, outcomeOf } from "./store.ts";

/** What a message shows at most; the rest is counted. */
const CALLS_SHOWN = 12;
const LINES_SHOWN = 60;
const INPUT_SHOWN = 300;

/** The message that tells it. */
export const replayedKey = (runId: string): string => `replayed:${runId}`;

/** Called once, in the work that ends the replay, after its status was set. */
export async function tellReplayed(deps: Pick<EngineDeps, "ids">, work: Work, run: HeldRun): Promise<void> {
  if (run.replayOf === null) return;
  const asked = ReplayRequest.parse(run.payload);
  const original = await outcomeOf(work.tx, run.workspaceId, run.replayOf);
  const replay = await outcomeOf(work.tx, run.workspaceId, run.id);
  if (!original || !replay) return;
  const recorded = await loadJournal(work.tx, { id: original.id, workspaceId: run.workspaceId });
  const replayed = await loadJournal(work.tx, run);
  const calls = compareCalls(recorded, replayed);
  const lines = changedLines(saidBy(original), saidBy(replay));
  await announce(work, {
    id: deps.ids.next(),
    workspaceId: run.workspaceId,
    key: replayedKey(run.id),
    channelId: asked.channelId,
    place: asked.threadId === null ? { kind: "channel" } : { kind: "thread", threadId: asked.threadId },
    workflowId: run.workflowId,
    runId: run.id,
    privateTo: asked.memberId,
    notice: {
      kind: "replayed",
      run: refOf(run),
      of: { ...refOf(run), runId: original.id, number: original.number },
      mode: asked.mode,
      was: sideOf(original, recorded, work.now),
      is: sideOf(replay, replayed, work.now),
      calls: {
        same: calls.same,
        unanswered: calls.unanswered,
        differences: calls.differences.slice(0, CALLS_SHOWN).map(shortened),
        more: Math.max(calls.differences.length - CALLS_SHOWN, 0),
      },
      report: lines.slice(0, LINES_SHOWN),
      reportMore: Math.max(lines.length - LINES_SHOWN, 0),
    },
  });
}

/** What the run had to say at its end. */
const saidBy = ({ verdict, failure }: Outcome): string => verdict?.text ?? failure?.message ?? "";

function sideOf(run: Outcome, journal: readonly Step[], now: Date): ReplayedOutcome {
  const from = run.startedAt?.getTime() ?? now.getTime();
  return {
    status: run.status,
    verdict: run.verdict?.kind ?? null,
    revision: run.revision,
    model: run.pins.model,
    figures: {
      durationMs: Math.max((run.endedAt ?? now).getTime() - from, 0),
      costMicros: run.costMicros,
      steps: journal.length,
    },
  };
}

const cut = (text: string): string => (text.length > INPUT_SHOWN ? `${text.slice(0, INPUT_SHOWN)}…` : text);

function shortened<T extends { readonly was?: string; readonly is?: string }>(call: T): T {
  return {
    ...call,
    ...(call.was === undefined ? {} : { was: cut(call.was) }),
    ...(call.is === undefined ? {} : { is: cut(call.is) }),
  };
}
