/** `npm run chaos -- --minutes 30 --seed 7`: breaks Claw for as long as wanted, and prints what came of it. */
import { parseArgs } from "node:util";
import { ownServer } from "../support/own-server.ts";
import { chaos, tableOf } from "./driver/driver.ts";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "5" }, seed: { type: "string" } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
const say = (line: string) => process.stdout.write(`${new Date().toISOString()} ${line}\n`);

/** As long as a failover takes. */
const READ_ONLY_MS = 20_000;

const server = await ownServer();
try {
  say(`seed ${seed}, ${values.minutes} min`);
  const durationMs = Number(values.minutes) * 60_000;
  const outcome = await chaos({ seed, durationMs, server, readOnlyMs: READ_ONLY_MS, say });
  process.stdout.write(`\n${tableOf(outcome)}\n`);
  process.exitCode = outcome.broken.length === 0 && outcome.figures.runs > 0 ? 0 : 1;
} finally {
  await server.close();
}
