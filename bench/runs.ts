/** Durable runs a second: model, read tool, finish; every step committed before the next begins, one report delivered. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { startClaw } from "./support/claw.ts";
import { benchDatabase } from "./support/database.ts";
import { insertWorkflows } from "./support/workflows.ts";

const COUNT = Number(process.env.BENCH_RUNS ?? 1_000);

const site = createServer((_request, response) => response.end("fine"));
await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;

const database = await benchDatabase();
const claw = await startClaw({ DATABASE_URL: database.url, CLAW_MODEL: "rules" }, `egress: { allow: ["127.0.0.1"] }\n`);
await insertWorkflows(database.db, {
  count: COUNT,
  instruction: `check ${url}`,
  tools: ["http_get"],
  dueAt: new Date(Date.now() + 86_400_000),
});
const before = await facts();
const began = performance.now();
await database.db.execute(sql`update workflows set next_slot_at = now() where next_slot_at is not null`);
for (;;) {
  const [row] = await database.db.execute<{ done: number; sent: number }>(sql`
    select (select count(*)::int from runs where status = 'succeeded') as done, (select count(*)::int from deliveries where status = 'sent') as sent`);
  if (performance.now() - began > 90_000) throw new Error(`stuck at ${row?.done} runs, ${row?.sent} delivered`);
  if ((row?.done ?? 0) >= COUNT && (row?.sent ?? 0) >= COUNT) break;
  await sleep(250);
}
const seconds = (performance.now() - began) / 1_000;
const after = await facts();
const each = (key: keyof typeof after) => ((after[key] - before[key]) / COUNT).toFixed(1);
console.log(
  `\n${COUNT} runs in ${seconds.toFixed(1)} s: ${(COUNT / seconds).toFixed(0)} runs/s; a run: ${each("commits")} commits, ${each("wal")} bytes of WAL`,
);
await claw.stop();
await database.close();
site.close();

async function facts() {
  await sleep(1_100);
  const [row] = await database.db.execute<{ commits: string; wal: string }>(sql`
    select (select xact_commit from pg_stat_database where datname = current_database()) as commits,
      pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as wal`);
  return { commits: Number(row?.commits), wal: Number(row?.wal) };
}
