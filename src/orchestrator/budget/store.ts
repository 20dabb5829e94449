/**
 * Ceilings and the ledger in PostgreSQL. Every statement that touches two budgets locks them in one order, the
 * workspace's day first and the run second, so that two transactions never wait for each other in a circle.
 */
import { and, eq, type SQL, sql } from "drizzle-orm";
import { insertMany } from "../db/bulk.ts";
import type { Database, Transaction } from "../db/client.ts";
import { budgets } from "../db/schema.ts";
import { ClawError } from "../errors.ts";
import type { WorkspaceId } from "../ports.ts";
import { type Budget, type BudgetScope, type Refusal, refusalOf } from "./budget.ts";

export interface Reservation {
  /** Of the ledger row; a new one for each attempt. */
  readonly id: string;
  readonly workspaceId: WorkspaceId;
  readonly workflowId: string;
  readonly runId: string;
  readonly turn: number;
  readonly callIndex: number;
  /** The day that pays, `YYYY-MM-DD`, also when the call ends after midnight. */
  readonly day: string;
  readonly model: string;
  readonly priceSource: string;
  /** The most the call may cost. */
  readonly amountMicros: number;
  readonly at: Date;
}

export type ReserveOutcome = { readonly ok: true; readonly reservationId: string } | ({ readonly ok: false } & Refusal);

/** Opens the ceilings of runs. A second call changes nothing, also not the limits. */
export async function openRunBudgets(
  tx: Database | Transaction,
  opened: readonly {
    readonly workspaceId: WorkspaceId;
    readonly runId: string;
    readonly limitMicros: number;
    readonly at: Date;
  }[],
): Promise<void> {
  if (opened.length === 0) return;
  const rows = opened.map(({ workspaceId, runId, limitMicros, at }) => ({
    workspaceId,
    scope: "run" as const,
    key: runId,
    limitMicros: wholeMicros(limitMicros, "limit"),
    createdAt: at,
  }));
  await tx.execute(sql`${insertMany(budgets, rows)} on conflict do nothing`);
}

/** Opens a workspace's ceiling for a day. A second call changes nothing, also not the limit. */
export async function openDayBudget(
  tx: Database | Transaction,
  budget: { readonly workspaceId: WorkspaceId; readonly day: string; readonly limitMicros: number; readonly at: Date },
): Promise<void> {
  await tx
    .insert(budgets)
    .values({
      workspaceId: budget.workspaceId,
      scope: "workspace_day",
      key: budget.day,
      limitMicros: wholeMicros(budget.limitMicros, "limit"),
      createdAt: budget.at,
    })
    .onConflictDoNothing();
}

/** Null when nobody opened it: nothing may be spent. */
export async function readBudget(
  db: Database | Transaction,
  of: { readonly workspaceId: WorkspaceId; readonly scope: BudgetScope; readonly key: string },
): Promise<Budget | null> {
  const [row] = await db
    .select({
      limitMicros: budgets.limitMicros,
      spentMicros: budgets.spentMicros,
      reservedMicros: budgets.reservedMicros,
    })
    .from(budgets)
    .where(and(eq(budgets.workspaceId, of.workspaceId), eq(budgets.scope, of.scope), eq(budgets.key, of.key)));
  return row ?? null;
}

type LockedRow = {
  readonly granted: boolean;
  readonly scope: BudgetScope | null;
  readonly limit_micros: string | null;
  readonly reserved_micros: string | null;
  readonly spent_micros: string | null;
};

/**
 * Sets money aside before a model call, from the run's ceiling and from the day's: from both or from neither, and only
 * when it fits below both. A budget that nobody opened refuses. A call that costs nothing is only noted in the ledger.
 * The same id twice fails on the ledger's key and undoes the caller's transaction.
 */
export async function reserve(tx: Database | Transaction, call: Reservation): Promise<ReserveOutcome> {
  const amount = wholeMicros(call.amountMicros, "reservation");
  const free = amount === 0;
  // Locked rows are read as they are now, not as they were when the statement began, and nobody changes them before
  // this transaction ends: that makes the comparison and the two updates one step.
  const rows = await tx.execute<LockedRow>(sql`
    with held as (
      select scope, limit_micros, reserved_micros, spent_micros from budgets
      where workspace_id = ${call.workspaceId}
        and (scope, key) in (('workspace_day', ${call.day}), ('run', ${call.runId}))
      order by scope desc
      ${free ? sql`` : sql`for update`}
    ), room as (
      select count(*) = 2 and (${free} or bool_and(spent_micros + reserved_micros + ${amount}::bigint <= limit_micros)) as granted
      from held
    ), taken as (
      update budgets b set reserved_micros = b.reserved_micros + ${amount}::bigint
      from room
      where room.granted and not ${free}
        and b.workspace_id = ${call.workspaceId}
        and (b.scope, b.key) in (('workspace_day', ${call.day}), ('run', ${call.runId}))
    ), noted as (
      insert into ledger (id, workspace_id, workflow_id, run_id, turn, call_index, day, status, model, reserved_micros,
        price_source, created_at)
      select ${call.id}::uuid, ${call.workspaceId}, ${call.workflowId}::uuid, ${call.runId}::uuid, ${call.turn}::int,
        ${call.callIndex}::int, ${call.day}::date, 'reserved', ${call.model}, ${amount}::bigint, ${call.priceSource},
        ${call.at.toISOString()}::timestamptz
      from room where room.granted
    )
    select room.granted, held.* from room left join held on true`);
  if (rows[0]?.granted === true) return { ok: true, reservationId: call.id };
  return { ok: false, ...refusalOf(budgetIn(rows, "run"), budgetIn(rows, "workspace_day"), amount) };
}

