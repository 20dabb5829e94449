/** Which key sealed what is stored, for whoever wants to know before it is needed. No value is read. */
import { eq, notInArray } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { secrets, webhooks, workflows } from "../../db/schema.ts";

export interface Sealed {
  readonly name: string;
  /** Whose webhook's secret it is; null for a secret that was set. */
  readonly workflow: string | null;
  readonly keyId: string;
}

/** Of all workspaces: the key belongs to the machine. */
export async function sealedUnder(db: Database): Promise<Sealed[]> {
  const set = await db.select({ name: secrets.name, keyId: secrets.keyId }).from(secrets);
  const hooks = await db
    .select({ workflow: workflows.name, keyId: webhooks.keyId })
    .from(webhooks)
    .innerJoin(workflows, eq(workflows.id, webhooks.workflowId))
    .where(notInArray(workflows.status, ["deleted", "expired"]));
  return [
    ...set.map((each) => ({ ...each, workflow: null })),
    ...hooks.map(({ workflow, keyId }) => ({ name: `webhook of ${workflow}`, workflow, keyId })),
  ];
}
