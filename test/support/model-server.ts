/**
 * A thin fake of the Chat Completions wire protocol. It answers by script, refuses what OpenAI would refuse (see
 * `model-lint.ts`), fails on what nobody scripted, and complains about what was scripted and never asked for.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { complaintAbout } from "./model-lint.ts";
import { errorBody, json, type Reply, send } from "./model-wire.ts";

export * from "./model-wire.ts";

interface WireMessage {
  readonly role: string;
  readonly content?: string | null;
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { readonly name: string; readonly arguments: string };
  }[];
}

/** A request as the endpoint got it. */
export interface ModelServerRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
  readonly messages: readonly WireMessage[];
  /** Names of the tools that were offered. */
  readonly tools: readonly string[];
}

/** A reply for the next request, or for the next one that fits. */
export type ScriptStep = Reply | { readonly when: (request: ModelServerRequest) => boolean; readonly reply: Reply };

export interface ModelServer {
  /** The base URL, with `/v1`. */
  readonly url: string;
  /** Appends steps. A request takes the first one that fits it. */
  script(...steps: readonly ScriptStep[]): void;
  /** Answers whatever no step fits; for load, where every request is answered alike. */
  always(respond: (request: ModelServerRequest) => Reply): void;
  /** Every request that was understood, also those that were refused. */
  readonly requests: readonly ModelServerRequest[];
  /** What was wrong with requests, a sentence each. */
  readonly complaints: readonly string[];
  /** Steps that nobody has asked for yet. */
  readonly left: number;
  /**
   * Stops. A second call does no harm.
   * @throws Error when steps are left over or a request came that no step fitted; not when told to `forgive`
   */
  close(options?: { readonly forgive?: boolean }): Promise<void>;
}

export async function startModelServer(): Promise<ModelServer> {
  const steps: ScriptStep[] = [];
  const requests: ModelServerRequest[] = [];
  const complaints: string[] = [];
  const unexpected: string[] = [];
  let otherwise: ((request: ModelServerRequest) => Reply) | null = null;

  const next = (request: ModelServerRequest): Reply | null => {
    const index = steps.findIndex((step) => !("when" in step) || step.when(request));
    const [step] = index < 0 ? [] : steps.splice(index, 1);
    if (!step) return otherwise?.(request) ?? null;
    return "when" in step ? step.reply : step;
  };

  const refuse = (response: ServerResponse, status: number, error: Parameters<typeof errorBody>[0]) => {
    complaints.push(error.message ?? "");
    json(response, status, errorBody(error));
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse) => {
    const text = await bodyOf(incoming);
    if (incoming.method !== "POST" || incoming.url !== "/v1/chat/completions") {
      refuse(response, 404, { message: `Invalid URL (${incoming.method} ${incoming.url})` });
      return;
    }
    const request = toRequest(incoming.headers, text);
    if (request) requests.push(request);
    const wrong = complaintAbout(request?.body);
    if (!request || wrong) {
      const { param, code } = wrong ?? { param: null, code: null };
      refuse(response, 400, {
        message: wrong?.message ?? "not JSON",
        ...(param !== null && { param }),
        ...(code !== null && { code }),
      });
      return;
    }
    const reply = next(request);
    if (!reply) {
      unexpected.push(`request ${requests.length}, ending in ${JSON.stringify(request.messages.at(-1)).slice(0, 300)}`);
      refuse(response, 500, { message: "nobody scripted this request", type: "unscripted" });
      return;
    }
    const { body } = request;
    const options = body.stream_options as { include_usage?: boolean } | undefined;
    const asked = {
      model: String(body.model),
      stream: body.stream === true,
      includeUsage: options?.include_usage === true,
      number: requests.length,
    };
    send(reply, asked, response, incoming.socket);
  };

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((cause: unknown) => {
      // A client that goes away in the middle is what some tests are about.
      if (!incoming.destroyed) unexpected.push(String(cause));
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    script: (...more) => void steps.push(...more),
    always(respond) {
      otherwise = respond;
    },
    requests,
    complaints,
    get left() {
      return steps.length;
    },
    async close(options = {}) {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      const wrong = [...unexpected, ...(steps.length > 0 ? [`${steps.length} scripted steps left over`] : [])];
      if (wrong.length > 0 && !options.forgive) throw new Error(`model server: ${wrong.join("; ")}`);
    },
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

function toRequest(headers: IncomingHttpHeaders, text: string): ModelServerRequest | null {
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    const tools = (body.tools ?? []) as { function?: { name?: string } }[];
    return {
      headers,
      body,
      messages: (body.messages ?? []) as WireMessage[],
      tools: Array.isArray(tools) ? tools.map((tool) => tool.function?.name ?? "") : [],
    };
  } catch {
    return null;
  }
}
