/** A slot that comes now, and the run that it makes. */
import { sql } from "drizzle-orm";
import type { BenchAlarms } from "./alarms.ts";
import { until } from "./bench.ts";
import type { BenchDatabase } from "./database.ts";

export interface Ended {
  readonly number: number;
  readonly costMicros: number;
  readonly inputTokens: number;
}

/** Makes these workflows due now, and wakes whoever claims slots. */
export async function comeDue({ db }: BenchDatabase, alarms: BenchAlarms, ids: readonly string[]): Promise<void> {
  await db.execute(
    sql`update /* bench */ workflows set next_slot_at = now() where id = any(${`{${ids.join(",")}}`}::uuid[])`,
  );
  await alarms.set("slots.due", Date.now());
}

/**
 * Waits until a workflow's run with that count has succeeded, and its reports were delivered.
 * @param nth its first run is 1
 */
export function runEnded({ db }: BenchDatabase, workflowId: string, nth: number, limitMs = 60_000): Promise<Ended> {
  const look = async () => {
    const [row] = await db.execute<{ number: number; status: string; cost: string; tokens: string; open: boolean }>(sql`
      select /* bench */ r.number, r.status, r.cost_micros::text as cost,
        (select coalesce(sum(input_tokens), 0) from steps s where s.run_id = r.id)::text as tokens,
        exists (select from deliveries d where d.run_id = r.id and d.status in ('pending', 'sending')) as open
      from runs r where r.workflow_id = ${workflowId} order by r.number offset ${nth - 1} limit 1`);
    if (row && ["failed", "dead", "cancelled", "waiting"].includes(row.status))
      throw new Error(`run ${row.number} is ${row.status}`);
    if (row?.status !== "succeeded" || row.open) return null;
    return { number: row.number, costMicros: Number(row.cost), inputTokens: Number(row.tokens) };
  };
  return until(look, { what: `run ${nth} of a workflow succeeded and reported`, limitMs, everyMs: 15 });
}

/** The workflow that was created last. */
export async function latestWorkflow({ db }: BenchDatabase): Promise<string> {
  const [row] = await db.execute<{ id: string }>(sql`
    select /* bench */ id from workflows where status = 'active' order by created_at desc limit 1`);
  if (!row) throw new Error("there is no workflow");
  return row.id;
}
