/** The queue of deliveries in SQL: taking what is due, and giving it back. */
import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { keepingPlans } from "../../db/prepared.ts";
import { deliveries } from "../../db/schema.ts";
import type { Notice } from "../../events.ts";
import type { ChannelId, MemberId, MessageId, PlatformName, ThreadId, WorkspaceId } from "../../ports.ts";
import { goesOn } from "../../stops/store.ts";

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
  readonly replyToken: string | null;
  readonly notice: Notice;
  readonly version: number;
  readonly messageId: MessageId | null;
  readonly attempts: number;
  /** It was being sent when its worker was lost: look for it before sending. */
  readonly interrupted: boolean;
}

/** Due messages that one look considers, the oldest first. */
const CONSIDERED = 200;
/** Threads that a second look considers. */
const THREADS = 200;

export interface DeliveryClaim {
  readonly platforms: readonly PlatformName[];
  readonly owner: string;
  readonly now: Date;
  /** Milliseconds until another worker may take over. */
  readonly leaseMs: number;
  readonly limit: number;
  /** Where the walk over the threads goes on; kept by the caller from one claim to the next. */
  readonly walk?: ThreadWalk;
}

export interface ThreadWalk {
  behind: { readonly channelId: ChannelId; readonly threadId: ThreadId } | null;
}

/**
 * Takes deliveries that are due. Messages are posted in order: only the oldest unposted one of each thread is taken; an
 * edit waits for nobody and nobody waits for it.
 *
 * What awaits its home takes the thread from the workflow's row when its own misses it: it was announced by a transaction
 * that had begun before the root message was posted. When the root message was given up, it goes to the channel itself.
 *
 * A look costs the same however much is due: it considers the oldest messages. When most of them wait for others of their
 * thread, a second look walks on from thread to thread, so that the backlog of one hides no other.
 */
export async function claimDeliveries(db: Database, claim: DeliveryClaim): Promise<ClaimedDelivery[]> {
  const { platforms, limit } = claim;
  const oldest = sql`
    select c.* from unnest(${sql.param([...platforms])}::platform[]) as p (name)
    cross join lateral (
      select ${CONSIDERABLE} from deliveries where platform = p.name and ${dueAt(claim.now)}
      order by due_at, seq limit ${CONSIDERED}) c`;
  const first = await take(db, claim, oldest);
  if (first.considered < CONSIDERED || first.taken.length >= limit) return first.taken;
  const walk = claim.walk ?? { behind: null };
  const heads = await headsBehind(db, claim, walk);
  const ids = sql.param(heads.map(({ id }) => id));
  const those = sql`select ${CONSIDERABLE} from deliveries where id = any(${ids}::uuid[])
    and platform = any(${sql.param([...platforms])}::platform[]) and ${dueAt(claim.now)}`;
  const second = await take(db, { ...claim, limit: limit - first.taken.length }, those);
  return [...first.taken, ...second.taken];
}

const CONSIDERABLE = sql`id, seq, due_at, workspace_id, workflow_id, channel_id, thread_id, awaits_home, message_id`;

const dueAt = (now: Date) => sql`status in ('pending', 'sending') and due_at <= ${now.toISOString()}
  and (status = 'pending' or lease_until < ${now.toISOString()})
  -- What a tool posts is an action, and waits while everything is stopped; what people are told does not.
  and (key not like 'tool:%' or ${goesOn("workspace_id")})`;

