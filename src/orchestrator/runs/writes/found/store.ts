/** What the ordinary writes of many runs are written on, locked: one statement for each kind of row. */
import type { Reservation } from "../../../budget/store.ts";
import type { Transaction } from "../../../db/client.ts";
import { prepared, rowsOf } from "../../../db/prepared.ts";
import type { RunWrite } from "../write.ts";

/**
 * The fence of many runs. What somebody else has locked is left out, so this waits for nobody: somebody who holds one run
 * cannot hold up all others.
 */
const FENCE = `
  select r.id, r.lease_until < c.half as ends
  from json_to_recordset($1::json) as c(id uuid, workspace_id text, epoch int, owner text, half timestamptz)
  join runs r on r.id = c.id
  where r.workspace_id = c.workspace_id and r.epoch = c.epoch and r.lease_owner = c.owner and r.status = 'running'
    and r.cancel_requested_by is null
  order by r.id for no key update of r skip locked`;

/** Budgets are locked in one order, the days first and the runs second; see `budget/store.ts`. */
const BUDGETS = `
  select b.workspace_id, b.scope, b.key, b.limit_micros, b.spent_micros + b.reserved_micros as used
  from json_to_recordset($1::json) as c(workspace_id text, scope budget_scope, key text)
  join budgets b using (workspace_id, scope, key)`;
const LOCK_BUDGETS = `${BUDGETS} order by b.scope desc, b.workspace_id, b.key for no key update of b`;

/** A workflow that failed before, or that another one waits for, has more to tell at a good end: that is left to a work of its own. */
const WORKFLOWS = `
  select w.id, w.last_said_at, w.quiet_checks
  from json_to_recordset($1::json) as c(id uuid, workspace_id text)
  join workflows w on w.id = c.id and w.workspace_id = c.workspace_id
  where w.status not in ('deleted', 'expired') and w.failures_in_a_row = 0 and w.open_incidents = 0
    and not exists (select 1 from routes r where r.watches_id = w.id)
  order by w.id for no key update of w skip locked`;

/** A statement of its own, after the locks: what is queued for a workflow is queued under its lock. */
const QUEUED = `
  select distinct f.workflow_id from json_to_recordset($1::json) as c(id uuid, workspace_id text)
  join firings f on f.workflow_id = c.id and f.workspace_id = c.workspace_id
  where f.outcome is null and f.gate is distinct from 'checking'`;

export interface FoundBudget {
  readonly limitMicros: number;
  readonly usedMicros: number;
}

export interface FoundWorkflow {
  readonly lastSaidAt: Date | null;
  readonly quietChecks: number;
  /** A firing waits for the end of this run. */
  readonly queued: boolean;
}

/** What there is to write on, locked until the transaction ends. */
export interface Found {
  /** Runs that this process holds and nobody cancels; true when the lease is half over. */
  readonly runs: ReadonlyMap<string, boolean>;
  /** By {@link budgetKey}. */
  readonly budgets: ReadonlyMap<string, FoundBudget>;
  readonly workflows: ReadonlyMap<string, FoundWorkflow>;
}

export const budgetKey = (workspaceId: string, scope: "run" | "workspace_day", key: string): string =>
  `${workspaceId} ${scope} ${key}`;

/** Everything at once: the statements are sent together and answered in order. */
export async function findFor(tx: Transaction, writes: readonly RunWrite[], now: number): Promise<Found> {
  const ends = writes.filter(({ end }) => end !== null);
  const touched = budgetsOf(writes);
  const [runs, free, locked, workflows, queued] = await Promise.all([
    prepared<{ id: string; ends: boolean }>(tx, FENCE, [
      rowsOf(
        writes.map(({ run: { id, workspaceId: workspace_id, epoch, owner, leaseMs } }) => {
          return { id, workspace_id, epoch, owner, half: new Date(now + leaseMs / 2) };
        }),
      ),
    ]),
    touched.free.length === 0 ? [] : prepared<BudgetRow>(tx, BUDGETS, [rowsOf(touched.free)]),
    touched.paid.length === 0 ? [] : prepared<BudgetRow>(tx, LOCK_BUDGETS, [rowsOf(touched.paid)]),
    ends.length === 0 ? [] : prepared<WorkflowRow>(tx, WORKFLOWS, [rowsOf(ends.map(workflowOf))]),
    ends.length === 0 ? [] : prepared<{ workflow_id: string }>(tx, QUEUED, [rowsOf(ends.map(workflowOf))]),
  ]);
  const waits = new Set(queued.map((row) => row.workflow_id));
  return {
    runs: new Map(runs.map(({ id, ends }) => [id, ends])),
    budgets: new Map(
      [...free, ...locked].map((row) => [
        budgetKey(row.workspace_id, row.scope, row.key),
        { limitMicros: Number(row.limit_micros), usedMicros: Number(row.used) },
      ]),
    ),
    workflows: new Map(
      workflows.map((row) => [
        row.id,
        {
          lastSaidAt: row.last_said_at === null ? null : new Date(row.last_said_at),
          quietChecks: row.quiet_checks,
          queued: waits.has(row.id),
        },
      ]),
    ),
  };
}

interface BudgetRow {
  readonly workspace_id: string;
  readonly scope: "run" | "workspace_day";
  readonly key: string;
  readonly limit_micros: string;
  readonly used: string;
}

interface WorkflowRow {
  readonly id: string;
  readonly last_said_at: string | null;
  readonly quiet_checks: number;
}

const workflowOf = ({ run }: RunWrite) => ({ id: run.workflowId, workspace_id: run.workspaceId });

/** The budgets that are only looked at, because the call is free, and those whose figures change. */
function budgetsOf(writes: readonly RunWrite[]) {
  const free = new Map<string, object>();
  const paid = new Map<string, object>();
  const add = (to: Map<string, object>, { workspaceId: workspace_id, day, runId }: Reservation) => {
    to.set(`day ${workspace_id} ${day}`, { workspace_id, scope: "workspace_day", key: day });
    to.set(`run ${workspace_id} ${runId}`, { workspace_id, scope: "run", key: runId });
  };
  for (const { reserve, pay } of writes) {
    if (reserve) add(reserve.amountMicros > 0 ? paid : free, reserve);
    if (pay && (pay.actualMicros > 0 || pay.reservation.amountMicros > 0)) add(paid, pay.reservation);
  }
  for (const key of paid.keys()) free.delete(key);
  return { free: [...free.values()], paid: [...paid.values()] };
}
