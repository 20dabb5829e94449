/** A PostgreSQL server of one test's own, durable as users have it, that may be killed, restarted and made read-only. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import { connect, type Database } from "../../src/orchestrator/db/client.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../src/orchestrator/db/embedded/embedded-postgres.ts";
import { migrate } from "../../src/orchestrator/db/migrate.ts";
import { createAgendaSchema } from "../../src/orchestrator/schedules/agenda.ts";
import { makeDataFolder } from "./data-folder.ts";
import { quietLog } from "./database.ts";
import { startPgProxy } from "./pg-proxy.ts";

export interface OwnServer {
  /** Whoever looks on; over restarts, though not during one. */
  readonly db: Database;
  readonly sql: postgres.Sql;
  /** Goes to the server wherever it listens at the time. */
  readonly url: string;
  /** Where it listens at the time. */
  readonly target: { readonly host: string; readonly port: number };
  /** Ends the server's main process without a word, as the kernel does when memory runs out. */
  kill(): Promise<void>;
  /** The server's own immediate shutdown: no checkpoint, every client is cut off. */
  stopAtOnce(): Promise<void>;
  /** After one of these two. What was acknowledged is there again. */
  start(): Promise<void>;
  /** Ends every session but those that look on. */
  terminateSessions(): Promise<void>;
  /** Every transaction that begins from now on may only read, as on a server that became a standby. */
  setReadOnly(on: boolean): Promise<void>;
  close(): Promise<void>;
}

const ONLOOKER = "claw-onlooker";

export async function ownServer(): Promise<OwnServer> {
  const folder = await makeDataFolder("claw-own-");
  const dataDir = join(folder, "postgres");
  const launch = () => startEmbeddedPostgres({ dataDir, log: quietLog });
  const started: EmbeddedPostgres[] = [await launch()];
  const url = () => started.at(-1)?.url ?? "";
  const target = {
    host: "127.0.0.1",
    get port() {
      return Number(new URL(url()).port);
    },
  };
  await migrate(url(), { log: quietLog, prepare: () => createAgendaSchema(url()) });
  const proxy = await startPgProxy({ target });
  const steady = proxy.through(url());
  const client = connect(steady, { max: 4, applicationName: ONLOOKER });

  async function end(signal: "SIGKILL" | "SIGQUIT"): Promise<void> {
    const pid = Number((await readFile(join(dataDir, "data", "postmaster.pid"), "utf8")).split("\n")[0]);
    process.kill(pid, signal);
    while (await isRunning(pid)) await sleep(20);
  }

  return {
    db: client.db,
    sql: client.sql,
    url: steady,
    target,
    kill: () => end("SIGKILL"),
    stopAtOnce: () => end("SIGQUIT"),
    async start() {
      started.push(await launch());
    },
    async terminateSessions() {
      await client.sql`select pg_terminate_backend(pid) from pg_stat_activity
        where pid <> pg_backend_pid() and backend_type = 'client backend' and application_name <> ${ONLOOKER}`;
    },
    async setReadOnly(on) {
      await client.sql.unsafe(`alter system set default_transaction_read_only = ${on ? "on" : "off"}`);
      await client.sql`select pg_reload_conf()`;
    },
    async close() {
      await client.close();
      await proxy.close();
      for (const each of started) await each.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A zombie has ended; who reaps it may take their time. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (stat !== null) return !/\) Z /.test(stat);
  try {
    process.kill(pid, 0);
    return process.platform !== "linux";
  } catch {
    return false;
  }
}
