/** What GitHub's answers mean for a run. */
import type { ToolContext, ToolErrorCode, ToolFailure } from "../contract.ts";

/** GitHub asks to wait at least that long after its secondary limit when it names no time. */
const SECONDARY_LIMIT_MS = 60_000;
const MAX_REASON = 300;
/** No connection stood. */
const NEVER_SENT = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;

/** Thrown for a redirect to another server. */
export class Elsewhere extends Error {}

interface Answered {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** GitHub's answer came; without one `status` is only the client's guess. */
  readonly came: boolean;
}

/** @param host the API's, for messages */
export function failureOf(error: unknown, host: string, hasToken: boolean, ctx: ToolContext): ToolFailure {
  const say = (code: ToolErrorCode, message: string, mayHaveHappened: boolean, retryAfterMs?: number): ToolFailure => ({
    code,
    message,
    mayHaveHappened,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
  if (ctx.signal.aborted) return say("timeout", `${host} gave no answer in time`, true);
  const answer = answerIn(error);
  if (answer === null) throw error;
  if (!answer.came) {
    if (causes(error).some((cause) => cause instanceof Elsewhere)) {
      return say("not_found", `${host} redirects to another server, which is not followed`, false);
    }
    return causes(error).some((cause) => "code" in cause && NEVER_SENT.test(String(cause.code)))
      ? say("service_unavailable", `${host} cannot be reached`, false)
      : say("connection_lost", `${host} closed the connection before it had answered`, true);
  }
  const wait = waitOf(answer, ctx.now());
  const { status } = answer;
  const why = answer.message.slice(0, MAX_REASON);
  if ((status === 403 || status === 429) && wait !== null) {
    return say("rate_limited", `${host} asks to wait: ${why}`, false, wait);
  }
  if (status >= 500) return say("service_unavailable", `${host} answers ${status}`, true, wait ?? undefined);
  if (status === 401) {
    return say(
      "bad_credentials",
      "bad credentials for github (401): the token must be changed (the secret github_token, or GITHUB_TOKEN)",
      false,
    );
  }
  if (status === 403) return say("not_permitted", `the GitHub token may not do this: ${why}`, false);
  if (status === 404) {
    const hint = hasToken
      ? "or the token may not see it"
      : "or it needs a token (the secret github_token of this workspace, or GITHUB_TOKEN for it)";
    return say("not_found", `GitHub knows nothing there (404), ${hint}`, false);
  }
  return say("invalid_input", `GitHub refuses it (${status}): ${why}`, false);
}

function answerIn(error: unknown): Answered | null {
  if (!(error instanceof Error) || !("status" in error) || typeof error.status !== "number") return null;
  const response = "response" in error && typeof error.response === "object" ? error.response : null;
  const headers = response !== null && "headers" in response ? response.headers : {};
  return {
    status: error.status,
    message: error.message,
    headers: (headers ?? {}) as Readonly<Record<string, unknown>>,
    came: response !== null,
  };
}

/** An error and what it was caused by. */
function causes(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const within = error instanceof AggregateError ? error.errors : [];
  return [error, ...[error.cause, ...within].flatMap(causes)];
}

/**
 * Milliseconds to wait, null when the answer asks for none.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
function waitOf({ headers, message }: Answered, now: number): number | null {
  const after = Number(headers["retry-after"]);
  if (headers["retry-after"] !== undefined && after >= 0) return after * 1_000;
  const reset = Number(headers["x-ratelimit-reset"]);
  if (headers["x-ratelimit-remaining"] === "0" && reset > 0) return Math.max(1_000, reset * 1_000 - now);
  return /secondary rate limit/i.test(message) ? SECONDARY_LIMIT_MS : null;
}
