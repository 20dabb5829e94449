/**
 * What it costs to have many workflows: a thousand, ten thousand, a hundred thousand active ones, of which a hundred are due
 * each minute, beside a minute in which none is. A run is one model call that finishes, and a report delivered to the console.
 * Run: npm run bench:idle. BENCH_SIZES: how many workflows, with commas (1000,10000,100000), BENCH_SECONDS: of each look (60).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { bench, machine, note, size, until } from "./support/bench.ts";
import { type BenchClaw, startClaw } from "./support/claw.ts";
import { type BenchDatabase, type BenchServer, startServer } from "./support/database.ts";
import { quantile, shown, table, verdict } from "./support/numbers.ts";
import { type Outside, overTheWire, startOutside } from "./support/outside.ts";
import { serverUse } from "./support/processes.ts";
import { costliest, forget, since, tally } from "./support/tally.ts";
import { insertWorkflows } from "./support/workflows.ts";

const SIZES = (process.env.BENCH_SIZES ?? "1000,10000,100000").split(",").map(Number);
const SECONDS = size("BENCH_SECONDS", 60);
const DUE_A_MINUTE = 100;
const MINUTE = 60_000;
const SETTLE_MS = 12_000;
/** Milliseconds that making a workflow may take at most. */
const MAKE_MS = 0.4;
const TARGETS = { cpu: 2, mebibytes: 300, growth: 1.5 } as const;

/** A look of {@link SECONDS}; everything a minute. */
interface Look {
  /** Percent of a core. */
  readonly clawCpu: number;
  /** Percent of a core; NaN where it cannot be told. */
  readonly serverCpu: number;
  readonly statements: number;
  readonly databaseMs: number;
  readonly rss: number;
  readonly serverBytes: number;
}

async function look(server: BenchServer, database: BenchDatabase, claw: BenchClaw): Promise<Look> {
  await forget(database.db);
  const before = {
    claw: await claw.sample(),
    server: await serverUse(server.pid),
    tally: await tally(database.db, database.name),
    at: performance.now(),
  };
  await sleep(SECONDS * 1_000);
  const ms = performance.now() - before.at;
  const [own, use] = [await claw.sample(), await serverUse(server.pid)];
  const { statements, databaseMs } = since(before.tally, await tally(database.db, database.name));
  if (process.env.BENCH_DEBUG)
    for (const { query, calls, ms: each } of await costliest(database.db, database.name, 12))
      note(`${shown((calls * MINUTE) / ms)} calls, ${shown((each * MINUTE) / ms)} ms a minute: ${query}`);
  return {
    clawCpu: ((own.cpuMs - before.claw.cpuMs) / ms) * 100,
    serverCpu: (((use?.cpuMs ?? Number.NaN) - (before.server?.cpuMs ?? Number.NaN)) / ms) * 100,
    statements: (statements * MINUTE) / ms,
    databaseMs: (databaseMs * MINUTE) / ms,
    rss: own.rss,
    serverBytes: use?.bytes ?? Number.NaN,
  };
}

interface Looks {
  readonly count: number;
  readonly quiet: Look;
  readonly due: Look;
  /** Milliseconds from slot to start of the runs meanwhile. */
  readonly starts: readonly number[];
}

async function looksAt(server: BenchServer, outside: Outside, count: number): Promise<Looks> {
  const database = await server.createForClaw(`claw_${count}`);
  const { db } = database;
  const options = { databaseUrl: database.url, env: overTheWire(outside) };
  // The console's workspace is there after the first start.
  await (await startClaw(options)).stop();
  const makeMs = count * MAKE_MS;
  const first = Math.ceil((Date.now() + makeMs + 2 * SETTLE_MS + SECONDS * 1_000) / 1_000) * 1_000;
  await insertWorkflows(db, {
    count,
    instruction: "say that all is well bench-{n}",
    tools: [],
    dueAt: new Date(first),
    apartMs: MINUTE / DUE_A_MINUTE,
    everySeconds: Math.max(60, Math.ceil((count * 60) / DUE_A_MINUTE)),
  });
  await db.execute(sql`vacuum analyze agenda_jobs`);
  await db.execute(sql`checkpoint`);
  note(`${count} workflows are there`);
  const claw = await startClaw(options);
  try {
    const quietAt = first - SECONDS * 1_000 - SETTLE_MS / 4;
    if (Date.now() > quietAt - SETTLE_MS / 2) throw new Error(`making ${count} workflows took too long; try fewer`);
    await sleep(quietAt - Date.now());
    const quiet = await look(server, database, claw);
    // The first of a process's runs cost more than the later ones.
    await sleep(first + SETTLE_MS - Date.now());
    const due = await look(server, database, claw);
    return { count, quiet, due, starts: await startsOf(database) };
  } finally {
    await claw.stop();
    await database.close();
  }
}

