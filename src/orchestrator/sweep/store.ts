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
      exists (select 1 from runs where status = 'queued' and due_at <= ${late} and ${goesOn("runs.workspace_id")})
        or exists (select 1 from runs where status = 'running' and lease_until < ${at} and ${goesOn("runs.workspace_id")})
        or exists (select 1 from waits where status = 'open' and due_at <= ${late}) as runs,
      exists (select 1 from checks where due_at <= ${late} and (lease_until is null or lease_until < ${at})) as checks,
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
