/** Computing that may take any time is given so much and no more. */
import { type Context, createContext, Script } from "node:vm";

/** Runs what it is given under V8's own time limit, which also ends an expression that backtracks. */
const CALL = new Script("work()");
/** Made when first needed: it costs a few milliseconds. */
const made: { context?: Context } = {};

const OUT_OF_TIME = "ERR_SCRIPT_EXECUTION_TIMEOUT";

/**
 * Does a synchronous piece of work within `ms` milliseconds, in which nothing else of the process is done.
 * @returns null when it took longer; then it was ended wherever it was, so it must own all that it changes
 * @throws what the work throws
 */
export function within<T>(ms: number, work: () => T): { readonly value: T } | null {
  made.context ??= createContext({});
  made.context.work = work;
  try {
    return { value: CALL.runInContext(made.context, { timeout: ms }) as T };
  } catch (error) {
    // It is no Error of this realm.
    if (typeof error === "object" && error !== null && "code" in error && error.code === OUT_OF_TIME) return null;
    throw error;
  } finally {
    delete made.context.work;
  }
}
