import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findByPath } from "../../../src/tools/index.ts";
import { type HttpServer, html, httpServer, json, send } from "../../support/http-server.ts";
import { call, error } from "../../support/http-tools.ts";

let server: HttpServer;
beforeEach(async () => {
  server = await httpServer();
});
afterEach(() => server.close());

const select = (path: string, at = "/items") => call("http_get", { url: `${server.url}${at}`, select: path });

describe("http_get with a JSON path", () => {
  test("gives only what the path finds, as a list", async () => {
    server.page("/items", json({ items: [{ name: "a", more: "x".repeat(30_000) }, { name: "b" }], status: "ok" }));
    expect(await select("$.items[*].name")).toMatchObject({ ok: true, value: { text: '["a","b"]', truncated: false } });
    expect(await select("$.status")).toMatchObject({ value: { text: '["ok"]' } });
    expect(await select("$.nothing")).toMatchObject({ value: { text: "[]", status: 200 } });
    expect(await select("$.items[?@.name == 'b']")).toMatchObject({ value: { text: '[{"name":"b"}]' } });
  });

  test("gives whole values, as many as can be shown, and says that there are more", async () => {
    server.page("/items", json(Array.from({ length: 500 }, (_, at) => ({ at, text: "x".repeat(100) }))));
    const found = await select("$[*]");
    if (!found.ok) throw new Error(found.error.message);
    const { text, truncated } = found.value as { text: string; truncated: boolean };
    expect(truncated).toBe(true);
    expect(JSON.parse(text).at(-1)).toMatchObject({ text: "x".repeat(100) });
  });

  test.each([
    ["items", /items is no JSON path \(expected '\$', found 'i'.*write it like \$\.status/],
    ["$.items[", /is no JSON path \(unclosed bracketed selection/],
    ["$[?nope(@)]", /no such function 'nope'/],
    ["$".padEnd(1_200, ".a"), /at most 1000 characters/],
  ])("that is wrong is refused before anything is sent: %s", async (path, why) => {
    expect(await select(path)).toEqual(error("invalid_input", why));
    expect(server.requests).toEqual([]);
  });

  test("says when the answer is no JSON, or too long to be read whole", async () => {
    server.page("/page", html("<h1>Hello</h1>"));
    server.page("/long", json("x".repeat(1_100_000)));
    expect(await select("$.a", "/page")).toEqual(error("invalid_output", /is no JSON, so it has no \$\.a/));
    expect(await select("$.a", "/long")).toEqual(error("too_large", /over 1 MiB/));
  });

  test("shows what an error says whole: there is nothing to select in it", async () => {
    server.page("/items", send("slow down", { status: 429 }));
    expect(await select("$.items")).toMatchObject({ ok: true, value: { status: 429, text: "slow down" } });
  });
});

describe("a path that would search for ever", () => {
  const many = Array.from({ length: 20_000 }, (_, at) => ({ a: { b: [at, { d: `${"a".repeat(40)}!` }] } }));
  test.each(["$[?@..[?@..[?@..d]]]", "$[?search(@.a.b[1].d, '(a+)+$')]", `$${"[*,*,*,*,*,*]".repeat(20)}`])(
    "is given up: %s",
    (path) => {
      expect(findByPath(path, [...many, { a: [[many]] }])).toEqual(error("invalid_input", /takes too long to follow/));
    },
  );

  test("is followed as far as its first thousand", () => {
    expect(findByPath("$..*..*..*", many)).toMatchObject({ ok: true, value: { length: 1_000 } });
  });

  test("into a value that is nested without end is refused, and says so", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 200; level += 1) deep = { a: deep };
    expect(findByPath("$..b", deep)).toEqual(error("invalid_input", /cannot be followed here \(recursion limit/));
    expect(findByPath("$.a.a.a", deep)).toMatchObject({ ok: true });
  });
});
