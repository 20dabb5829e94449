/** What is due although nobody was woken for it. */
import { sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import type { WakeKind } from "../ports.ts";
import { goesOn } from "../stops/store.ts";

/**
 * The kinds of wake that have been due for a while. Every look is one index probe, whatever the number of rows.
 * @param graceMs milliseconds a wake is given to do its work before it counts as lost
 */
export async function whatIsDue(db: Database, now: Date, graceMs: number): Promise<WakeKind[]> {
  const at = now.toISOString();
  const late = new Date(now.getTime() - graceMs).toISOString();
  const [row] = await db.execute<{ slots: boolean; runs: boolean; checks: boolean; deliveries: boolean }>(sql`
    select
      exists (select 1 from workflows where status = 'active' and next_slot_at is not null and next_slot_at <= ${late}
        and ${goesOn("workflows.workspace_id")}) as slots,
      exists (select 1 from runs where status = 'queued' and (due_at <= ${late} or due_at > ${at})
          and ${goesOn("runs.workspace_id")})
        or exists (select 1 from runs where status = 'running' and lease_until < ${at} and ${goesOn("runs.workspace_id")})
        or exists (select 1 from waits where status = 'open' and due_at <= ${late}) as runs,
      exists (select 1 from checks where due_at <= ${late} and (lease_until is null or lease_until < ${at})
        and ${goesOn("checks.workspace_id")}) as checks,
      exists (select 1 from deliveries d where d.status in ('pending', 'sending') and d.due_at <= ${late}
        and (d.key not like 'tool:%' or ${goesOn("d.workspace_id")})
        and (d.status = 'pending' or d.lease_until < ${at})
        and (not d.awaits_home or d.thread_id is not null
          or exists (select 1 from workflows w where w.id = d.workflow_id and w.thread_id is not null)
          or exists (select 1 from deliveries root where root.workspace_id = d.workspace_id
            and root.key = 'root:' || d.workflow_id and root.status in ('unknown', 'undelivered')))) as deliveries`);
  return [
    ...(row?.slots ? (["slots.due"] as const) : []),
    ...(row?.runs ? (["runs.due"] as const) : []),
    ...(row?.checks ? (["checks.due"] as const) : []),
    ...(row?.deliveries ? (["deliveries.due"] as const) : []),
  ];
}

/** No lease, no pause between two tries of a delivery and no pause of a breaker is longer. */
const LONGEST = { lease: "10 min", delivery: "1 h", breaker: "5 min", probe: "1 min" } as const;

/**
 * Brings forward what was planned by a clock that has been set back since, so that it waits for as long as it was meant to.
 * A time of the wall clock that a run waits for stays what it is. Again is harmless. What processes with other clocks plan is left alone as long as it may be meant so.
 */
export async function bringForward(db: Database, at: Date): Promise<void> {
  const now = sql`${at.toISOString()}::timestamptz`;
  const ahead = sql`created_at > ${now} + interval '1 min'`;
  await db.execute(sql`
    update waits set due_at = ${now} + (due_at - created_at), created_at = ${now}
    where status = 'open' and due_at > ${now} and ${ahead}
      and not (kind = 'timer' and coalesce((detail->>'isTime')::boolean, false))`);
  await db.execute(sql`
    update questions set remind_at = ${now} + (remind_at - created_at), created_at = ${now}
    where status = 'open' and remind_at > ${now} and ${ahead}`);
  await db.execute(sql`
    update deliveries set due_at = ${now}
    where status in ('pending', 'sending') and (due_at > ${now} + ${LONGEST.delivery}::interval or (due_at > ${now} and ${ahead}))`);
  await db.execute(sql`
    update deliveries set lease_until = ${now}
    where status = 'sending' and lease_until > ${now} + ${LONGEST.lease}::interval`);
  await db.execute(sql`
    update runs set lease_until = ${now} where status = 'running' and lease_until > ${now} + ${LONGEST.lease}::interval`);
  await db.execute(sql`
    update breakers set probe_at = least(probe_at, ${now} + ${LONGEST.breaker}::interval),
      probe_until = least(probe_until, ${now} + ${LONGEST.probe}::interval)
    where probe_at > ${now} + ${LONGEST.breaker}::interval or probe_until > ${now} + ${LONGEST.probe}::interval`);
}
