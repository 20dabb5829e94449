/** What is known of past slots, and what runs of a workflow have cost, in SQL. */
import { and, desc, eq, inArray } from "drizzle-orm";
import type { Transaction } from "../../db/client.ts";
import { firings, runs } from "../../db/schema.ts";
import type { KnownFiring } from "./backfill.ts";

type WorkflowKey = { readonly workspaceId: string; readonly id: string };

/** The firings of these slots, on time or backfilled. */
export async function firingsOfSlots(
  tx: Transaction,
  workflow: WorkflowKey,
  slots: readonly Date[],
): Promise<KnownFiring[]> {
  if (slots.length === 0) return [];
  const rows = await tx
    .select({ kind: firings.kind, slot: firings.plannedAt, outcome: firings.outcome })
    .from(firings)
    .where(
      and(
        eq(firings.workspaceId, workflow.workspaceId),
        eq(firings.workflowId, workflow.id),
        inArray(firings.plannedAt, [...slots]),
        inArray(firings.kind, ["slot", "backfill"]),
      ),
    );
  return rows.map((row) => ({ ...row, kind: row.kind === "backfill" ? "backfill" : "slot" }));
}

const LAST_RUNS = 20;

/** What a run has cost lately, in millionths of a dollar; null when none has ended. */
export async function usualCostMicros(tx: Transaction, workflow: WorkflowKey): Promise<number | null> {
  const rows = await tx
    .select({ cost: runs.costMicros })
    .from(runs)
    .where(
      and(
        eq(runs.workspaceId, workflow.workspaceId),
        eq(runs.workflowId, workflow.id),
        inArray(runs.status, ["succeeded", "failed", "dead"]),
      ),
    )
    .orderBy(desc(runs.number))
    .limit(LAST_RUNS);
  return rows.length === 0 ? null : Math.round(rows.reduce((sum, row) => sum + row.cost, 0) / rows.length);
}
