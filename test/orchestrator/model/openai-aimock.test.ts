/** The adapter against a mock of the API that others wrote. */
import { LLMock } from "@copilotkit/aimock";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createOpenAiModel } from "../../../src/orchestrator/model/openai.ts";
import { FREE } from "../../../src/orchestrator/model/prices.ts";
import type { Model, ModelMessage, ModelRequest } from "../../../src/orchestrator/ports.ts";
import { listeningLog, requestOf, turn } from "./requests.ts";

const mock = new LLMock({ port: 0, chunkSize: 7 });
let model: Model;
beforeAll(async () => {
  await mock.start();
  model = await createOpenAiModel({
    apiKey: "sk-mock",
    baseURL: `${mock.url}/v1`,
    model: "gpt-4o-mini",
    trust: "third_party",
    price: FREE,
    clock: { now: () => 0 },
    log: listeningLog().log,
  });
});
beforeEach(() => {
  mock.clearFixtures();
  mock.clearRequests();
});
afterAll(() => mock.stop());

const saying = (content: string, after: readonly ModelMessage[] = []): ModelRequest =>
  requestOf({ messages: [{ role: "system", content: "You run one task." }, { role: "user", content }, ...after] });
const ask = (request: ModelRequest) => model.respond(request, new AbortController().signal);

describe("against a third party's mock", () => {
  it("puts a streamed text together and reads its usage", async () => {
    const usage = { prompt_tokens: 41, completion_tokens: 12 };
    mock.onMessage("hello", { content: "Hello there, this comes in many small pieces.", usage });
    expect(await ask(saying("hello"))).toMatchObject({
      ok: true,
      reply: {
        text: "Hello there, this comes in many small pieces.",
        finish: "stop",
        usage: { inputTokens: 41, outputTokens: 12 },
        model: "gpt-4o-mini",
      },
    });
    expect(mock.getLastRequest()?.body).toMatchObject({ stream: true, max_tokens: 500 });
  });

  it("plays a turn of parallel calls and the turn after it", async () => {
    const toolCalls = [
      { id: "call_a", name: "http_get", arguments: '{"url":"http://a.test/"}' },
      { id: "call_b", name: "http_get", arguments: '{"url":"http://b.te' },
    ];
    mock.on({ userMessage: "two pages", hasToolResult: false }, { toolCalls });
    mock.on(
      { userMessage: "two pages", hasToolResult: true },
      { toolCalls: [{ name: "finish", arguments: '{"verdict":"report"}' }] },
    );
    const first = await ask(saying("two pages"));
    expect(first).toMatchObject({ ok: true, reply: { finish: "tool_calls", toolCalls } });
    const results = turn(...toolCalls.map((call) => ({ ...call, result: { ok: true, output: "page" } })));
    const second = await ask(saying("two pages", results));
    expect(second).toMatchObject({
      ok: true,
      reply: { toolCalls: [{ name: "finish", arguments: '{"verdict":"report"}' }] },
    });
    const ids = second.ok ? second.reply.toolCalls.map((call) => call.id) : [];
    expect(ids).toEqual([expect.stringMatching(/.+/)]);
  });

  it.each([
    [429, { code: "rate_limit_exceeded", type: "requests" }, "model_rate_limited"],
    [429, { code: "insufficient_quota", type: "insufficient_quota" }, "model_quota"],
    [401, { code: "invalid_api_key" }, "model_credentials"],
    [500, { type: "server_error" }, "model_unavailable"],
    [400, { code: "context_length_exceeded" }, "context_too_large"],
  ])("takes a one-shot %i (%o) for %s, does not retry, and goes on after it", async (status, body, code) => {
    mock.onMessage("go", { content: "went" });
    mock.nextRequestError(status, { message: "no", ...body });
    expect(await ask(saying("go"))).toMatchObject({ ok: false, failure: { code } });
    expect(mock.getRequests()).toHaveLength(1);
    expect(await ask(saying("go"))).toMatchObject({ ok: true, reply: { text: "went" } });
  });

  it("takes its empty answer for one", async () => {
    mock.onMessage("nothing", { content: "" });
    expect(await ask(saying("nothing"))).toMatchObject({
      ok: true,
      reply: { text: "", toolCalls: [], finish: "stop" },
    });
  });
});
