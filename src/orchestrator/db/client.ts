/** The connection to PostgreSQL. */
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type postgres from "postgres";
import { type DriverOptions, openDriver } from "./driver.ts";

export type Database = PostgresJsDatabase<Record<string, never>>;
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0];

export interface DatabaseClient {
  readonly db: Database;
  /** The driver itself, for LISTEN and for scripts. */
  readonly sql: postgres.Sql;
  /** Waits up to 5 s for statements in flight. A second call waits for the first. */
  close(): Promise<void>;
}

/** @param max connections in the pool; the event loop, not their number, is the limit */
export function connect(
  url: string,
  options: Pick<DriverOptions, "max" | "applicationName" | "plansOnce">,
): DatabaseClient {
  const sql = openDriver(url, options);
  return { db: drizzle(sql), sql, close: () => sql.end({ timeout: 5 }) };
}