/** The oldest message of each of the next threads: a walk from one to the next in the index, however long each is. */
async function headsBehind(db: Database, { limit }: DeliveryClaim, walk: ThreadWalk): Promise<{ id: string }[]> {
  const open = sql`status in ('pending', 'sending') and message_id is null and thread_id is not null`;
  const head = (behind: SQL) => sql`
    select id, channel_id, thread_id from deliveries where ${open} and ${behind}
    order by channel_id, thread_id, seq limit 1`;
  const { channelId, threadId } = walk.behind ?? { channelId: "", threadId: "" };
  const heads = await db.execute<{ id: string; channelId: ChannelId; threadId: ThreadId }>(sql`
    with recursive heads as (
      (select h.*, 1 as n from (${head(sql`(channel_id, thread_id) > (${channelId}, ${threadId})`)}) h)
      union all
      select next.*, h.n + 1 from heads h cross join lateral (
        ${head(sql`(channel_id, thread_id) > (h.channel_id, h.thread_id)`)}) next
      where h.n < ${Math.max(THREADS, limit)}::int)
    select id, channel_id as "channelId", thread_id as "threadId" from heads order by n`);
  const last = heads.at(-1);
  walk.behind = last && heads.length >= Math.max(THREADS, limit) ? last : null;
  return heads;
}

async function take(
  db: Database,
  claim: DeliveryClaim,
  considered: SQL,
): Promise<{ readonly considered: number; readonly taken: ClaimedDelivery[] }> {
  const until = new Date(claim.now.getTime() + claim.leaseMs).toISOString();
  const rows = await keepingPlans(db).execute<Record<string, unknown>>(sql`
    with considered as materialized (${considered}),
    free as (
      select c.id, coalesce(c.thread_id, w.thread_id) as thread_id
      from considered c
      left join workflows w on c.awaits_home and w.id = c.workflow_id
      where (not c.awaits_home or coalesce(c.thread_id, w.thread_id) is not null or exists (
          select 1 from deliveries root
          where root.workspace_id = c.workspace_id and root.key = 'root:' || c.workflow_id
            and root.status in ('unknown', 'undelivered')))
        and (c.message_id is not null or not exists (
          select 1 from deliveries e
          where e.channel_id = c.channel_id and e.thread_id = coalesce(c.thread_id, w.thread_id) and e.seq < c.seq
            and e.status in ('pending', 'sending') and e.message_id is null))
      order by c.due_at, c.seq),
    due as (
      select d.id, d.status = 'sending' as interrupted, free.thread_id
      from free join deliveries d on d.id = free.id
      where ${dueAt(claim.now)}
      -- How far a run is can wait for what people wait for.
      order by starts_with(d.key, 'progress:'), d.due_at, d.seq
      limit ${claim.limit}
      for update of d skip locked),
    taken as (
      update deliveries d
      set status = 'sending', lease_owner = ${claim.owner}, lease_until = ${until}, attempts = d.attempts + 1,
        thread_id = due.thread_id
      from due where d.id = due.id
      returning d.id, d.seq, d.workspace_id as "workspaceId", d.platform, d.key, d.workflow_id as "workflowId",
        d.run_id as "runId", d.channel_id as "channelId", d.thread_id as "threadId", d.opens_home as "opensHome",
        d.private_to as "privateTo", d.reply_token as "replyToken", d.notice, d.version, d.message_id as "messageId", d.attempts, due.interrupted)
    select (select count(*)::int from considered) as considered, taken.*
    from (values (1)) as one left join taken on true
    order by taken.seq`);
  const taken = rows.filter((row) => row.id !== null) as unknown as ClaimedDelivery[];
  return { considered: Number(rows[0]?.considered ?? 0), taken };
}

/** Keeps the leases of what a process is sending. @returns the ids of those that are still its own */
export async function keepDeliveries(
  db: Database,
  keep: { owner: string; ids: readonly string[]; until: Date },
): Promise<string[]> {
  const rows = await db
    .update(deliveries)
    .set({ leaseUntil: keep.until })
    .where(
      and(
        inArray(deliveries.id, [...keep.ids]),
        eq(deliveries.status, "sending"),
        eq(deliveries.leaseOwner, keep.owner),
      ),
    )
    .returning({ id: deliveries.id });
  return rows.map(({ id }) => id);
}

/** Gives back what this process was sending when it stopped: whoever takes it looks for it first. */
export async function releaseDeliveries(db: Database, owner: string): Promise<void> {
  await db
    .update(deliveries)
    .set({ leaseUntil: new Date(0) })
    .where(and(eq(deliveries.leaseOwner, owner), eq(deliveries.status, "sending")));
}
