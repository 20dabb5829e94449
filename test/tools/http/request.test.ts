import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type HttpServer,
  hang,
  httpServer,
  json,
  redirectTo,
  resetBeforeAnswer,
  resetMidBody,
  send,
  stall,
  tcpServer,
} from "../../support/http-server.ts";
import { type CallOptions, call, toolOf } from "../../support/http-tools.ts";

let server: HttpServer;
beforeEach(async () => {
  server = await httpServer();
});
afterEach(() => server.close());

describe("http_request", () => {
  const post = (args: Record<string, unknown>, options?: CallOptions) =>
    call("http_request", { method: "POST", url: server.url, ...args }, options);

  test("sends what was approved, with the step's key", async () => {
    server.page("/", json({ id: 7 }, 201));
    const headers = { Authorization: "Bearer abc" };
    expect(await post({ headers, body: '{"name":"é"}' })).toMatchObject({
      ok: true,
      value: { status: 201, text: '{"id":7}', location: null },
    });
    expect(server.requests).toEqual([
      expect.objectContaining({
        method: "POST",
        body: '{"name":"é"}',
        headers: expect.objectContaining({
          "content-type": "application/json",
          authorization: "Bearer abc",
          "idempotency-key": "run-1/2/1",
          "content-length": "13",
        }),
      }),
    ]);
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"])("sends %s without a body", async (method) => {
    server.page("/", send("", { status: 204, type: null }));
    expect(await post({ method })).toMatchObject({ ok: true, value: { status: 204, text: "", contentType: null } });
    expect(server.requests[0]).toMatchObject({ method, body: "" });
  });

  test("does not follow a redirect: that would be another call", async () => {
    server.page("/", redirectTo("/elsewhere", 307));
    expect(await post({ body: "x" })).toMatchObject({ ok: true, value: { status: 307, location: "/elsewhere" } });
    expect(server.requests).toHaveLength(1);
  });

  test("whose answer is no text, is broken or breaks off, has happened all the same", async () => {
    server.page("/", send(Buffer.from("\x89PNG\0"), { type: "image/png" }));
    expect(await post({})).toMatchObject({ ok: true, value: { status: 200, text: "", contentType: "image/png" } });
    server.page("/", send("not gzip", { headers: { "content-encoding": "gzip" } }));
    expect(await post({})).toMatchObject({ ok: true, value: { status: 200, truncated: true } });
    server.page("/", resetMidBody);
    expect(await post({})).toMatchObject({ ok: true, value: { status: 200, truncated: true } });
    server.page("/", stall);
    expect(await post({}, { timeoutMs: 1_500 })).toMatchObject({ ok: true, value: { status: 200, truncated: true } });
  });

  test("without an answer may have happened", async () => {
    server.page("/", resetBeforeAnswer);
    expect(await post({ body: "x" })).toMatchObject({ error: { code: "connection_lost", mayHaveHappened: true } });
    server.page("/", hang);
    expect(await post({ body: "x" }, { timeoutMs: 1_500 })).toMatchObject({
      error: { code: "timeout", mayHaveHappened: true },
    });
  });

  test("that never reached a server certainly did not happen", async () => {
    const gone = await httpServer();
    await gone.close();
    expect(await post({ url: gone.url })).toMatchObject({
      error: { code: "service_unavailable", mayHaveHappened: false },
    });
    expect(await post({ url: "http://10.0.0.1/" })).toMatchObject({
      error: { code: "blocked_address", mayHaveHappened: false },
    });
    const nowhere = async (): Promise<never> => {
      throw Object.assign(new Error(), { code: "ENOTFOUND" });
    };
    expect(await post({ url: "http://nowhere.example/" }, { resolve: nowhere })).toMatchObject({
      error: { code: "not_found", mayHaveHappened: false },
    });
    // A server that takes the connection but never shakes hands has read nothing.
    const mute = await tcpServer(null);
    expect(await post({ url: `https://127.0.0.1:${mute.port}/` }, { timeoutMs: 150 })).toMatchObject({
      error: { code: "timeout", mayHaveHappened: false },
    });
    await mute.close();
    const silent = (): Promise<never> => new Promise(() => undefined);
    expect(await post({ url: "http://slow.example/" }, { resolve: silent, timeoutMs: 50 })).toMatchObject({
      error: { code: "timeout", mayHaveHappened: false },
    });
  });

  test("shows an approver exactly what goes where, and no secret", () => {
    const tool = toolOf("http_request", {});
    const url = "https://API.example.com/v1/items?team=ops&api_key=k3y#top";
    const input = {
      method: "PATCH",
      url,
      headers: { Authorization: "Bearer abc", "X-Api-Key": "k3y", "X-Team": "ops" },
      body: '{"a":1}\nsee \u202egpj.exe\u0007',
    };
    expect(tool.preview?.(input)).toEqual({
      action: "send PATCH to api.example.com",
      diff: [
        "+ PATCH https://api.example.com/v1/items?team=ops&api_key=(hidden)",
        "+ authorization: (hidden)",
        "+ x-api-key: (hidden)",
        "+ x-team: ops",
        "+ content-type: text/plain; charset=utf-8",
        "+ ",
        '+ {"a":1}',
        "+ see \\u{202e}gpj.exe\\u{7}",
      ],
      target: "api.example.com",
    });
    expect(tool.destination?.(input)).toBe("api.example.com");
  });

  test.each(["http_get", "http_request"])("%s names where it sends data, port included", (name) => {
    const tool = toolOf(name, {});
    expect(tool.destination?.({ url: "http://Example.COM.:8080/x" })).toBe("example.com:8080");
    expect(tool.destination?.({ url: "http://2130706433/" })).toBe("127.0.0.1");
  });
});
