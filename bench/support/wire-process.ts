/**
 * What a run of the bench costs on the wire alone: two streamed calls by the client that Claw uses and one page, with
 * nothing kept and nothing checked. Less than that no program that uses this client can take.
 */
import OpenAI from "openai";
import { answerBench } from "./child.ts";

const client = new OpenAI({ apiKey: "none", baseURL: process.env.BENCH_MODEL ?? "", maxRetries: 0, logLevel: "off" });
const page = `${process.env.BENCH_SITE ?? ""}/status`;
/** About as much as Claw says. */
const SYSTEM = "You carry out one instruction of a workflow, and end by calling finish with what you found. ".repeat(
  12,
);
const tool = (name: string, argument: string) => ({
  type: "function" as const,
  function: {
    name,
    description: `${name}: what it does, and when it is to be called.`,
    parameters: {
      type: "object",
      properties: { [argument]: { type: "string" } },
      required: [argument],
      additionalProperties: false,
    },
  },
});
const tools = [tool("http_get", "url"), tool("finish", "text")];
const messages: OpenAI.ChatCompletionMessageParam[] = [
  { role: "system", content: SYSTEM },
  { role: "user", content: `check ${page}` },
];

/** @returns the calls that the model asks for */
async function ask(said: OpenAI.ChatCompletionMessageParam[]): Promise<readonly { id: string; arguments: string }[]> {
  const stream = await client.chat.completions.create({
    model: "fake-1",
    messages: said,
    tools,
    stream: true,
    stream_options: { include_usage: true },
  });
  const calls: { id: string; arguments: string }[] = [];
  for await (const { choices } of stream) {
    for (const part of choices[0]?.delta.tool_calls ?? []) {
      const call = calls[part.index] ?? { id: part.id ?? "", arguments: "" };
      call.arguments += part.function?.arguments ?? "";
      calls[part.index] = call;
    }
  }
  return calls;
}

async function run(): Promise<void> {
  const [call] = await ask(messages);
  if (!call) throw new Error("the model asked for nothing");
  const { url } = JSON.parse(call.arguments) as { url: string };
  const content = await (await fetch(url)).text();
  const asked: OpenAI.ChatCompletionMessageParam = {
    role: "assistant",
    tool_calls: [{ id: call.id, type: "function", function: { name: "http_get", arguments: call.arguments } }],
  };
  const [last] = await ask([...messages, asked, { role: "tool", tool_call_id: call.id, content }]);
  if (!last) throw new Error("the model did not finish");
}

/** @returns seconds */
async function round(count: number, inFlight: number): Promise<number> {
  const began = performance.now();
  let left = count;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left > 0) {
        left -= 1;
        await run();
      }
    }),
  );
  return (performance.now() - began) / 1_000;
}

answerBench(async (question) => {
  if (question === "cpu") {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  }
  const { count, inFlight } = question as { count: number; inFlight: number };
  return round(count, inFlight);
});
