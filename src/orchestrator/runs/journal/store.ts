/** The journal in SQL: steps and their attempts. Every write happens inside a work that holds the fence. */
import { and, asc, eq, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../db/client.ts";
import { attempts, steps } from "../../db/schema.ts";
import { storable } from "../../db/storable.ts";
import { ClawError, type Failure } from "../../errors.ts";
import type { ModelReply } from "../../ports.ts";
import type { Run } from "../run.ts";
import {
  type ArgumentsChange,
  type AttemptOutcome,
  STEP_TRANSITIONS,
  type Step,
  type StepKey,
  type StepStatus,
} from "../step.ts";

type RunKey = Pick<Run, "id" | "workspaceId">;
type StepRow = typeof steps.$inferSelect;

/** The whole journal, in order. */
export async function loadJournal(db: Database | Transaction, run: RunKey): Promise<Step[]> {
  const rows = await db
    .select()
    .from(steps)
    .where(and(eq(steps.workspaceId, run.workspaceId), eq(steps.runId, run.id)))
    .orderBy(asc(steps.turn), asc(steps.callIndex));
  return rows.map(toStep);
}

/** Null when there is no such step. */
export async function statusOf(db: Database | Transaction, run: RunKey, step: StepKey): Promise<StepStatus | null> {
  const rows = await db
    .select({ status: steps.status })
    .from(steps)
    .where(and(eq(steps.workspaceId, run.workspaceId), stepIs(run, step)));
  return rows[0]?.status ?? null;
}

export function toStep(row: StepRow): Step {
  const { turn, callIndex, status, name, failure, costMicros, attempts: tried, startedAt, endedAt } = row;
  const base = { turn, callIndex, status, name, failure, costMicros, attempts: tried, startedAt, endedAt };
  return row.kind === "model"
    ? { ...base, kind: "model", reply: (row.output as ModelReply | null) ?? null, manifest: row.manifest }
    : {
        ...base,
        kind: "tool",
        callId: row.callId ?? "",
        input: row.input,
        inputHash: row.inputHash ?? "",
        output: row.output,
        tainted: row.tainted,
        changed: row.changed,
      };
}

export type NewStep = StepKey &
  Pick<StepRow, "kind" | "status" | "name"> &
  Partial<
    Pick<
      StepRow,
      "callId" | "input" | "inputHash" | "output" | "failure" | "manifest" | "attempts" | "startedAt" | "endedAt"
    >
  >;

/** A new step as it will be read back. */
export const asStep = (added: NewStep): Step =>
  toStep({
    callId: null,
    inputHash: null,
    failure: null,
    attempts: 0,
    startedAt: null,
    endedAt: null,
    ...added,
    workspaceId: "",
    runId: "",
    input: storable(added.input),
    output: storable(added.output),
    manifest: storable(added.manifest),
    tainted: false,
    changed: null,
    costMicros: 0,
    inputTokens: 0,
    cachedInputTokens: 0,
    outputTokens: 0,
  });

export async function insertSteps(tx: Transaction, run: RunKey, added: readonly NewStep[]): Promise<void> {
  if (added.length === 0) return;
  await tx.insert(steps).values(added.map((step) => ({ ...step, workspaceId: run.workspaceId, runId: run.id })));
}

interface StepChange {
  readonly output?: unknown;
  readonly failure?: Failure | null;
  readonly tainted?: boolean;
  readonly costMicros?: number;
  readonly inputTokens?: number;
  readonly cachedInputTokens?: number;
  readonly outputTokens?: number;
  readonly manifest?: unknown;
  readonly startedAt?: Date;
  readonly endedAt?: Date;
}

/**
 * The one mutator of a step's status: compare and set.
 * @returns false when it was not in `from` any more
 * @throws ClawError `bug` for a transition that the state table does not have
 */
export async function moveStep(
  tx: Transaction,
  run: RunKey,
  step: StepKey,
  from: StepStatus,
  to: StepStatus,
  change: StepChange = {},
): Promise<boolean> {
  if (!(STEP_TRANSITIONS[from] as readonly StepStatus[]).includes(to)) {
    throw new ClawError("bug", `a step cannot go from ${from} to ${to}`);
  }
  const rows = await tx
    .update(steps)
    .set({ ...change, status: to, ...(to === "started" ? { attempts: sql`${steps.attempts} + 1` } : {}) })
    .where(and(eq(steps.workspaceId, run.workspaceId), stepIs(run, step), eq(steps.status, from)))
    .returning({ turn: steps.turn });
  return rows.length > 0;
}

/**
 * Another call takes the place of one that waits.
 * @returns false when it does not wait any more
 */
export async function replaceCall(
  tx: Transaction,
  run: RunKey,
  step: StepKey,
  call: { readonly input: unknown; readonly inputHash: string; readonly changed: ArgumentsChange | null },
): Promise<boolean> {
  const rows = await tx
    .update(steps)
    .set(call)
    .where(and(eq(steps.workspaceId, run.workspaceId), stepIs(run, step), eq(steps.status, "waiting")))
    .returning({ turn: steps.turn });
  return rows.length > 0;
}

const stepIs = (run: RunKey, step: StepKey) =>
  and(eq(steps.runId, run.id), eq(steps.turn, step.turn), eq(steps.callIndex, step.callIndex));

export interface AttemptRecord extends StepKey {
  readonly number: number;
  readonly outcome: AttemptOutcome;
  readonly failure: Failure | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

/** Writes an attempt, or its end when its start was written before. */
export async function recordAttempt(
  tx: Transaction,
  run: RunKey & Pick<Run, "epoch">,
  tried: AttemptRecord,
): Promise<void> {
  await tx
    .insert(attempts)
    .values({ ...tried, workspaceId: run.workspaceId, runId: run.id, epoch: run.epoch })
    .onConflictDoUpdate({
      target: [attempts.runId, attempts.turn, attempts.callIndex, attempts.number],
      set: { outcome: tried.outcome, failure: tried.failure, endedAt: tried.endedAt },
    });
}

/** An attempt that was made for everybody, as the probe of a service, or was never made, counts for nobody. Its step must not be `started`. */
export async function forgetAttempt(tx: Transaction, run: RunKey, step: StepKey, number: number): Promise<void> {
  await tx
    .delete(attempts)
    .where(
      and(
        eq(attempts.workspaceId, run.workspaceId),
        eq(attempts.runId, run.id),
        eq(attempts.turn, step.turn),
        eq(attempts.callIndex, step.callIndex),
        eq(attempts.number, number),
      ),
    );
  await tx
    .update(steps)
    .set({ attempts: sql`greatest(${steps.attempts} - 1, 0)` })
    .where(and(eq(steps.workspaceId, run.workspaceId), stepIs(run, step)));
}
