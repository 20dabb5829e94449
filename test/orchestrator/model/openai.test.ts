import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOpenAiModel, type OpenAiDeps } from "../../../src/orchestrator/model/openai.ts";
import { FREE } from "../../../src/orchestrator/model/prices.ts";
import type { ModelOutcome, ModelRequest } from "../../../src/orchestrator/ports.ts";
import {
  calls,
  cut,
  empty,
  hangs,
  type ModelServer,
  outOfQuota,
  type Reply,
  rateLimited,
  refuses,
  resets,
  says,
  serverError,
  startModelServer,
} from "../../support/model-server.ts";
import { listeningLog, requestOf, turn } from "./requests.ts";

const NOW = Date.parse("2025-03-01T12:00:00Z");
const KEY = "sk-test-key-that-nobody-sees";
const NOTHING = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };

let server: ModelServer;
beforeEach(async () => {
  server = await startModelServer();
});
afterEach(() => server.close());

const { log, lines } = listeningLog();
const never = new AbortController().signal;

const modelAt = (over: Partial<OpenAiDeps> = {}) =>
  createOpenAiModel({
    apiKey: KEY,
    baseURL: server.url,
    model: "gpt-test",
    trust: "third_party",
    price: FREE,
    clock: { now: () => NOW },
    log,
    ...over,
  });

async function ask(reply: Reply, request: ModelRequest = requestOf(), over: Partial<OpenAiDeps> = {}) {
  server.script(reply);
  const model = await modelAt(over);
  return model.respond(request, never);
}

const replyOf = (outcome: ModelOutcome) => {
  if (!outcome.ok) throw new Error(`expected a reply, got ${JSON.stringify(outcome)}`);
  return outcome.reply;
};
const failureOf = (outcome: ModelOutcome) => {
  if (outcome.ok) throw new Error(`expected a failure, got ${JSON.stringify(outcome)}`);
  return outcome;
};

describe("an answer", () => {
  it.each([
    ["streamed", {}],
    ["whole, although a stream was asked for", { whole: true }],
  ])("as text, %s", async (_, how) => {
    const usage = { input: 120, cached: 100, output: 7 };
    const reply = replyOf(await ask(says("Hello, all 👋 is well.", { usage, ...how })));
    expect(reply).toEqual({
      text: "Hello, all 👋 is well.",
      toolCalls: [],
      finish: "stop",
      usage: { inputTokens: 120, cachedInputTokens: 100, outputTokens: 7 },
      model: "gpt-test",
    });
  });

  it.each([
    ["streamed in interleaved pieces", {}],
    ["whole", { whole: true }],
  ])("as parallel calls, %s, with their arguments as they stand", async (_, how) => {
    const wanted = [
      { id: "a", name: "http_get", arguments: { url: "http://one.test/" } },
      { id: "b", name: "http_get", arguments: '{"url": "http://two' },
      { id: "c", name: "no_such_tool", arguments: "" },
    ];
    const reply = replyOf(await ask({ kind: "answer", text: "Looking.", calls: wanted, ...how }));
    expect(reply).toMatchObject({ text: "Looking.", finish: "tool_calls" });
    expect(reply.toolCalls).toEqual([
      { id: "a", name: "http_get", arguments: '{"url":"http://one.test/"}' },
      { id: "b", name: "http_get", arguments: '{"url": "http://two' },
      { id: "c", name: "no_such_tool", arguments: "" },
    ]);
  });

  it.each([
    ["missing", ["", ""], ["call_0", "call_1"]],
    ["the same twice", ["x", "x"], ["x", "call_1"]],
    ["taken by a made-up one", ["call_1", ""], ["call_1", "call_1_"]],
  ])("gives calls ids of their own when they are %s", async (_, given, expected) => {
    const wanted = given.map((id) => ({ id, name: "http_get", arguments: {} }));
    expect(replyOf(await ask(calls(...wanted))).toolCalls.map((call) => call.id)).toEqual(expected);
  });

  it("keeps calls apart that a server sends under one index", async () => {
    const chunk = (id: string) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id, function: { name: "http_get", arguments: `{"n":"${id}"}` } }] } }] })}\n\n`;
    const end = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
    const reply = replyOf(await ask({ kind: "raw", body: `${chunk("a")}${chunk("b")}${end}` }));
    expect(reply.finish).toBe("tool_calls");
    expect(reply.toolCalls.map((call) => call.arguments)).toEqual(['{"n":"a"}', '{"n":"b"}']);
  });

  it("may be empty", async () => {
    expect(replyOf(await ask(empty()))).toMatchObject({ text: "", toolCalls: [], finish: "stop" });
  });

  it.each([
    ["in its own field", refuses("I will not do that."), "I will not do that."],
    ["in its own field, whole", { ...refuses("No."), whole: true } as Reply, "No."],
    [
      "by the content filter",
      says("", { finish: "content_filter" }),
      "The endpoint's content filter withheld the answer.",
    ],
  ])("may be a refusal, %s", async (_, reply, text) => {
    expect(replyOf(await ask(reply))).toMatchObject({ finish: "refusal", text });
  });

  it("says when the output cap cut it, also in the middle of a call", async () => {
    const wanted = [{ name: "http_get", arguments: '{"url":"htt' }];
    expect(replyOf(await ask({ kind: "answer", calls: wanted, finish: "length" })).finish).toBe("length");
  });

  it("whose usage is not told is estimated, never free", async () => {
    const { usage } = replyOf(await ask(says("four little words here", { usage: null })));
    expect(usage.inputTokens).toBeGreaterThan(30);
    expect(usage.outputTokens).toBe(4);
  });

  it("is complete although the server keeps the connection open, or drops it, after the end", async () => {
    const body =
      'data: {"choices":[{"index":0,"delta":{"content":"done"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":1}}\n\n';
    expect(replyOf(await ask({ kind: "raw", body, leaveOpen: true })).text).toBe("done");
    expect(replyOf(await ask({ kind: "raw", body: `${body}data: {"choi\n\n` })).text).toBe("done");
  });
});

