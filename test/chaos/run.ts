/** `npm run chaos -- --minutes 30 --seed 7`: breaks Claw for as long as wanted, and prints what came of it. */
import { parseArgs } from "node:util";
import { benchDatabase } from "../../bench/support/database.ts";
import { chaos, tableOf } from "./driver/driver.ts";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "5" }, seed: { type: "string" } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
const say = (line: string) => process.stdout.write(`${new Date().toISOString()} ${line}\n`);

const database = await benchDatabase();
try {
  say(`seed ${seed}, ${values.minutes} min`);
  const outcome = await chaos({ seed, durationMs: Number(values.minutes) * 60_000, database, say });
  process.stdout.write(`\n${tableOf(outcome)}\n`);
  process.exitCode = outcome.broken.length === 0 ? 0 : 1;
} finally {
  await database.close();
}
