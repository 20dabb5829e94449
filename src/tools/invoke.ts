/** One attempt at one tool call: bounded in time, checked on the way out, and never a throw. */
import {
  fail,
  ok,
  TOOL_ERRORS,
  type ToolContext,
  type ToolContract,
  type ToolErrorCode,
  type ToolFailure,
  type ToolResult,
} from "./contract.ts";
import { issueLines } from "./input.ts";
import { valueWithoutSecrets, withoutSecrets } from "./secret-text.ts";
import { cut, storable, storableText } from "./text.ts";

export { validateInput } from "./input.ts";

export interface InvokeContext extends ToolContext {
  /** What a tool threw, for the log only: it may hold anything. */
  readonly onBug: (tool: string, cause: unknown) => void;
}

/** Milliseconds a tool has, once its signal aborts, to say itself how far it came. */
const GRACE_MS = 250;
const MAX_MESSAGE = 1_000;

/** Failures after which a call may have changed the world, unless the tool knows better. */
const MAY_HAVE_HAPPENED: ReadonlySet<ToolErrorCode> = new Set([
  "timeout",
  "connection_lost",
  "service_unavailable",
  "cancelled",
  "invalid_output",
  "unknown_effect",
  "tool_bug",
]);

type Ending =
  | { readonly kind: "returned"; readonly result: ToolResult<unknown> }
  | { readonly kind: "threw"; readonly cause: unknown }
  | { readonly kind: "ignored_signal" };

/**
 * Executes a call once. What {@link validateInput} gave goes in; whether the call may be made at all was decided before.
 * A second call executes a second time: the journal and the contract's retry class say whether that is right.
 * @returns `timeout` at the contract's limit even when the tool ignores its signal; `cancelled` when `ctx.signal`
 *   aborts; `invalid_output` when the output breaks the contract; `tool_bug` when the tool throws. For every effect but
 *   `read` a failure says `mayHaveHappened`.
 */
export async function invokeTool(
  contract: ToolContract,
  input: unknown,
  ctx: InvokeContext,
): Promise<ToolResult<unknown>> {
  if (ctx.signal.aborted) return judged(contract, { code: "cancelled", message: "cancelled", mayHaveHappened: false });
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new DOMException("time limit", "TimeoutError")), contract.timeoutMs);
  const signal = AbortSignal.any([ctx.signal, limit.signal]);
  const secrets: string[] = [];
  const stopped = (): ToolFailure =>
    limit.signal.aborted && signal.reason === limit.signal.reason
      ? { code: "timeout", message: `${contract.name} gave no answer within ${contract.timeoutMs / 1_000} s` }
      : { code: "cancelled", message: `${contract.name} was cancelled` };
  const bug = (cause: unknown): ToolFailure => {
    ctx.onBug(contract.name, cause);
    return { code: "tool_bug", message: `${contract.name} failed in a way it should not; the log says how` };
  };
  try {
    const ending = await end(execute(contract, input, ctx, signal, secrets), signal, (late) => {
      if (!isAbort(late, signal)) ctx.onBug(contract.name, late);
    });
    switch (ending.kind) {
      case "ignored_signal":
        return judged(contract, stopped());
      case "threw":
        if (ending.cause instanceof Unreadable) {
          return judged(contract, { code: "bad_credentials", message: ending.cause.message, mayHaveHappened: false });
        }
        return judged(contract, isAbort(ending.cause, signal) ? stopped() : bug(ending.cause));
      case "returned":
        break;
    }
    const { result } = ending;
    if (!isResult(result)) return judged(contract, bug(new TypeError("the tool returned no ToolResult")));
    if (!result.ok) {
      const gaveUp = signal.aborted && TOOL_ERRORS[result.error.code] === "transient";
      const failure = gaveUp ? { ...result.error, ...stopped() } : result.error;
      return judged(contract, { ...failure, message: withoutSecrets(failure.message, secrets) });
    }
    const output = contract.output.safeParse(valueWithoutSecrets(storable(result.value), secrets));
    if (output.success) return ok(output.data);
    return judged(contract, {
      code: "invalid_output",
      message: `${contract.name} answered in an unexpected form. ${issueLines(output.error).slice(0, 3).join("; ")}`,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** A secret is there and cannot be opened: its message is for people. */
class Unreadable extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

async function execute(
  contract: ToolContract,
  input: unknown,
  ctx: InvokeContext,
  signal: AbortSignal,
  secrets: string[],
): Promise<ToolResult<unknown>> {
  return contract.execute(input, {
    signal,
    idempotencyKey: ctx.idempotencyKey,
    now: ctx.now,
    home: ctx.home,
    ...(ctx.actsFor && { actsFor: ctx.actsFor }),
    secret: async (name) => {
      const value = await ctx.secret(name).catch((error: unknown) => {
        if (error instanceof Error && "code" in error && error.code === "bad_credentials") throw new Unreadable(error);
        throw error;
      });
      if (value) secrets.push(value);
      return value;
    },
    ...(ctx.mayReach && { mayReach: ctx.mayReach }),
    ...(ctx.mayLeave && { mayLeave: ctx.mayLeave }),
    ...(ctx.unseen && { unseen: ctx.unseen }),
    ...(ctx.given && { given: ctx.given }),
    ...(ctx.output && { output: ctx.output }),
    ...(ctx.zone && { zone: ctx.zone }),
    ...(ctx.waited && { waited: ctx.waited }),
  });
}

/** Waits for the call, or a moment longer than its signal lets it. */
async function end(
  call: Promise<ToolResult<unknown>>,
  signal: AbortSignal,
  onLate: (cause: unknown) => void,
): Promise<Ending> {
  let grace: NodeJS.Timeout | undefined;
  let given = false;
  const settled: Promise<Ending> = call.then(
    (result) => ({ kind: "returned", result }),
    (cause: unknown) => {
      if (given) onLate(cause);
      return { kind: "threw", cause };
    },
  );
  let onAbort: () => void = () => undefined;
  const ignored = new Promise<Ending>((resolve) => {
    onAbort = () => {
      grace = setTimeout(() => resolve({ kind: "ignored_signal" }), GRACE_MS);
    };
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([settled, ignored]);
  } finally {
    given = true;
    clearTimeout(grace);
    signal.removeEventListener("abort", onAbort);
  }
}

/** A failure as it leaves: a storable message, and for anything but a read whether it may have happened. */
function judged(contract: ToolContract, failure: ToolFailure): ToolResult<never> {
  const { mayHaveHappened = MAY_HAVE_HAPPENED.has(failure.code), ...rest } = failure;
  const { error } = fail(failure.code, cut(storableText(failure.message), MAX_MESSAGE).text) as { error: ToolFailure };
  return {
    ok: false,
    error: contract.effect === "read" ? { ...rest, ...error } : { ...rest, ...error, mayHaveHappened },
  };
}

/** Whether it was thrown because the call was told to stop. */
function isAbort(cause: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  return cause === signal.reason || (cause instanceof Error && /^(Abort|Timeout)Error$/.test(cause.name));
}

function isResult(value: unknown): value is ToolResult<unknown> {
  if (typeof value !== "object" || value === null || !("ok" in value)) return false;
  if (value.ok === true) return "value" in value;
  const error = "error" in value ? value.error : null;
  if (typeof error !== "object" || error === null) return false;
  return (
    "code" in error &&
    typeof error.code === "string" &&
    Object.hasOwn(TOOL_ERRORS, error.code) &&
    "message" in error &&
    typeof error.message === "string"
  );
}
