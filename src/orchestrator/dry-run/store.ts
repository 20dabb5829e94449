/** Dry runs in SQL. */
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Transaction } from "../db/client.ts";
import { runs, workflows } from "../db/schema.ts";
import { ClawError } from "../errors.ts";
import type { WorkspaceId } from "../ports.ts";
import type { Run } from "../runs/run.ts";

/** Dry runs of a workflow that have not ended, the oldest first. */
export async function openDryRuns(
  tx: Transaction,
  workflow: { readonly workspaceId: WorkspaceId; readonly id: string },
): Promise<{ readonly id: string; readonly number: number }[]> {
  return tx
    .select({ id: runs.id, number: runs.number })
    .from(runs)
    .where(
      and(
        eq(runs.workspaceId, workflow.workspaceId),
        eq(runs.workflowId, workflow.id),
        eq(runs.dry, true),
        inArray(runs.status, ["queued", "running", "waiting"]),
      ),
    )
    .orderBy(asc(runs.number));
}

/** How a run stands now, whose status was set in this work, and whether its workflow is still a draft. */
export async function endingOf(
  tx: Transaction,
  run: { readonly id: string; readonly workspaceId: WorkspaceId },
): Promise<Pick<Run, "status" | "verdict" | "failure"> & { readonly draft: boolean }> {
  const [row] = await tx
    .select({
      status: runs.status,
      verdict: runs.verdict,
      failure: runs.failure,
      draft: sql<boolean>`${workflows.status} = 'draft'`,
    })
    .from(runs)
    .innerJoin(workflows, eq(workflows.id, runs.workflowId))
    .where(and(eq(runs.workspaceId, run.workspaceId), eq(runs.id, run.id)));
  if (!row) throw new ClawError("bug", `no run ${run.id}`);
  return row;
}
