/** Waiting for a database that may still be starting, and telling that from one that will never let us in. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../log.ts";
import { ClawError } from "../errors.ts";
import { openDriver } from "./driver.ts";

export interface WaitForDatabaseDeps {
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Milliseconds until it gives up; null waits for as long as it takes. */
  readonly timeoutMs: number | null;
}

const PROBE_SECONDS = 5;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
const TELL_EVERY_MS = 5_000;

/** The parts of a database URL that may be shown. Never the password. */
interface Target {
  readonly user: string;
  readonly place: string;
  readonly database: string;
}

function targetOf(url: string): Target {
  try {
    const { protocol, username, host, pathname } = new URL(url);
    if (protocol !== "postgres:" && protocol !== "postgresql:") throw new TypeError(protocol);
    const database = decodeURIComponent(pathname.slice(1));
    return { user: decodeURIComponent(username), place: host, database: database || decodeURIComponent(username) };
  } catch {
    // Without the cause: it quotes the URL, password and all.
    throw new ClawError(
      "database_unavailable",
      "DATABASE_URL is not a PostgreSQL URL. It should look like postgres://user:password@host:5432/database; " +
        "characters such as @ / : # in the password must be written as %40 %2F %3A %23.",
    );
  }
}

type Answer =
  | { readonly kind: "ready" }
  /** May pass by itself. */
  | { readonly kind: "not_yet"; readonly reason: string }
  /** Will be the same at every try. */
  | { readonly kind: "never"; readonly advice: string };

const NOT_YET: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "it drops connections",
  CONNECTION_CLOSED: "it closes connections",
  CONNECTION_ENDED: "it closes connections",
  CONNECTION_DESTROYED: "it closes connections",
  ETIMEDOUT: "it does not answer",
  CONNECT_TIMEOUT: "it does not answer",
  EHOSTUNREACH: "there is no way to that host",
  ENETUNREACH: "there is no way to that network",
  ENOTFOUND: "its name is not known",
  EAI_AGAIN: "its name cannot be looked up",
  "57P01": "it is shutting down",
  "57P02": "it is restarting after a crash",
  "57P03": "it is starting up",
  "53300": "it has too many connections",
};

function adviceFor(code: string, target: Target): string | null {
  const { user, place, database } = target;
  switch (code) {
    case "28P01":
      return `PostgreSQL at ${place} refuses the password of user "${user}". Correct it in DATABASE_URL.`;
    case "28000":
      return `PostgreSQL at ${place} does not let user "${user}" in. Create the role, or allow it in pg_hba.conf, or correct DATABASE_URL.`;
    case "3D000":
      return `PostgreSQL at ${place} has no database "${database}". Create it (createdb ${database}) or correct DATABASE_URL.`;
    case "42501":
      return `user "${user}" may not connect to database "${database}" at ${place}. Grant it, or correct DATABASE_URL.`;
    default:
      return /CERT|TLS|SSL/.test(code)
        ? `the TLS certificate of PostgreSQL at ${place} is not accepted (${code}). Correct it, or sslmode in DATABASE_URL.`
        : null;
  }
}

function answerTo(error: unknown, target: Target): Answer {
  const code = String((error as { code?: unknown }).code ?? "");
  const advice = adviceFor(code, target);
  if (advice !== null) return { kind: "never", advice };
  return { kind: "not_yet", reason: NOT_YET[code] ?? `it answers ${code || "nothing that can be understood"}` };
}

async function probe(url: string, target: Target): Promise<Answer> {
  const sql = openDriver(url, { max: 1, applicationName: "claw-probe", connectTimeout: PROBE_SECONDS });
  try {
    await sql`select 1`;
    return { kind: "ready" };
  } catch (error) {
    return answerTo(error, target);
  } finally {
    await sql.end({ timeout: 1 }).catch(() => {});
  }
}

/**
 * Returns once the database answers. Says every few seconds what it waits for, without the password.
 * Throws `database_unavailable` at once when waiting cannot help (password, role, database, certificate, a malformed
 * URL), and after `timeoutMs`; throws the signal's reason when aborted. A second call does no harm.
 */
export async function waitForDatabase(url: string, deps: WaitForDatabaseDeps): Promise<void> {
  const { log, signal, timeoutMs } = deps;
  const target = targetOf(url);
  const began = performance.now();
  let toldAt = Number.NEGATIVE_INFINITY;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    const answer = await probe(url, target);
    if (answer.kind === "ready") return;
    if (answer.kind === "never") throw new ClawError("database_unavailable", answer.advice);
    const now = performance.now();
    const leftMs = timeoutMs === null ? pauseMs : timeoutMs - (now - began);
    if (leftMs <= 0)
      throw new ClawError(
        "database_unavailable",
        `PostgreSQL at ${target.place} cannot be reached: ${answer.reason}. Start it, or correct DATABASE_URL.`,
      );
    if (now - toldAt >= TELL_EVERY_MS) {
      toldAt = now;
      log.warn({ at: target.place, reason: answer.reason }, "waiting for PostgreSQL");
    }
    await sleep(Math.min(pauseMs, leftMs), undefined, { signal });
  }
}
