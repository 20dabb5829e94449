/** A Claw that may be killed at any commit, in a world of its own from the database to the server outside. */
import { type ClawProcess, removeFolder, startClawProcess } from "../support/claw-process.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type HttpServer, httpServer } from "../support/http-server.ts";
import { type Commit, type CommitPhase, startPgProxy } from "../support/pg-proxy.ts";
import { freePort } from "../support/ports.ts";

/** Asked at every commit of the process, twice; `kill` sends SIGKILL before anything else happens. */
export type Decide = (commit: Commit, phase: CommitPhase) => "go" | "kill";

/** What a killed process left behind: what was finished then must never be done again. */
export interface Remains {
  /** Steps that had succeeded, and how often each had been tried. */
  readonly succeeded: readonly { readonly runId: string; readonly step: string; readonly tries: number }[];
  /** How many requests the outside had seen. */
  readonly requests: number;
}

export interface Scene {
  readonly database: TestDatabase;
  /** The world outside. */
  readonly site: HttpServer;
  /** The console; it stays the same over restarts. */
  readonly url: string;
  /** In the order in which they happened. */
  readonly kills: readonly Remains[];
  decide(decide: Decide): void;
  /** What the processes said that have ended, for whoever reads a failure. */
  output(): string;
  close(): Promise<void>;
}

/** Starts a Claw, and starts it again whenever it was killed, as a supervisor would. */
export async function openScene(): Promise<Scene> {
  const database = await testDatabase();
  const site = await httpServer();
  const go: Decide = () => "go";
  const state = { decide: go, pid: 0, closing: false, output: "" };
  const kills: Remains[] = [];
  const { hostname, port: databasePort } = new URL(database.url);
  const proxy = await startPgProxy({
    target: { host: hostname, port: Number(databasePort) },
    onCommit: (commit, phase) => {
      if (state.closing || state.decide(commit, phase) === "go") return "go";
      process.kill(state.pid, "SIGKILL");
      return "hold";
    },
  });
  const port = await freePort();
  const start = (folder?: string): Promise<ClawProcess> =>
    startClawProcess({
      databaseUrl: proxy.through(database.url),
      port,
      ...(folder === undefined ? {} : { folder }),
      onSpawn: (child) => {
        state.pid = child.pid ?? 0;
      },
    });
  const first = await start();
  const { folder } = first;

  async function keepUp(): Promise<void> {
    let claw: ClawProcess | null = first;
    while (!state.closing) {
      await claw?.exited;
      state.output += claw ? claw.stdout() + claw.stderr() : "";
      if (state.closing) return;
      kills.push(await remains(database, site));
      await letTimePass(database);
      // Killed before it was ready: that start is over.
      claw = await start(folder).catch((error: unknown) => {
        state.output += String(error);
        return null;
      });
    }
    await claw?.kill();
  }
  const kept = keepUp();

  return {
    database,
    site,
    url: `http://127.0.0.1:${port}`,
    kills,
    decide: (decide) => {
      state.decide = decide;
    },
    output: () => state.output.slice(-20_000),
    async close() {
      state.closing = true;
      try {
        process.kill(state.pid, "SIGKILL");
      } catch {
        // It had ended.
      }
      await kept;
      await proxy.close();
      await site.close();
      await database.close();
      await removeFolder(folder);
    },
  };
}

async function remains({ sql }: TestDatabase, site: HttpServer): Promise<Remains> {
  const rows = await sql<{ runId: string; step: string; tries: number }[]>`
    select run_id as "runId", turn || '.' || call_index || ' ' || name as step, attempts as tries
    from steps where status = 'succeeded'`;
  return { succeeded: rows, requests: site.requests.length };
}

/** A message that was being posted is left alone for half a minute. The test does not sit through it. */
async function letTimePass({ sql }: TestDatabase): Promise<void> {
  await sql`update deliveries set lease_until = lease_until - interval '30 s' where status = 'sending'`;
}
