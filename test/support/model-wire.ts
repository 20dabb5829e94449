/** How scripted replies look on the wire of Chat Completions. */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface ScriptedCall {
  readonly name: string;
  /** A string is sent as it stands, however malformed. */
  readonly arguments: unknown;
  /** Left out: made up. Empty: sent without one, as some servers do. */
  readonly id?: string;
}

export interface ScriptedUsage {
  readonly input: number;
  readonly cached?: number;
  readonly output: number;
}

interface Answer {
  readonly text?: string;
  readonly calls?: readonly ScriptedCall[];
  readonly refusal?: string;
  /** Left out: `tool_calls` with calls, else `stop`. */
  readonly finish?: "stop" | "tool_calls" | "length" | "content_filter";
  /** Left out: 100 in, 10 out. Null: the server does not tell. */
  readonly usage?: ScriptedUsage | null;
  /** Answers whole even when a stream was asked for. */
  readonly whole?: boolean;
}

/** What the endpoint does with one request. */
export type Reply =
  | ({ readonly kind: "answer" } & Answer)
  /** `body` left out: an OpenAI-shaped error. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly code?: string;
      readonly type?: string;
      readonly param?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Begins to stream this, then drops the connection (`how: reset`), or ends it as if all were well. */
  | { readonly kind: "cut"; readonly after: Answer; readonly how: "reset" | "end" | "half_chunk" }
  /** Says nothing more: at once, after the headers, or after the first chunk; until the client goes. */
  | { readonly kind: "hang"; readonly after: "nothing" | "headers" | "chunk" }
  /** Drops the connection without a word. */
  | { readonly kind: "reset" }
  /** Streams these lines as they stand. */
  | { readonly kind: "raw"; readonly contentType?: string; readonly body: string; readonly leaveOpen?: boolean };

export const says = (text: string, more: Partial<Answer> = {}): Reply => ({ kind: "answer", text, ...more });
export const calls = (...wanted: readonly ScriptedCall[]): Reply => ({ kind: "answer", calls: wanted });
export const finishes = (verdict: "report" | "nothing_to_report" | "blocked", text: string, notes?: string): Reply =>
  calls({ name: "finish", arguments: { verdict, text, ...(notes !== undefined && { notes }) } });
export const empty = (): Reply => ({ kind: "answer", text: "" });
export const refuses = (refusal: string): Reply => ({ kind: "answer", refusal });
export const rateLimited = (headers: Readonly<Record<string, string>> = { "retry-after": "1" }): Reply => ({
  kind: "status",
  status: 429,
  code: "rate_limit_exceeded",
  type: "requests",
  headers,
});
export const outOfQuota = (): Reply => ({
  kind: "status",
  status: 429,
  code: "insufficient_quota",
  type: "insufficient_quota",
});
export const serverError = (status = 500): Reply => ({ kind: "status", status, type: "server_error" });
export const cut = (
  after: Answer = { text: "I was about to" },
  how: "reset" | "end" | "half_chunk" = "reset",
): Reply => ({
  kind: "cut",
  after,
  how,
});
export const hangs = (after: "nothing" | "headers" | "chunk" = "nothing"): Reply => ({ kind: "hang", after });
export const resets = (): Reply => ({ kind: "reset" });

const ENVELOPE = { id: "chatcmpl-scripted", created: 1_700_000_000 };

interface Asked {
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** Counts requests, so that made-up ids differ between turns. */
  readonly number: number;
}

