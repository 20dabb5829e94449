/** Receives webhooks: checked, stored, then answered. What is not stored is not acknowledged. */
import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { assertNever, ClawError, type Clock, type WebhookInbox } from "../../orchestrator/index.ts";
import { checkSignature } from "./signature.ts";

/** A log, as far as the listener needs one. */
interface Log {
  warn(fields: object, message: string): void;
}

export interface WebhookListenerDeps {
  readonly inbox: WebhookInbox;
  readonly clock: Clock;
  readonly log: Log;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** How long a request may take to arrive; milliseconds. Default 10 s. */
  readonly requestMs?: number;
}

export interface WebhookListener {
  /** @throws ClawError that names the setting to change when it cannot listen */
  start(): Promise<void>;
  /** Never takes more than 3 s. */
  stop(): Promise<void>;
  /** Null before it has started. */
  url(): string | null;
}

/** Bytes of a body. */
export const BODY_LIMIT = 256 * 1024;
/** Levels of a JSON body. */
const MAX_DEPTH = 100;
const REQUEST_MS = 10_000;
const GRACE_MS = 2_000;
/** How soon a sender may try again after what could not be stored; seconds. */
const AGAIN_S = 30;
const ENDPOINT = /^[\w-]{20,64}$/;

type Status = 200 | 202 | 400 | 401 | 404 | 405 | 413 | 415 | 429 | 503;

const say = (c: Context, status: Status, message: string, headers: Record<string, string> = {}): Response =>
  c.json({ message }, status, headers);

/** How deep JSON goes, brackets in strings left out: what is stored is walked through, level by level. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quoted) {
      if (char === "\\") at += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "[" || char === "{") deepest = Math.max(deepest, ++depth);
    else if (char === "]" || char === "}") depth -= 1;
  }
  return deepest;
}

/** What a body may be, by its content type without parameters; the check says what is wrong with it. */
function bodyFault(contentType: string, text: string): string | null {
  if (/^application\/(?:[\w.+-]+\+)?json$/.test(contentType)) {
    try {
      if (depthOf(text) > MAX_DEPTH) return `the body is nested more than ${MAX_DEPTH} levels deep`;
      JSON.parse(text);
      return null;
    } catch {
      return "the body is not the JSON that its content-type says";
    }
  }
  return text.includes("\0") ? "the body is not text" : null;
}

const isKnownType = (contentType: string): boolean =>
  /^application\/(?:(?:[\w.+-]+\+)?json|x-www-form-urlencoded)$/.test(contentType) ||
  /^text\/[\w.+-]+$/.test(contentType);

export function createWebhookApp(deps: Pick<WebhookListenerDeps, "inbox" | "clock" | "log">): Hono {
  const app = new Hono();
  const unavailable = (c: Context, error: unknown): Response => {
    deps.log.warn({ err: error }, "webhook not taken");
    return say(c, 503, "Not recorded, try again.", { "retry-after": String(AGAIN_S) });
  };
  app.use(async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
    c.header("x-content-type-options", "nosniff");
  });
  app.get("/healthz", (c) => c.text("ok"));
  app.use("/hooks/:endpoint", async (c, next) =>
    c.req.method === "POST" ? next() : say(c, 405, "Webhooks are sent with POST.", { allow: "POST" }),
  );
  app.use(
    "/hooks/:endpoint",
    bodyLimit({ maxSize: BODY_LIMIT, onError: (c) => say(c, 413, `Too long: at most ${BODY_LIMIT / 1024} KiB.`) }),
  );
  app.post("/hooks/:endpoint", async (c) => {
    const endpoint = c.req.param("endpoint");
    try {
      const webhook = ENDPOINT.test(endpoint) ? await deps.inbox.find(endpoint) : null;
      if (!webhook) return say(c, 404, "Not found.");
      const contentType = (c.req.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
      if (!isKnownType(contentType)) {
        return say(c, 415, "The content-type must be application/json, a form, or text.");
      }
      const bytes = Buffer.from(await c.req.arrayBuffer());
      const body = bytes.toString("utf8");
      if (!bytes.equals(Buffer.from(body, "utf8"))) return say(c, 400, "Not accepted: the body is not UTF-8.");
      const signed = await checkSignature((name) => c.req.header(name), body, webhook.secret, deps.clock.now());
      if (signed.kind === "bad") return say(c, 401, `Not accepted: ${signed.why}.`);
      const fault = bodyFault(contentType, body);
      if (fault !== null) return say(c, 400, `Not accepted: ${fault}.`);
      const { id, key, event } = signed;
      // GitHub asks whether somebody is there when a webhook is set up: nothing has happened.
      if (event === "ping") return say(c, 200, "pong");
      const taken = await deps.inbox.receive(webhook, { id, key, contentType, event, body, at: deps.clock.now() });
      switch (taken.kind) {
        case "stored":
          return say(c, 202, "Accepted.");
        case "duplicate":
          return say(c, 200, "Accepted before; nothing is done twice.");
        case "limited":
          return say(c, 429, "Too many: wait.", { "retry-after": String(Math.ceil(taken.afterMs / 1_000)) });
        case "not_recorded":
          return unavailable(c, null);
        default:
          return assertNever(taken, "webhook taken");
      }
    } catch (error) {
      return unavailable(c, error);
    }
  });
  app.notFound((c) => say(c, 404, "Not found."));
  app.onError((error, c) => unavailable(c, error));
  return app;
}

export function createWebhookListener(deps: WebhookListenerDeps): WebhookListener {
  const { host, port, requestMs = REQUEST_MS } = deps;
  const app = createWebhookApp(deps);
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    serverOptions: {
      // A sender that dribbles holds a connection for so long, and no longer.
      requestTimeout: requestMs,
      headersTimeout: requestMs,
      connectionsCheckingInterval: Math.min(requestMs, 1_000),
      maxHeaderSize: 16 * 1024,
    },
  }) as Server;
  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.once("error", (cause) => {
          const what = `Webhooks cannot be received on ${host}, port ${port}. Set CLAW_WEBHOOKS_HOST and CLAW_WEBHOOKS_PORT to an address and a free port.`;
          reject(new ClawError("conflict", what, { cause }));
        });
        server.listen(port, host, () => resolve());
      }),
    stop: () =>
      new Promise((resolve) => {
        if (!server.listening) return resolve();
        const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
    url() {
      const address = server.address();
      return typeof address === "object" && address !== null ? `http://${host}:${address.port}` : null;
    },
  };
}
