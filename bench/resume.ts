/**
 * Kills Claw in the middle of a run, starts it again, and tells how long the run stands still: while the model is asked, and
 * while a page is read. What finished before must not run again, and the report comes once.
 * Run: npm run bench:resume. BENCH_KILLS: of each kind (5).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { type BenchAlarms, openAlarms } from "./support/alarms.ts";
import { bench, machine, note, size, until } from "./support/bench.ts";
import { type BenchClaw, startClaw } from "./support/claw.ts";
import { type BenchDatabase, startServer } from "./support/database.ts";
import { median, shown, table, verdict } from "./support/numbers.ts";
import { type Outside, overTheWire, type Seen, startOutside } from "./support/outside.ts";
import { comeDue, latestWorkflow, runEnded } from "./support/slot.ts";
import { insertWorkflows } from "./support/workflows.ts";

const KILLS = size("BENCH_KILLS", 5);
const TARGET_MS = 15_000;
const LIMIT_MS = 120_000;
const DAY = { ms: 86_400_000, seconds: 86_400 } as const;
/** The call has long begun for Claw by then. */
const INTO_THE_CALL_MS = 300;

interface Scene {
  readonly database: BenchDatabase;
  readonly alarms: BenchAlarms;
  readonly outside: Outside;
  readonly start: (folder?: string) => Promise<BenchClaw>;
  claw: BenchClaw;
}

interface Kind {
  readonly what: string;
  readonly instruction: (id: string, site: string) => string;
  readonly tools: readonly string[];
  /** Is it the request that is left without an answer the first time? */
  readonly isHeld: (seen: Seen, id: string) => boolean;
  /** Requests of the whole run, the one that was held twice. */
  readonly requests: number;
}

const KINDS: readonly Kind[] = [
  {
    what: "killed while the model is asked",
    instruction: (id) => `hold-model bench-${id}`,
    tools: [],
    isHeld: (seen, id) => seen.id === id && seen.turn === 0,
    requests: 2,
  },
  {
    what: "killed while a page is read",
    instruction: (id, site) => `check ${site}/hold?${id} bench-${id}`,
    tools: ["http_get"],
    isHeld: (seen, id) => seen.id === `/hold?${id}`,
    requests: 4,
  },
];

interface Resumed {
  /** Milliseconds from the restart until Claw says that it is ready, asks again, and has reported. */
  readonly ready: number;
  readonly asked: number;
  readonly over: number;
}

async function killOnce(scene: Scene, kind: Kind, id: string): Promise<Resumed> {
  const { database, alarms, outside } = scene;
  const wanted = { count: 1, instruction: kind.instruction(id, outside.site), tools: kind.tools };
  await insertWorkflows(database.db, {
    ...wanted,
    dueAt: new Date(Date.now() + DAY.ms),
    everySeconds: DAY.seconds,
  });
  const workflowId = await latestWorkflow(database);
  const seen: Seen[] = [];
  const heldTimes = async (times: number) =>
    until(
      async () => {
        seen.push(...(await outside.take()));
        return seen.filter((each) => kind.isHeld(each, id))[times - 1] ?? null;
      },
      { what: `${kind.what}: request ${times} came`, limitMs: LIMIT_MS, everyMs: 20 },
    );
  await comeDue(database, alarms, [workflowId]);
  await heldTimes(1);
  await sleep(INTO_THE_CALL_MS);
  await scene.claw.kill();
  const began = Date.now();
  scene.claw = await scene.start(scene.claw.folder);
  const ready = scene.claw.readyMs;
  const again = await heldTimes(2);
  await runEnded(database, workflowId, 1, LIMIT_MS);
  const over = Date.now() - began;
  seen.push(...(await outside.take()));
  const [row] = await database.db.execute<{ runs: number; reports: number; next: boolean }>(sql`
    select /* bench */ (select count(*)::int from runs where workflow_id = w.id) as runs, next_slot_at > now() as next,
      (select count(*)::int from deliveries where workflow_id = w.id and status = 'sent' and key like 'report:%') as reports
    from workflows w where w.id = ${workflowId}`);
  const requests = seen.filter((each) => each.id === id || each.id.endsWith(`?${id}`)).length;
  if (row?.runs !== 1 || row.reports !== 1 || !row.next || requests !== kind.requests)
    throw new Error(`${kind.what}: ${JSON.stringify(row)}, ${requests} requests instead of ${kind.requests}`);
  return { ready, asked: again.at - began, over };
}

await bench(async (later) => {
  const server = await startServer();
  later(() => server.close());
  const outside = await startOutside();
  later(() => outside.stop());
  const database = await server.createForClaw("claw_bench");
  const start = (folder?: string) =>
    startClaw({ databaseUrl: database.url, env: overTheWire(outside), ...(folder !== undefined && { folder }) });
  const scene: Scene = { database, outside, start, alarms: openAlarms(database), claw: await start() };
  later(() => scene.claw.stop());
  later(() => scene.alarms.stop());

  const rows: string[][] = [];
  let slowest = 0;
  for (const [index, kind] of KINDS.entries()) {
    const all: Resumed[] = [];
    for (let n = 1; n <= KILLS; n += 1) all.push(await killOnce(scene, kind, `${index}-${n}`));
    note(`${kind.what}: ${all.map(({ asked }) => `${shown(asked / 1_000)} s`).join(", ")}`);
    const span = (of: (resumed: Resumed) => number) => {
      const ms = all.map(of);
      return `${shown(median(ms) / 1_000)} (${shown(Math.max(...ms) / 1_000)})`;
    };
    slowest = Math.max(slowest, ...all.map(({ asked }) => asked));
    rows.push([kind.what, span(({ ready }) => ready), span(({ asked }) => asked), span(({ over }) => over)]);
  }
  console.log(`\n${machine()}; ${KILLS} times each, one run and one report each time\n`);
  const head = "seconds after the restart, median (longest)|Claw says ready|goes on with the call|has reported";
  console.log(table(head.split("|"), rows));
  console.log(`\nResumed: ${verdict(slowest <= TARGET_MS, `within ${TARGET_MS / 1_000} s of the restart`)}.`);
});
