/** The configured database for commands that need one and then end. */
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import { startEmbeddedPostgres } from "../orchestrator/db/embedded/embedded-postgres.ts";
import { waitForDatabase } from "../orchestrator/db/wait.ts";

const PATIENCE_MS = 5_000;

export interface ReachedDatabase {
  /** With the password in it: never print it. */
  readonly url: string;
  readonly embedded: boolean;
  /** Ends the embedded server unless a running Claw uses it; nothing for a server of the operator's own. */
  readonly leave: () => Promise<void>;
}

/**
 * Reaches the database, starting the embedded server when no DATABASE_URL is set and nobody runs it.
 * @throws {ClawError} `database_unavailable`, with what to do, after at most about 5 s for a server elsewhere
 */
export async function reachDatabase(config: Config, log: Log): Promise<ReachedDatabase> {
  if (config.databaseUrl === null) {
    const server = await startEmbeddedPostgres({ dataDir: config.postgresDir, log });
    return { url: server.url, embedded: true, leave: server.stop };
  }
  await waitForDatabase(config.databaseUrl, { log, signal: new AbortController().signal, timeoutMs: PATIENCE_MS });
  return { url: config.databaseUrl, embedded: false, leave: async () => {} };
}
