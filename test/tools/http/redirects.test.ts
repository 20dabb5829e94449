import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type HttpServer, httpServer, redirectTo, send } from "../../support/http-server.ts";
import { type CallOptions, call, error, get } from "../../support/http-tools.ts";

let server: HttpServer;
beforeEach(async () => {
  server = await httpServer();
});
afterEach(() => server.close());

describe("http_get follows redirects", () => {
  test("to the page they lead to, and says which that is", async () => {
    server.page("/a", redirectTo("/b?x=1", 301));
    server.page("/b", redirectTo(`http://localhost:${server.port}/c`, 307));
    server.page("/c", "the end");
    expect(await get(`${server.url}/a`)).toMatchObject({
      ok: true,
      value: { url: `http://localhost:${server.port}/c`, status: 200, text: "the end" },
    });
  });

  test("five times and no more", async () => {
    for (let hop = 0; hop < 6; hop += 1) server.page(`/${hop}`, redirectTo(`/${hop + 1}`));
    server.page("/6", "too far");
    expect(await get(`${server.url}/1`)).toMatchObject({ ok: true, value: { text: "too far" } });
    expect(await get(`${server.url}/0`)).toEqual(error("invalid_output", /redirects more than 5 times/));
    server.page("/loop", redirectTo("/loop"));
    expect(await get(`${server.url}/loop`)).toEqual(error("invalid_output", /redirects more than 5 times/));
  });

  test.each([
    "http://169.254.169.254/latest/meta-data/",
    "//169.254.169.254/",
    "http://[::ffff:169.254.169.254]/",
    "http://0xa9fea9fe/",
    "http://10.0.0.1/",
    "http://2130706434/",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "http://user:pass@127.0.0.1/",
  ])("but never to %s", async (location) => {
    server.page("/", redirectTo(location));
    expect(await get(server.url, { allow: ["127.0.0.1"] })).toEqual(
      error("blocked_address", new RegExp(`^127\\.0\\.0\\.1:${server.port} redirects: `)),
    );
  });

  test("without handing a token to another origin", async () => {
    server.page("/a", redirectTo(`http://localhost:${server.port}/b`));
    server.page("/b", "ok");
    const headers = { Authorization: "Bearer abc", "X-Team": "ops", Accept: "text/csv" };
    await call("http_get", { url: `${server.url}/a`, headers });
    expect(server.requests[0]?.headers).toMatchObject({ authorization: "Bearer abc", "x-team": "ops" });
    expect(server.requests[1]?.headers).toMatchObject({ accept: "text/csv" });
    expect(server.requests[1]?.headers).not.toHaveProperty("authorization");
    expect(server.requests[1]?.headers).not.toHaveProperty("x-team");
  });

  test("to a place that must be asked for only by naming it", async () => {
    server.page("/a", redirectTo(`http://localhost:${server.port}/b?data=1`));
    server.page("/b", "reached");
    const asked: string[] = [];
    const mayReach = (destination: string): boolean => {
      asked.push(destination);
      return false;
    };
    expect(await get(`${server.url}/a`, { ctx: { mayReach } })).toMatchObject({
      ok: true,
      value: {
        url: `${server.url}/a`,
        status: 302,
        text: `Redirects to http://localhost:${server.port}/b?data=1`,
      },
    });
    expect(asked).toEqual([`localhost:${server.port}`]);
    expect(server.requests).toHaveLength(1);
  });

  test("not when the server does not say where to", async () => {
    server.page("/", send("", { status: 302 }));
    expect(await get(server.url)).toMatchObject({ ok: true, value: { status: 302 } });
    server.page("/", redirectTo("http://"));
    expect(await get(server.url)).toMatchObject({ ok: true, value: { status: 302, text: "moved" } });
  });
});

describe("a name that changes its address", () => {
  test("is connected to at the address that was checked, then refused", async () => {
    const trap = await httpServer({ host: "127.0.0.2", port: server.port });
    try {
      server.page("/", "the checked one");
      trap.page("/", "the trap");
      const answers = ["127.0.0.1", "127.0.0.2", "127.0.0.2"];
      const options: CallOptions = {
        allow: ["127.0.0.1"],
        resolve: async () => [answers.shift() ?? "127.0.0.2"],
      };
      const url = `http://rebind.example:${server.port}/`;
      expect(await get(url, options)).toMatchObject({ ok: true, value: { text: "the checked one" } });
      expect(answers).toHaveLength(2);
      expect(server.requests[0]?.headers.host).toBe(`rebind.example:${server.port}`);
      expect(await get(url, options)).toEqual(error("blocked_address"));
      expect(trap.requests).toEqual([]);
    } finally {
      await trap.close();
    }
  });

  test("between two hops is checked again at the second", async () => {
    server.page("/", redirectTo("/again"));
    const answers = ["127.0.0.1"];
    const resolve = async (): Promise<readonly string[]> => [answers.shift() ?? "169.254.169.254"];
    expect(await get(`http://rebind.example:${server.port}/`, { resolve })).toEqual(error("blocked_address"));
    expect(server.requests).toHaveLength(1);
  });
});
