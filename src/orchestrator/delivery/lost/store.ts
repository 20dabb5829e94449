/** Messages that were given up, in SQL. */
import { and, eq, sql } from "drizzle-orm";
import type { Database, Transaction } from "../../db/client.ts";
import { workflows } from "../../db/schema.ts";
import type { Notice } from "../../events.ts";
import type { ChannelId, MemberId, WorkspaceId } from "../../ports.ts";
import type { LostView } from "../../views.ts";

/** What nobody misses: it is of the moment, or is answered to somebody in another way. */
export const PASSING = [
  "reply",
  "runProgress",
  "serviceDown",
  "startLate",
  "heartbeat",
  "channelPosted",
  "replayed",
  "dryRan",
  "homeMoved",
  "undelivered",
] as const satisfies readonly Notice["kind"][];

export const isMissed = ({ kind }: Notice): boolean => !(PASSING as readonly string[]).includes(kind);

export interface Lost {
  readonly ownerId: MemberId;
  readonly name: string;
  /** Messages of the workflow to that channel that were given up since the last one that arrived there. */
  readonly count: number;
  /** One of them asks something that is still open. */
  readonly asks: boolean;
  /** Which message arrived last; 0 when none did. */
  readonly arrived: number;
}

/** What a workflow has lost on the way to a channel. Null when there is no such workflow. */
export async function lostOf(
  tx: Transaction,
  which: { readonly workspaceId: WorkspaceId; readonly workflowId: string; readonly channelId: ChannelId },
): Promise<Lost | null> {
  const [workflow] = await tx
    .select({ ownerId: workflows.ownerId, name: workflows.name })
    .from(workflows)
    .where(and(eq(workflows.workspaceId, which.workspaceId), eq(workflows.id, which.workflowId)));
  if (!workflow) return null;
  const [row] = await tx.execute<{ count: number; asks: boolean | null; arrived: number }>(sql`
    with mine as (
      select d.seq, d.status, d.message_id, d.notice from deliveries d
      where d.workspace_id = ${which.workspaceId} and d.workflow_id = ${which.workflowId}
        and d.channel_id = ${which.channelId}),
    arrived as (select coalesce(max(seq), 0) as seq from mine where message_id is not null)
    select count(*)::int as count, (select seq from arrived)::float8 as arrived,
      bool_or(m.notice->>'kind' in ('approvalRequested', 'questionAsked', 'budgetAsked', 'unknownEffectAsked')
        and m.notice->'decision' = 'null'::jsonb) as asks
    from mine m
    where m.status = 'undelivered' and (m.seq > (select seq from arrived) or m.message_id is not null)
      and m.notice->>'kind' <> all(${sql.param(PASSING as unknown as string[])}::text[])`);
  return { ...workflow, count: row?.count ?? 0, asks: row?.asks ?? false, arrived: row?.arrived ?? 0 };
}

/** Workflows whose last messages to their channel did not arrive, the latest first. */
export async function lostMessages(db: Database | Transaction, workspaceId: WorkspaceId): Promise<LostView[]> {
  const rows = await db.execute<Record<string, unknown>>(sql`
    select w.id as "workflowId", w.name, count(*)::int as count,
      (array_agg(d.failure order by d.seq desc))[1] as failure,
      bool_or(d.status = 'unknown') as "isUnknown"
    from deliveries d
    join workflows w on w.id = d.workflow_id
    where d.workspace_id = ${workspaceId} and d.status in ('undelivered', 'unknown') and d.message_id is null
      and w.status <> 'deleted'
      and d.notice->>'kind' <> all(${sql.param(PASSING as unknown as string[])}::text[])
      and not exists (
        select 1 from deliveries later
        where later.workspace_id = d.workspace_id and later.workflow_id = d.workflow_id
          and later.channel_id = d.channel_id and later.seq > d.seq and later.message_id is not null)
    group by w.id, w.name
    order by max(d.seq) desc
    limit 20`);
  return rows as unknown as LostView[];
}
