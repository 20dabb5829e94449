/** The log: pino, one line a fact, pretty in a terminal and JSON otherwise, without secrets. */
import { createRequire } from "node:module";
import { pino } from "pino";
import type * as Pretty from "pino-pretty";
import { errorFields } from "./error-fields.ts";
import type { Log } from "./log.ts";
import { type Hidden, redactor } from "./redaction.ts";

export type { Log } from "./log.ts";

export interface LoggerOptions {
  readonly level: "debug" | "info" | "warn" | "error" | "silent";
  /** For a person at a terminal. */
  readonly pretty: boolean;
  /** Values that no line may hold, such as tokens; see `secretValues` of the configuration. */
  readonly secrets?: readonly string[];
  /** The same, of which there may be more later. */
  readonly hidden?: Hidden;
  /** Where lines go; one call a line. */
  readonly destination: { write(line: string): unknown };
}

/**
 * A log to a destination. Every line passes the redactor as a whole, whatever field or message a secret hides in.
 * Errors go under `err` or `error` and are written with stack and cause, and without the
 * values a failed statement was given.
 */
export function createLogger({ level, pretty, secrets = [], hidden, destination }: LoggerOptions): Log {
  const own = redactor(secrets);
  const redact = hidden ? (line: string) => hidden.redact(own(line)) : own;
  const show = pretty ? prettifier() : (line: string) => line;
  return pino(
    {
      level,
      base: null,
      serializers: { err: (error: unknown) => errorFields(error), error: (error: unknown) => errorFields(error) },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    { write: (line) => void destination.write(show(redact(line))) },
  );
}

/** Loaded only for a terminal. Formats in this process: a worker thread would cost more memory than all the rest of the log. */
function prettifier(): (line: string) => string {
  const { prettyFactory }: typeof Pretty = createRequire(import.meta.url)("pino-pretty");
  return prettyFactory({ colorize: true, singleLine: true, translateTime: "SYS:HH:MM:ss", ignore: "pid,hostname" });
}
