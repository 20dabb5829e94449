import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type HttpServer,
  httpServer,
  resetBeforeAnswer,
  resetMidBody,
  send,
  tcpServer,
} from "../../support/http-server.ts";
import { call, error, get } from "../../support/http-tools.ts";

let server: HttpServer;
beforeEach(async () => {
  server = await httpServer();
});
afterEach(() => server.close());

describe("http_get refuses", () => {
  test.each<[string, string, Uint8Array]>([
    ["a picture", "image/png", Buffer.from("\x89PNG\r\n")],
    ["an archive", "application/zip", Buffer.from("PK\x03\x04")],
    ["bytes that call themselves text", "text/plain", Buffer.from("MZ\0\0\0")],
  ])("%s, naming its type", async (_what, type, body) => {
    server.page("/", send(body, { type }));
    expect(await get(server.url)).toEqual(error("invalid_output", new RegExp(`sent ${type}, which is not text`)));
  });

  test("what it cannot unpack", async () => {
    server.page("/", send("not gzip", { headers: { "content-encoding": "gzip" } }));
    expect(await get(server.url)).toEqual(error("invalid_output", /cannot be decompressed/));
    server.page("/", send(gzipSync(gzipSync("twice")), { headers: { "content-encoding": "gzip, gzip" } }));
    expect(await get(server.url)).toEqual(error("invalid_output", /cannot be decompressed/));
  });

  test("a server that does not speak HTTP", async () => {
    const other = await tcpServer("220 smtp ready\r\n");
    expect(await get(`http://127.0.0.1:${other.port}/`)).toEqual(error("invalid_output", /did not answer in HTTP/));
    expect(await get(`https://127.0.0.1:${other.port}/`)).toEqual(error("invalid_output", /no secure connection/));
    await other.close();
  });

  test("headers without end", async () => {
    server.page("/", send("x", { headers: { "x-long": "y".repeat(70_000) } }));
    expect(await get(server.url)).toEqual(error("too_large", /bytes of headers/));
  });

  test("and tells a lost connection from one that never was", async () => {
    server.page("/half", resetMidBody);
    server.page("/none", resetBeforeAnswer);
    expect(await get(`${server.url}/half`)).toEqual(error("connection_lost"));
    expect(await get(`${server.url}/none`)).toEqual(error("connection_lost"));
    const gone = await httpServer();
    await gone.close();
    expect(await get(gone.url)).toEqual(error("service_unavailable", /cannot be reached \(ECONNREFUSED\)/));
  });

  test.each<[Record<string, string>, RegExp]>([
    [{ Host: "evil.example" }, /headers\.Host: may not be set/],
    [{ "content-length": "5" }, /headers\.content-length: may not be set/],
    [{ "Transfer-Encoding": "chunked" }, /may not be set/],
    [{ Connection: "upgrade" }, /may not be set/],
    [{ Cookie: "session=1" }, /may not be set/],
    [{ "Proxy-Authorization": "x" }, /may not be set/],
    [{ "X-A": "1\r\nHost: evil.example" }, /headers\.X-A: expected plain text without line breaks/],
    [{ "X-A": "1\nX-B: 2" }, /without line breaks/],
    [{ "X-A\r\nX-B": "1" }, /not a header name/],
    [{ "X A": "1" }, /not a header name/],
    [{ "X-A": "пароль" }, /expected plain text/],
  ])("the headers %j before anything is sent", async (headers, message) => {
    expect(await call("http_get", { url: server.url, headers })).toEqual(error("invalid_input", message));
    expect(await call("http_request", { method: "POST", url: server.url, headers })).toEqual(
      error("invalid_input", message),
    );
    expect(server.requests).toEqual([]);
  });

  test.each(["ftp://example.com/", "example.com", "http://user:pass@example.com/", "http://[fe80::1%25eth0]/"])(
    "the URL %s as an argument",
    async (url) => {
      expect(await get(url)).toEqual(error("invalid_input", /^http_get cannot be called so\. url: /));
    },
  );
});
