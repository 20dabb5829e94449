/** From what a Chat Completions endpoint answers, whole or in chunks, to one reply. */
import type { ModelReply, ToolCallRequest, Usage } from "../ports.ts";

/** The parts that are read, of a chunk as well as of a whole answer. Everything may be missing or wrong. */
export interface WireAnswer {
  readonly model?: unknown;
  readonly choices?: readonly WireChoice[] | null;
  readonly usage?: {
    readonly prompt_tokens?: unknown;
    readonly completion_tokens?: unknown;
    readonly prompt_tokens_details?: { readonly cached_tokens?: unknown } | null;
  } | null;
}

interface WireChoice {
  readonly index?: number;
  readonly finish_reason?: string | null;
  readonly delta?: WireMessage | null;
  readonly message?: WireMessage | null;
}

interface WireMessage {
  readonly content?: unknown;
  readonly refusal?: unknown;
  readonly tool_calls?: readonly WireCall[] | null;
}

interface WireCall {
  readonly index?: unknown;
  readonly id?: unknown;
  readonly function?: { readonly name?: unknown; readonly arguments?: unknown } | null;
}

/** A reply whose usage the endpoint may not have told. */
export interface Heard extends Omit<ModelReply, "usage"> {
  readonly usage: Usage | null;
}

export interface ReplyBuilder {
  /** Takes the next chunk, or the whole answer. */
  add(answer: WireAnswer): void;
  /** Whether the endpoint said that the answer is complete. */
  readonly finished: boolean;
  readonly hasUsage: boolean;
  build(): Heard;
}

interface Slot {
  /** What the endpoint calls its place; null when it does not say. */
  readonly place: number | null;
  id: string;
  name: string;
  arguments: string;
}

/** @param model the name to keep when the endpoint gives none */
export function replyBuilder(model: string): ReplyBuilder {
  const slots: Slot[] = [];
  let answeredBy = model;
  let text = "";
  let refusal = "";
  let reason: string | null = null;
  let usage: Usage | null = null;

  return {
    add(answer) {
      if (typeof answer.model === "string" && answer.model !== "") answeredBy = answer.model;
      usage = toUsage(answer.usage) ?? usage;
      // Only one answer is asked for; anything at another index is not ours.
      const choice = answer.choices?.find(({ index }) => (index ?? 0) === 0);
      if (!choice) return;
      const said = choice.delta ?? choice.message;
      text += string(said?.content);
      refusal += string(said?.refusal);
      for (const call of said?.tool_calls ?? []) addCall(slots, call);
      if (typeof choice.finish_reason === "string" && choice.finish_reason !== "") reason = choice.finish_reason;
    },
    get finished() {
      return reason !== null;
    },
    get hasUsage() {
      return usage !== null;
    },
    build() {
      const toolCalls = identified(slots);
      const refused = refusal !== "" || reason === "content_filter";
      return {
        text: refused ? refusal || text || "The endpoint's content filter withheld the answer." : text,
        toolCalls,
        finish: refused ? "refusal" : reason === "length" ? "length" : toolCalls.length > 0 ? "tool_calls" : "stop",
        usage,
        model: answeredBy,
      };
    },
  };
}

const string = (value: unknown): string => (typeof value === "string" ? value : "");

function addCall(slots: Slot[], call: WireCall): void {
  const place = typeof call.index === "number" ? call.index : null;
  const id = string(call.id);
  const name = string(call.function?.name);
  const raw = call.function?.arguments;
  // Ollama has sent objects where the protocol has a string.
  const part = typeof raw === "object" && raw !== null ? JSON.stringify(raw) : string(raw);
  const slot = slotFor(slots, place, id, name);
  // Servers repeat the id and the name in later chunks; neither ever comes in pieces.
  slot.id ||= id;
  slot.name ||= name;
  slot.arguments += part;
}

/** Chunks belong together by index; some servers send none, or 0 for all: then a new id with a name is a new call. */
function slotFor(slots: Slot[], place: number | null, id: string, name: string): Slot {
  const at = place === null ? slots.at(-1) : slots.findLast((slot) => slot.place === place);
  const another = at !== undefined && name !== "" && (id !== "" ? at.id !== "" && at.id !== id : place === null);
  if (at && !another) return at;
  const slot: Slot = { place, id: "", name: "", arguments: "" };
  slots.push(slot);
  return slot;
}

/** Every call gets an id of its own; `call_<index>` where the endpoint gave none, or the same one twice. */
function identified(slots: readonly Slot[]): ToolCallRequest[] {
  const taken = new Set(slots.map((slot) => slot.id));
  return slots.map((slot, index) => {
    const first = slots.findIndex((other) => other.id === slot.id) === index;
    const id = slot.id !== "" && first ? slot.id : unused(`call_${index}`, taken);
    return { id, name: slot.name, arguments: slot.arguments };
  });
}

function unused(wanted: string, taken: Set<string>): string {
  const id = taken.has(wanted) ? `${wanted}_` : wanted;
  if (id !== wanted) return unused(id, taken);
  taken.add(id);
  return id;
}

/** Null when it is missing or makes no sense; then it is estimated. */
function toUsage(usage: WireAnswer["usage"]): Usage | null {
  const inputTokens = count(usage?.prompt_tokens);
  const outputTokens = count(usage?.completion_tokens);
  if (!inputTokens || outputTokens === null) return null;
  const cached = count(usage?.prompt_tokens_details?.cached_tokens) ?? 0;
  return { inputTokens, cachedInputTokens: Math.min(cached, inputTokens), outputTokens };
}

const count = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? Math.ceil(value) : null;
