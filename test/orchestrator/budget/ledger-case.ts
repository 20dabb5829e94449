/** A workspace with a workflow, and the ways tests of money look at it. */
import { v7 } from "uuid";
import type { Budget, BudgetScope } from "../../../src/orchestrator/budget/budget.ts";
import { openDayBudget, openRunBudgets, type Reservation, readBudget } from "../../../src/orchestrator/budget/store.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";

export const DAY = "2026-05-04";
export const AT = new Date("2026-05-04T10:00:00.000Z");
export const WORKSPACE = "console:test";

export interface LedgerCase extends TestDatabase {
  readonly workflowId: string;
  /** Opens a run's budget and the day's; a ceiling left out stays closed. */
  open(limits: { run?: number; day?: number }, day?: string): Promise<string>;
  reservation(runId: string, amountMicros: number, more?: Partial<Reservation>): Reservation;
  budget(scope: BudgetScope, key: string): Promise<Budget | null>;
  ledgerOf(runId: string): Promise<{ status: string; reserved: number; settled: number | null }[]>;
}

export async function ledgerCase(): Promise<LedgerCase> {
  const database = await testDatabase();
  const { db, sql } = database;
  const workflowId = v7();
  await sql`insert into workspaces (id, platform, team, name, timezone, created_at)
    values (${WORKSPACE}, 'console', 'test', 'Test', 'UTC', now())`;
  await addWorkflow(sql, workflowId, "check-status");
  return {
    ...database,
    workflowId,
    async open(limits, day = DAY) {
      const runId = v7();
      if (limits.run !== undefined)
        await openRunBudgets(db, [{ workspaceId: WORKSPACE, runId, limitMicros: limits.run, at: AT }]);
      if (limits.day !== undefined)
        await openDayBudget(db, { workspaceId: WORKSPACE, day, limitMicros: limits.day, at: AT });
      return runId;
    },
    reservation: (runId, amountMicros, more = {}) => ({
      id: v7(),
      workspaceId: WORKSPACE,
      workflowId,
      runId,
      turn: 1,
      callIndex: 0,
      day: DAY,
      model: "test-model",
      priceSource: "configured",
      amountMicros,
      at: AT,
      ...more,
    }),
    budget: (scope, key) => readBudget(db, { workspaceId: WORKSPACE, scope, key }),
    async ledgerOf(runId) {
      const rows =
        await sql`select status, reserved_micros, settled_micros from ledger where run_id = ${runId} order by id`;
      return rows.map((row) => ({
        status: String(row.status),
        reserved: Number(row.reserved_micros),
        settled: row.settled_micros === null ? null : Number(row.settled_micros),
      }));
    },
  };
}

export async function addWorkflow(sql: TestDatabase["sql"], id: string, name: string): Promise<void> {
  await sql`insert into workflows
      (id, workspace_id, name, owner_id, status, revision, channel_id, created_from, created_at, updated_at)
    values (${id}, ${WORKSPACE}, ${name}, 'console:ann', 'active', 1, 'console:general', ${id}, now(), now())`;
}
