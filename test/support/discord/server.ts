/** The one port of the fake: the REST API, attachments and the gateway; it can break, and it can be gone. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { bytesOf, FakeServer } from "../fake-server.ts";
import { flawOf } from "./description.ts";
import type { Fault, Faults } from "./faults.ts";
import type { RateLimits, Refused } from "./limits.ts";
import { type Body, bodyOf } from "./multipart.ts";
import { Refusal } from "./refusal.ts";
import { ApiRequest, type Route } from "./routes/route.ts";
import { routeFor } from "./routes/routes.ts";
import type { Call, State } from "./state.ts";

type Headers = Readonly<Record<string, string>>;

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Null of a 204. */
  readonly body: string | null;
  readonly json: unknown;
}

interface Gate {
  /** How much of the route's bucket is left. */
  readonly headers: Headers;
  readonly refused: Reply | null;
}

export class DiscordServer extends FakeServer {
  constructor(
    private readonly state: State,
    private readonly faults: Faults,
    private readonly limits: RateLimits,
  ) {
    super();
  }

  protected complain(words: string): void {
    this.state.complaints.push(words);
  }

  protected upgrade(request: IncomingMessage, socket: Duplex): void {
    this.state.gateway.upgrade(request, socket);
  }

  protected async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await bytesOf(request);
    const url = new URL(request.url ?? "/", this.url);
    const file = this.fileAt(url.pathname);
    if (file) {
      response.writeHead(200, { "content-type": file.contentType });
      response.end(file.content);
      return;
    }
    const [, version, path = ""] = /^\/api(?:\/v(\d+))?(\/.*)$/.exec(url.pathname) ?? [];
    const found = routeFor(request.method ?? "GET", path);
    const { body, refusal } = await read(request, bytes);
    const call: Call = {
      route: found.route === null ? "unknown" : `${found.route.method} ${found.route.path}`,
      path,
      params: found.params,
      query: Object.fromEntries(url.searchParams),
      body: body.json,
      files: body.files.map((each) => each.filename),
      at: this.state.now(),
      headers: request.headers,
      response: null,
      status: 0,
      accepted: false,
    };
    this.state.calls.push(call);
    const handler = (headers: Headers): Reply => {
      if (version !== undefined && version !== "10" && version !== "9") {
        return json(400, { message: "Invalid API version specified.", code: 50041 });
      }
      if (refusal) return refused(refusal);
      if (found.route === null) {
        if (found.described)
          this.state.complaints.push(`this fake has no ${request.method} ${path}, which Discord has`);
        return refused(new Refusal(found.otherMethod ? "methodNotAllowed" : "notFound"));
      }
      const asked = new ApiRequest(this.state, call.route, found.params, url.searchParams, body.json, body.files);
      return this.carryOut(found.route, asked, headers);
    };
    await this.answer(call, found.route, handler, request, response);
  }

  private async answer(
    call: Call,
    route: Route | null,
    handler: (headers: Headers) => Reply,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const fault = this.faults.take(call.route, call.body);
    if (fault?.kind === "slow") await sleep(fault.ms, undefined, { ref: false });
    const stopped = fault ? insteadOf(fault) : null;
    if (stopped === "reset") request.socket.resetAndDestroy();
    if (stopped === "hang" || stopped === "reset") {
      this.state.changes.emit("change");
      return;
    }
    const gate = stopped ? null : this.gate(call, route, request);
    const reply = stopped ?? gate?.refused ?? handler(gate?.headers ?? {});
    call.accepted = stopped === null && reply.status < 300;
    call.response = reply.json;
    if (fault?.kind === "reset") request.socket.resetAndDestroy();
    else if (fault?.kind !== "hang") {
      const sent = fault?.kind === "status_after" ? plain(fault.status, "upstream error") : reply;
      call.status = sent.status;
      const shared = sent.headers["x-ratelimit-scope"] === "shared";
      if ([401, 403, 429].includes(sent.status) && !shared) this.limits.countInvalid();
      write(response, sent);
    }
    this.state.changes.emit("change");
  }

  /** The ban, the token and the rate limits, which come before anything else. */
  private gate(call: Call, route: Route | null, request: IncomingMessage): Gate {
    if (this.limits.banned) return { headers: {}, refused: BANNED };
    const given = request.headers.authorization;
    const valid = given === `Bot ${this.state.app.token}`;
    if (route !== null && (given === undefined ? route.open !== true && route.path !== "/gateway" : !valid)) {
      return { headers: {}, refused: refused(new Refusal("unauthorized")) };
    }
    if (route === null) return { headers: {}, refused: null };
    const global = route.open === true ? null : this.limits.takeGlobal();
    if (global) return { headers: {}, refused: tooMany(global, {}) };
    const place = ["channel_id", "guild_id", "webhook_id", "webhook_token"]
      .map((key) => call.params[key] ?? "")
      .join(":");
    const { headers, refused: over } = this.limits.takeRoute(call.route, place);
    return { headers, refused: over && tooMany(over, headers) };
  }

  private carryOut(route: Route, request: ApiRequest, headers: Headers): Reply {
    try {
      const answer = route.handle(request);
      if (route.answer === null || answer === null || answer === undefined) {
        // Without a content type: the real client reads a body where JSON is announced.
        return { status: 204, headers, body: null, json: null };
      }
      const flaw = flawOf(route.answer, answer);
      if (flaw !== null)
        this.state.complaints.push(`the fake's own answer to ${request.route} is not as described: ${flaw}`);
      const reply = json(route.status ?? 200, answer);
      return { ...reply, headers: { ...headers, ...reply.headers } };
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      const reply = refused(refusal);
      return { ...reply, headers: { ...headers, ...reply.headers } };
    }
  }

  private fileAt(path: string) {
    const [, channelId, id] = /^\/attachments\/(\d+)\/(\d+)\//.exec(path) ?? [];
    const messages = this.state.world.channels.get(channelId ?? "")?.messages ?? [];
    return messages.flatMap((each) => (each.deleted ? [] : each.attachments)).find((each) => each.id === id);
  }
}

