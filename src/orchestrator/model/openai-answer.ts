/** Reads the answer of a Chat Completions endpoint, streamed or whole, whichever it sent. */
import { APIError, type OpenAI } from "openai";
import type { ChatCompletionChunk } from "openai/resources/chat/completions";
import { Stream } from "openai/streaming";
import { ClawError } from "../errors.ts";
import { type Heard, type ReplyBuilder, replyBuilder, type WireAnswer } from "./openai-reply.ts";
import type { Patience } from "./patience.ts";

/** A complete answer is not held up by an endpoint that leaves its connection open. */
const USAGE_GRACE_MS = 5_000;
const CLOSE_GRACE_MS = 500;

/**
 * An endpoint may answer a request for a stream with a plain answer.
 * @throws ClawError `stream_cut`, `model_unavailable`; what the client throws for an error inside the answer; what a broken
 *   connection throws
 */
export async function answerOf(response: Response, client: OpenAI, model: string, watch: Patience): Promise<Heard> {
  watch.heard();
  const body = pieces(response, watch);
  const type = response.headers.get("content-type") ?? "";
  const builder = replyBuilder(model);
  if (type.includes("json")) addWhole(builder, await textOf(body), response);
  else if (type.includes("html")) throw notAnAnswer(response);
  else {
    // It reads nothing but the body, and that piece by piece; a stream around a stream would cost more than the rest.
    const events = { body } as unknown as Response;
    await addStream(builder, Stream.fromSSEResponse(events, new AbortController(), client), watch);
  }
  if (!builder.finished) throw new ClawError("stream_cut", `The answer of ${hostOf(response)} ended too early.`);
  return builder.build();
}

async function* pieces({ body }: Response, watch: Patience): AsyncGenerator<Uint8Array, void> {
  if (!body) return;
  const reader = body.getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      watch.heard();
      yield piece.value;
    }
    watch.over();
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const piece of body) parts.push(piece);
  return new TextDecoder().decode(Buffer.concat(parts));
}

async function addStream(
  builder: ReplyBuilder,
  chunks: AsyncIterable<ChatCompletionChunk>,
  watch: Patience,
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      builder.add(chunk as WireAnswer);
      if (builder.finished) watch.leave(builder.hasUsage ? CLOSE_GRACE_MS : USAGE_GRACE_MS);
    }
  } catch (cause) {
    // What breaks after the end of the answer does not take it back.
    if (!builder.finished) throw cause;
  }
}

function addWhole(builder: ReplyBuilder, text: string, response: Response): void {
  const answer = parsed(text);
  // Gateways have said 200 and put the error inside.
  if (answer?.error) throw new APIError(undefined, answer.error, undefined, response.headers);
  const choice = answer?.choices?.[0];
  if (!answer || !choice) throw notAnAnswer(response);
  builder.add(choice.finish_reason ? answer : { ...answer, choices: [{ ...choice, finish_reason: "stop" }] });
}

function parsed(text: string): (WireAnswer & { readonly error?: object }) | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}

const hostOf = (response: Response): string =>
  URL.canParse(response.url) ? new URL(response.url).host : "the endpoint";

const notAnAnswer = (response: Response): ClawError =>
  new ClawError(
    "model_unavailable",
    `${hostOf(response)} answered something that is not a chat completion. Check OPENAI_BASE_URL.`,
  );
