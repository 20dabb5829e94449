/** A cheap look whether a page has changed: asked for only when it is newer, compared by its readable text. */
import { createHash } from "node:crypto";
import { fail, ok, type ToolFailure, type ToolResult } from "../contract.ts";
import { exchange, type HttpAnswer, type HttpDeps } from "./exchange.ts";
import { readPage } from "./page.ts";

/** How a page was when it was looked at. */
export interface PageSeen {
  /** Of its readable text. */
  readonly hash: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly title: string | null;
  /** Its readable text, cut. */
  readonly text: string;
}

export type PageLook = { readonly kind: "same" } | { readonly kind: "seen"; readonly page: PageSeen };

/**
 * Looks at a page once, redirects followed under the egress guard.
 * @param before how it was seen last; then the server may say that it is the same
 * @returns what the page answers with an error, or what cannot be read, is a failure: it says nothing about a change
 */
export type LookAtPage = (url: string, before: PageSeen | null, signal: AbortSignal) => Promise<ToolResult<PageLook>>;

const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const ACCEPT = "text/html, application/json;q=0.9, text/*;q=0.8, */*;q=0.1";

export function createPageLook(deps: HttpDeps): LookAtPage {
  return async (url, before, signal) => {
    let target = url;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      const checked = await deps.guard.check(target, signal);
      if (!checked.ok) return checked;
      const headers = { accept: ACCEPT, "user-agent": deps.userAgent, ...conditions(before) };
      const answer = await exchange(checked.value, { method: "GET", headers, body: null }, signal);
      if (!answer.ok) return answer;
      const { status, location } = answer.value;
      if (!REDIRECTS.has(status) || location === null || !URL.canParse(location, target)) {
        return read(checked.value.url, answer.value, before);
      }
      target = new URL(location, target).href;
    }
    return fail("invalid_output", `${new URL(url).host} redirects more than ${MAX_REDIRECTS} times`);
  };
}

const conditions = (before: PageSeen | null): Record<string, string> => ({
  ...(before?.etag ? { "if-none-match": before.etag } : {}),
  ...(before?.lastModified ? { "if-modified-since": before.lastModified } : {}),
});

async function read(at: URL, answer: HttpAnswer, before: PageSeen | null): Promise<ToolResult<PageLook>> {
  const { status, content, contentType, etag, lastModified } = answer;
  if (status === 304 && before) return ok({ kind: "same" });
  if (status < 200 || status > 299) return { ok: false, error: answered(at.host, status) };
  if (content.fault) return fail("connection_lost", `${at.host} closed the connection before it had answered`);
  const page = await readPage(content.bytes, contentType, at.href, content.truncated);
  if (!page) return fail("invalid_output", `${at.host} sent ${contentType ?? "bytes"}, which is not text`);
  const hash = createHash("sha256").update(page.text).digest("hex");
  const seen = { hash, etag, lastModified, title: page.title, text: page.text };
  return ok({ kind: "seen", page: seen });
}

function answered(host: string, status: number): ToolFailure {
  const code = status === 429 ? "rate_limited" : status >= 500 ? "service_unavailable" : "not_found";
  return { code, message: `${host} answers ${status}` };
}
