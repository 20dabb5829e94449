/** Wakes for what the bench writes into the tables, as the process that creates a workflow sets them. */

import { createSignals } from "../../src/orchestrator/db/signals.ts";
import type { Alarms } from "../../src/orchestrator/ports.ts";
import { createWakes } from "../../src/orchestrator/schedules/wakes.ts";
import type { BenchDatabase } from "./database.ts";
import { silent } from "./database.ts";

export interface BenchAlarms extends Alarms {
  stop(): Promise<void>;
}

export function openAlarms(database: BenchDatabase): BenchAlarms {
  const clock = { now: () => Date.now() };
  const signals = createSignals(database.sql, database.sql);
  return createWakes({ url: database.url, signals, owner: "bench", clock, log: silent, handlers: {} });
}
