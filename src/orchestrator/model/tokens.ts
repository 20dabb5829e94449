/** Counting tokens: a tokenizer loaded only where a model needs one, and bounds that need none. */
import { createHash } from "node:crypto";
import type { ModelRequest } from "../ports.ts";

export type CountTokens = (text: string) => number;

/**
 * Code units a slice may have. The tokenizer's time grows with the square of a run of letters without a space: 100,000
 * of them in one piece block the process for 7 s, in slices for 5 ms.
 */
const SLICE = 400;
/** Shorter texts are counted faster than they are looked up. */
const CACHED_FROM = 200;
/** Longer ones are remembered by their hash, so that what is remembered stays small. */
const HASHED_FROM = 4_000;
const CACHE_SIZE = 2_000;
/** Pieces of words the tokenizer remembers; its default of 100,000 costs memory and gains little. */
const MERGE_CACHE_SIZE = 10_000;

/**
 * Loads the o200k encoding (about 70 MB of memory, so only when a model that bills by it is in use).
 * @returns a counter whose answer is the exact count or slightly above it; text that looks like a special token is text
 */
export async function loadTokenizer(): Promise<CountTokens> {
  const { countTokens, setMergeCacheSize } = await import("gpt-tokenizer/encoding/o200k_base");
  setMergeCacheSize(MERGE_CACHE_SIZE);
  const asText = { disallowedSpecial: new Set<string>() };
  return remembered((text) => slices(text).reduce((sum, slice) => sum + countTokens(slice, asText), 0));
}

/** Cuts before the last space of each window: a word keeps its space, and its count. */
function slices(text: string): string[] {
  const parts: string[] = [];
  for (let from = 0; from < text.length; ) {
    const end = from + SLICE >= text.length ? text.length : cutBefore(text, from, from + SLICE);
    parts.push(text.slice(from, end));
    from = end;
  }
  return parts;
}

function cutBefore(text: string, from: number, limit: number): number {
  const space = text.lastIndexOf(" ", limit);
  if (space > from) return space;
  const unit = text.charCodeAt(limit);
  const splitsPair = unit >= 0xdc00 && unit <= 0xdfff;
  return splitsPair ? limit - 1 : limit;
}

/** The same long texts are counted at every turn of a run. Forgets what was not asked for longest. */
function remembered(count: CountTokens): CountTokens {
  const counts = new Map<string, number>();
  return (text) => {
    if (text.length < CACHED_FROM) return count(text);
    const key = text.length < HASHED_FROM ? text : createHash("sha256").update(text).digest("base64");
    const known = counts.get(key);
    const tokens = known ?? count(text);
    counts.delete(key);
    counts.set(key, tokens);
    const oldest = counts.size > CACHE_SIZE ? counts.keys().next().value : undefined;
    if (oldest !== undefined) counts.delete(oldest);
    return tokens;
  };
}

/** A bound that needs no tokenizer: prose comes to a token of four bytes, code and JSON to one of three. */
export const boundTokens: CountTokens = (text) => Math.ceil(Buffer.byteLength(text, "utf8") / 3);

/** Tokens around each message, call and tool, as chat formats add them; a bound, not a measure. */
const OVERHEAD_TOKENS = 12;

/** What a request's input comes to when the endpoint does not say. */
export function requestTokens(request: Pick<ModelRequest, "messages" | "tools">, count: CountTokens): number {
  const messages = request.messages.reduce((sum, message) => {
    const calls = message.role === "assistant" ? message.toolCalls : [];
    const called = calls.reduce((n, call) => n + count(call.name) + count(call.arguments) + OVERHEAD_TOKENS, 0);
    return sum + count(message.content) + called + OVERHEAD_TOKENS;
  }, 0);
  return request.tools.reduce((sum, tool) => sum + count(textOf(tool)) + OVERHEAD_TOKENS, messages);
}

/** A tool is the same object for as long as it is the same tool. */
const TEXTS = new WeakMap<object, string>();

function textOf(tool: ModelRequest["tools"][number]): string {
  const known = TEXTS.get(tool);
  if (known !== undefined) return known;
  const text = JSON.stringify(tool);
  TEXTS.set(tool, text);
  return text;
}
