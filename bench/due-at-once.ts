/**
 * From a slot's time to the first model request of its run, as the model's side sees it: alone on an idle machine, twenty at
 * once, thousands in the same second. A run is one model call that finishes, and a report delivered to the console.
 * Run: npm run bench:due. BENCH_DUE: due in the same second (5,000), BENCH_SINGLES: single slots (30), BENCH_BURSTS: of
 * twenty (5). Two to three minutes as it stands.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { type BenchAlarms, openAlarms } from "./support/alarms.ts";
import { bench, machine, note, size, until } from "./support/bench.ts";
import { startClaw } from "./support/claw.ts";
import { type BenchDatabase, startServer } from "./support/database.ts";
import { quantile, shown, table, verdict } from "./support/numbers.ts";
import { type Outside, overTheWire, startOutside } from "./support/outside.ts";
import { insertWorkflows } from "./support/workflows.ts";

const DUE = size("BENCH_DUE", 5_000);
const SINGLES = size("BENCH_SINGLES", 30);
const BURSTS = size("BENCH_BURSTS", 5);
const BURST = 20;
const LIMIT_MS = size("BENCH_LIMIT_S", 300) * 1_000;
const SECOND = 1_000;
/** Between the rows being there and the first of them being due; a burst before is over by then. */
const AHEAD_MS = 4 * SECOND;
const TARGETS = { allMs: 10_000, loopMs: 100, idleMs: 100, burstMs: 150 } as const;

interface Scene {
  readonly database: BenchDatabase;
  readonly alarms: BenchAlarms;
  readonly outside: Outside;
}

interface Waits {
  /** Milliseconds from the slot to the first request of each run. */
  readonly toRequest: readonly number[];
  /** Milliseconds from the slot to the start that Claw noted. */
  readonly toStart: readonly number[];
  /** Milliseconds from the first slot until every run had ended and reported. */
  readonly over: number;
}

/** `count` workflows, due `apartMs` apart; waits until each has run, and every request is accounted for. */
async function run(scene: Scene, name: string, count: number, apartMs: number): Promise<Waits> {
  const { database, alarms, outside } = scene;
  const { db } = database;
  await outside.take();
  const first = Math.ceil((Date.now() + AHEAD_MS + count / 2) / SECOND) * SECOND;
  const instruction = `say that all is well bench-${name}-{n}`;
  await insertWorkflows(db, { count, instruction, tools: [], dueAt: new Date(first), apartMs });
  const slots = Array.from({ length: count }, (_, at) => first + at * apartMs);
  for (const slot of new Set(slots)) await alarms.set("slots.due", slot);
  if (Date.now() > first - SECOND / 2) throw new Error("the workflows were not there in time; try fewer");
  await sleep(first + (count - 1) * apartMs - Date.now());

  const look = async () => {
    const [row] = await db.execute<{ open: boolean }>(sql`
      select /* bench */ exists (select from workflows where status = 'active')
        or exists (select from runs where status in ('queued', 'running', 'waiting'))
        or exists (select from deliveries where status in ('pending', 'sending')) as open`);
    return row?.open ? null : true;
  };
  const instead = async () => `the model has seen ${await outside.count()} requests`;
  await until(look, { what: `${count} runs ended and reported`, limitMs: LIMIT_MS, everyMs: 500, instead });

  const requests = await outside.take();
  const seen = new Map<string, number>();
  for (const { id, turn, at } of requests) {
    if (turn !== 0) throw new Error(`${id} asked the model more than once`);
    if (seen.has(id)) throw new Error(`${id} was started twice`);
    seen.set(id, at);
  }
  if (seen.size !== count) throw new Error(`${seen.size} of ${count} were started`);
  const rows = await db.execute<{ n: string; start: string; over: string }>(sql`
    select /* bench */ substring(v.instruction from '\\d+$') as n, extract(epoch from r.started_at) * 1000 as start,
      extract(epoch from greatest(r.ended_at, d.sent_at)) * 1000 as over
    from runs r join revisions v on v.workflow_id = r.workflow_id join deliveries d on d.run_id = r.id
    where v.instruction like ${`%bench-${name}-%`} and r.status = 'succeeded' and d.status = 'sent'
      and d.key like 'report:%'`);
  if (rows.length !== count) throw new Error(`${rows.length} of ${count} succeeded and reported once`);
  return {
    toRequest: slots.map((slot, at) => (seen.get(`${name}-${at + 1}`) ?? Number.NaN) - slot),
    toStart: [...rows].map(({ n, start }) => Number(start) - (slots[Number(n) - 1] ?? Number.NaN)),
    over: Math.max(...[...rows].map(({ over }) => Number(over))) - first,
  };
}

const spread = (numbers: readonly number[]) => [0.5, 0.99, 1].map((share) => shown(quantile(numbers, share), 0));

await bench(async (later) => {
  const server = await startServer();
  later(() => server.close());
  const outside = await startOutside();
  later(() => outside.stop());
  const database = await server.createForClaw("claw_bench");
  const claw = await startClaw({ databaseUrl: database.url, env: overTheWire(outside) });
  later(() => claw.stop());
  const alarms = openAlarms(database);
  later(() => alarms.stop());
  const scene = { database, alarms, outside };

  await run(scene, "warm", BURST * 5, 0);
  note(`${SINGLES} single slots, one a second`);
  const single = await run(scene, "single", SINGLES, SECOND);
  note(`${BURSTS} times ${BURST} at once`);
  const bursts: number[] = [];
  for (let n = 1; n <= BURSTS; n += 1) bursts.push(...(await run(scene, `burst${n}`, BURST, 0)).toRequest);
  note(`${DUE} at once`);
  await claw.sample();
  const many = await run(scene, "many", DUE, 0);
  const { loop, rss } = await claw.sample();

  const head = ["milliseconds from the slot", "p50", "p99", "longest", "target"];
  const rows = [
    ["one alone: to its start", ...spread(single.toStart), ""],
    [
      "one alone: to its first model request",
      ...spread(single.toRequest),
      verdict(quantile(single.toRequest, 0.99) < TARGETS.idleMs, `p99 under ${TARGETS.idleMs}`),
    ],
    [
      `${BURST} at once: to the first model request of each`,
      ...spread(bursts),
      verdict(quantile(bursts, 0.99) < TARGETS.burstMs, `p99 under ${TARGETS.burstMs}`),
    ],
    [
      `${shown(DUE, 0)} at once: to the first model request of each`,
      ...spread(many.toRequest),
      verdict(Math.max(...many.toRequest) <= TARGETS.allMs, `all within ${shown(TARGETS.allMs, 0)}`),
    ],
    [
      "event loop late meanwhile",
      shown(loop.p50, 0),
      shown(loop.p99, 0),
      shown(loop.max, 0),
      verdict(loop.p99 < TARGETS.loopMs, `p99 under ${TARGETS.loopMs}`),
    ],
  ];
  console.log(`\n${machine()}; one process that does everything, none started twice\n`);
  console.log(table(head, rows));
  console.log(
    `\n${shown(DUE, 0)} at once: all ended and reported after ${shown(many.over / SECOND)} s; ${shown(rss / 2 ** 20, 0)} MiB resident then.`,
  );
});
