/** A model request in the words of Chat Completions: only parameters that every compatible endpoint speaks. Pure. */
import type {
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageFunctionToolCall,
  ChatCompletionMessageParam,
  ChatCompletionTool,
  ChatCompletionToolChoiceOption,
} from "openai/resources/chat/completions";
import type { ModelMessage, ModelRequest, ToolCallRequest } from "../ports.ts";

/** How an endpoint differs. OpenAI's own newer models refuse `max_tokens`; most others know nothing else. */
export interface Dialect {
  readonly outputCap: "max_completion_tokens" | "max_tokens";
  /** Ask for a last chunk with the usage. */
  readonly streamOptions: boolean;
  readonly stream: boolean;
}

export const dialectOf = (host: string): Dialect => ({
  outputCap: host === "api.openai.com" ? "max_completion_tokens" : "max_tokens",
  streamOptions: true,
  stream: true,
});

/**
 * What to say instead when an endpoint refused a parameter by name.
 * @returns null when the parameter is not one that can be left out or said otherwise
 */
export function adapted(dialect: Dialect, param: string | null | undefined): Dialect | null {
  switch (param) {
    case "stream_options":
    case "stream_options.include_usage":
      return dialect.streamOptions ? { ...dialect, streamOptions: false } : null;
    case "stream":
      return dialect.stream ? { ...dialect, stream: false } : null;
    case "max_tokens":
      return dialect.outputCap === "max_tokens" ? { ...dialect, outputCap: "max_completion_tokens" } : null;
    case "max_completion_tokens":
      return dialect.outputCap === "max_completion_tokens" ? { ...dialect, outputCap: "max_tokens" } : null;
    default:
      return null;
  }
}

/** Typed as streaming also when it is not: the answer is read by what it is, not by what was asked. */
export function toWire(request: ModelRequest, model: string, dialect: Dialect): ChatCompletionCreateParamsStreaming {
  const tools = request.tools.map(
    ({ name, description, parameters }): ChatCompletionTool => ({
      type: "function",
      function: { name, description, parameters },
    }),
  );
  const choice = toolChoice(request.toolChoice);
  return {
    model,
    messages: request.messages.map(message),
    ...(tools.length > 0 && { tools }),
    ...(tools.length > 0 && choice !== null && { tool_choice: choice }),
    [dialect.outputCap]: request.maxOutputTokens,
    ...(dialect.stream && { stream: true }),
    ...(dialect.stream && dialect.streamOptions && { stream_options: { include_usage: true } }),
  } as ChatCompletionCreateParamsStreaming;
}

/** Null leaves it out: `auto` is what every endpoint does unasked. */
function toolChoice(choice: ModelRequest["toolChoice"]): ChatCompletionToolChoiceOption | null {
  if (choice === "auto") return null;
  if (choice === "any") return "required";
  return { type: "function", function: { name: choice.name } };
}

function message(said: ModelMessage): ChatCompletionMessageParam {
  switch (said.role) {
    case "system":
    case "user":
      return { role: said.role, content: said.content };
    case "assistant":
      return said.toolCalls.length > 0
        ? {
            role: "assistant",
            content: said.content === "" ? null : said.content,
            tool_calls: said.toolCalls.map(toolCall),
          }
        : // Some endpoints refuse an assistant that said nothing at all.
          { role: "assistant", content: said.content === "" ? "(no answer)" : said.content };
    case "tool":
      return { role: "tool", tool_call_id: said.callId, content: said.content };
  }
}

/** A call as the model made it, but such that an endpoint takes it back: models invent names and write broken JSON. */
const toolCall = (call: ToolCallRequest): ChatCompletionMessageFunctionToolCall => ({
  id: call.id,
  type: "function",
  function: { name: safeName(call.name), arguments: safeArguments(call.arguments) },
});

/** `^[a-zA-Z0-9_-]{1,64}$`, else OpenAI refuses the whole conversation. */
const safeName = (name: string): string => name.replaceAll(/[^a-zA-Z0-9_-]/g, "_").slice(0, 64) || "unknown";

/** Several endpoints parse what they are given back, and refuse the conversation when it does not parse. */
function safeArguments(raw: string): string {
  try {
    const value: unknown = JSON.parse(raw);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return raw;
  } catch {
    // Wrapped below, so that the model still sees what it wrote.
  }
  return raw.trim() === "" ? "{}" : JSON.stringify({ malformed: raw });
}
