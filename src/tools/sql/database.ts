/** One read of a database that the operator listed: on a connection of its own, in a transaction that cannot write. */
import type { Sql } from "postgres";
import { fail, type ToolContext, type ToolErrorCode, type ToolResult } from "../contract.ts";

/** A database as the operator listed it. */
export interface ListedDatabase {
  readonly name: string;
  /** `postgres://user:password@host:5432/database`; the user should be able to read only what Claw may read. */
  readonly url: string;
  /** For the model: what is in it. Null: nothing was said. */
  readonly description: string | null;
}

/** Milliseconds the server gives a query; shorter than the contract's limit, so that it says itself what happened. */
const STATEMENT_MS = 20_000;
const CONNECT_SECONDS = 8;
const TEXT = 25;
/** Types that stay as the server writes them: json, jsonb, date, time, timestamp, timestamptz. */
const AS_WRITTEN = [114, 3802, 1082, 1083, 1114, 1184] as const;

/**
 * Opens a connection, begins a read-only transaction, and closes both whatever happens.
 * @returns what `read` returns, or a failure in words for what the server answers or does not answer
 */
export async function readOnly<T>(
  database: ListedDatabase,
  ctx: ToolContext,
  read: (sql: Sql) => Promise<ToolResult<T>>,
): Promise<ToolResult<T>> {
  const { default: postgres } = await import("postgres");
  const client = postgres(database.url, {
    max: 1,
    connect_timeout: CONNECT_SECONDS,
    idle_timeout: 1,
    onnotice: () => undefined,
    types: { asWritten: { to: TEXT, from: [...AS_WRITTEN], serialize: String, parse: (text: string) => text } },
    connection: { application_name: "claw-sql", statement_timeout: STATEMENT_MS, default_transaction_read_only: true },
  });
  try {
    ctx.signal.throwIfAborted();
    const [user] = await client<{ superuser: boolean }[]>`
      select rolsuper as superuser from pg_roles where rolname = current_user`;
    if (user?.superuser !== false) {
      return fail(
        "not_permitted",
        `The user of ${database.name} is a superuser, whom no read-only transaction holds. An operator must list another.`,
      );
    }
    return (await client.begin("isolation level repeatable read read only", (sql) =>
      read(sql as unknown as Sql),
    )) as ToolResult<T>;
  } catch (error) {
    return failed(error, database.name, ctx.signal);
  } finally {
    await client.end({ timeout: 1 }).catch(() => undefined);
  }
}

export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** The rows of one query, up to a number. @param query goes to a cursor, which takes one SELECT, VALUES or TABLE and nothing else */
export async function fetchRows(sql: Sql, query: string, most: number, signal: AbortSignal): Promise<Rows> {
  // A tagged template is sent as one command: what stands behind a semicolon is refused by the server.
  const declared = sql`declare claw_rows no scroll cursor without hold for ${sql.unsafe(query)}`;
  await stopping(declared, declared, signal);
  const fetched = sql`fetch forward ${sql.unsafe(String(most))} from claw_rows`;
  const rows = await stopping(fetched, fetched.values(), signal);
  return { columns: rows.columns.map(({ name }) => name), rows: [...rows] };
}

/** Waits for a query; the server is told to stop it when the signal aborts. */
async function stopping<T>(query: { cancel(): void }, result: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  const cancel = (): void => query.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    signal.throwIfAborted();
    return await result;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** `57014`: query_canceled. `25006`: read_only_sql_transaction. https://www.postgresql.org/docs/current/errcodes-appendix.html */
function failed(error: unknown, name: string, signal: AbortSignal): ToolResult<never> {
  if (signal.aborted) return fail("timeout", `${name} gave no answer in time`);
  if (!(error instanceof Error)) throw error;
  const code = "code" in error ? String(error.code) : "";
  const say = (kind: ToolErrorCode, message: string) => fail(kind, message);
  if (code === "57014")
    return say("timeout", `${name} stopped the query after ${STATEMENT_MS / 1_000} s; ask for less`);
  if (code === "25006") return say("not_permitted", `${name} is only read; the query would change it`);
  if (code === "42501") return say("not_permitted", `${name}: ${error.message}`);
  if (code.startsWith("28")) return say("bad_credentials", `${name} does not accept its user and password`);
  if (/^(?:53|57|08)/.test(code) || !/^[0-9A-Z]{5}$/.test(code))
    return say("service_unavailable", `${name} cannot be reached (${code})`);
  const hint = "hint" in error && typeof error.hint === "string" ? ` ${error.hint}` : "";
  return say("invalid_input", `${name}: ${error.message}.${hint}`);
}
