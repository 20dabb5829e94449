/** Puts an error that ended a command into words: what is wrong and what to do. */
import { type Config, ConfigError, secretValues } from "../config.ts";
import { ClawError } from "../orchestrator/errors.ts";
import { type Hidden, redactor } from "../redaction.ts";

export interface Explanation {
  readonly text: string;
  /** 2: the configuration or the command line is wrong; 1: anything else. */
  readonly exitCode: 1 | 2;
}

const UNREACHABLE = [
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "CONNECT_TIMEOUT",
];
const UNWRITABLE = ["EACCES", "EPERM", "EROFS", "ENOSPC", "ENOTDIR", "EEXIST"];

/** PostgreSQL's code for a table that is not there. */
const UNDEFINED_TABLE = "42P01";

/** A property of an error that libraries set beside the message; empty when there is none. */
const property = (error: unknown, name: string): string =>
  typeof error === "object" && error !== null && name in error ? String(Reflect.get(error, name)) : "";

/** The error's code, or that of the first cause that has one. */
function codeOf(error: unknown): string {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const code = property(at, "code");
    if (code !== "") return code;
    if (at instanceof AggregateError && at.errors.length > 0) return property(at.errors[0], "code");
  }
  return "";
}

function sentence(error: unknown, config: Config | null): string {
  if (error instanceof ClawError || error instanceof ConfigError) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  if (code === "EADDRINUSE" && config !== null) {
    const { host, port } = config.console;
    return [
      `Port ${port} on ${host} is in use by another program, perhaps another Claw.`,
      "Stop it, or set CLAW_CONSOLE_PORT to another port (0 takes any free one).",
    ].join("\n");
  }
  if (code === "EADDRNOTAVAIL" && config !== null) {
    return `This machine has no address ${config.console.host}. Set CLAW_CONSOLE_HOST, such as to 127.0.0.1.`;
  }
  if (UNWRITABLE.includes(code) && property(error, "path") !== "") {
    return [
      `Cannot write ${property(error, "path")} (${code}).`,
      "Make the data directory writable for this user, or set CLAW_DATA_DIR to another.",
    ].join("\n");
  }
  if (UNREACHABLE.includes(code)) {
    const place = config?.databaseUrl ? ` at ${new URL(config.databaseUrl).host}` : "";
    return `The database${place} cannot be reached (${code}). Start it, or correct DATABASE_URL; claw doctor says more.`;
  }
  if (code === UNDEFINED_TABLE)
    return "The database lacks tables of this version. claw migrate, or claw start, makes them.";
  return `Claw cannot go on: ${message}\nLOG_LEVEL=debug shows where this comes from.`;
}

/**
 * @param config null when it could not be loaded
 * @param hidden what must not be repeated; left out: what the configuration holds
 * The stack is there with LOG_LEVEL=debug only. Holds no configured secret.
 */
export function explain(
  error: unknown,
  config: Config | null,
  hidden: Pick<Hidden, "redact"> = { redact: redactor(config === null ? [] : secretValues(config)) },
): Explanation {
  const text = sentence(error, config);
  const lines = [text.charAt(0).toUpperCase() + text.slice(1)];
  if (config?.logLevel === "debug" && error instanceof Error && error.stack) lines.push(error.stack);
  return {
    text: hidden.redact(lines.join("\n")),
    exitCode: error instanceof ConfigError ? 2 : 1,
  };
}
