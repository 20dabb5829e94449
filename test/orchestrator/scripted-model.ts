/** A model that says what a test wrote down for it, and complains about what it did not expect. */
import type { Failure } from "../../src/orchestrator/errors.ts";
import { FREE } from "../../src/orchestrator/model/prices.ts";
import type { Model, ModelOutcome, ModelPrice, ModelReply, ModelRequest, Usage } from "../../src/orchestrator/ports.ts";

type Line =
  | { readonly kind: "reply"; readonly reply: ModelReply }
  | { readonly kind: "failure"; readonly failure: Failure; readonly usage: Usage | null }
  | { readonly kind: "does"; readonly respond: (signal: AbortSignal) => Promise<ModelOutcome> };

export interface ScriptedModel extends Model {
  readonly requests: ModelRequest[];
  /** Says this next, after what was put before. */
  says(...lines: readonly Line[]): void;
  /** What was not said yet. */
  readonly left: () => number;
}

const NO_USAGE: Usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };

export function scriptedModel(options: { readonly price?: ModelPrice; readonly service?: string } = {}): ScriptedModel {
  const script: Line[] = [];
  const requests: ModelRequest[] = [];
  return {
    name: "scripted",
    trust: "local",
    service: options.service ?? null,
    price: options.price ?? FREE,
    requests,
    says: (...lines) => void script.push(...lines),
    left: () => script.length,
    countTokens: (text) => Math.ceil(text.length / 4),
    async respond(request, signal) {
      requests.push(structuredClone(request));
      const line = script.shift();
      if (!line)
        throw new Error(
          `the model was asked once more than the test expects: ${JSON.stringify(request.messages.at(-1))}`,
        );
      switch (line.kind) {
        case "reply":
          return { ok: true, reply: line.reply };
        case "failure":
          return { ok: false, failure: line.failure, usage: line.usage };
        case "does":
          return line.respond(signal);
      }
    },
  };
}

const counted = { calls: 0 };

/** Calls of tools in one turn: `["read_page", { url }]`. */
export function calls(...wanted: readonly (readonly [name: string, input: unknown])[]): Line {
  const toolCalls = wanted.map(([name, input]) => ({
    id: `call-${++counted.calls}`,
    name,
    arguments: typeof input === "string" ? input : JSON.stringify(input),
  }));
  return { kind: "reply", reply: { text: "", toolCalls, finish: "tool_calls", usage: USED, model: "scripted" } };
}

const USED: Usage = { inputTokens: 100, cachedInputTokens: 0, outputTokens: 10 };

export const reports = (text: string, notes: string | null = null): Line =>
  calls(["finish", { verdict: "report", text, notes }]);

export const text = (said: string, finish: ModelReply["finish"] = "stop"): Line => ({
  kind: "reply",
  reply: { text: said, toolCalls: [], finish, usage: USED, model: "scripted" },
});

/** An endpoint that fails; with `usage` null nobody knows what it cost. */
export const fails = (code: Failure["code"], more: Partial<Failure> = {}, usage: Usage | null = NO_USAGE): Line => ({
  kind: "failure",
  failure: { code, message: `it said ${code}`, ...more },
  usage,
});

export const does = (respond: (signal: AbortSignal) => Promise<ModelOutcome>): Line => ({ kind: "does", respond });
