/** A request that may change something. */
import { z } from "zod";
import { defineTool, ok, type Preview, type ToolContract } from "../contract.ts";
import { addedLines } from "../text.ts";
import { exchange, type HttpDeps } from "./exchange.ts";
import { Headers, lowerCased, shownHeader, shownUrl } from "./headers.ts";
import { readPage } from "./page.ts";
import { carriedTo, type PlaceSecret, secretsOf } from "./place-secret.ts";
import { Answer, destinationOf, troubleOf, Url } from "./url.ts";

const input = z.strictObject({
  method: z.enum(["POST", "PUT", "PATCH", "DELETE"]),
  url: Url,
  headers: Headers,
  body: z.string().max(100_000).optional(),
});
type Input = z.infer<typeof input>;

/** `location`: where a redirect points, which is not followed; null when there is none. */
const output = Answer.extend({ location: z.string().nullable() });

export function httpRequest(deps: HttpDeps): ToolContract {
  const { secrets = [] } = deps;
  const carriedIn = ({ url }: Input): readonly PlaceSecret[] => secretsOf(new URL(url).origin, secrets);
  return defineTool({
    name: "http_request",
    description: "Sends an HTTP request that changes something.",
    input,
    output,
    effect: "write",
    egress: "by_argument",
    // Whether a server honours the key is not known here.
    retry: "never",
    timeoutMs: 10_000,
    outputTrust: "untrusted",
    destination: ({ url }) => destinationOf(url),
    where: ["url"],
    trouble: troubleOf,
    preview: (call) => preview(call, carriedIn(call)),
    execute: async (call, ctx) => {
      const { signal, idempotencyKey, mayLeave } = ctx;
      const checked = await deps.guard.check(call.url, signal);
      if (!checked.ok) return { ok: false, error: { ...checked.error, mayHaveHappened: false } };
      const carried = await carriedTo(checked.value.url.origin, secrets, ctx);
      if (!carried.ok) return { ok: false, error: { ...carried.error, mayHaveHappened: false } };
      const headers = {
        accept: "application/json, text/*;q=0.9, */*;q=0.1",
        "user-agent": deps.userAgent,
        ...without(chosenHeaders(call), carriedIn(call)),
        "idempotency-key": idempotencyKey,
        ...carried.value.headers,
      };
      const { method, body = null } = call;
      const answered = await exchange(checked.value, { method, headers, body }, signal, mayLeave);
      if (!answered.ok) return answered;
      const { status, contentType, location, content } = answered.value;
      // The status is known, so what the request did is known: an answer that breaks off is no failure.
      const cutOff = content.truncated || content.fault !== null;
      const { href } = checked.value.url;
      const page = await readPage(content.bytes, contentType, href, cutOff, carried.value.values);
      const { title, text, truncated } = page ?? { title: null, text: "", truncated: true };
      return ok({ url: href, status, contentType, title, text, truncated, location });
    },
  });
}

/** The call's own headers, with a content type when there is a body and none was chosen. */
function chosenHeaders({ headers, body }: Input): Record<string, string> {
  const chosen = lowerCased(headers);
  if (body === undefined || chosen["content-type"] !== undefined) return chosen;
  return { ...chosen, "content-type": isJson(body) ? "application/json" : "text/plain; charset=utf-8" };
}

/** What the operator lets a place have in a header is not the call's to say. */
const without = (headers: Record<string, string>, carried: readonly PlaceSecret[]): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !carried.some(({ header }) => header === name)));

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function preview(call: Input, carried: readonly PlaceSecret[]): Preview {
  const target = destinationOf(call.url);
  const headers = [
    ...Object.entries(without(chosenHeaders(call), carried)).map(([name, value]) => `+ ${shownHeader(name, value)}`),
    ...carried.map(({ header, secret }) => `+ ${header}: (the secret ${secret}, where the workspace has it)`),
  ];
  // The body as it stands, never re-indented: a parser might show the approver something else than the server reads.
  const body = call.body === undefined || call.body === "" ? [] : ["+ ", ...addedLines(call.body)];
  return {
    action: `send ${call.method} to ${target}`,
    diff: [`+ ${call.method} ${shownUrl(new URL(call.url))}`, ...headers, ...body],
    target,
  };
}
