/** The port to the model: what is asked of it, what it answers, what it costs. */
import type { Failure } from "./errors.ts";

export interface ToolCallRequest {
  /** The model's id of the call, echoed with its result. */
  readonly id: string;
  readonly name: string;
  /** Raw JSON as the model wrote it; may be malformed. */
  readonly arguments: string;
}

export type ModelMessage =
  | { readonly role: "system"; readonly content: string }
  | { readonly role: "user"; readonly content: string }
  | { readonly role: "assistant"; readonly content: string; readonly toolCalls: readonly ToolCallRequest[] }
  | { readonly role: "tool"; readonly callId: string; readonly content: string };

export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON schema of the input. */
  readonly parameters: Record<string, unknown>;
}

export interface ModelRequest {
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ToolSpec[];
  /** `any`: some tool must be called; a name: that tool must be called. */
  readonly toolChoice: "auto" | "any" | { readonly name: string };
  readonly maxOutputTokens: number;
  /** What the messages were made of, for models that do not read prose (`rules`). */
  readonly task: {
    readonly instruction: string;
    /** What the last run asked to be kept for this one (`finish.notes`), or null. */
    readonly notes: string | null;
  };
  /** Stable per step; sent as a header where the endpoint knows one. */
  readonly idempotencyKey: string;
}

export interface Usage {
  readonly inputTokens: number;
  /** The part of the input that came from the provider's cache. */
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}

export interface ModelReply {
  readonly text: string;
  readonly toolCalls: readonly ToolCallRequest[];
  /** `refusal`: the model declined; `text` says why. `length`: the output cap cut it. */
  readonly finish: "stop" | "tool_calls" | "length" | "refusal";
  readonly usage: Usage;
  /** The model that answered, as the endpoint names it. */
  readonly model: string;
}

export type ModelOutcome =
  | { readonly ok: true; readonly reply: ModelReply }
  /** `usage` is null when it is not known what the failed call cost: then its reservation settles in full. */
  | { readonly ok: false; readonly failure: Failure; readonly usage: Usage | null };

export interface Model {
  /** `rules`, or the model's name at its endpoint. */
  readonly name: string;
  readonly trust: "local" | "approved" | "third_party";
  /** The outside service it is, `model:<host>`, which may be down or have a limit; null when it needs none. */
  readonly service: string | null;
  /** Never throws for what an endpoint answers. Does not retry. */
  respond(request: ModelRequest, signal: AbortSignal): Promise<ModelOutcome>;
  /** Tokens of a text, or a bound above it. Null-free and pure. */
  countTokens(text: string): number;
  /** The price it is billed at. */
  readonly price: ModelPrice;
}

/** Millionths of a dollar for a million tokens, so that `tokens × price / 1e6` is millionths of a dollar. */
export interface ModelPrice {
  readonly inputMicrosPerMillion: number;
  readonly cachedInputMicrosPerMillion: number;
  readonly outputMicrosPerMillion: number;
  /** Where it comes from: `free`, `configured`, `genai-prices 0.1.8`, `assumed`. */
  readonly source: string;
}
