/** Slack's Web API as Claw calls it: never retried by the client, bounded in time, and failing with a reason. */

import { webApi } from "@slack/bolt";
import { NEVER_SENT } from "../chat/never-sent.ts";
import type { Log } from "./deps.ts";
import type { CallFailure } from "./failures.ts";

export type Called<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: CallFailure };

export interface Web {
  readonly client: webApi.WebClient;
  /** Never throws for what Slack answers, or does not. */
  call<T>(what: Promise<T>): Promise<Called<T>>;
}

const CALL_LIMIT_MS = 10_000;

export interface WebOptions {
  readonly token: string;
  /** Null: Slack's own. */
  readonly apiUrl: string | null;
  readonly log: Log;
  /** Ends every call that is under way. */
  readonly stopped: AbortSignal;
}

export function createWeb({ token, apiUrl, log, stopped }: WebOptions): Web {
  const client = new webApi.WebClient(token, {
    ...clientOptions(apiUrl),
    logger: boltLogger(log),
    fetch: (url, init) =>
      fetch(url, { ...init, signal: AbortSignal.any([stopped, ...(init?.signal ? [init.signal] : [])]) }),
  });
  return {
    client,
    async call(what) {
      try {
        return { ok: true, value: await what };
      } catch (error) {
        return { ok: false, failure: failureOf(error) };
      }
    },
  };
}

/** @param apiUrl null: Slack's own */
export const clientOptions = (apiUrl: string | null) => ({
  ...(apiUrl === null ? {} : { slackApiUrl: `${apiUrl.replace(/\/+$/, "")}/` }),
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
  timeout: CALL_LIMIT_MS,
});

function failureOf(error: unknown): CallFailure {
  if (error instanceof webApi.WebAPIRateLimitedError)
    return { kind: "limited", retryAfterMs: error.retryAfter * 1_000 };
  if (error instanceof webApi.WebAPIPlatformError) {
    const { needed, response_metadata } = error.data as {
      needed?: unknown;
      response_metadata?: { messages?: unknown };
    };
    const messages = Array.isArray(response_metadata?.messages) ? response_metadata.messages : [];
    const details = [typeof needed === "string" ? `needs ${needed}` : "", ...messages.slice(0, 3).map(String)];
    return { kind: "refused", error: error.data.error, details: details.filter(Boolean).join("; ") };
  }
  if (error instanceof webApi.WebAPIHTTPError) return { kind: "unclear", why: `HTTP ${error.statusCode}` };
  const why = rootOf(error);
  return NEVER_SENT.has(why) ? { kind: "unreachable", why } : { kind: "unclear", why };
}

/** The code of what is at the bottom of an error, or its name. */
function rootOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if (error instanceof webApi.WebAPIRequestError) return rootOf(error.original);
  const { cause, code } = error as { cause?: unknown; code?: unknown };
  if (cause instanceof Error) return rootOf(cause);
  return typeof code === "string" ? code : error.name;
}

/** Slack's packages log through ours. What they say of requests stays out: it may quote what people wrote. */
export function boltLogger(log: Log) {
  const say = (level: "info" | "warn" | "error") => (first: unknown) =>
    log[level]({ slack: String(first instanceof Error ? first.message : first).slice(0, 500) }, "slack client");
  return {
    debug: () => {},
    info: () => {},
    warn: say("warn"),
    error: say("warn"),
    setLevel: () => {},
    getLevel: () => "info" as never,
    setName: () => {},
  };
}
