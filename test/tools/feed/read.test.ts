import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createEgressGuard,
  feedTools,
  type InvokeContext,
  invokeTool,
  type ToolResult,
  validateInput,
} from "../../../src/tools/index.ts";
import { type HttpServer, html, httpServer, redirectTo, resetMidBody, send } from "../../support/http-server.ts";
import { toolContext } from "../../support/tool-context.ts";

let server: HttpServer;
beforeEach(async () => {
  server = await httpServer();
});
afterEach(() => server.close());

const guard = createEgressGuard({ allow: ["loopback"] });

async function read(args: object, ctx: Partial<InvokeContext> = {}): Promise<ToolResult<unknown>> {
  const [tool] = feedTools({ guard, userAgent: "Claw/test" });
  if (!tool) throw new Error("no tool");
  const input = validateInput(tool, JSON.stringify({ url: `${server.url}/feed`, ...args }));
  return input.ok ? invokeTool(tool, input.value, toolContext(ctx)) : input;
}

const RSS = (items: string) =>
  send(`<?xml version="1.0"?><rss version="2.0"><channel><title>News &amp; more</title>${items}</channel></rss>`, {
    type: "application/rss+xml",
  });
const item = (id: string) =>
  `<item><title>Item ${id}</title><link>/${id}</link><guid>${id}</guid><pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate>
   <description>&lt;p&gt;Hello &lt;b&gt;${id}&lt;/b&gt;&lt;script&gt;x()&lt;/script&gt;&lt;/p&gt;</description></item>`;

describe("feed_read reads", () => {
  test("RSS, with descriptions as text and links that can be followed", async () => {
    server.page("/feed", RSS(item("1") + item("2")));
    expect(await read({})).toEqual({
      ok: true,
      value: {
        url: `${server.url}/feed`,
        title: "News & more",
        more: 0,
        items: [
          {
            title: "Item 1",
            url: `${server.url}/1`,
            author: null,
            published: "Mon, 23 Nov 2026 09:00:00 GMT",
            summary: "Hello 1",
          },
          expect.objectContaining({ title: "Item 2" }),
        ],
      },
    });
  });

  test("Atom", async () => {
    server.page(
      "/feed",
      send(
        `<feed xmlns="http://www.w3.org/2005/Atom"><title type="text">Releases</title>
        <entry><id>tag:1</id><title>v1.0</title><link rel="self" href="/api/1"/><link href="https://x.example/1"/>
        <updated>2026-11-23T09:00:00Z</updated><author><name>Lin</name></author><content type="html">First</content></entry></feed>`,
        { type: "application/atom+xml" },
      ),
    );
    expect(await read({})).toMatchObject({
      value: {
        title: "Releases",
        items: [
          {
            title: "v1.0",
            url: "https://x.example/1",
            author: "Lin",
            published: "2026-11-23T09:00:00Z",
            summary: "First",
          },
        ],
      },
    });
  });

  test("RDF and JSON Feed", async () => {
    server.page(
      "/feed",
      send(
        `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>Old</title></channel>
        <item rdf:about="https://x.example/1"><title>One</title><link>https://x.example/1</link></item></rdf:RDF>`,
        { type: "application/rdf+xml" },
      ),
    );
    expect(await read({})).toMatchObject({ value: { title: "Old", items: [{ title: "One" }] } });
    const items = [
      { id: "1", url: "https://x.example/1", content_text: "Text", date_published: "2026-11-23T09:00:00Z" },
    ];
    server.page(
      "/feed",
      send(JSON.stringify({ version: "https://jsonfeed.org/version/1.1", title: "J", items }), {
        type: "application/feed+json",
      }),
    );
    expect(await read({})).toMatchObject({ value: { title: "J", items: [{ title: "", summary: "Text" }] } });
  });

  test("at most thirty items, and says how many more there are", async () => {
    server.page("/feed", RSS(Array.from({ length: 42 }, (_, at) => item(`${at}`)).join("")));
    expect(await read({})).toMatchObject({ value: { more: 12, items: { length: 30 } } });
  });

  test("only what is new, asked for by what the feed calls its items, and an item that stands twice once", async () => {
    server.page("/feed", RSS(item("3") + item("2") + item("2") + item("1")));
    const asked: unknown[] = [];
    const unseen = async (source: string, items: readonly string[]) => {
      asked.push([source, items]);
      return new Set(["3"]);
    };
    expect(await read({ new_only: true }, { unseen })).toMatchObject({
      value: { more: 0, items: [{ title: "Item 3" }] },
    });
    expect(asked).toEqual([[`${server.url}/feed`, ["3", "2", "1"]]]);
    expect(await read({}, { unseen })).toMatchObject({ value: { items: { length: 3 } } });
  });
});

describe("feed_read says what is wrong", () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${Array.from(
    { length: 9 },
    (_, at) => `<!ENTITY ${"bcdefghij"[at]} "${`&${"abcdefghi"[at]};`.repeat(10)}">`,
  ).join("")}]>`;

  test.each([
    ["a page that is no feed", html("<title>Home</title>"), "invalid_output", /no feed/],
    ["a feed that breaks off", resetMidBody, "connection_lost", /broke off/],
    ["a server that is unwell", send("", { status: 503 }), "service_unavailable", /503/],
    ["a feed that is gone", send("", { status: 410 }), "not_found", /410/],
    ["a feed without end", send("<rss>".padEnd(1_200_000, "x")), "too_large", /1 MiB/],
    ["a place that must not be reached", redirectTo("http://169.254.169.254/"), "blocked_address", /redirects/],
  ])("%s", async (_name, reply, code, message) => {
    server.page("/feed", reply);
    expect(await read({})).toMatchObject({ ok: false, error: { code, message: expect.stringMatching(message) } });
  });

  test("and is not blown up by entities, nor reads files by them", async () => {
    server.page(
      "/feed",
      send(`<?xml version="1.0"?>${bomb}<rss version="2.0"><channel><title>&j;</title></channel></rss>`),
    );
    const blown = await read({});
    expect(JSON.stringify(blown).length).toBeLessThan(10_000);
    const file = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>';
    server.page(
      "/feed",
      send(`<?xml version="1.0"?>${file}<rss version="2.0"><channel><title>&f;</title></channel></rss>`),
    );
    expect(JSON.stringify(await read({}))).not.toContain("root:");
  });
});
