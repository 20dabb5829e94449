/** Statements that are planned once a connection, for the paths that every run takes. */
import type { PostgresJsSession } from "drizzle-orm/postgres-js";
import type postgres from "postgres";
import type { Database, Transaction } from "./client.ts";

type Session = PostgresJsSession<postgres.Sql, Record<string, never>, Record<string, never>>;

/**
 * Runs a statement in `on`, a transaction or the pool. A connection keeps the plan of every text it has seen until it
 * closes, so the text must be a constant: what varies goes into the parameters, many rows as one JSON array. Times come
 * back as text, as PostgreSQL writes them.
 */
export async function prepared<Row>(
  on: Database | Transaction,
  text: string,
  parameters: readonly (string | number | null)[],
): Promise<readonly Row[]> {
  const { client } = on._.session as unknown as Session;
  return client.unsafe<Row[] & object[]>(text, [...parameters], { prepare: true }) as unknown as Promise<Row[]>;
}

/** Many rows as one parameter; the statement reads them with `json_to_recordset`. Times become ISO instants. */
export const rowsOf = (rows: readonly unknown[]): string => JSON.stringify(rows);
