/** What was paid, read from the ledger. */
import { and, countDistinct, desc, eq, gte, lte, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../db/client.ts";
import { ledger, workflows } from "../../db/schema.ts";
import type { WorkspaceId } from "../../ports.ts";
import type { CostView } from "../../views.ts";

interface DayRange {
  readonly workspaceId: WorkspaceId;
  /** First and last day, both included, `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
}

const within = (range: DayRange) =>
  and(eq(ledger.workspaceId, range.workspaceId), gte(ledger.day, range.from), lte(ledger.day, range.to));

/** Open reservations count nothing yet, released ones nothing at all. */
const settledMicros = sql<number>`coalesce(sum(${ledger.settledMicros}), 0)`.mapWith(Number);

/** Settled costs of each day that has a ledger row. */
export async function costByDay(db: Database | Transaction, range: DayRange): Promise<Map<string, number>> {
  const rows = await db
    .select({ day: ledger.day, micros: settledMicros })
    .from(ledger)
    .where(within(range))
    .groupBy(ledger.day);
  return new Map(rows.map((row) => [row.day, row.micros]));
}

/** Settled costs of each workflow that called a model, dearest first. */
export async function costByWorkflow(db: Database | Transaction, range: DayRange): Promise<CostView["byWorkflow"]> {
  return db
    .select({
      workflowId: workflows.id,
      name: workflows.name,
      micros: settledMicros,
      runs: countDistinct(ledger.runId),
    })
    .from(ledger)
    .innerJoin(workflows, and(eq(workflows.workspaceId, ledger.workspaceId), eq(workflows.id, ledger.workflowId)))
    .where(within(range))
    .groupBy(workflows.id, workflows.name)
    .orderBy(desc(settledMicros), workflows.name);
}
