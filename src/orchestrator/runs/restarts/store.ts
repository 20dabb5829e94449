/** Runs that began in the place of a dead one, in SQL. */
import { and, eq, sql } from "drizzle-orm";
import type { Transaction } from "../../db/client.ts";
import { firings } from "../../db/schema.ts";
import type { FiringKind } from "../../schedules/firing.ts";
import type { Run } from "../run.ts";

/** The dead runs that a run began anew for, the latest first. */
export async function restartedFrom(
  tx: Transaction,
  run: Pick<Run, "workspaceId" | "restartOf">,
): Promise<{ id: string; number: number }[]> {
  if (run.restartOf === null) return [];
  return tx.execute<{ id: string; number: number }>(sql`
    with recursive before as (
      select id, number, restart_of, 1 as far from runs
      where workspace_id = ${run.workspaceId} and id = ${run.restartOf}
      union all
      select r.id, r.number, r.restart_of, b.far + 1 from runs r join before b on r.id = b.restart_of
      where r.workspace_id = ${run.workspaceId} and b.far < 50)
    select id, number from before order by far`);
}

/** What kind of reason a run had. */
export async function kindOfFiring(
  tx: Transaction,
  run: Pick<Run, "workspaceId" | "firingId">,
): Promise<FiringKind | null> {
  const [row] = await tx
    .select({ kind: firings.kind })
    .from(firings)
    .where(and(eq(firings.workspaceId, run.workspaceId), eq(firings.id, run.firingId)));
  return row?.kind ?? null;
}
