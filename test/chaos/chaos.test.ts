/** The short version of `npm run chaos`: everything breaks once, in an odd order, and every promise holds. */
import { expect, it } from "vitest";
import { ownServer } from "../support/own-server.ts";
import { chaos, tableOf } from "./driver/driver.ts";

const SEED = 20_261_122;
const READ_ONLY_MS = 3_000;

it("keeps its promises while processes, database and world break", { timeout: 900_000 }, async () => {
  const server = await ownServer();
  try {
    const outcome = await chaos({
      seed: SEED,
      durationMs: null,
      server,
      readOnlyMs: READ_ONLY_MS,
      say: () => {},
    });
    process.stdout.write(`${tableOf(outcome)}\n`);
    expect(outcome.broken).toEqual([]);
    expect(outcome.figures.runs).toBeGreaterThan(5);
    expect(Object.keys(outcome.faults).length).toBe(17);
  } finally {
    await server.close();
  }
});