/** Cloudflare's own answer to an address that asked in vain too often. */
const BANNED: Reply = {
  status: 429,
  headers: { "content-type": "text/html", "retry-after": "600" },
  body: "<html><body>error code: 1015</body></html>",
  json: null,
};

async function read(
  request: IncomingMessage,
  bytes: Buffer,
): Promise<{ readonly body: Body; readonly refusal: Refusal | null }> {
  try {
    return { body: await bodyOf(request.headers, bytes), refusal: null };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return { body: { json: undefined, files: [] }, refusal };
  }
}

/** What comes in place of carrying the request out; null when it is carried out. */
function insteadOf(fault: Fault): Reply | "reset" | "hang" | null {
  switch (fault.kind) {
    case "status":
      if (fault.html !== undefined)
        return { ...plain(fault.status, fault.html), headers: { "content-type": "text/html" } };
      return json(fault.status, { message: `${fault.status}: Internal Server Error`, code: 0 });
    case "ratelimited": {
      const scope = fault.scope ?? "user";
      return tooMany({ retryAfter: fault.retryAfter, global: scope === "global", scope }, {});
    }
    case "error":
      return json(fault.status, { message: fault.message, code: fault.code });
    case "reset":
      return fault.when === "before" ? "reset" : null;
    case "hang":
      return fault.when === "before" ? "hang" : null;
    case "slow":
    case "status_after":
      return null;
    default:
      return fault satisfies never;
  }
}

/** https://discord.com/developers/docs/topics/rate-limits#exceeding-a-rate-limit */
function tooMany({ retryAfter, global, scope }: Refused, headers: Headers): Reply {
  const message = scope === "shared" ? "The resource is being rate limited." : "You are being rate limited.";
  const reply = json(429, { message, retry_after: retryAfter, global });
  return {
    ...reply,
    headers: {
      ...headers,
      ...reply.headers,
      "retry-after": String(Math.ceil(retryAfter)),
      "x-ratelimit-scope": scope,
      ...(global && { "x-ratelimit-global": "true" }),
    },
  };
}

const refused = (refusal: Refusal): Reply => json(refusal.status, refusal.body);

const json = (status: number, value: unknown): Reply => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
  json: value,
});

const plain = (status: number, body: string): Reply => ({
  status,
  headers: { "content-type": "text/plain" },
  body,
  json: null,
});

function write(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, {
    ...headers,
    ...(body !== null && { "content-length": String(Buffer.byteLength(body)) }),
  });
  response.end(body ?? undefined);
}
