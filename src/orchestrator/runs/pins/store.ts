/** The pins of a run in SQL. */
import { and, eq } from "drizzle-orm";
import type { Transaction } from "../../db/client.ts";
import { runs } from "../../db/schema.ts";
import type { Run, RunPins } from "../run.ts";

/** A run that has begun nothing yet, or that people let go on, gets what there is now. Its row is locked by the caller. */
export async function setPins(tx: Transaction, run: Pick<Run, "id" | "workspaceId">, pins: RunPins): Promise<void> {
  await tx
    .update(runs)
    .set({ pins })
    .where(and(eq(runs.workspaceId, run.workspaceId), eq(runs.id, run.id)));
}
