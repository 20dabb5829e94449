/** The `Model` port on any endpoint that speaks OpenAI's Chat Completions. */
import OpenAI, { APIError } from "openai";
import type { Log } from "../../log.ts";
import { ClawError } from "../errors.ts";
import type { Clock, Model, ModelOutcome, ModelPrice, ModelRequest } from "../ports.ts";
import { answerOf } from "./openai-answer.ts";
import { failedCall, NO_USAGE } from "./openai-failure.ts";
import type { Heard } from "./openai-reply.ts";
import { adapted, type Dialect, dialectOf, toWire } from "./openai-request.ts";
import { type Patience, patience } from "./patience.ts";
import { type CountTokens, loadTokenizer, requestTokens } from "./tokens.ts";

export interface OpenAiDeps {
  /** Null for an endpoint of one's own that takes none: then no Authorization header is sent. */
  readonly apiKey: string | null;
  /** Null: OpenAI's own. With the version, without `/chat/completions`. */
  readonly baseURL: string | null;
  readonly model: string;
  readonly trust: Model["trust"];
  readonly price: ModelPrice;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds between two pieces of an answer; default 60 s. */
  readonly idleTimeoutMs?: number;
  /** Milliseconds until the first piece; default three times the idle timeout. */
  readonly firstTimeoutMs?: number;
  /** Milliseconds for a whole call; default 10 min. */
  readonly overallTimeoutMs?: number;
  readonly fetch?: typeof globalThis.fetch;
}

const OPENAI_URL = "https://api.openai.com/v1";
const IDLE_MS = 60_000;
const OVERALL_MS = 600_000;

/**
 * Loads the tokenizer, so creation is async. `respond` makes one request; a second one only when the endpoint refuses a
 * parameter by name that can be said otherwise, which it then remembers.
 */
export async function createOpenAiModel(deps: OpenAiDeps): Promise<Model> {
  const { model, clock, log } = deps;
  const countTokens = await loadTokenizer();
  const client = createClient(deps);
  const { host } = new URL(client.baseURL);
  const idleMs = deps.idleTimeoutMs ?? IDLE_MS;
  const limits = {
    idleMs,
    firstMs: deps.firstTimeoutMs ?? idleMs * 3,
    overallMs: deps.overallTimeoutMs ?? OVERALL_MS,
  };
  let dialect = dialectOf(host);

  const ask = async (request: ModelRequest, watch: Patience): Promise<Heard> => {
    for (;;) {
      try {
        return await answerOf(await send(client, request, model, dialect, watch), client, model, watch);
      } catch (cause) {
        const next = cause instanceof APIError ? adapted(dialect, refusedParam(cause)) : null;
        if (!next) throw cause;
        dialect = next;
      }
    }
  };

  return {
    name: model,
    trust: deps.trust,
    service: `model:${host}`,
    price: deps.price,
    countTokens,
    async respond(request, signal): Promise<ModelOutcome> {
      if (signal.aborted) return cancelled(host, false);
      const watch = patience(limits, signal);
      const startedAt = clock.now();
      try {
        const heard = await ask(request, watch);
        return { ok: true, reply: { ...heard, usage: heard.usage ?? estimated(request, heard, countTokens) } };
      } catch (cause) {
        if (signal.aborted) return cancelled(host, true);
        const outcome = watch.expired() ? failedCall(tooSlow(host, watch), at()) : failedCall(cause, at());
        const { status, requestID } = cause instanceof APIError ? cause : { status: undefined, requestID: undefined };
        const fields = { model, host, code: outcome.failure.code, status, requestId: requestID };
        log.warn({ ...fields, ms: clock.now() - startedAt }, "model call failed");
        return outcome;
      } finally {
        watch.stop();
      }
    },
  };

  function at() {
    return { host, model, now: clock.now() };
  }
}

const createClient = (deps: OpenAiDeps): OpenAI =>
  new OpenAI({
    apiKey: deps.apiKey ?? "none",
    baseURL: deps.baseURL ?? OPENAI_URL,
    // Whatever the environment says beside: the configuration is the only reader of it.
    organization: null,
    project: null,
    adminAPIKey: null,
    // It would retry by itself, wait an hour when told to, and print parts of answers it cannot read.
    maxRetries: 0,
    logLevel: "off",
    timeout: (deps.overallTimeoutMs ?? OVERALL_MS) + 1_000,
    ...(deps.apiKey === null && { defaultHeaders: { Authorization: null } }),
    ...(deps.fetch && { fetch: deps.fetch }),
  });

const send = (
  client: OpenAI,
  request: ModelRequest,
  model: string,
  dialect: Dialect,
  watch: Patience,
): Promise<Response> =>
  client.chat.completions
    .create(toWire(request, model, dialect), {
      signal: watch.signal,
      headers: { "Idempotency-Key": request.idempotencyKey },
    })
    .asResponse();

/** The parameter an endpoint could not take; null when it refused something else. */
const refusedParam = (cause: APIError): string | null =>
  cause.status === 400 || cause.status === 422 ? (cause.param ?? null) : null;

const tooSlow = (host: string, watch: Patience): ClawError =>
  new ClawError(
    "model_timeout",
    watch.expired() === "silent" ? `${host} stopped answering.` : `${host} took too long to answer.`,
  );

const cancelled = (host: string, sent: boolean): ModelOutcome => ({
  ok: false,
  failure: { code: "cancelled", message: `The call to ${host} was cancelled.` },
  usage: sent ? null : NO_USAGE,
});

/** For an endpoint that does not say: at least what a count of both sides gives. */
function estimated(request: ModelRequest, heard: Heard, count: CountTokens) {
  const called = heard.toolCalls.reduce((sum, call) => sum + count(call.name) + count(call.arguments), 0);
  return { inputTokens: requestTokens(request, count), cachedInputTokens: 0, outputTokens: count(heard.text) + called };
}
