/** Reading a feed. */
import { z } from "zod";
import { defineTool, fail, ok, type ToolContract } from "../contract.ts";
import type { HttpDeps } from "../http/exchange.ts";
import { follow, following } from "../http/follow.ts";
import { readableHtml } from "../http/html.ts";
import { decode } from "../http/page.ts";
import { destinationOf, Url } from "../http/url.ts";
import { withoutSecrets } from "../secret-text.ts";
import { cut, storableText } from "../text.ts";
import { type Feed, type FeedItem, feedOf } from "./items.ts";

const ACCEPT = "application/feed+json, application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.1";
const MAX_ITEMS = 30;
const MAX_SUMMARY = 500;
const MAX_TITLE = 300;
/** Items of one feed that are told apart; longer feeds are read to there. */
const MAX_KNOWN = 500;

const input = z.strictObject({
  url: Url,
  new_only: z.boolean().optional().describe("only items that no earlier run was given"),
});

const Item = z.object({
  title: z.string(),
  url: z.string().nullable(),
  author: z.string().nullable(),
  published: z.string().nullable(),
  summary: z.string(),
});
const output = z.object({
  url: z.string(),
  title: z.string().nullable(),
  items: z.array(Item),
  /** Items that are not listed, although they were asked for. */
  more: z.number().int(),
});

/** `feed_read`. */
export function feedRead(deps: HttpDeps): ToolContract {
  const reading = following(deps);
  return defineTool({
    name: "feed_read",
    description: "Reads an RSS, Atom or JSON feed; with new_only what is new since the last run.",
    input,
    output,
    effect: "read",
    egress: "by_argument",
    retry: "safe",
    timeoutMs: 15_000,
    outputTrust: "untrusted",
    destination: ({ url }) => destinationOf(url),
    where: ["url"],
    execute: async ({ url, new_only: newOnly = false }, ctx) => {
      const followed = await follow(reading, url, { accept: ACCEPT, "user-agent": deps.userAgent }, ctx);
      if (!followed.ok) return followed;
      const { at, answer, closedTo, carried } = followed.value;
      if (closedTo !== null) return fail("not_permitted", `${at.host} redirects to ${closedTo}; read that instead`);
      const { status, content, contentType } = answer;
      if (status >= 500) return fail("service_unavailable", `${at.host} answers ${status}`);
      if (status >= 400) return fail("not_found", `${at.host} answers ${status}`);
      if (content.fault?.kind === "lost") return fail("connection_lost", `${at.host} broke off before the feed ended`);
      if (content.fault) return fail("invalid_output", `${at.host} sent an answer that cannot be decompressed`);
      if (content.truncated) return fail("too_large", `the feed at ${at.host} is over 1 MiB`);
      const feed = await parsed(withoutSecrets(decode(content.bytes, contentType, false), carried.values));
      if (feed === null) {
        return fail("invalid_output", `${at.host} sent no feed; http_get reads pages. A page may link to its feed.`);
      }
      const known = feed.items.slice(0, MAX_KNOWN);
      const unseen = ctx.unseen
        ? await ctx.unseen(
            at.href,
            known.map(({ id }) => id),
          )
        : null;
      const wanted = newOnly && unseen ? known.filter(({ id }) => unseen.has(id)) : known;
      const items = await Promise.all(wanted.slice(0, MAX_ITEMS).map((item) => shown(item, at.href)));
      return ok({
        url: at.href,
        title: feed.title && short(feed.title, MAX_TITLE),
        items,
        more: wanted.length - items.length,
      });
    },
  });
}

async function parsed(text: string): Promise<Feed | null> {
  // Loaded when first needed: most processes that know this tool never call it.
  const { DetectError, MalformedError, ParseError, parseFeed } = await import("feedsmith");
  try {
    return feedOf(parseFeed(text));
  } catch (error) {
    if (error instanceof DetectError || error instanceof MalformedError || error instanceof ParseError) return null;
    throw error;
  }
}

const short = (text: string, max: number): string => cut(storableText(text), max).text;

async function shown({ title, url, author, published, summary }: FeedItem, base: string) {
  const text = /[<&]/.test(summary) ? (await readableHtml(summary, base)).text : summary;
  return {
    title: short(title, MAX_TITLE),
    url: url !== null && URL.canParse(url, base) ? new URL(url, base).href : null,
    author: author && short(author, MAX_TITLE),
    published,
    summary: short(text, MAX_SUMMARY),
  };
}
