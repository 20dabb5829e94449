/** Wakes for what the bench writes into the tables, as the process that creates a workflow sets them. */

import { sql } from "drizzle-orm";
import type { Database } from "../../src/orchestrator/db/client.ts";
import type { Alarms } from "../../src/orchestrator/ports.ts";
import { createWakes } from "../../src/orchestrator/schedules/agenda.ts";
import type { BenchDatabase } from "./database.ts";
import { silent } from "./database.ts";

export interface BenchAlarms extends Alarms {
  stop(): Promise<void>;
}

export function openAlarms(database: BenchDatabase): BenchAlarms {
  const clock = { now: () => Date.now() };
  return createWakes({ url: database.url, owner: "bench", clock, log: silent, handlers: {} });
}

/** The alarms that many workflows have, one for each slot that is to come, without waking anybody now. */
export async function setAllAlarms(db: Database): Promise<void> {
  await db.execute(sql`
    insert into agenda_jobs (name, next_run_at, data)
    select distinct 'slots.due', next_slot_at, '{}'::jsonb from workflows where status = 'active' and next_slot_at is not null`);
}
