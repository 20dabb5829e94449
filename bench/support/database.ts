/** A PostgreSQL of the bench's own, with the settings of the embedded server as users run it: fsync on. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { connect, type DatabaseClient } from "../../src/orchestrator/db/client.ts";
import { startEmbeddedPostgres } from "../../src/orchestrator/db/embedded/embedded-postgres.ts";
import { migrate } from "../../src/orchestrator/db/migrate.ts";
import { createAgendaSchema } from "../../src/orchestrator/schedules/agenda.ts";

export const silent = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

export interface BenchDatabase extends DatabaseClient {
  readonly name: string;
  readonly url: string;
}

export interface BenchServer {
  /** The postmaster's process id. */
  readonly pid: number;
  /** Statements are counted from now on, or no longer. Off at the start, so that counting slows nothing down. */
  count(on: boolean): Promise<void>;
  /** A new database. */
  create(name: string): Promise<string>;
  /** A new database with Claw's tables. */
  createForClaw(name: string): Promise<BenchDatabase>;
  /** Ends the server and removes its data. */
  close(): Promise<void>;
}

export async function startServer(): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), "claw-bench-"));
  const dataDir = join(folder, "postgres");
  const first = await startEmbeddedPostgres({ dataDir, log: silent });
  const setup = connect(first.url, { max: 1, applicationName: "bench" });
  await setup.db.execute(sql`alter system set shared_preload_libraries = 'pg_stat_statements'`);
  await setup.close();
  await first.stop();
  const server = await startEmbeddedPostgres({ dataDir, log: silent });
  const root = connect(server.url, { max: 1, applicationName: "bench" });
  await root.db.execute(sql`create extension pg_stat_statements`);
  await root.db.execute(sql`alter system set pg_stat_statements.max = 10000`);
  const clients: DatabaseClient[] = [root];

  const count = async (on: boolean) => {
    await root.db.execute(sql.raw(`alter system set pg_stat_statements.track = '${on ? "top" : "none"}'`));
    await root.db.execute(sql`select pg_reload_conf()`);
  };
  const create = async (name: string) => {
    await root.db.execute(sql.raw(`create database ${name}`));
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    return url.href;
  };
  await count(false);
  return {
    pid: Number((await readFile(join(dataDir, "data", "postmaster.pid"), "utf8")).split("\n")[0]),
    count,
    create,
    async createForClaw(name) {
      const url = await create(name);
      await migrate(url, { log: silent, prepare: () => createAgendaSchema(url) });
      const client = connect(url, { max: 2, applicationName: "bench" });
      clients.push(client);
      await client.db.execute(sql`create extension pg_stat_statements`);
      return { ...client, name, url };
    },
    async close() {
      for (const client of clients) await client.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Claw's database alone on a server of its own. */
export async function benchDatabase(): Promise<DatabaseClient & { readonly url: string }> {
  const folder = await mkdtemp(join(tmpdir(), "claw-bench-"));
  const server = await startEmbeddedPostgres({ dataDir: join(folder, "postgres"), log: silent });
  await migrate(server.url, { log: silent, prepare: () => createAgendaSchema(server.url) });
  const client = connect(server.url, { max: 4, applicationName: "claw-bench" });
  return {
    ...client,
    url: server.url,
    async close() {
      await client.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
