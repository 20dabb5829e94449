/** A cheap look whether a page has changed: asked for only when it is newer, compared by its readable text. */
import { fail, ok, type ToolContext, type ToolFailure, type ToolResult } from "../contract.ts";
import type { HttpDeps } from "./exchange.ts";
import { type Followed, follow, following } from "./follow.ts";
import { ACCEPT } from "./get.ts";
import { digestOf, readPage } from "./page.ts";
import { conditionsOf, validatorsOf } from "./version.ts";

/** How a page was when it was looked at. */
export interface PageSeen {
  /** Of its readable text. */
  readonly hash: string;
  /** Where it was in the end, which is where its server is asked. Absent in what was kept before this was. */
  readonly url?: string;
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
 * @param ctx.secret of the workspace that looks
 * @returns what the page answers with an error, or what cannot be read, is a failure: it says nothing about a change
 */
export type LookAtPage = (
  url: string,
  before: PageSeen | null,
  ctx: Pick<ToolContext, "signal" | "secret">,
) => Promise<ToolResult<PageLook>>;

export function createPageLook(deps: HttpDeps): LookAtPage {
  const reading = following(deps);
  return async (url, before, ctx) => {
    const headers = before && conditionsOf(before);
    const conditions = headers && before?.url !== undefined ? { url: before.url, headers } : null;
    const sent = { accept: ACCEPT, "user-agent": deps.userAgent };
    const followed = await follow(reading, url, sent, ctx, conditions);
    return followed.ok ? seen(followed.value) : followed;
  };
}

async function seen({ at, answer, asked, carried }: Followed): Promise<ToolResult<PageLook>> {
  const { status, content, contentType } = answer;
  if (status === 304 && asked) return ok({ kind: "same" });
  if (status < 200 || status > 299) return { ok: false, error: answered(at.host, status) };
  if (content.fault) return fail("connection_lost", `${at.host} closed the connection before it had answered`);
  const page = await readPage(content.bytes, contentType, at.href, content.truncated, carried.values);
  if (!page) return fail("invalid_output", `${at.host} sent ${contentType ?? "bytes"}, which is not text`);
  const hash = digestOf(page.text);
  const validators = validatorsOf(answer, new Set(), carried.values.length > 0);
  return ok({ kind: "seen", page: { hash, url: at.href, ...validators, title: page.title, text: page.text } });
}

function answered(host: string, status: number): ToolFailure {
  const code = status === 429 ? "rate_limited" : status >= 500 ? "service_unavailable" : "not_found";
  return { code, message: `${host} answers ${status}` };
}
