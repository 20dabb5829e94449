/** From firings to queued runs, with their pins. */
import { appendAudit } from "../audit/store.ts";
import { openRunBudgets } from "../budget/store.ts";
import { PROMPT_VERSION } from "../context/context.ts";
import type { Work } from "../db/work.ts";
import type { Revision } from "../workflows/workflow.ts";
import type { EngineDeps } from "./engine-deps.ts";
import type { RunPins } from "./run.ts";
import { insertRuns, takeRunNumbers } from "./store.ts";

export type StartDeps = Pick<EngineDeps, "ids" | "registry" | "model" | "version" | "maxOutputTokens" | "closedTimes">;

export interface RunStart {
  readonly workspaceId: string;
  /** Its outcome is `ran` by now. */
  readonly firingId: string;
  readonly revision: Revision;
  /** A member id, or `claw` for a slot. */
  readonly by: string;
  /** The run it repeats, when it is a replay. */
  readonly replayOf?: string;
  /** It changes nothing; absent: it is a real run, or a replay. */
  readonly dry?: true;
  /** The dead run in whose place it begins from the start. */
  readonly restartOf?: string;
}

export interface StartedRun {
  readonly runId: string;
  readonly number: number;
}

/** Queues one run for each firing, in that order, and wakes a worker after the commit. */
export async function startRuns(deps: StartDeps, work: Work, starts: readonly RunStart[]): Promise<StartedRun[]> {
  if (starts.length === 0) return [];
  const numbers = await numbersFor(work, starts);
  const added = starts.map((start) => ({ start, id: deps.ids.next(), number: numbers(start.workspaceId) }));
  // Sent one after the other without waiting for each answer.
  await Promise.all([
    insertRuns(
      work,
      added.map(({ start, id, number }) => ({
        id,
        number,
        workspaceId: start.workspaceId,
        workflowId: start.revision.workflowId,
        firingId: start.firingId,
        revision: start.revision.number,
        pins: pinsFor(deps, start.revision),
        replayOf: start.replayOf ?? null,
        dry: start.dry ?? false,
        restartOf: start.restartOf ?? null,
      })),
    ),
    openRunBudgets(
      work.tx,
      added.map(({ start, id }) => ({
        workspaceId: start.workspaceId,
        runId: id,
        limitMicros: start.revision.policies.runCeilingMicros,
        at: work.now,
      })),
    ),
    appendAudit(
      work.tx,
      added.map(({ start, id, number }) => ({
        workspaceId: start.workspaceId,
        at: work.now,
        actor: start.by,
        action: "run.queued",
        subject: { kind: "run", id },
        workflowId: start.revision.workflowId,
        runId: id,
        detail: { number, revision: start.revision.number, firingId: start.firingId },
      })),
    ),
  ]);
  work.wake("runs.due");
  return added.map(({ id, number }) => ({ runId: id, number }));
}

/** Hands out run numbers, taken from each workspace's counter in one go. */
async function numbersFor(work: Work, starts: readonly RunStart[]): Promise<(workspaceId: string) => number> {
  const counts = new Map<string, number>();
  for (const { workspaceId } of starts) counts.set(workspaceId, (counts.get(workspaceId) ?? 0) + 1);
  const next = new Map<string, number>();
  // In one order, so that two works never wait for each other's counters in a circle.
  for (const workspaceId of [...counts.keys()].sort()) {
    next.set(workspaceId, await takeRunNumbers(work.tx, workspaceId, counts.get(workspaceId) ?? 0));
  }
  return (workspaceId) => {
    const number = next.get(workspaceId) ?? 0;
    next.set(workspaceId, number + 1);
    return number;
  };
}

/** What a run of this revision would begin with now. */
export function pinsFor(
  deps: Pick<StartDeps, "registry" | "model" | "version" | "maxOutputTokens">,
  revision: Revision,
): RunPins {
  const { price } = deps.model;
  return {
    clawVersion: deps.version,
    promptVersion: PROMPT_VERSION,
    model: deps.model.name,
    maxOutputTokens: deps.maxOutputTokens,
    tools: Object.fromEntries(
      revision.tools.filter((name) => deps.registry.get(name)).map((name) => [name, deps.registry.contractHash(name)]),
    ),
    price: {
      input: price.inputMicrosPerMillion,
      cachedInput: price.cachedInputMicrosPerMillion,
      output: price.outputMicrosPerMillion,
      source: price.source,
    },
  };
}
