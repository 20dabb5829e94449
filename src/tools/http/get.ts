/** Reading a page. */
import { z } from "zod";
import { defineTool, fail, ok, type ToolContext, type ToolContract, type ToolResult } from "../contract.ts";
import type { CheckedUrl } from "../egress.ts";
import { type Connections, createConnections } from "./connections.ts";
import { failureOf, type HttpAnswer, type HttpDeps, read } from "./exchange.ts";
import { forOtherOrigin, Headers, lowerCased } from "./headers.ts";
import { readPage } from "./page.ts";
import { Answer, destinationOf, troubleOf, Url } from "./url.ts";

const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const ACCEPT = "text/html, application/json;q=0.9, text/*;q=0.8, */*;q=0.1";

const input = z.strictObject({ url: Url, headers: Headers });

export function httpGet(deps: HttpDeps): ToolContract {
  const connections = createConnections();
  return defineTool({
    name: "http_get",
    description: "Reads a web page or API: readable text, JSON as it is.",
    input,
    output: Answer,
    effect: "read",
    egress: "by_argument",
    retry: "safe",
    timeoutMs: 10_000,
    outputTrust: "untrusted",
    destination: ({ url }) => destinationOf(url),
    where: ["url"],
    trouble: troubleOf,
    execute: async ({ url, headers }, ctx) => {
      const own = { accept: ACCEPT, "user-agent": deps.userAgent, ...lowerCased(headers) };
      const followed = await follow({ ...deps, connections }, url, own, ctx);
      if (!followed.ok) return followed;
      const { at, answer, closedTo } = followed.value;
      const page = await pageOf(at, answer, ctx.signal);
      if (!page.ok) return page;
      // The next call names where it goes, so that it can be asked for like any other.
      const text = closedTo === null ? page.value.text : `Redirects to ${closedTo}`;
      return ok({ url: at.href, status: answer.status, contentType: answer.contentType, ...page.value, text });
    },
  });
}

export interface Followed {
  readonly at: URL;
  readonly answer: HttpAnswer;
  /** Where it redirects to, when that place may not be reached unasked; else null. */
  readonly closedTo: string | null;
}

/**
 * Reads a URL, through redirects, as far as the guard and the run's taint let it.
 * @returns the last answer there was, also when it is a redirect to a place that may not be reached unasked
 */
export async function follow(
  { guard, connections }: Pick<HttpDeps, "guard"> & { readonly connections: Connections },
  url: string,
  headers: Readonly<Record<string, string>>,
  ctx: ToolContext,
): Promise<ToolResult<Followed>> {
  let checked = await guard.check(url, ctx.signal);
  let sent = headers;
  for (let hops = 0; ; hops += 1) {
    if (!checked.ok) return hops === 0 ? checked : redirected(url, checked);
    const at: CheckedUrl = checked.value;
    const answer = await read(connections, at, sent, ctx.signal);
    if (!answer.ok) return answer;
    const { status, location } = answer.value;
    if (!REDIRECTS.has(status) || location === null || !URL.canParse(location, at.url)) {
      return ok({ at: at.url, answer: answer.value, closedTo: null });
    }
    const next = new URL(location, at.url);
    if (hops === MAX_REDIRECTS) {
      return fail("invalid_output", `${new URL(url).host} redirects more than ${MAX_REDIRECTS} times`);
    }
    if (next.origin !== at.url.origin) {
      if (ctx.mayReach && !ctx.mayReach(destinationOf(next.href))) {
        return ok({ at: at.url, answer: answer.value, closedTo: next.href });
      }
      sent = forOtherOrigin(sent);
    }
    checked = await guard.check(next.href, ctx.signal);
  }
}

/** A hop that is refused is refused for good, whatever was wrong with it: the model did not write it. */
function redirected(url: string, refused: Extract<ToolResult<never>, { ok: false }>): ToolResult<never> {
  const { code, message } = refused.error;
  return fail(code === "invalid_input" ? "blocked_address" : code, `${new URL(url).host} redirects: ${message}`);
}

async function pageOf(at: URL, answer: HttpAnswer, signal: AbortSignal) {
  const { content, contentType } = answer;
  if (content.fault?.kind === "lost") return fail(...lost(content.fault.cause, at, signal));
  if (content.fault) return fail("invalid_output", `${at.host} sent an answer that cannot be decompressed`);
  const page = await readPage(content.bytes, contentType, at.href, content.truncated);
  return page
    ? ok(page)
    : fail(
        "invalid_output",
        `${at.host} sent ${(contentType ?? "bytes").slice(0, 100)}, which is not text: HTML, JSON and text can be read`,
      );
}

function lost(cause: unknown, at: URL, signal: AbortSignal): [Parameters<typeof fail>[0], string] {
  const { code, message } = failureOf(cause, at.host, true, signal);
  return [code, message];
}
