/** Statements that are planned once a connection, for the paths that every run takes. */
import { drizzle, type PostgresJsSession } from "drizzle-orm/postgres-js";
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

const keeping = new WeakMap<Database, Database>();

/**
 * The same database, where every statement is planned once a connection and sent in one message instead of two. Only for
 * statements whose text is a constant, such as lists that are one array, see {@link prepared}.
 */
export function keepingPlans(db: Database): Database {
  const known = keeping.get(db);
  if (known) return known;
  const { client } = db._.session as unknown as Session;
  const unsafe: postgres.Sql["unsafe"] = (text, parameters, options) =>
    client.unsafe(text, parameters, { ...options, prepare: true });
  const made = drizzle(new Proxy(client, { get: (of, key) => (key === "unsafe" ? unsafe : Reflect.get(of, key)) }));
  keeping.set(db, made);
  return made;
}

/** Many rows as one parameter; the statement reads them with `json_to_recordset`. Times become ISO instants. */
export const rowsOf = (rows: readonly unknown[]): string => JSON.stringify(rows);
