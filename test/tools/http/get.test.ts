import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  endless,
  gzipBomb,
  type HttpServer,
  hang,
  html,
  httpServer,
  json,
  send,
  stall,
} from "../../support/http-server.ts";
import { call, error, get } from "../../support/http-tools.ts";

let server: HttpServer;
beforeEach(async () => {
  server = await httpServer();
});
afterEach(() => server.close());

describe("http_get reads", () => {
  test("a page, and the same page when it has changed", async () => {
    server.page("/status", "all systems go");
    const first = {
      url: `${server.url}/status`,
      status: 200,
      contentType: "text/plain; charset=utf-8",
      title: null,
      text: "all systems go",
      truncated: false,
    };
    expect(await get(`${server.url}/status`)).toEqual({ ok: true, value: first });
    server.page("/status", "disk full");
    expect(await get(`${server.url}/status`)).toEqual({ ok: true, value: { ...first, text: "disk full" } });
    expect(server.requests[0]?.headers["user-agent"]).toBe("Claw/test");
  });

  test("HTML as people read it", async () => {
    server.page(
      "/",
      html(`<!doctype html><html><head><title>Status &amp;
        news</title><style>p { color: red }</style></head><body><script>steal()</script><!-- hidden -->
        <h1>Everything <b>works</b></h1><p>Since <a href="/log?a=1&amp;b=2">noon</a>, <a href="#x">more</a>.
        <table><tr><th>Service<th>State<tr><td>api<td>up</table><ul><li>one<li>two</ul><div>3 &lt; 4</div><a href="javascript:steal()">x</a>`),
    );
    expect(await get(server.url)).toMatchObject({
      ok: true,
      value: {
        title: "Status & news",
        text: [
          "Everything works",
          "",
          `Since noon [${server.url}/log?a=1&b=2], more.`,
          "Service State",
          "api up",
          "",
          " * one",
          " * two",
          "",
          "3 < 4",
          "x",
        ].join("\n"),
      },
    });
  });

  test("JSON as it is, and answers that are not 2xx as answers", async () => {
    server.page("/api", json({ error: "no such thing" }, 503));
    expect(await get(`${server.url}/api`)).toMatchObject({
      ok: true,
      value: { status: 503, contentType: "application/json", text: '{"error":"no such thing"}' },
    });
  });

  test.each([
    ["gzip", gzipSync("packed")],
    ["x-gzip", gzipSync("packed")],
    ["deflate", deflateSync("packed")],
    ["br", brotliCompressSync("packed")],
    ["identity", Buffer.from("packed")],
  ])("what came as %s", async (encoding, body) => {
    server.page("/", send(body, { headers: { "content-encoding": encoding } }));
    expect(await get(server.url)).toMatchObject({ ok: true, value: { text: "packed", truncated: false } });
  });

  test.each<[string, string | null, Uint8Array]>([
    ["in the charset of the header", "text/plain; charset=ISO-8859-1", Buffer.from("caf\xe9", "latin1")],
    ["in UTF-8 by default", "text/plain", Buffer.from("café")],
    ["in the charset the page names", "text/html", Buffer.from('<meta charset="windows-1252"><p>caf\xe9', "latin1")],
    [
      "in the charset its XML names",
      "application/xml",
      Buffer.from('<?xml version="1.0" encoding="latin1"?>caf\xe9', "latin1"),
    ],
    ["by its byte order mark", "text/plain", Buffer.from("\uFEFFcafé", "utf16le")],
    ["despite a header that is wrong", "text/plain; charset=utf-8", Buffer.from("caf\xe9", "latin1")],
    ["despite a charset nobody knows", "text/plain; charset=klingon", Buffer.from("café")],
    ["without a content type", null, Buffer.from("café")],
  ])("letters %s", async (_how, type, body) => {
    server.page("/", send(body, { type }));
    expect(await get(server.url)).toMatchObject({ ok: true, value: { text: expect.stringMatching(/café$/) } });
  });

  test("with the headers it is given, framing ones excepted", async () => {
    server.page("/", "ok");
    await call("http_get", { url: server.url, headers: { "X-Team": "ops", Accept: "text/csv" } });
    expect(server.requests[0]?.headers).toMatchObject({ "x-team": "ops", accept: "text/csv" });
  });
});

describe("http_get bounds", () => {
  test("a long text", async () => {
    server.page("/", `${"x".repeat(19_999)}🦀🦀`);
    const result = await get(server.url);
    expect(result).toMatchObject({ ok: true, value: { text: "x".repeat(19_999), truncated: true } });
  });

  test("a text without end", async () => {
    server.page("/", endless);
    expect(await get(server.url)).toMatchObject({ ok: true, value: { truncated: true, status: 200 } });
  });

  test("a gzip bomb", async () => {
    server.page("/", gzipBomb(256));
    const before = process.memoryUsage().arrayBuffers;
    expect(await get(server.url)).toMatchObject({ ok: true, value: { text: "a".repeat(20_000), truncated: true } });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });

  test("a page nested deeper than any reader goes, whose text is still read", async () => {
    server.page("/", html(`${"<div><ul><li><b>".repeat(60_000)}<p>at the bottom`));
    expect(await get(server.url)).toMatchObject({ ok: true, value: { truncated: true } });
    server.page("/", html(`${"<div><ul><li><b>".repeat(200)}<p>at the bottom`));
    expect(await get(server.url)).toMatchObject({ ok: true, value: { text: expect.stringMatching(/at the bottom$/) } });
  });

  test.each<[string, typeof hang]>([
    ["a server that never answers", hang],
    ["a body that stops half-way", stall],
  ])("%s", async (_what, reply) => {
    server.page("/", reply);
    expect(await get(server.url, { timeoutMs: 150 })).toEqual(error("timeout", /gave no answer within 0.15 s/));
  });
});
