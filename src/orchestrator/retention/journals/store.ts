/** Journals that are pruned, in SQL: whole ones, of runs that ended long ago. */
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import { appendAudit } from "../../audit/store.ts";
import type { Database, Transaction } from "../../db/client.ts";
import {
  approvals,
  attempts,
  auditEvents,
  budgets,
  firings,
  questions,
  runs,
  steps,
  votes,
  waits,
} from "../../db/schema.ts";
import type { WorkspaceId } from "../../ports.ts";
import type { Looked } from "../store.ts";

const PRUNED = "journals.pruned";
/** Runs looked at in one go, and about how many steps are deleted in one: a journal goes whole. */
const RUNS = 200;
const STEPS = 500;

interface OldRun {
  readonly id: string;
  readonly workspaceId: WorkspaceId;
  readonly number: number;
  readonly steps: number;
  /** It ended before the cutoff, and no replay reads its journal. */
  readonly over: boolean;
  /** It was queued after the cutoff, as was every run behind it: ids sort by time. */
  readonly young: boolean;
}

/** Deletes the journals of some runs that ended before `before`, in the order of their ids, and audits which. */
export async function pruneJournals(
  tx: Transaction,
  { before, after, now }: { readonly before: Date; readonly after: string; readonly now: Date },
): Promise<Looked> {
  const seen = await runsWithSteps(tx, before, after);
  const taken: OldRun[] = [];
  let last = after;
  let removed = 0;
  let more = seen.length === RUNS;
  for (const run of seen) {
    if (run.young || removed >= STEPS) {
      more = !run.young;
      break;
    }
    last = run.id;
    if (!run.over) continue;
    taken.push(run);
    removed += run.steps;
  }
  await deleteJournals(tx, taken);
  await auditPruned(tx, taken, before, now);
  return { last, removed, more };
}

/** Runs behind `after` that have a journal: a walk from one to the next in the key of `steps`, however long each is. */
async function runsWithSteps(tx: Transaction, before: Date, after: string): Promise<OldRun[]> {
  const at = before.toISOString();
  return tx.execute<OldRun & Record<string, unknown>>(sql`
    with recursive walk(run_id) as (
      (select s.run_id from steps s where s.run_id > ${after}::uuid order by s.run_id limit 1)
      union all
      select (select s.run_id from steps s where s.run_id > w.run_id order by s.run_id limit 1)
      from walk w where w.run_id is not null),
    seen as (select run_id from walk where run_id is not null limit ${RUNS})
    select r.id, r.workspace_id as "workspaceId", r.number,
      (select count(*)::int from steps s where s.run_id = r.id) as steps,
      coalesce(r.status in ('succeeded', 'failed', 'cancelled', 'discarded') and r.ended_at < ${at}
        and not exists (select 1 from runs p where p.replay_of = r.id and p.workspace_id = r.workspace_id
          and p.status in ('queued', 'running', 'waiting', 'dead')), false) as over,
      r.created_at >= ${at} as young
    from seen join runs r on r.id = seen.run_id order by r.id`);
}

/** What refers to a row goes before it. */
async function deleteJournals(tx: Transaction, taken: readonly OldRun[]): Promise<void> {
  if (taken.length === 0) return;
  const ids = taken.map((run) => run.id);
  const asked = tx.select({ id: approvals.id }).from(approvals).where(inArray(approvals.runId, ids));
  await tx.delete(votes).where(inArray(votes.approvalId, asked));
  await tx.delete(approvals).where(inArray(approvals.runId, ids));
  await tx.delete(attempts).where(inArray(attempts.runId, ids));
  await tx.delete(questions).where(inArray(questions.runId, ids));
  await tx.delete(waits).where(inArray(waits.runId, ids));
  await tx.delete(steps).where(inArray(steps.runId, ids));
  // What started them: text of outsiders as well.
  const began = tx.select({ id: runs.firingId }).from(runs).where(inArray(runs.id, ids));
  const told = ["webhook", "message", "reaction", "outcome", "change"] as const;
  await tx
    .update(firings)
    .set({ payload: null })
    .where(and(inArray(firings.id, began), inArray(firings.kind, [...told])));
  const workspaces = [...new Set(taken.map((run) => run.workspaceId))];
  await tx
    .delete(budgets)
    .where(and(inArray(budgets.workspaceId, workspaces), eq(budgets.scope, "run"), inArray(budgets.key, ids)));
}

async function auditPruned(tx: Transaction, taken: readonly OldRun[], before: Date, now: Date): Promise<void> {
  const workspaces = [...new Set(taken.map((run) => run.workspaceId))];
  await appendAudit(
    tx,
    workspaces.map((workspaceId) => ({
      workspaceId,
      at: now,
      actor: "claw",
      action: PRUNED,
      subject: { kind: "workspace", id: workspaceId },
      workflowId: null,
      runId: null,
      detail: {
        runs: taken.filter((run) => run.workspaceId === workspaceId).map((run) => run.number),
        endedBefore: before.toISOString(),
      },
    })),
  );
}

/** When the journal of a run was pruned, as the audit says: an ISO instant; null when it was not. */
export async function journalPrunedAt(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  number: number,
): Promise<string | null> {
  const rows = await db
    .select({ at: auditEvents.at })
    .from(auditEvents)
    .where(
      and(
        eq(auditEvents.workspaceId, workspaceId),
        isNull(auditEvents.workflowId),
        eq(auditEvents.action, PRUNED),
        sql`${auditEvents.detail} -> 'runs' @> to_jsonb(${number}::int)`,
      ),
    )
    .limit(1);
  return rows[0]?.at.toISOString() ?? null;
}
