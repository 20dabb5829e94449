/** The queue of deliveries in SQL: taking what is due, and giving it back. */
import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { deliveries } from "../../db/schema.ts";
import type { Notice } from "../../events.ts";
import type { ChannelId, MemberId, MessageId, PlatformName, ThreadId, WorkspaceId } from "../../ports.ts";

export interface ClaimedDelivery {
  readonly id: string;
  readonly workspaceId: WorkspaceId;
  readonly platform: PlatformName;
  readonly key: string;
  readonly workflowId: string | null;
  readonly runId: string | null;
  readonly channelId: ChannelId;
  readonly threadId: ThreadId | null;
  readonly opensHome: boolean;
  readonly privateTo: MemberId | null;
  readonly notice: Notice;
  readonly version: number;
  readonly messageId: MessageId | null;
  readonly attempts: number;
  /** It was being sent when its worker was lost: look for it before sending. */
  readonly interrupted: boolean;
}

/**
 * Takes deliveries that are due. Messages are posted in order: only the oldest unposted one of each thread is taken; an
 * edit waits for nobody and nobody waits for it.
 *
 * What awaits its home takes the thread from the workflow's row when its own misses it: it was announced by a transaction
 * that had begun before the root message was posted. When the root message was given up, it goes to the channel itself.
 * @param leaseMs milliseconds until another worker may take over
 */
export async function claimDeliveries(
  db: Database,
  claim: { platforms: readonly PlatformName[]; owner: string; now: Date; leaseMs: number; limit: number },
): Promise<ClaimedDelivery[]> {
  const now = claim.now.toISOString();
  const until = new Date(claim.now.getTime() + claim.leaseMs).toISOString();
  const rows = await db.execute<Record<string, unknown>>(sql`
    with due as (
      select c.id, c.status = 'sending' as interrupted, coalesce(c.thread_id, w.thread_id) as thread_id
      from deliveries c
      left join workflows w on c.awaits_home and w.id = c.workflow_id
      where c.platform = any(${sql.param(claim.platforms as PlatformName[])}::platform[])
        and c.status in ('pending', 'sending')
        and c.due_at <= ${now}
        and (c.status = 'pending' or c.lease_until < ${now})
        and (not c.awaits_home or coalesce(c.thread_id, w.thread_id) is not null or exists (
          select 1 from deliveries root
          where root.workspace_id = c.workspace_id and root.key = 'root:' || c.workflow_id
            and root.status in ('unknown', 'undelivered')))
        and (c.message_id is not null or not exists (
          select 1 from deliveries e
          where e.channel_id = c.channel_id and e.thread_id = coalesce(c.thread_id, w.thread_id) and e.seq < c.seq
            and e.status in ('pending', 'sending') and e.message_id is null))
      order by c.seq
      limit ${claim.limit}
      for update of c skip locked)
    update deliveries d
    set status = 'sending', lease_owner = ${claim.owner}, lease_until = ${until}, attempts = d.attempts + 1,
      thread_id = due.thread_id
    from due where d.id = due.id
    returning d.id, d.workspace_id as "workspaceId", d.platform, d.key, d.workflow_id as "workflowId",
      d.run_id as "runId", d.channel_id as "channelId", d.thread_id as "threadId", d.opens_home as "opensHome",
      d.private_to as "privateTo", d.notice, d.version, d.message_id as "messageId", d.attempts, due.interrupted`);
  return rows as unknown as ClaimedDelivery[];
}

/** Gives back what this process was sending when it stopped: whoever takes it looks for it first. */
export async function releaseDeliveries(db: Database, owner: string): Promise<void> {
  await db
    .update(deliveries)
    .set({ leaseUntil: new Date(0) })
    .where(and(eq(deliveries.leaseOwner, owner), eq(deliveries.status, "sending")));
}
