/** The two that are compared: each does so many durable runs of three steps, 20 in flight, and says how long it took. */
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { openAlarms } from "./alarms.ts";
import { type Later, size, until } from "./bench.ts";
import { startChild } from "./child.ts";
import { startClaw, YAML } from "./claw.ts";
import type { BenchDatabase, BenchServer } from "./database.ts";
import type { Outside } from "./outside.ts";
import { insertWorkflows } from "./workflows.ts";

const IN_FLIGHT = 20;
const LIMIT_MS = size("BENCH_LIMIT_S", 600) * 1_000;

export interface Peer {
  readonly name: string;
  /** Its database; null when it has none. */
  readonly database: string | null;
  /** Seconds that so many runs take. @throws Error when one of them does not succeed, or says nothing */
  round(count: number): Promise<number>;
  /** Milliseconds of a core that its process has used so far. */
  cpuMs(): Promise<number>;
}

/** DBOS Transact as it comes, three steps that do nothing, workflows called directly. */
export async function dbosPeer(server: BenchServer, later: Later): Promise<Peer> {
  const database = "dbos";
  const child = startChild(join(import.meta.dirname, "dbos-process.ts"), {
    BENCH_DATABASE: await server.create(database),
  });
  later(() => child.stop());
  return {
    name: "DBOS Transact 5.3.0, direct, three steps that do nothing",
    database,
    round: (count) => child.ask<number>({ count, inFlight: IN_FLIGHT }),
    cpuMs: () => child.ask<number>("cpu"),
  };
}

/** The floor: what the model calls and the page of a run cost by themselves, with no database behind them. */
export async function wirePeer(outside: Outside, later: Later): Promise<Peer> {
  const child = startChild(join(import.meta.dirname, "wire-process.ts"), {
    BENCH_MODEL: outside.model,
    BENCH_SITE: outside.site,
  });
  later(() => child.stop());
  return {
    name: "the wire alone: two calls by the openai client and a page, nothing kept",
    database: null,
    async round(count) {
      const seconds = await child.ask<number>({ count, inFlight: IN_FLIGHT });
      await outside.take();
      return seconds;
    },
    cpuMs: () => child.ask<number>("cpu"),
  };
}

export interface ClawPeerDeps {
  readonly name: string;
  readonly database: BenchDatabase;
  readonly env: Readonly<Record<string, string>>;
  readonly outside: Outside;
}

/** One Claw that does everything; a run is a model call, a page read, a model call that finishes, and a report. */
export async function clawPeer({ name, database, env, outside }: ClawPeerDeps, later: Later): Promise<Peer> {
  const yaml = `${YAML}runs: { concurrency: ${IN_FLIGHT}, perWorkspace: 100 }\n`;
  const claw = await startClaw({ databaseUrl: database.url, env, yaml });
  later(() => claw.stop());
  const alarms = openAlarms(database);
  later(() => alarms.stop());
  return {
    name,
    database: database.name,
    round: (count) => clawRound(database, alarms, outside, count),
    cpuMs: async () => (await claw.sample()).cpuMs,
  };
}

async function clawRound(
  { db }: BenchDatabase,
  alarms: ReturnType<typeof openAlarms>,
  outside: Outside,
  count: number,
): Promise<number> {
  await insertWorkflows(db, {
    count,
    instruction: `check ${outside.site}/status`,
    tools: ["http_get"],
    dueAt: new Date(Date.now() + 86_400_000),
  });
  await outside.take();
  const [started] = await db.execute<{ runs: number }>(sql`select /* bench */ count(*)::int as runs from runs`);
  await db.execute(sql`update /* bench */ workflows set next_slot_at = now() where next_slot_at is not null`);
  const began = Date.now();
  await alarms.set("slots.due", began);
  const look = async () => {
    const [row] = await db.execute<{ over: boolean }>(sql`
      select /* bench */ (select count(*) from runs where number > ${started?.runs ?? 0}) >= ${count}
        and not exists (select from runs where status in ('queued', 'running', 'waiting'))
        and not exists (select from deliveries where status in ('pending', 'sending')) as over`);
    return row?.over ? true : null;
  };
  const instead = async () => {
    const rows = await db.execute(sql`
      select /* bench */ 'run' as what, status::text, count(*)::int from runs group by 2
      union all select 'delivery', status::text, count(*)::int from deliveries group by 2`);
    return JSON.stringify([...rows]);
  };
  await until(look, { what: `${count} runs ended and reported`, limitMs: LIMIT_MS, everyMs: 200, instead });
  const [done] = await db.execute<{ runs: number; reports: number; steps: number; until: string }>(sql`
    select /* bench */ count(*) filter (where r.status = 'succeeded')::int as runs,
      (select count(*)::int from deliveries d where d.status = 'sent' and d.key like 'report:%'
        and d.run_id in (select id from runs where number > ${started?.runs ?? 0})) as reports,
      (select count(*)::int from steps s join runs on runs.id = s.run_id where runs.number > ${started?.runs ?? 0} and s.status = 'succeeded') as steps,
      extract(epoch from greatest(max(r.ended_at), (select max(sent_at) from deliveries))) * 1000 as until
    from runs r where r.number > ${started?.runs ?? 0}`);
  await db.execute(sql`update /* bench */ workflows set next_slot_at = null, status = 'ended' where status = 'active'`);
  const read = (await outside.take()).filter(({ turn }) => turn < 0).length;
  if (done?.runs !== count || done.reports !== count || done.steps < 3 * count || read !== count)
    throw new Error(`of ${count} runs: ${JSON.stringify(done)}, ${read} pages read`);
  return (Number(done.until) - began) / 1_000;
}
