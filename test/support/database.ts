/** A real, migrated database of one's own. */
import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import type { Log } from "../../src/log.ts";
import { connect, type Database } from "../../src/orchestrator/db/client.ts";

/** A log that keeps its mouth shut. */
export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => quietLog };

export interface TestDatabase {
  readonly db: Database;
  readonly sql: postgres.Sql;
  /** For other processes and other clients; with a superuser's password. */
  readonly url: string;
  /** Drops the database, whoever is still connected to it. A second call does no harm. */
  readonly close: () => Promise<void>;
}

async function asAdmin(statement: string): Promise<void> {
  const admin = postgres(inject("postgresUrl"), { max: 1, onnotice: () => {} });
  try {
    await admin.unsafe(statement);
  } finally {
    await admin.end();
  }
}

/** @param options.empty without Claw's tables, for tests of the migration itself */
export async function testDatabase(options: { readonly empty?: boolean } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  await asAdmin(`create database ${name} template ${options.empty === true ? "template0" : "claw_template"}`);
  const url = new URL(inject("postgresUrl"));
  url.pathname = `/${name}`;
  const client = connect(url.href, { max: 10, applicationName: "claw-test" });
  const close = async (): Promise<void> => {
    await client.close();
    await asAdmin(`drop database if exists ${name} with (force)`);
  };
  return { db: client.db, sql: client.sql, url: url.href, close };
}
