/** What is due although nobody was woken for it. */
import { sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import type { WakeKind } from "../ports.ts";

/** A wake is given that long to do its work before it counts as lost; milliseconds. */
const LATE_MS = 1_000;

/** The kinds of wake that have been due for a while. Every look is one index probe, whatever the number of rows. */
export async function whatIsDue(db: Database, now: Date): Promise<WakeKind[]> {
  const at = now.toISOString();
  const late = new Date(now.getTime() - LATE_MS).toISOString();
  const [row] = await db.execute<{ slots: boolean; runs: boolean; deliveries: boolean }>(sql`
    select
      exists (select 1 from workflows where status = 'active' and next_slot_at is not null and next_slot_at <= ${late}) as slots,
      exists (select 1 from runs where status = 'queued' and due_at <= ${late})
        or exists (select 1 from runs where status = 'running' and lease_until < ${at})
        or exists (select 1 from waits where status = 'open' and due_at <= ${late}) as runs,
      exists (select 1 from deliveries where status in ('pending', 'sending') and due_at <= ${late}
        and (status = 'pending' or lease_until < ${at})
        and (not awaits_home or thread_id is not null)) as deliveries`);
  return [
    ...(row?.slots ? (["slots.due"] as const) : []),
    ...(row?.runs ? (["runs.due"] as const) : []),
    ...(row?.deliveries ? (["deliveries.due"] as const) : []),
  ];
}
