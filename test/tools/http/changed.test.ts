/** `changed_only`: an unchanged page answers in a line, by what its server says or by what it reads like. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Given, GivenVersion } from "../../../src/tools/index.ts";
import { type HttpServer, httpServer, json, type Reply, redirectTo, send } from "../../support/http-server.ts";
import { call } from "../../support/http-tools.ts";

let server: HttpServer;
/** As if every run ended well. */
let versions: Map<string, GivenVersion>;
let at: number;
beforeEach(async () => {
  server = await httpServer();
  versions = new Map();
  at = Date.parse("2026-11-20T09:00:00Z");
});
afterEach(() => server.close());

const given: Given = {
  last: async (source) => versions.get(source) ?? null,
  note: async (source, version) => void versions.set(source, version),
};

async function look(args: Record<string, unknown> = {}, path = "/page"): Promise<string> {
  const input = { url: `${server.url}${path}`, changed_only: true, ...args };
  const result = await call("http_get", input, { ctx: { given, now: () => at } });
  if (!result.ok) throw new Error(result.error.message);
  return (result.value as { text: string }).text;
}

const UNCHANGED = "Not modified since 2026-11-20T09:00:00.000Z, when a run of this workflow was given it.";
const last = () => server.requests.at(-1);

/** A server that knows its tags, and counts how often it sent the page itself. */
function tagged(text: string, headers: Record<string, string>): { readonly sent: () => number; readonly reply: Reply } {
  let sent = 0;
  const reply: Reply = (request, response) => {
    const isSame = headers.etag !== undefined && request.headers["if-none-match"] === headers.etag;
    const isOld =
      headers["last-modified"] !== undefined && request.headers["if-modified-since"] === headers["last-modified"];
    if (isSame || isOld) {
      response.writeHead(304, headers).end();
      return;
    }
    sent += 1;
    send(text, { headers })(request, response);
  };
  return { sent: () => sent, reply };
}

const LONG_AGO = "Wed, 01 Jan 2020 08:00:00 GMT";

describe("a page that is asked for only when it has changed", () => {
  test.each([
    ["a strong tag", { etag: '"v1"' }],
    ["a weak tag", { etag: 'W/"v1"' }],
    ["a time", { "last-modified": LONG_AGO }],
    ["a time, chosen by what every request says", { "last-modified": LONG_AGO, vary: "Accept, Accept-Encoding" }],
    ["a tag, whatever chose it", { etag: '"v1"', vary: "Cookie, User-Agent" }],
  ])("is not sent again by a server that knows it by %s", async (_what, headers) => {
    const page = tagged("all is well", headers);
    server.page("/page", page.reply);
    expect(await look()).toBe("all is well");
    at += 86_400_000;
    expect(await look()).toBe(UNCHANGED);
    at += 86_400_000;
    expect(await look()).toBe(UNCHANGED);
    expect(page.sent()).toBe(1);
    server.page("/page", tagged("disk full", { etag: '"v2"' }).reply);
    expect(await look()).toBe("disk full");
  });

  test.each([
    ["a page that varies by everything", { etag: '"v1"', vary: "*" }],
    ["a time, chosen by who asks", { "last-modified": LONG_AGO, vary: "User-Agent" }],
    ["a time of this very second", { "last-modified": new Date().toUTCString(), date: new Date().toUTCString() }],
    ["a tag that is none", { etag: "v1" }],
    ["nothing", {}],
  ])("is read again and compared when its server knows it by %s", async (_what, headers) => {
    const page = tagged("all is well", headers);
    server.page("/page", page.reply);
    await look();
    expect(await look()).toBe(UNCHANGED);
    expect(page.sent()).toBe(2);
    expect(last()?.headers).not.toHaveProperty("if-none-match");
    expect(last()?.headers).not.toHaveProperty("if-modified-since");
  });

  test("is what the path selects, where one is given", async () => {
    server.page("/page", json({ status: "ok", at: 1 }));
    expect(await look({ select: "$.status" })).toBe('["ok"]');
    server.page("/page", json({ status: "ok", at: 2 }));
    expect(await look({ select: "$.status" })).toBe(UNCHANGED);
    expect(await look({ select: "$.at" })).toBe("[2]");
    server.page("/page", json({ status: "down", at: 3 }));
    expect(await look({ select: "$.status" })).toBe('["down"]');
  });

  test("is another one with other headers, and the same one with another fragment", async () => {
    server.page("/page", tagged("hello", { etag: '"v1"' }).reply);
    await look();
    expect(await look({ headers: { "Accept-Language": "fr" } })).toBe("hello");
    expect(await look({}, "/page#top")).toBe(UNCHANGED);
  });

  test("asks about its tag only where the tag is from", async () => {
    server.page("/page", redirectTo("/now"));
    server.page("/now", tagged("hello", { etag: '"v1"' }).reply);
    await look();
    expect(await look()).toBe(UNCHANGED);
    expect(server.requests.map(({ path, headers }) => [path, headers["if-none-match"]])).toEqual([
      ["/page", undefined],
      ["/now", undefined],
      ["/page", undefined],
      ["/now", '"v1"'],
    ]);
    server.page("/page", redirectTo("/elsewhere"));
    server.page("/elsewhere", tagged("other", { etag: '"v1"' }).reply);
    expect(await look()).toBe("other");
  });

  test("is compared with what it was before it was broken", async () => {
    server.page("/page", "all is well");
    await look();
    server.page("/page", send("not now", { status: 500 }));
    expect(await look()).toBe("not now");
    server.page("/page", "all is well");
    expect(await look()).toBe(UNCHANGED);
  });

  test("leaves the question to a call that asks it itself", async () => {
    server.page("/page", tagged("hello", { etag: '"v1"' }).reply);
    await look({ headers: { "If-None-Match": '"mine"' } });
    expect(last()?.headers["if-none-match"]).toBe('"mine"');
    await look({ headers: { "If-None-Match": '"mine"' } });
    expect(last()?.headers["if-none-match"]).toBe('"mine"');
  });

  test("is read as ever where it is not asked for so", async () => {
    server.page("/page", tagged("hello", { etag: '"v1"' }).reply);
    await look();
    expect(await look({ changed_only: false })).toBe("hello");
  });
});
