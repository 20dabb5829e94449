/** Brings a database to the shape that this version of Claw expects. */
import { join } from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as applyMigrations } from "drizzle-orm/postgres-js/migrator";
import type postgres from "postgres";
import type { Log } from "../../log.ts";
import { packageRoot } from "../../package-root.ts";
import { openDriver } from "./driver.ts";

/** Any number that nothing else in a shared database uses: "claw" in ASCII. */
const LOCK = 0x636c6177;

export interface MigrateDeps {
  readonly log: Log;
  /** What else has to be made under the same lock, such as the tables of the scheduling library. Must bear a repeat. */
  readonly prepare?: (sql: postgres.Sql) => Promise<void>;
}

/**
 * Applies what is missing of `drizzle/`, then calls `prepare`. Any number of processes may call it at once: one works,
 * the others wait. A second call finds nothing to do. Throws what the database says; nothing is half applied.
 *
 * The lock belongs to a connection, so everything happens on one that is used for nothing else and never renewed.
 */
export async function migrate(url: string, deps: MigrateDeps): Promise<void> {
  const { log } = deps;
  const sql = openDriver(url, { max: 1, applicationName: "claw-migrate", pinned: true });
  try {
    const [row] = await sql`select pg_try_advisory_lock(${LOCK}) as free`;
    if (row?.free !== true) {
      log.info({}, "another Claw is migrating the database; waiting for it");
      await sql`select pg_advisory_lock(${LOCK})`;
    }
    const began = performance.now();
    await applyMigrations(drizzle(sql), { migrationsFolder: join(packageRoot(), "drizzle") });
    await deps.prepare?.(sql);
    log.debug({ ms: Math.round(performance.now() - began) }, "database migrated");
  } finally {
    await sql.end({ timeout: 5 });
  }
}
