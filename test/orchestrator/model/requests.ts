/** Model requests for tests. */
import type { Log } from "../../../src/log.ts";
import type { ModelMessage, ModelRequest, ToolSpec } from "../../../src/orchestrator/ports.ts";

export const tool = (name: string, properties: Record<string, unknown> = {}, required: string[] = []): ToolSpec => ({
  name,
  description: `What ${name} does.`,
  parameters: { type: "object", properties, required, additionalProperties: false },
});

export const requestOf = (over: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: [
    { role: "system", content: "You run one task." },
    { role: "user", content: "Say hello." },
  ],
  tools: [tool("http_get", { url: { type: "string" } }, ["url"]), tool("finish", { verdict: { type: "string" } })],
  toolChoice: "auto",
  maxOutputTokens: 500,
  task: { instruction: "Say hello.", notes: null },
  idempotencyKey: "run-1-1-0-1",
  ...over,
});

/** A turn of calls with their results. */
export const turn = (
  ...calls: readonly {
    readonly id: string;
    readonly name: string;
    readonly arguments: string;
    readonly result: unknown;
  }[]
): ModelMessage[] => [
  {
    role: "assistant",
    content: "",
    toolCalls: calls.map(({ id, name, arguments: raw }) => ({ id, name, arguments: raw })),
  },
  ...calls.map(({ id, result }): ModelMessage => ({ role: "tool", callId: id, content: JSON.stringify(result) })),
];

/** A log that keeps what it was told. */
export function listeningLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message }));
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep, child: () => log };
  return { log, lines };
}
