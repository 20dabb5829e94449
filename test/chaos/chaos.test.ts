/** The short version of `npm run chaos`: everything breaks for half a minute, and every promise holds. */
import { expect, it } from "vitest";
import { testDatabase } from "../support/database.ts";
import { chaos, tableOf } from "./driver/driver.ts";

const SEED = 20_261_122;
const DURATION_MS = 30_000;

it("keeps its promises while processes, database and world break", { timeout: 300_000 }, async () => {
  const database = await testDatabase();
  try {
    const outcome = await chaos({ seed: SEED, durationMs: DURATION_MS, database, say: () => {} });
    process.stdout.write(`${tableOf(outcome)}\n`);
    expect(outcome.broken).toEqual([]);
    expect(outcome.figures.runs).toBeGreaterThan(5);
    expect(Object.keys(outcome.faults).length).toBeGreaterThan(3);
  } finally {
    await database.close();
  }
});
