/** Active workflows, as if people had created them. */
import { sql } from "drizzle-orm";
import type { Database } from "../../src/orchestrator/db/client.ts";
import { DEFAULT_POLICIES } from "../../src/orchestrator/workflows/workflow.ts";

export interface Wanted {
  readonly count: number;
  /** `{n}` is the workflow's number, from 1. */
  readonly instruction: string;
  readonly tools: readonly string[];
  /** When the first is due. Slots are whole seconds. */
  readonly dueAt: Date;
  /** Milliseconds between one workflow's first slot and the next one's; left out: all are due at once. */
  readonly apartMs?: number;
  /** Seconds between two slots of one workflow; left out: each is due once. */
  readonly everySeconds?: number;
}

/** In the console's demo workspace, as Ada's, each with a thread of its own. Sets no alarm. */
export async function insertWorkflows(db: Database, wanted: Wanted): Promise<void> {
  const policies = JSON.stringify(DEFAULT_POLICIES);
  const at = wanted.dueAt.toISOString();
  const schedule =
    wanted.everySeconds === undefined
      ? { kind: "once", at, zone: "UTC" }
      : { kind: "interval", everySeconds: wanted.everySeconds, anchor: at, zone: "UTC", until: null };
  const trigger = JSON.stringify({ kind: "schedule", words: "for the bench", schedule });
  const moment = wanted.everySeconds === undefined ? "{schedule,at}" : "{schedule,anchor}";
  const tools = `{${wanted.tools.join(",")}}`;
  await db.execute(sql`
    with wanted as materialized (
      select n, gen_random_uuid() as id,
        date_trunc('second', ${at}::timestamptz + (n - 1) * ${wanted.apartMs ?? 0}::float8 * interval '1 ms') as due
      from generate_series(1, ${wanted.count}::int) n),
    made as (
      insert into workflows (id, workspace_id, name, owner_id, status, revision, channel_id, thread_id, next_slot_at, created_from, created_at, updated_at)
      select id, 'console:demo', 'w-' || id, 'console:demo:ada', 'active', 1, 'console:demo:general',
        'console:demo:general:bench-' || id, due, 'bench-' || id, now(), now()
      from wanted),
    homes as (
      insert into console_messages (workspace_id, id, channel_id, author_id, author_name, at)
      select 'console:demo', 'bench-' || id, 'console:demo:general', 'claw', 'Claw', now() from wanted)
    insert into revisions (workspace_id, workflow_id, number, instruction, trigger, destination, policies, tools, author_id, created_at)
    select 'console:demo', id, 1, replace(${wanted.instruction}, '{n}', n::text),
      jsonb_set(${trigger}::jsonb, ${moment}::text[], to_jsonb(to_char(due at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))),
      '{"channelId":"console:demo:general"}'::jsonb, ${policies}::jsonb, ${tools}::text[], 'console:demo:ada', now()
    from wanted`);
  await db.execute(sql`vacuum analyze workflows, revisions, console_messages`);
}
