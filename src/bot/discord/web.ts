/** Discord's REST API as Claw calls it: never repeated by the client, bounded in time, and failing with a reason. */

import { DiscordAPIError, HTTPError, RateLimitError, REST, RESTEvents, type RouteLike } from "discord.js";
import type { Clock } from "../../orchestrator/index.ts";
import { NEVER_SENT } from "../chat/never-sent.ts";
import type { Log } from "./deps.ts";
import { type CallFailure, isTokenTrouble } from "./failures.ts";
import { createInvalidRequests } from "./invalid-requests.ts";
import type { CardFile } from "./render.ts";

export type Called<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: CallFailure };

export interface CallOptions {
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string>>;
  readonly files?: readonly CardFile[];
  /** The token of an interaction is in the path; the bot's has no business there. */
  readonly auth?: false;
  readonly signal?: AbortSignal;
  /** Shown in the audit log of the server. */
  readonly reason?: string;
}

export interface Web {
  /** Never throws for what Discord answers, or does not. */
  call<T>(
    method: "get" | "post" | "patch" | "put" | "delete",
    route: RouteLike,
    options?: CallOptions,
  ): Promise<Called<T>>;
}

export interface WebOptions {
  readonly token: string;
  /** Null: Discord's own. */
  readonly apiUrl: string | null;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends every request that is under way. */
  readonly stopped: AbortSignal;
}

const CALL_LIMIT_MS = 10_000;
/** A limit that passes sooner is waited for by the client; others come back as `limited`. */
const PATIENCE_MS = 500;
/** A refused token is not shown again for so long; milliseconds. */
const REFUSED_TOKEN_MS = 20_000;

export function createWeb({ token, apiUrl, clock, log, stopped }: WebOptions): Web {
  const rest = new REST({
    version: "10",
    ...(apiUrl === null ? {} : { api: apiUrl.replace(/\/+$/, "") }),
    retries: 0,
    timeout: CALL_LIMIT_MS,
    globalRequestsPerSecond: 50,
    rejectOnRateLimit: ({ timeToReset, retryAfter }) => Math.max(timeToReset, retryAfter) > PATIENCE_MS,
    userAgentAppendix: "Claw",
  }).setToken(token);
  const invalid = createInvalidRequests();
  const refusedToken = { until: 0 };
  rest.on(RESTEvents.Response, ({ path }, { status, headers }) => {
    if (!invalid.count(status, headers.get("x-ratelimit-scope"), clock.now())) return;
    log.error(
      { path: path.replace(/\/[\w-]{60,}/u, "/…") },
      "Discord refuses so much that it may shut Claw out; requests are held back for some minutes",
    );
  });

  return {
    async call<T>(method: Parameters<Web["call"]>[0], route: RouteLike, options: CallOptions = {}) {
      const now = clock.now();
      const heldMs = invalid.heldMs(now);
      if (heldMs > 0) return { ok: false, failure: { kind: "limited", retryAfterMs: heldMs } };
      if (options.auth !== false && refusedToken.until > now) return { ok: false, failure: TOKEN_REFUSED };
      const { files, query, signal, auth, body, reason } = options;
      try {
        const limit = AbortSignal.any([stopped, AbortSignal.timeout(CALL_LIMIT_MS), ...(signal ? [signal] : [])]);
        const request = {
          signal: limit,
          ...(auth === false ? { auth } : {}),
          ...(body === undefined ? {} : { body }),
          ...(reason === undefined ? {} : { reason }),
          ...(query === undefined ? {} : { query: new URLSearchParams(query) }),
          ...(files === undefined || files.length === 0 ? {} : { files: files.map(fileOf) }),
        };
        return { ok: true, value: (await rest[method](route, request)) as T };
      } catch (error) {
        const failure = failureOf(error);
        if (options.auth !== false && isTokenTrouble(failure)) {
          // The client forgets a token that was refused; it may be valid again once somebody has seen to it.
          rest.setToken(token);
          refusedToken.until = clock.now() + REFUSED_TOKEN_MS;
        }
        return { ok: false, failure };
      }
    },
  };
}

const TOKEN_REFUSED: CallFailure = { kind: "refused", code: 0, status: 401, details: "401: Unauthorized" };

const fileOf = ({ filename, content }: CardFile) => ({
  name: filename,
  data: Buffer.from(content),
  contentType: "text/plain; charset=utf-8",
});

function failureOf(error: unknown): CallFailure {
  if (error instanceof RateLimitError) {
    return { kind: "limited", retryAfterMs: Math.max(error.timeToReset, error.retryAfter, error.sublimitTimeout) };
  }
  if (error instanceof DiscordAPIError) {
    const code = typeof error.code === "number" ? error.code : 0;
    return { kind: "refused", code, status: error.status, details: error.message.slice(0, 300) };
  }
  if (error instanceof HTTPError) return { kind: "unclear", why: `HTTP ${error.status}` };
  const why = rootOf(error);
  return NEVER_SENT.has(why) ? { kind: "unreachable", why } : { kind: "unclear", why };
}

/** The code of what is at the bottom of an error, or its name. */
function rootOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { cause, code } = error as { cause?: unknown; code?: unknown };
  if (cause instanceof Error) return rootOf(cause);
  return typeof code === "string" ? code : error.name;
}