describe("a request", () => {
  it("says only what every endpoint understands, and no parameter twice", async () => {
    const said = await ask(says("ok"), requestOf({ toolChoice: { name: "finish" } }));
    expect(said.ok).toBe(true);
    const [sent] = server.requests;
    expect(Object.keys(sent?.body ?? {}).sort()).toEqual(
      ["max_tokens", "messages", "model", "stream", "stream_options", "tool_choice", "tools"].sort(),
    );
    expect(sent?.body).toMatchObject({
      max_tokens: 500,
      tool_choice: { type: "function", function: { name: "finish" } },
    });
    expect(sent?.headers).toMatchObject({ "idempotency-key": "run-1-1-0-1", authorization: `Bearer ${KEY}` });
  });

  it.each([
    ["auto", undefined],
    ["any", "required"],
  ] as const)("puts the tool choice %s into the endpoint's words", async (toolChoice, expected) => {
    await ask(says("ok"), requestOf({ toolChoice }));
    expect(server.requests[0]?.body.tool_choice).toBe(expected);
  });

  it("without tools names none", async () => {
    await ask(says("ok"), requestOf({ tools: [], toolChoice: "any" }));
    expect(server.requests[0]?.body).not.toHaveProperty("tools");
    expect(server.requests[0]?.body).not.toHaveProperty("tool_choice");
  });

  it("to OpenAI itself caps the output by its own name for it", async () => {
    const fetch: typeof globalThis.fetch = (_, init) => globalThis.fetch(`${server.url}/chat/completions`, init);
    const outcome = await ask(says("ok"), requestOf(), { baseURL: null, fetch });
    expect(outcome.ok).toBe(true);
    expect(server.requests[0]?.body.max_completion_tokens).toBe(500);
    expect(server.requests[0]?.body).not.toHaveProperty("max_tokens");
  });

  it("without a key sends no authorization", async () => {
    await ask(says("ok"), requestOf(), { apiKey: null });
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  it("repeats a conversation in a form that the endpoint takes, whatever the model wrote in it", async () => {
    const said = turn(
      { id: "a", name: "functions.http get!", arguments: '{"url": "htt', result: { ok: false } },
      { id: "b", name: "http_get", arguments: "", result: { ok: true, output: "x" } },
      { id: "c", name: "http_get", arguments: '{"url":"http://x/"}', result: { ok: true, output: "x" } },
    );
    const silence = { role: "assistant", content: "", toolCalls: [] } as const;
    const request = requestOf({
      messages: [...requestOf().messages, ...said, silence, { role: "user", content: "Go on." }],
    });
    expect((await ask(says("ok"), request)).ok).toBe(true);
    expect(server.complaints).toEqual([]);
    const functions = server.requests[0]?.messages[2]?.tool_calls?.map((call) => call.function);
    expect(functions).toEqual([
      { name: "functions_http_get_", arguments: '{"malformed":"{\\"url\\": \\"htt"}' },
      { name: "http_get", arguments: "{}" },
      { name: "http_get", arguments: '{"url":"http://x/"}' },
    ]);
  });

  it.each([
    ["stream_options", { stream: true, max_tokens: 500 }],
    ["stream", { max_tokens: 500 }],
    ["max_tokens", { stream: true, max_completion_tokens: 500 }],
  ])("is said otherwise, from then on, to an endpoint that does not know %s", async (param, expected) => {
    server.script({ kind: "status", status: 400, code: "unsupported_parameter", param }, says("one"), says("two"));
    const model = await modelAt();
    expect(replyOf(await model.respond(requestOf(), never)).text).toBe("one");
    expect(replyOf(await model.respond(requestOf(), never)).text).toBe("two");
    expect(server.requests).toHaveLength(3);
    expect(server.requests[2]?.body).toMatchObject(expected);
    expect(server.requests[2]?.body).not.toHaveProperty(param);
  });

  it("is not sent when it was cancelled before", async () => {
    const model = await modelAt();
    const outcome = failureOf(await model.respond(requestOf(), AbortSignal.abort()));
    expect(outcome).toMatchObject({ failure: { code: "cancelled" }, usage: NOTHING });
    expect(server.requests).toHaveLength(0);
  });
});

const status = (status: number, more: Partial<Extract<Reply, { kind: "status" }>> = {}): Reply => ({
  kind: "status",
  status,
  ...more,
});
const streamedError = (error: object): Reply => ({ kind: "raw", body: `data: ${JSON.stringify({ error })}\n\n` });
const inHtml: Reply = { kind: "raw", contentType: "text/html", body: "<h1>Welcome to our proxy</h1>" };

describe("a failure", () => {
  it.each<[string, Reply, string, "free" | "unknown", number?]>([
    ["a wrong key", status(401, { code: "invalid_api_key" }), "model_credentials", "free"],
    ["a forbidden region", status(403), "model_credentials", "free"],
    ["no credit (402)", status(402), "model_quota", "free"],
    ["no credit (429)", outOfQuota(), "model_quota", "free"],
    ["an unknown model", status(404, { code: "model_not_found" }), "model_rejected", "free"],
    ["a bad request", status(400, { code: "invalid_value", param: "messages" }), "model_rejected", "free"],
    ["an unprocessable request", status(422), "model_rejected", "free"],
    ["a long context", status(400, { code: "context_length_exceeded" }), "context_too_large", "free"],
    ["a large body", status(413), "context_too_large", "free"],
    ["a rate limit", rateLimited({}), "model_rate_limited", "free"],
    ["a rate limit in seconds", rateLimited({ "retry-after": "7" }), "model_rate_limited", "free", 7_000],
    [
      "a rate limit in milliseconds",
      rateLimited({ "retry-after-ms": "250", "retry-after": "7" }),
      "model_rate_limited",
      "free",
      250,
    ],
    [
      "a rate limit by date",
      rateLimited({ "retry-after": "Sat, 01 Mar 2025 12:00:30 GMT" }),
      "model_rate_limited",
      "free",
      30_000,
    ],
    [
      "a rate limit by a past date",
      rateLimited({ "retry-after": "Sat, 01 Mar 2025 11:00:00 GMT" }),
      "model_rate_limited",
      "free",
      0,
    ],
    ["a rate limit of a day", rateLimited({ "retry-after": "86400" }), "model_rate_limited", "free", 3_600_000],
    ["a rate limit of nonsense", rateLimited({ "retry-after": "soon" }), "model_rate_limited", "free"],
    ["a request timeout", status(408), "model_unavailable", "unknown"],
    ["a conflict", status(409), "model_unavailable", "unknown"],
    ["an internal error", serverError(500), "model_unavailable", "unknown"],
    ["a bad gateway in HTML", status(502, { body: "<h1>502</h1>" }), "model_unavailable", "unknown"],
    ["an overload", status(503, { headers: { "retry-after": "3" } }), "model_unavailable", "free", 3_000],
    ["a gateway without backend", status(503), "model_unavailable", "unknown"],
    ["a cut stream", cut(), "stream_cut", "unknown"],
    ["a stream that ends early", cut({ text: "I was" }, "end"), "stream_cut", "unknown"],
    ["half a chunk", cut({ text: "I was" }, "half_chunk"), "stream_cut", "unknown"],
    ["an empty stream", { kind: "raw", body: "" }, "stream_cut", "unknown"],
    ["a reset", resets(), "model_unavailable", "unknown"],
    [
      "an error inside a stream",
      streamedError({ message: "oops", type: "server_error" }),
      "model_unavailable",
      "unknown",
    ],
    ["a rate limit inside a stream", streamedError({ message: "slow", code: 429 }), "model_rate_limited", "unknown"],
    [
      "an error inside a 200",
      { kind: "raw", contentType: "application/json", body: '{"error":{"code":502}}' },
      "model_unavailable",
      "unknown",
    ],
    ["another service's page", inHtml, "model_unavailable", "unknown"],
    [
      "JSON of another kind",
      { kind: "raw", contentType: "application/json", body: '{"hello":1}' },
      "model_unavailable",
      "unknown",
    ],
    [
      "half of a JSON answer",
      { kind: "raw", contentType: "application/json", body: '{"choices":[{' },
      "model_unavailable",
      "unknown",
    ],
  ])("of %s", async (_, reply, code, cost, retryAfterMs) => {
    const outcome = failureOf(await ask(reply));
    expect(outcome.failure.code).toBe(code);
    expect(outcome.usage).toEqual(cost === "free" ? NOTHING : null);
    expect(outcome.failure.retryAfterMs).toBe(retryAfterMs);
    expect(outcome.failure.message).toContain("127.0.0.1");
    expect(outcome.failure.message).not.toMatch(/sk-|\bat .*:\d+:\d+|scripted/);
    expect(outcome.failure.message.length).toBeLessThan(160);
    expect(server.requests).toHaveLength(1);
  });

  it("is told to the log by its code, without content or key", async () => {
    lines.length = 0;
    await ask(serverError(), requestOf({ messages: [{ role: "user", content: "the secret plan" }] }));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"code":"model_unavailable"');
    expect(lines[0]).not.toMatch(/secret plan|sk-|scripted/);
  });

  it("of a refused connection cost nothing", async () => {
    const port = await freePort();
    const model = await modelAt({ baseURL: `http://127.0.0.1:${port}/v1` });
    const outcome = failureOf(await model.respond(requestOf(), never));
    expect(outcome).toMatchObject({ failure: { code: "model_unavailable" }, usage: NOTHING });
    expect(outcome.failure.message).toContain(`127.0.0.1:${port}`);
  });

  it.each([
    ["before it answers", hangs("nothing")],
    ["after the headers", hangs("headers")],
    ["after a first chunk", hangs("chunk")],
  ])("of an endpoint that falls silent %s", async (_, reply) => {
    const outcome = failureOf(await ask(reply, requestOf(), { idleTimeoutMs: 60, firstTimeoutMs: 120 }));
    expect(outcome).toMatchObject({ failure: { code: "model_timeout" }, usage: null });
  });

  it("of an endpoint that never comes to an end", async () => {
    const outcome = failureOf(await ask(hangs("chunk"), requestOf(), { idleTimeoutMs: 60_000, overallTimeoutMs: 150 }));
    expect(outcome).toMatchObject({ failure: { code: "model_timeout" }, usage: null });
  });

  it.each([
    ["before the answer", hangs("nothing")],
    ["in the middle of it", hangs("chunk")],
  ])("by cancelling %s", async (_, reply) => {
    server.script(reply);
    const cancel = new AbortController();
    const model = await modelAt();
    const pending = model.respond(requestOf(), cancel.signal);
    while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    setTimeout(() => cancel.abort(), 30);
    expect(failureOf(await pending)).toMatchObject({ failure: { code: "cancelled" }, usage: null });
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
