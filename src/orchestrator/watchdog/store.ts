/** What should have begun, and who could have begun it, in SQL. Each look reads at most one page, by an index. */
import { sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { limitOf } from "../runs/claims/store.ts";
import { goesOn } from "../stops/store.ts";
import type { Situation } from "./watchdog.ts";

/** Something that is due and has not begun. */
export interface Late {
  /** A workflow's id, or a run's. */
  readonly id: string;
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly name: string;
  readonly channelId: string;
  /** Since when it could have begun. */
  readonly dueAt: Date;
  /** The slot it is about, or when it was asked for. */
  readonly plannedAt: Date;
  /** Null for a slot that nobody has claimed. */
  readonly runNumber: number | null;
  /** As many runs of its workflow are under way as may be: it is not late, it waits for its turn. */
  readonly inTurn: boolean;
}

export interface LatePage {
  readonly before: Date;
  /** The last of the page before; null begins anew. */
  readonly after: Pick<Late, "id" | "dueAt"> | null;
  readonly limit: number;
}

type Row = { [K in keyof Late]: Late[K] extends Date ? string | Date : Late[K] } & Record<string, unknown>;
const toLate = (row: Row): Late => ({ ...row, dueAt: new Date(row.dueAt), plannedAt: new Date(row.plannedAt) });

/** Slots that have come and that nobody has claimed, the oldest first. */
export async function lateSlots(db: Database, page: LatePage): Promise<Late[]> {
  const from = page.after?.dueAt.toISOString() ?? "-infinity";
  const rows = await db.execute<Row>(sql`
    select id, workspace_id as "workspaceId", id as "workflowId", name, channel_id as "channelId",
      next_slot_at as "dueAt", next_slot_at as "plannedAt", null::int as "runNumber", false as "inTurn"
    from workflows
    where status = 'active' and next_slot_at is not null and next_slot_at <= ${page.before.toISOString()}
      and ${goesOn("workflows.workspace_id")}
      and next_slot_at >= ${from}::timestamptz
      and (next_slot_at > ${from}::timestamptz or id > ${page.after?.id ?? null}::uuid)
    order by next_slot_at, id limit ${page.limit}`);
  return rows.map(toLate);
}

/** Runs that are queued and due, the oldest first. */
export async function lateRuns(db: Database, page: LatePage): Promise<Late[]> {
  const from = page.after?.dueAt.toISOString() ?? "-infinity";
  const rows = await db.execute<Row>(sql`
    with busy as materialized (
      select workflow_id, count(*)::int as n from runs where status = 'running' and not rehearsal group by 1)
    select r.id, r.workspace_id as "workspaceId", r.workflow_id as "workflowId", w.name, w.channel_id as "channelId",
      r.due_at as "dueAt", f.planned_at as "plannedAt", r.number as "runNumber",
      coalesce((select b.n from busy b where b.workflow_id = r.workflow_id), 0) >= ${sql.raw(limitOf("r.workflow_id"))} as "inTurn"
    from (select * from runs where status = 'queued' and not rehearsal
        and ${goesOn("runs.workspace_id")} and due_at <= ${page.before.toISOString()}
        and due_at >= ${from}::timestamptz
        and (due_at > ${from}::timestamptz or id > ${page.after?.id ?? null}::uuid)
      order by due_at, id limit ${page.limit}) r
    join workflows w on w.id = r.workflow_id join firings f on f.id = r.firing_id
    order by r.due_at, r.id`);
  return rows.map(toLate);
}

/**
 * What can be seen of the workers: their connections name themselves, and each of them looks for alarms every other second.
 * @param workerName application name of a connection that belongs to a worker
 */
export async function situationOf(db: Database, now: Date, workerName: string): Promise<Situation> {
  const [row] = await db.execute<{ readOnly: boolean; connections: number; awake: number; held: number[] | null }>(sql`
    select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as "readOnly",
      count(a.pid)::int as connections,
      (count(a.pid) filter (where coalesce(a.state_change, now()) > now() - interval '30 seconds'))::int as awake,
      (select array_agg(h.runs) from (select count(*)::int as runs from runs
        where status = 'running' and lease_until >= ${now.toISOString()} group by lease_owner) h) as held
    from pg_stat_activity a where a.datname = current_database() and a.application_name = ${workerName}`);
  return {
    readOnly: row?.readOnly ?? false,
    connections: row?.connections ?? 0,
    awake: row?.awake ?? 0,
    held: row?.held ?? [],
  };
}
