/** The fake endpoint itself: a fake that lets faults through would hide them. */
import OpenAI, { APIError } from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { finishes, type ModelServer, rateLimited, says, startModelServer } from "../../support/model-server.ts";

let server: ModelServer;
beforeEach(async () => {
  server = await startModelServer();
});
afterEach(() => server.close({ forgive: true }));

const client = () => new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
const user = { role: "user", content: "hi" };
const toolOf = (name: string, parameters: unknown = { type: "object", properties: {} }) => ({
  type: "function",
  function: { name, parameters },
});
const called = (id: string, name = "look", args: unknown = "{}") => ({
  role: "assistant",
  content: null,
  tool_calls: [{ id, type: "function", function: { name, arguments: args } }],
});
const result = (id: string) => ({ role: "tool", tool_call_id: id, content: "{}" });

/** Sends a body as it is; types would not let the wrong ones pass. */
const post = (body: Record<string, unknown>) =>
  client().post("/chat/completions", { body: { model: "m", messages: [user], ...body } });

describe("the model server", () => {
  it.each<[string, Record<string, unknown>, string | null]>([
    ["no model", { model: undefined }, "model"],
    ["an unknown parameter", { mood: "good" }, "mood"],
    ["no messages", { messages: [] }, "messages"],
    ["an unknown role", { messages: [{ role: "robot", content: "x" }] }, "messages.[0].role"],
    ["no content", { messages: [{ role: "user" }] }, "messages.[0].content"],
    [
      "an assistant that says nothing",
      { messages: [{ role: "assistant", content: null }, user] },
      "messages.[0].content",
    ],
    ["an unknown field of a message", { messages: [{ ...user, toolCalls: [] }] }, "messages.[0].toolCalls"],
    ["an orphan tool message", { messages: [user, result("a")] }, "messages.[1]"],
    ["a result said twice", { messages: [user, called("a"), result("a"), result("a")] }, "messages.[3]"],
    ["a call without its result", { messages: [user, called("a")] }, "messages"],
    ["a call whose result comes too late", { messages: [called("a"), user, result("a")] }, "messages.[1]"],
    [
      "arguments that are no string",
      { messages: [called("a", "look", {}), result("a")] },
      "messages.[0].tool_calls[0].function.arguments",
    ],
    [
      "a call of an impossible name",
      { messages: [called("a", "look up"), result("a")] },
      "messages.[0].tool_calls[0].function.name",
    ],
    ["an impossible tool name", { tools: [toolOf("look.up")] }, "tools[0].function.name"],
    ["a tool twice", { tools: [toolOf("look"), toolOf("look")] }, "tools[1].function.name"],
    ["no tools at all", { tools: [] }, "tools"],
    ["a schema that is no object", { tools: [toolOf("look", { type: "string" })] }, "tools[0].function.parameters"],
    [
      "an array of nothing",
      { tools: [toolOf("look", { type: "object", properties: { a: { type: "array" } } })] },
      "tools[0].function.parameters",
    ],
    [
      "an unknown type",
      { tools: [toolOf("look", { type: "object", properties: { a: { anyOf: [{ type: "text" }] } } })] },
      "tools[0].function.parameters",
    ],
    [
      "a reference to nowhere",
      { tools: [toolOf("look", { type: "object", properties: { a: { $ref: "#/$defs/a" } } })] },
      "tools[0].function.parameters",
    ],
    [
      "a choice of no tool",
      { tools: [toolOf("look")], tool_choice: { type: "function", function: { name: "see" } } },
      "tool_choice",
    ],
    ["a choice without tools", { tool_choice: "required" }, "tool_choice"],
    ["both output caps", { max_tokens: 5, max_completion_tokens: 5 }, "max_tokens"],
    ["an output cap of nothing", { max_tokens: 0 }, "max_tokens"],
    ["stream options without a stream", { stream_options: { include_usage: true } }, "stream_options"],
  ])("refuses %s", async (_, body, param) => {
    server.script(says("never said"));
    const error = await post(body).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ status: 400, type: "invalid_request_error", param });
    expect(server.complaints).toHaveLength(1);
    expect(server.left).toBe(1);
  });

  it("takes a whole conversation with tools", async () => {
    server.script(says("fine"));
    const messages = [
      { role: "system", content: "s" },
      user,
      called("a"),
      result("a"),
      { role: "assistant", content: "x" },
      user,
    ];
    const parameters = {
      type: "object",
      properties: { a: { $ref: "#/$defs/a" } },
      required: ["a"],
      $defs: { a: { type: ["string", "null"] } },
    };
    expect(await post({ messages, tools: [toolOf("look", parameters)], tool_choice: "auto" })).toMatchObject({
      choices: [{ message: { content: "fine" }, finish_reason: "stop" }],
    });
    expect(server.complaints).toEqual([]);
  });

  it("answers each request by the first step that fits it", async () => {
    const about = (word: string) => (request: { messages: readonly { content?: string | null }[] }) =>
      request.messages.some((message) => message.content?.includes(word));
    server.script(
      { when: about("one"), reply: says("first") },
      { when: about("two"), reply: finishes("report", "second") },
      rateLimited(),
    );
    const two = await post({ messages: [{ role: "user", content: "two" }] });
    expect(JSON.stringify(two)).toContain("second");
    await expect(post({ messages: [{ role: "user", content: "three" }] })).rejects.toMatchObject({ status: 429 });
    expect(server.left).toBe(1);
    expect(JSON.stringify(await post({ messages: [{ role: "user", content: "one" }] }))).toContain("first");
    await server.close();
  });

  it("answers everything alike when told to", async () => {
    server.always((request) => says(`${request.messages.length} said`));
    const answers = await Promise.all(Array.from({ length: 20 }, () => post({})));
    expect(new Set(answers.map((answer) => JSON.stringify(answer).includes("1 said")))).toEqual(new Set([true]));
    expect(server.requests).toHaveLength(20);
    await server.close();
  });

  it("complains about what nobody scripted, and about what nobody asked for", async () => {
    await expect(post({})).rejects.toMatchObject({ status: 500 });
    server.script(says("left"));
    await expect(server.close()).rejects.toThrow(/request 1.*1 scripted steps left over/);
  });
});
