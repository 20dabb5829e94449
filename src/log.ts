/** The narrow log that everything but `logger.ts` knows. One line a fact, object first, message static. */

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A log whose every line carries these fields, such as `{ runId }`. */
  child(bindings: Readonly<Record<string, unknown>>): Log;
}