function budgetIn(rows: readonly LockedRow[], scope: BudgetScope): Budget | null {
  const row = rows.find((each) => each.scope === scope);
  if (row === undefined) return null;
  return {
    limitMicros: Number(row.limit_micros),
    spentMicros: Number(row.spent_micros),
    reservedMicros: Number(row.reserved_micros),
  };
}

/**
 * Books what a call really cost; more than was reserved is booked as it is, even above the ceiling.
 * @returns false when the reservation was settled, lost or released before: nothing changed
 */
export async function settle(
  tx: Database | Transaction,
  end: { readonly reservationId: string; readonly actualMicros: number; readonly at: Date },
): Promise<boolean> {
  const actual = wholeMicros(end.actualMicros, "cost");
  const closed = await close(tx, "settled", sql`${actual}::bigint`, sql`id = ${end.reservationId}::uuid`, end.at);
  return closed.reservations === 1;
}

/**
 * Gives back what was reserved for a call that was certainly not billed.
 * @returns false when the reservation was settled, lost or released before: nothing changed
 */
export async function release(
  tx: Database | Transaction,
  end: { readonly reservationId: string; readonly at: Date },
): Promise<boolean> {
  const closed = await close(tx, "released", sql`0`, sql`id = ${end.reservationId}::uuid`, end.at);
  return closed.reservations === 1;
}

/** Gives back what was reserved for a step whose call was never made. Again is harmless. */
export async function releaseOf(
  tx: Database | Transaction,
  of: { readonly runId: string; readonly turn: number; readonly callIndex: number; readonly at: Date },
): Promise<void> {
  const which = sql`run_id = ${of.runId}::uuid and turn = ${of.turn} and call_index = ${of.callIndex}`;
  await close(tx, "released", sql`0`, which, of.at);
}

/**
 * Books every open reservation of a run in full: after a crash nobody knows what its calls cost. Again is harmless.
 * @returns how many there were and what they cost, for the run's own sum
 */
export async function settleLost(
  tx: Database | Transaction,
  end: { readonly runId: string; readonly at: Date },
): Promise<{ readonly reservations: number; readonly micros: number }> {
  return close(tx, "lost", sql`reserved_micros`, sql`run_id = ${end.runId}::uuid`, end.at);
}

async function close(
  tx: Database | Transaction,
  status: "settled" | "lost" | "released",
  cost: SQL,
  which: SQL,
  at: Date,
): Promise<{ readonly reservations: number; readonly micros: number }> {
  const [row] = await tx.execute<{ reservations: string; micros: string }>(sql`
    with closed as (
      update ledger set status = ${status}, settled_micros = ${cost}, settled_at = ${at.toISOString()}::timestamptz
      where ${which} and status = 'reserved'
      returning workspace_id, run_id, day, reserved_micros, settled_micros
    ), sums as (
      select workspace_id, 'workspace_day'::budget_scope as scope, to_char(day, 'YYYY-MM-DD') as key,
        sum(reserved_micros)::bigint as reserved, sum(settled_micros)::bigint as settled
      from closed group by workspace_id, day
      union all
      select workspace_id, 'run', run_id::text, sum(reserved_micros)::bigint, sum(settled_micros)::bigint
      from closed group by workspace_id, run_id
    ), held as (
      select b.workspace_id, b.scope, b.key, sums.reserved, sums.settled
      from budgets b join sums using (workspace_id, scope, key)
      where sums.reserved <> 0 or sums.settled <> 0
      order by b.scope desc, b.key
      for update of b
    ), booked as (
      update budgets b
      set reserved_micros = b.reserved_micros - held.reserved, spent_micros = b.spent_micros + held.settled
      from held
      where b.workspace_id = held.workspace_id and b.scope = held.scope and b.key = held.key
    )
    select count(*) as reservations, coalesce(sum(settled_micros), 0) as micros from closed`);
  return { reservations: Number(row?.reservations ?? 0), micros: Number(row?.micros ?? 0) };
}

/**
 * Lifts a ceiling, as a person allowed. Calling it twice lifts it twice: call it from what happens once.
 * @returns the new limit; null when nobody opened that budget, and nothing changed
 */
export async function raiseLimit(
  tx: Database | Transaction,
  raise: {
    readonly workspaceId: WorkspaceId;
    readonly scope: BudgetScope;
    readonly key: string;
    readonly byMicros: number;
  },
): Promise<number | null> {
  const by = wholeMicros(raise.byMicros, "raise");
  const [row] = await tx
    .update(budgets)
    .set({ limitMicros: sql`${budgets.limitMicros} + ${by}::bigint` })
    .where(and(eq(budgets.workspaceId, raise.workspaceId), eq(budgets.scope, raise.scope), eq(budgets.key, raise.key)))
    .returning({ limitMicros: budgets.limitMicros });
  return row?.limitMicros ?? null;
}

/** A negative or broken amount would open a ceiling instead of using it. */
function wholeMicros(amount: number, what: string): number {
  if (Number.isSafeInteger(amount) && amount >= 0) return amount;
  throw new ClawError("bug", `a ${what} must be a whole number of millionths of a dollar, not ${amount}`);
}
