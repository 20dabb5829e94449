/** What feeds of every format have in common. */
import type { parseFeed } from "feedsmith";

export interface FeedItem {
  /** What the feed itself tells items apart by, else its link, else its title. */
  readonly id: string;
  readonly title: string;
  readonly url: string | null;
  readonly author: string | null;
  /** As the feed writes it. */
  readonly published: string | null;
  /** May be HTML. */
  readonly summary: string;
}

export interface Feed {
  readonly title: string | null;
  /** In the feed's own order, mostly the newest first. */
  readonly items: readonly FeedItem[];
}

/** A text, or a node that holds one beside attributes. */
const textOf = (node: unknown): string | null => {
  if (typeof node === "string") return node.trim() || null;
  if (typeof node !== "object" || node === null) return null;
  const value = "value" in node ? node.value : "name" in node ? node.name : null;
  return typeof value === "string" ? value.trim() || null : null;
};
const first = (...nodes: readonly unknown[]): string | null => {
  for (const node of nodes) {
    const text = textOf(node);
    if (text !== null) return text;
  }
  return null;
};

type Parsed = ReturnType<typeof parseFeed>;

/** Pure: the library's answer in one form. Items that have neither id nor link nor title are left out. */
export function feedOf(parsed: Parsed): Feed {
  switch (parsed.format) {
    case "rss":
    case "rdf":
      return feed(parsed.feed.title, parsed.feed.items, (item) => ({
        id: first("guid" in item ? item.guid : null, item.link, item.title),
        title: first(item.title),
        url: first(item.link),
        author: first("authors" in item ? item.authors?.[0] : null, item.dc?.creators?.[0]),
        published: first("pubDate" in item ? item.pubDate : null, item.dc?.dates?.[0]),
        summary: first(item.description, item.content?.encoded),
      }));
    case "atom":
      return feed(parsed.feed.title, parsed.feed.entries, (entry) => {
        const link = entry.links?.find(({ rel }) => rel === undefined || rel === "alternate") ?? entry.links?.[0];
        return {
          id: first(entry.id, link?.href, entry.title),
          title: first(entry.title),
          url: first(link?.href),
          author: first(entry.authors?.[0]),
          published: first(entry.published, entry.updated),
          summary: first(entry.summary, entry.content),
        };
      });
    case "json":
      return feed(parsed.feed.title, parsed.feed.items, (item) => ({
        id: first(item.id, item.url, item.title),
        title: first(item.title),
        url: first(item.url, item.external_url),
        author: first(item.authors?.[0]),
        published: first(item.date_published, item.date_modified),
        summary: first(item.summary, item.content_text, item.content_html),
      }));
  }
}

type Found = { readonly [K in keyof FeedItem]: string | null };

function feed<T>(title: unknown, items: readonly T[] | undefined, read: (item: T) => Found): Feed {
  const found = (items ?? [])
    .map(read)
    .flatMap((item): FeedItem[] =>
      item.id === null ? [] : [{ ...item, id: item.id, title: item.title ?? "", summary: item.summary ?? "" }],
    );
  // Some feeds repeat an item; the first is the newest.
  const ids = new Set<string>();
  return { title: textOf(title), items: found.filter(({ id }) => !ids.has(id) && ids.add(id)) };
}
