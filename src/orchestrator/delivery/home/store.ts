/** A home that is gone, in SQL. */
import { and, eq, gt, sql } from "drizzle-orm";
import type { Transaction } from "../../db/client.ts";
import { deliveries, workflows } from "../../db/schema.ts";
import type { Notice } from "../../events.ts";
import type { ThreadId, WorkspaceId } from "../../ports.ts";

/** The message whose thread is a workflow's home. */
export const rootKey = (workflowId: string): string => `root:${workflowId}`;

interface Home {
  readonly workspaceId: WorkspaceId;
  readonly workflowId: string;
  /** The thread that is gone. */
  readonly threadId: ThreadId;
}

/** The workflow has no home until another root message is posted. */
export async function leaveHome(tx: Transaction, home: Home): Promise<void> {
  await tx
    .update(workflows)
    .set({ threadId: null })
    .where(and(eq(workflows.workspaceId, home.workspaceId), eq(workflows.id, home.workflowId)));
}

/** Makes room for another root message. @returns what the old one said; null when there is none */
export async function retireRoot(tx: Transaction, { workspaceId, workflowId }: Home): Promise<Notice | null> {
  const key = rootKey(workflowId);
  const [row] = await tx
    .update(deliveries)
    .set({ key: sql`${deliveries.key} || ':' || ${deliveries.seq}`, opensHome: false })
    .where(and(eq(deliveries.workspaceId, workspaceId), eq(deliveries.key, key)))
    .returning({ notice: deliveries.notice });
  return row?.notice ?? null;
}

/** How many homes the workflow has left since then. */
export async function homesLeft(
  tx: Transaction,
  { workspaceId, workflowId }: Pick<Home, "workspaceId" | "workflowId">,
  since: Date,
): Promise<number> {
  const [row] = await tx
    .select({ count: sql<number>`count(*)::int` })
    .from(deliveries)
    .where(
      and(
        eq(deliveries.workspaceId, workspaceId),
        sql`starts_with(${deliveries.key}, ${`${rootKey(workflowId)}:`})`,
        gt(deliveries.createdAt, since),
      ),
    );
  return row?.count ?? 0;
}

/** Notices that ask something; who was asked there is asked again. */
const ASKS = [
  "approvalRequested",
  "questionAsked",
  "budgetAsked",
  "unknownEffectAsked",
  "versionChanged",
] as const satisfies readonly Notice["kind"][];

/**
 * What was not said yet waits for the new home, and so does what was asked in the old one and is still open. What another
 * worker is sending is left to it.
 */
export async function takeAlong(
  tx: Transaction,
  { workspaceId, workflowId, threadId }: Home,
  now: Date,
): Promise<void> {
  await tx.execute(sql`
    update deliveries set thread_id = null, message_id = null, awaits_home = true, status = 'pending', sent_version = 0,
      attempts = 0, due_at = ${now.toISOString()}, failure = null
    where workspace_id = ${workspaceId} and workflow_id = ${workflowId} and thread_id = ${threadId}
      and not opens_home and private_to is null
      and ((message_id is null and status in ('pending', 'undelivered'))
        or (status in ('sent', 'pending', 'undelivered')
          and notice->>'kind' = any(${sql.param([...ASKS])}::text[]) and notice->'decision' = 'null'::jsonb))`);
}

/** Puts back a message that is being sent: it goes to its workflow's home, wherever that will be. */
export async function awaitHome(
  tx: Transaction,
  delivery: { readonly id: string; readonly workspaceId: WorkspaceId },
  owner: string,
  now: Date,
): Promise<boolean> {
  const rows = await tx
    .update(deliveries)
    .set({
      threadId: null,
      awaitsHome: true,
      status: "pending",
      attempts: 0,
      dueAt: now,
      leaseOwner: null,
      leaseUntil: null,
    })
    .where(
      and(
        eq(deliveries.workspaceId, delivery.workspaceId),
        eq(deliveries.id, delivery.id),
        eq(deliveries.status, "sending"),
        eq(deliveries.leaseOwner, owner),
      ),
    )
    .returning({ id: deliveries.id });
  return rows.length > 0;
}