/** @throws Error when a slot that has come has no run that succeeded */
async function startsOf({ db }: BenchDatabase): Promise<number[]> {
  const expected = Math.floor(((SECONDS * 1_000) / MINUTE) * DUE_A_MINUTE);
  const rows = await until(
    async () => {
      const [open] = await db.execute<{ late: boolean }>(sql`
        select /* bench */ exists (select from workflows where next_slot_at < now() - interval '10 s') as late`);
      const found = await db.execute<{ ms: string; status: string }>(sql`
        select /* bench */ extract(epoch from r.started_at - f.planned_at) * 1000 as ms, r.status
        from runs r join firings f on f.id = r.firing_id where f.planned_at < now() - interval '5 s'`);
      const good = found.every(({ status }) => status === "succeeded");
      return good && !open?.late && found.length >= expected ? found : null;
    },
    { what: `${expected} runs of slots that have come succeeded`, limitMs: 60_000, everyMs: 1_000 },
  );
  return [...rows].map(({ ms }) => Number(ms));
}

await bench(async (later) => {
  if (SIZES.some((count) => !Number.isInteger(count) || count < DUE_A_MINUTE))
    throw new Error(`BENCH_SIZES must be whole numbers from ${DUE_A_MINUTE}, with commas`);
  const server = await startServer();
  later(() => server.close());
  const outside = await startOutside();
  later(() => outside.stop());
  await server.count(true);
  const all: Looks[] = [];
  for (const count of SIZES) all.push(await looksAt(server, outside, count));

  const mebibytes = (bytes: number) => shown(bytes / 2 ** 20, 0);
  const row = (count: number, what: string, each: Look, starts: string) => [
    `${shown(count, 0)} workflows, ${what}`,
    `${shown(each.clawCpu)} %`,
    `${shown(each.serverCpu)} %`,
    shown(each.statements, 0),
    shown(each.databaseMs, 0),
    mebibytes(each.rss),
    mebibytes(each.serverBytes),
    starts,
  ];
  const rows = all.flatMap(({ count, quiet, due, starts }) => [
    row(count, "none due", quiet, ""),
    row(count, `${DUE_A_MINUTE} due a minute`, due, shown(quantile(starts, 0.99), 0)),
  ]);
  console.log(`\n${machine()}; one process that does everything, looked at for ${SECONDS} s each\n`);
  const head = "CPU of Claw|CPU of PostgreSQL|statements a minute|database ms a minute|MiB of Claw|MiB of PostgreSQL";
  console.log(table(["of a core", ...head.split("|"), "ms from slot to start, p99"], rows));

  const most = (of: (looks: Looks) => number) => Math.max(...all.map(of));
  const growth = (of: (looks: Looks) => number) => {
    const [least, greatest] = [all.at(0), all.at(-1)];
    return least && greatest ? of(greatest) / of(least) : Number.NaN;
  };
  const grown = [growth(({ quiet }) => quiet.databaseMs), growth(({ due }) => due.databaseMs)];
  console.log(
    `\nCPU of Claw with none due: ${verdict(most(({ quiet }) => quiet.clawCpu) < TARGETS.cpu, `under ${TARGETS.cpu} % of a core`)};` +
      ` with ${DUE_A_MINUTE} runs a minute: ${verdict(most(({ due }) => due.clawCpu) < TARGETS.cpu, `under ${TARGETS.cpu} %`)}.` +
      ` Memory of Claw: ${verdict(most(({ due }) => due.rss) < TARGETS.mebibytes * 2 ** 20, `under ${TARGETS.mebibytes} MiB`)}.` +
      ` Database time of ${shown(SIZES.at(-1) ?? 0, 0)} workflows beside ${shown(SIZES.at(0) ?? 0, 0)}: ${grown.map((each) => shown(each)).join(" times with none due, ")} times with ${DUE_A_MINUTE} a minute;` +
      ` ${verdict(Math.max(...grown) < TARGETS.growth, "it does not grow")}.`,
  );
});