/** Sends a reply. Resolves when nothing more will be sent. */
export function send(reply: Reply, asked: Asked, response: ServerResponse, socket: Socket): void {
  switch (reply.kind) {
    case "answer":
      if (asked.stream && !reply.whole) stream(response, chunks(reply, asked));
      else json(response, 200, whole(reply, asked));
      return;
    case "status":
      if (reply.body === undefined) json(response, reply.status, errorBody(reply), reply.headers);
      else response.writeHead(reply.status, reply.headers).end(reply.body);
      return;
    case "cut": {
      const begun = chunks(reply.after, asked).filter(({ choices }) => choices[0] && choices[0].finish_reason === null);
      begin(response);
      for (const chunk of begun) response.write(event(chunk));
      if (reply.how === "half_chunk") response.write('data: {"id":"chatcmpl-scripted","choices":[{"ind\n\n');
      // Else the bytes above might be lost with the connection.
      if (reply.how === "reset") setImmediate(() => setTimeout(() => socket.resetAndDestroy(), 20));
      else response.end();
      return;
    }
    case "hang":
      if (reply.after === "nothing") return;
      begin(response);
      response.flushHeaders();
      if (reply.after === "chunk") response.write(event(chunks({ text: "Let me" }, asked)[0]));
      return;
    case "reset":
      socket.resetAndDestroy();
      return;
    case "raw":
      response.writeHead(200, { "content-type": reply.contentType ?? "text/event-stream" });
      response.write(reply.body);
      if (!reply.leaveOpen) response.end();
  }
}

export const errorBody = (error: {
  status?: number;
  code?: string;
  type?: string;
  param?: string;
  message?: string;
}) => ({
  error: {
    message: error.message ?? `scripted error ${error.status ?? ""}: sk-scripted-secret`,
    type: error.type ?? "invalid_request_error",
    param: error.param ?? null,
    code: error.code ?? null,
  },
});

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

const begin = (response: ServerResponse) => response.writeHead(200, { "content-type": "text/event-stream" });
const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

function stream(response: ServerResponse, all: readonly unknown[]): void {
  begin(response);
  response.end(`${all.map(event).join("")}data: [DONE]\n\n`);
}

const finishOf = (answer: Answer) => answer.finish ?? (answer.calls?.length ? "tool_calls" : "stop");

const usageOf = (usage: ScriptedUsage | null | undefined) => {
  const { input, cached = 0, output } = usage ?? { input: 100, output: 10 };
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
  };
};

const wireCalls = (answer: Answer, asked: Asked) =>
  (answer.calls ?? []).map((call, index) => {
    const id = call.id ?? `call_${asked.number}_${index}`;
    const args = typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments);
    return { ...(id !== "" && { id }), type: "function", function: { name: call.name, arguments: args } };
  });

function whole(answer: Answer, asked: Asked) {
  const tool_calls = wireCalls(answer, asked);
  const message = {
    role: "assistant",
    content: answer.text ?? null,
    refusal: answer.refusal ?? null,
    ...(tool_calls.length > 0 && { tool_calls }),
  };
  return {
    ...ENVELOPE,
    object: "chat.completion",
    model: asked.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishOf(answer) }],
    ...(answer.usage !== null && { usage: usageOf(answer.usage) }),
  };
}

/** Text in two pieces, each call's arguments in two, calls interleaved: what a reader must put together again. */
function chunks(answer: Answer, asked: Asked) {
  const envelope = { ...ENVELOPE, object: "chat.completion.chunk", model: asked.model };
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    ...envelope,
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  });
  const halves = (text: string) => [text.slice(0, text.length >> 1), text.slice(text.length >> 1)];
  const parts = wireCalls(answer, asked).map((call, index) => {
    const [head, tail] = halves(call.function.arguments);
    return {
      first: { index, ...call, function: { name: call.function.name, arguments: head } },
      second: { index, function: { arguments: tail } },
    };
  });
  return [
    chunk({ role: "assistant", content: answer.calls ? null : "", refusal: null }),
    ...halves(answer.text ?? "")
      .filter(Boolean)
      .map((content) => chunk({ content })),
    ...halves(answer.refusal ?? "")
      .filter(Boolean)
      .map((refusal) => chunk({ refusal })),
    ...parts.map(({ first }) => chunk({ tool_calls: [first] })),
    ...parts.map(({ second }) => chunk({ tool_calls: [second] })),
    chunk({}, finishOf(answer)),
    ...(asked.includeUsage && answer.usage !== null
      ? [{ ...envelope, choices: [], usage: usageOf(answer.usage) }]
      : []),
  ];
}
