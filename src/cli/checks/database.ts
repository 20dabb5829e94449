/** The database: reachable, recent enough, of this version's shape, with a clock that agrees with ours. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Config } from "../../config.ts";
import type { Log } from "../../log.ts";
import { connect, type DatabaseClient } from "../../orchestrator/db/client.ts";
import { ClawError } from "../../orchestrator/errors.ts";
import { packageRoot } from "../../package-root.ts";
import { reachDatabase } from "../database.ts";
import { broken, type Finding, ok } from "./check.ts";
import { checkSealed } from "./sealed.ts";

const OLDEST_VERSION = 140_000;
/** Leases, waits and slots compare times of several machines; beyond this they would be seen to be late or early. */
const MOST_SKEW_MS = 2_000;

/** Starts the embedded server for the time of the check when nobody runs it. */
export async function checkDatabase(config: Config, log: Log): Promise<Finding[]> {
  try {
    const database = await reachDatabase(config, log);
    try {
      const client = connect(database.url, { max: 1, applicationName: "claw-doctor" });
      try {
        return await checkShape(client, database.embedded, config);
      } finally {
        await client.close();
      }
    } finally {
      await database.leave();
    }
  } catch (error) {
    if (error instanceof ClawError) return [broken("database", error.message)];
    const reason = error instanceof Error ? error.message : String(error);
    return [broken("database", `${reason}. Check DATABASE_URL and the server's log`)];
  }
}

async function checkShape({ sql, db }: DatabaseClient, embedded: boolean, config: Config): Promise<Finding[]> {
  const before = Date.now();
  const [row] = await sql<{ version: string; number: number; now: number; migrations: string | null }[]>`
    select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
      (extract(epoch from clock_timestamp()) * 1000)::float8 as now,
      to_regclass('drizzle.__drizzle_migrations')::text as migrations`;
  const here = (before + Date.now()) / 2;
  if (row === undefined) return [broken("database", "it does not answer a simple query. Check the server's log")];
  return [
    checkVersion(row.version, row.number, embedded),
    await checkMigrations(row.migrations === null ? [] : await appliedMigrations(sql)),
    checkSkew(row.now - here),
    ...(row.migrations === null ? [] : await checkSealed(db, config)),
  ];
}

/** @param number the version as PostgreSQL compares it: 140005 is 14.5 */
export function checkVersion(version: string, number: number, embedded: boolean): Finding {
  if (number < OLDEST_VERSION) {
    return broken("database", `PostgreSQL ${version} is too old. Use version 14 or later`);
  }
  return ok(
    "database",
    embedded ? `embedded PostgreSQL ${version}. DATABASE_URL uses a server of your own` : `PostgreSQL ${version}`,
  );
}

async function appliedMigrations(sql: DatabaseClient["sql"]): Promise<number[]> {
  const rows = await sql<{ at: string }[]>`select created_at::text as at from drizzle.__drizzle_migrations`;
  return rows.map((row) => Number(row.at));
}

/** @param applied when each applied migration was written, in milliseconds: what the migration library tells them by */
async function checkMigrations(applied: readonly number[]): Promise<Finding> {
  const what = "migrations";
  const journal = await readFile(path.join(packageRoot(), "drizzle", "meta", "_journal.json"), "utf8");
  const { entries }: { entries: readonly { when: number }[] } = JSON.parse(journal);
  const newest = Math.max(0, ...applied);
  if (newest > Math.max(...entries.map((entry) => entry.when))) {
    return broken(what, "the database was migrated by a newer Claw. Upgrade this one");
  }
  const pending = entries.filter((entry) => entry.when > newest).length;
  return ok(
    what,
    pending === 0
      ? `${entries.length} applied, none pending`
      : `${entries.length - pending} applied, ${pending} pending: claw start applies them, and so does claw migrate`,
  );
}

/** @param skewMs by how much the database's clock is ahead of ours */
export function checkSkew(skewMs: number): Finding {
  const seconds = (Math.abs(skewMs) / 1_000).toFixed(1);
  const text = `the database's clock is ${seconds} s ${skewMs < 0 ? "behind" : "ahead of"} this machine's`;
  return Math.abs(skewMs) <= MOST_SKEW_MS
    ? ok("clock", text)
    : broken("clock", `${text}. Set both by NTP (timedatectl set-ntp true)`);
}
