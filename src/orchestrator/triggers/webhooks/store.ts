/** Webhooks in SQL. */
import { and, eq, inArray, lte } from "drizzle-orm";
import type { Database, Transaction } from "../../db/client.ts";
import { webhooks, workflows } from "../../db/schema.ts";

export interface StoredWebhook {
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly channelId: string;
  readonly endpoint: string;
  readonly sealed: Buffer;
  /** The key it was sealed with. */
  readonly keyId: string;
}

interface WorkflowKey {
  readonly workspaceId: string;
  readonly id: string;
}

export interface FoundWebhook extends StoredWebhook {
  readonly workflowName: string;
}

/** Null for an endpoint that is not known, or whose workflow waits for no webhook any more. */
export async function findWebhook(db: Database, endpoint: string): Promise<FoundWebhook | null> {
  const [row] = await db
    .select({
      workspaceId: webhooks.workspaceId,
      workflowId: webhooks.workflowId,
      channelId: workflows.channelId,
      endpoint: webhooks.endpoint,
      sealed: webhooks.sealed,
      keyId: webhooks.keyId,
      workflowName: workflows.name,
    })
    .from(webhooks)
    .innerJoin(workflows, eq(workflows.id, webhooks.workflowId))
    .where(and(eq(webhooks.endpoint, endpoint), inArray(workflows.status, ["active", "paused"])));
  return row ?? null;
}

/** Sets the secret, and the endpoint where there was none. @returns the endpoint that holds */
export async function keepWebhook(
  tx: Transaction,
  webhook: Omit<StoredWebhook, "channelId"> & {
    readonly shownKey: string;
    readonly at: Date;
  },
): Promise<void> {
  const { workspaceId, workflowId, endpoint, sealed, keyId, shownKey, at } = webhook;
  const secret = { sealed, keyId, shownKey, shownAt: at };
  await tx
    .insert(webhooks)
    .values({ workspaceId, workflowId, endpoint, createdAt: at, ...secret })
    .onConflictDoUpdate({ target: webhooks.workflowId, set: secret });
}

export async function endpointOf(
  tx: Transaction,
  workflow: WorkflowKey,
): Promise<Pick<StoredWebhook, "endpoint" | "keyId"> | null> {
  const [row] = await tx
    .select({ endpoint: webhooks.endpoint, keyId: webhooks.keyId })
    .from(webhooks)
    .where(and(eq(webhooks.workspaceId, workflow.workspaceId), eq(webhooks.workflowId, workflow.id)));
  return row ?? null;
}

/** From now on nobody is known at its endpoint. Again is harmless. */
export async function dropWebhook(tx: Transaction, workflow: WorkflowKey): Promise<void> {
  await tx
    .delete(webhooks)
    .where(and(eq(webhooks.workspaceId, workflow.workspaceId), eq(webhooks.workflowId, workflow.id)));
}

/** Messages that show a secret since before then, and shall no more. @returns them, each once */
export async function takeShown(
  tx: Transaction,
  which: { readonly shownBefore: Date } | WorkflowKey,
): Promise<{ readonly workspaceId: string; readonly key: string }[]> {
  const rows = await tx
    .select({ workspaceId: webhooks.workspaceId, workflowId: webhooks.workflowId, key: webhooks.shownKey })
    .from(webhooks)
    .where(
      "id" in which
        ? and(eq(webhooks.workspaceId, which.workspaceId), eq(webhooks.workflowId, which.id))
        : lte(webhooks.shownAt, which.shownBefore),
    )
    .for("update", "id" in which ? {} : { skipLocked: true });
  const shown = rows.flatMap(({ workspaceId, workflowId, key }) =>
    key === null ? [] : [{ workspaceId, workflowId, key }],
  );
  if (shown.length > 0) {
    await tx
      .update(webhooks)
      .set({ shownKey: null, shownAt: null })
      .where(
        inArray(
          webhooks.workflowId,
          shown.map(({ workflowId }) => workflowId),
        ),
      );
  }
  return shown;
}
