/** The one port of the fake: Web API, uploads, `response_url` and sockets; it can break, and it can be gone. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { bytesOf, FakeServer } from "../fake-server.ts";
import { Refusal } from "./api/method.ts";
import { answerTo, valuesOf } from "./api/web-api.ts";
import type { Fault, Faults } from "./faults.ts";
import { isObject, type Json, parseJson } from "./json.ts";
import { respond } from "./response-url.ts";
import type { Call, State } from "./state.ts";

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What stands in the record of calls. */
  readonly response: Json;
}

type Handler = () => Reply;

export class SlackServer extends FakeServer {
  constructor(
    private readonly state: State,
    private readonly faults: Faults,
    protected readonly upgrade: (request: IncomingMessage, socket: Duplex) => void,
  ) {
    super();
  }

  protected complain(words: string): void {
    this.state.complaints.push(words);
  }

  protected async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytesOf(request);
    const url = new URL(request.url ?? "/", this.url);
    const [, head = "", ...rest] = url.pathname.split("/");
    const found = this.route(request, url, body, head, rest.join("/"));
    if (!found) {
      write(response, plain(404, "not found"));
      return;
    }
    await this.carryOut(found.call, found.handler, request, response);
  }

  private route(
    request: IncomingMessage,
    url: URL,
    body: Buffer,
    head: string,
    rest: string,
  ): { readonly call: Call; readonly handler: Handler } | null {
    const { state } = this;
    const call = (method: string, args: Json, teamId: string | null): Call => {
      const { headers } = request;
      const made = { method, args, at: state.now(), teamId, headers, response: null, status: 0, accepted: false };
      state.calls.push(made);
      return made;
    };
    if (head === "api") return this.apiRoute(request, url, body, rest, call);
    if (head === "response" && request.method === "POST") {
      const value = parseJson(body.toString("utf8"));
      const args = isObject(value) ? value : {};
      return { call: call("response_url", args, null), handler: () => this.responseUrl(rest, value) };
    }
    if (head === "upload" && request.method === "POST") {
      const id = rest.split("/").at(-1) ?? "";
      const bytes = fileBytes(request, body);
      return {
        call: call("upload", { file_id: id, length: bytes.length }, null),
        handler: () => this.upload(id, bytes),
      };
    }
    return null;
  }

  private apiRoute(
    request: IncomingMessage,
    url: URL,
    body: Buffer,
    method: string,
    call: (method: string, args: Json, teamId: string | null) => Call,
  ): { readonly call: Call; readonly handler: Handler } {
    const { state } = this;
    let values: Json = {};
    let refusal: Refusal | null = null;
    try {
      values = valuesOf(request.headers["content-type"] ?? "", body.toString("utf8"), url.searchParams);
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      refusal = cause;
    }
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? null;
    const token = bearer ?? (typeof values.token === "string" ? values.token : null);
    const { token: _, ...args } = values;
    const workspace = [...state.workspaces.values()].find((each) => each.install.botToken === token);
    return {
      call: call(method, readable(args), workspace?.id ?? null),
      handler: () => {
        if (refusal) return jsonReply({ ok: false, error: refusal.error });
        const answer = answerTo(state, method, values, token);
        const scopes = answer.workspace ? [...answer.workspace.install.scopes].join(",") : "";
        const headers = {
          "x-slack-req-id": state.ids.opaque(20),
          ...(answer.workspace && {
            "x-oauth-scopes": scopes,
            "x-accepted-oauth-scopes": answer.acceptedScopes.join(","),
          }),
        };
        return answer.retryAfter === null
          ? jsonReply(answer.body, 200, headers)
          : jsonReply(answer.body, 429, { ...headers, "retry-after": String(answer.retryAfter) });
      },
    };
  }

  private async carryOut(
    call: Call,
    handler: Handler,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const fault = this.faults.take(call.method, call.args);
    if (fault?.kind === "slow") await sleep(fault.ms, undefined, { ref: false });
    const instead = fault ? insteadOf(fault) : null;
    if (instead === "reset") request.socket.resetAndDestroy();
    if (instead === "hang" || instead === "reset") {
      this.state.changes.emit("change");
      return;
    }
    const reply = instead ?? handler();
    call.accepted = instead === null && (reply.response.ok ?? true) === true;
    call.response = reply.response;
    if (fault?.kind === "reset") {
      request.socket.resetAndDestroy();
    } else if (fault?.kind !== "hang") {
      const sent = fault?.kind === "status_after" ? plain(fault.status, "Internal Server Error") : reply;
      call.status = sent.status;
      write(response, sent);
    }
    this.state.changes.emit("change");
  }

  private responseUrl(id: string, value: unknown): Reply {
    const url = this.state.links.use(id);
    if (typeof url === "string") return jsonReply({ ok: false, error: url }, 404);
    if (!isObject(value)) return jsonReply({ ok: false, error: "invalid_payload" }, 400);
    try {
      respond(this.state, url, value);
      return { ...plain(200, "ok"), response: { ok: true } };
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return jsonReply({ ok: false, error: refusal.error, ...refusal.extra }, 400);
    }
  }

  private upload(id: string, bytes: Buffer): Reply {
    const file = [...this.state.workspaces.values()]
      .map((each) => each.files.get(id))
      .find((each) => each !== undefined);
    if (!file || file.completed) return plain(404, "not found");
    if (bytes.length !== file.length) return plain(400, `expected ${file.length} bytes`);
    file.content = bytes;
    return { ...plain(200, `OK - ${bytes.length}`), response: { ok: true } };
  }
}

/** What comes in place of carrying the call out; null when it is carried out. */
function insteadOf(fault: Fault): Reply | "reset" | "hang" | null {
  switch (fault.kind) {
    case "status":
      return plain(fault.status, fault.body ?? "upstream error");
    case "ratelimited":
      return jsonReply({ ok: false, error: "ratelimited" }, 429, { "retry-after": String(fault.retryAfter) });
    case "error":
      return jsonReply({ ok: false, error: fault.error });
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

const jsonReply = (body: Json, status = 200, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: JSON.stringify(body),
  response: body,
});

const plain = (status: number, body: string): Reply => ({
  status,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body,
  response: { ok: status < 300 },
});

function write(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/** JSON inside a form, as the record shows it. */
function readable(args: Json): Json {
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => {
      const parsed = typeof value === "string" && /^[[{]/.test(value) ? parseJson(value) : undefined;
      return [key, parsed ?? value];
    }),
  );
}

/** The file of an upload: the raw body, or the first part with a file name of a form. */
function fileBytes(request: IncomingMessage, body: Buffer): Buffer {
  const boundary = /boundary=(?:"([^"]+)"|([^;]+))/.exec(request.headers["content-type"] ?? "");
  const name = boundary?.[1] ?? boundary?.[2];
  if (name === undefined) return body;
  const delimiter = Buffer.from(`\r\n--${name}`);
  const whole = Buffer.concat([Buffer.from("\r\n"), body]);
  for (let at = whole.indexOf(delimiter); at >= 0; ) {
    const next = whole.indexOf(delimiter, at + delimiter.length);
    if (next < 0) break;
    const part = whole.subarray(at + delimiter.length + 2, next);
    const head = part.indexOf("\r\n\r\n");
    if (part.subarray(0, head).toString("latin1").includes("filename=")) return part.subarray(head + 4);
    at = next;
  }
  return Buffer.alloc(0);
}
