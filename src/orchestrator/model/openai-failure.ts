/**
 * What a failed call to a Chat Completions endpoint means, told by the error's type and status, never by its message;
 * and whether it can have cost something.
 */
import { APIConnectionError, APIConnectionTimeoutError, APIError } from "openai";
import { ClawError, type ErrorCode, type Failure } from "../errors.ts";
import type { ModelOutcome, Usage } from "../ports.ts";

export type FailedCall = Extract<ModelOutcome, { ok: false }>;

/** For what was certainly not billed. */
export const NO_USAGE: Usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };

/** Nobody waits longer because a service says so; then it is asked again. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** The connection was never made, so nothing was sent. */
const NOT_CONNECTED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

export interface Endpoint {
  readonly host: string;
  readonly model: string;
  /** Milliseconds since the epoch, for a Retry-After that is a date. */
  readonly now: number;
}

/** @param cause what the client threw, or what reading its answer threw */
export function failedCall(cause: unknown, at: Endpoint): FailedCall {
  if (cause instanceof ClawError) return failed(cause.code, cause.message, null);
  if (cause instanceof APIConnectionTimeoutError) {
    return failed("model_timeout", `${at.host} did not answer in time.`, null);
  }
  if (cause instanceof APIConnectionError) return unreachable(cause, at);
  if (cause instanceof APIError) return answered(cause, at);
  // A connection cut in the middle of an answer (TypeError), half a chunk (SyntaxError), no body at all.
  return failed("stream_cut", `The answer of ${at.host} broke off before it was complete.`, null);
}

function failed(code: ErrorCode, message: string, usage: Usage | null, retryAfterMs?: number): FailedCall {
  const failure: Failure = retryAfterMs === undefined ? { code, message } : { code, message, retryAfterMs };
  return { ok: false, failure, usage };
}

function unreachable(cause: APIConnectionError, { host }: Endpoint): FailedCall {
  const code = systemCode(cause);
  return code !== null && NOT_CONNECTED.has(code)
    ? failed("model_unavailable", `${host} cannot be reached (${code}).`, NO_USAGE)
    : failed("model_unavailable", `The connection to ${host} broke before it answered.`, null);
}

/** The operating system's or the HTTP client's code, from the bottom of the causes. */
function systemCode(cause: unknown): string | null {
  for (let error = cause, depth = 0; error instanceof Error && depth < 6; depth++) {
    if ("code" in error && typeof error.code === "string") return error.code;
    error = error instanceof AggregateError ? (error.errors[0] as unknown) : error.cause;
  }
  return null;
}

function answered(error: APIError, at: Endpoint): FailedCall {
  // An error inside an answer that began well has no status; some gateways put it in the code.
  const inside = error.status === undefined;
  const told: unknown = error.code;
  const status = error.status ?? (typeof told === "number" ? told : 500);
  const retryAfterMs = retryAfter(error.headers, at.now);
  const code = codeOf(status, error);
  const billed = inside || maybeBilled(status, retryAfterMs);
  return failed(
    code,
    sentence(code, status, error, at),
    billed ? null : NO_USAGE,
    waits(code) ? retryAfterMs : undefined,
  );
}

const waits = (code: ErrorCode): boolean => code === "model_rate_limited" || code === "model_unavailable";

function codeOf(status: number, { code, type }: APIError): ErrorCode {
  const is = (...names: string[]) => names.some((name) => code === name || type === name);
  if (is("insufficient_quota", "billing_hard_limit_reached") || status === 402) return "model_quota";
  if (is("context_length_exceeded", "exceed_context_size_error") || status === 413) return "context_too_large";
  if (status === 429 || is("rate_limit_exceeded", "rate_limit_error")) return "model_rate_limited";
  if (status === 401 || status === 403) return "model_credentials";
  if (status === 408 || status === 409 || status >= 500) return "model_unavailable";
  return "model_rejected";
}

/**
 * A refusal costs nothing. Behind a 408, 409 or 5xx the model may have been at work (a gateway that lost its answer
 * says 502, 503 or 504 too), unless the service said when to come back: then it did not begin.
 */
function maybeBilled(status: number, retryAfterMs: number | undefined): boolean {
  if (status === 503 && retryAfterMs !== undefined) return false;
  return status === 408 || status === 409 || status >= 500;
}

function sentence(code: ErrorCode, status: number, error: APIError, { host, model }: Endpoint): string {
  switch (code) {
    case "model_credentials":
      return `${host} refused the API key (${status}). Check OPENAI_API_KEY.`;
    case "model_quota":
      return `The account at ${host} has no credit left (${status}).`;
    case "model_rate_limited":
      return `${host} takes no more calls for now (${status}).`;
    case "context_too_large":
      return `The request is longer than ${model} at ${host} can read (${status}).`;
    case "model_unavailable":
      return `${host} is not able to answer now (${status}).`;
    default:
      return status === 404
        ? `${host} has no model "${model}" there (404). Check CLAW_MODEL and OPENAI_BASE_URL.`
        : `${host} refused the request (${[status, ...details(error)].join(", ")}).`;
  }
}

/** What an endpoint says by identifiers; its sentences may quote what it was sent. */
const details = ({ type, code, param }: APIError): string[] =>
  [type, code, param].filter((each): each is string => typeof each === "string" && /^[\w.[\]-]{1,60}$/.test(each));

/** Seconds or a date (RFC 9110, 10.2.3), or OpenAI's milliseconds. */
function retryAfter(headers: Headers | undefined, now: number): number | undefined {
  const precise = headers?.get("retry-after-ms")?.trim();
  const usual = headers?.get("retry-after")?.trim();
  const ms = isNumber(precise)
    ? Number(precise)
    : isNumber(usual)
      ? Number(usual) * 1_000
      : usual
        ? Date.parse(usual) - now
        : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(Math.ceil(ms), 0), MAX_RETRY_AFTER_MS);
}

const isNumber = (text: string | undefined): text is string => text !== undefined && /^\d+(\.\d+)?$/.test(text);
