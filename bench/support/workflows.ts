/** Active workflows that are due at one time, as if people had created them. */
import { sql } from "drizzle-orm";
import type { Database } from "../../src/orchestrator/db/client.ts";
import { DEFAULT_POLICIES } from "../../src/orchestrator/workflows/workflow.ts";

export interface Wanted {
  readonly count: number;
  readonly instruction: string;
  readonly tools: readonly string[];
  /** When they are due next; then never again for a year. */
  readonly dueAt: Date;
}

export async function insertWorkflows(db: Database, wanted: Wanted): Promise<void> {
  const policies = JSON.stringify(DEFAULT_POLICIES);
  const trigger = JSON.stringify({
    kind: "schedule",
    words: "once",
    schedule: { kind: "once", at: wanted.dueAt.toISOString(), zone: "UTC" },
  });
  const tools = `{${wanted.tools.join(",")}}`;
  await db.execute(sql`
    insert into console_messages (workspace_id, id, channel_id, author_id, author_name, at)
    values ('console:demo', 'bench', 'console:demo:general', 'claw', 'Claw', now()) on conflict do nothing`);
  await db.execute(sql`
    with made as (
      insert into workflows (id, workspace_id, name, owner_id, status, revision, channel_id, thread_id, next_slot_at, created_from, created_at, updated_at)
      select gen_random_uuid(), 'console:demo', 'w-' || n || '-' || extract(epoch from now())::bigint, 'console:demo:ada', 'active', 1, 'console:demo:general',
        'console:demo:general:bench', ${wanted.dueAt.toISOString()}::timestamptz, 'bench-' || n || '-' || gen_random_uuid(), now(), now()
      from generate_series(1, ${wanted.count}::int) n returning id)
    insert into revisions (workspace_id, workflow_id, number, instruction, trigger, destination, policies, tools, author_id, created_at)
    select 'console:demo', id, 1, ${wanted.instruction}, ${trigger}::jsonb, '{"channelId":"console:demo:general"}'::jsonb,
      ${policies}::jsonb, ${tools}::text[], 'console:demo:ada', now()
    from made`);
}
