/** An error as the log keeps it: what, where and why, but no values. Pure. */

export interface ErrorFields {
  readonly type: string;
  readonly message: string;
  /** SQLSTATE, errno or a library's own code. */
  readonly code?: string;
  /** The statement that failed, without its parameters: they may hold what people wrote. */
  readonly query?: string;
  /** Where, without the message. */
  readonly stack?: string;
  readonly cause?: ErrorFields;
}

const MESSAGE = 500;
const QUERY = 400;
const DEPTH = 4;

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text);

/** @param error anything that was thrown */
export function errorFields(error: unknown, depth = DEPTH): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: cut(String(error), MESSAGE) };
  const { code, query, cause } = error as Error & { code?: unknown; query?: unknown };
  // The query builder's own message is the statement and every parameter.
  const message = typeof query === "string" ? "the statement failed" : error.message;
  const places = error.stack?.split("\n").filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    message: cut(message, MESSAGE),
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof query === "string" ? { query: cut(query.replace(/\s+/g, " ").trim(), QUERY) } : {}),
    ...(places && places.length > 0 ? { stack: places.join("\n") } : {}),
    ...(cause !== undefined && depth > 0 ? { cause: errorFields(cause, depth - 1) } : {}),
  };
}
