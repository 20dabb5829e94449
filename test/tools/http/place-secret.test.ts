/** A secret goes to the place that the operator named, in the header that he named, and is seen by nobody. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createEgressGuard, createPageLook, type PlaceSecret } from "../../../src/tools/index.ts";
import { type HttpServer, html, httpServer, json, type Reply, redirectTo, send } from "../../support/http-server.ts";
import { type CallOptions, call, error, toolOf } from "../../support/http-tools.ts";

let server: HttpServer;
let secrets: PlaceSecret[];
beforeEach(async () => {
  server = await httpServer();
  secrets = [{ origin: server.url, header: "authorization", secret: "status_token", prefix: "Bearer " }];
});
afterEach(() => server.close());

const VALUE = "s3cr3t-<value>&more";
const options = (value: string | null = VALUE): CallOptions => ({
  secrets,
  ctx: { secret: async (name) => (name === "status_token" ? value : null) },
});
const get = (path: string, more: Record<string, unknown> = {}, value?: string | null) =>
  call("http_get", { url: `${server.url}${path}`, ...more }, options(value));
const authorizations = () => server.requests.map(({ headers }) => headers.authorization);

/** What careless services do: they say what they were sent. */
const echo: Reply = (request, response) =>
  json({ sent: request.headers, url: encodeURIComponent(request.headers.authorization ?? "") })(request, response);

describe("a secret for a place", () => {
  test("is sent there, instead of what the call says", async () => {
    server.page("/a", "ok");
    expect(await get("/a", { headers: { Authorization: "Bearer of-the-model" } })).toMatchObject({ ok: true });
    expect(authorizations()).toEqual([`Bearer ${VALUE}`]);
  });

  test("is not sent by a workspace that has none", async () => {
    server.page("/a", "ok");
    await get("/a", {}, null);
    expect(authorizations()).toEqual([undefined]);
  });

  test("stays there through its redirects, and goes nowhere else, nor comes back from there", async () => {
    const elsewhere = `http://localhost:${server.port}`;
    server.page("/a", redirectTo("/b"));
    server.page("/b", redirectTo(`${elsewhere}/c`));
    server.page("/c", redirectTo(`${server.url}/d`));
    server.page("/d", "the end");
    expect(await get("/a")).toMatchObject({ value: { text: "the end" } });
    expect(authorizations()).toEqual([`Bearer ${VALUE}`, `Bearer ${VALUE}`, undefined, undefined]);
    await call("http_get", { url: `${elsewhere}/b` }, options());
    expect(authorizations().slice(4)).toEqual([undefined, undefined, undefined]);
  });

  test("is in nothing that comes back, also where it was cut off", async () => {
    server.page("/json", echo);
    server.page("/page", (request, response) =>
      html(`<p>You sent ${VALUE.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</p>`)(request, response),
    );
    server.page("/broken", (request, response) =>
      send(`${"x".repeat(1_048_576 - 10)}${request.headers.authorization?.slice(7)}`)(request, response),
    );
    server.page("/moved", redirectTo(`http://localhost:1/?t=${encodeURIComponent(VALUE)}`));
    const answers = [
      await get("/json"),
      await get("/json", { select: "$.sent.authorization" }),
      await get("/page"),
      await get("/broken"),
      await call(
        "http_get",
        { url: `${server.url}/moved` },
        {
          ...options(),
          ctx: { ...options().ctx, mayReach: () => false },
        },
      ),
    ];
    for (const answer of answers) {
      expect(answer).toMatchObject({ ok: true });
      expect(JSON.stringify(answer)).not.toContain("s3cr3t");
    }
    expect(answers[1]).toMatchObject({ value: { text: '["Bearer [secret]"]' } });
    expect(answers[2]).toMatchObject({ value: { text: "You sent [secret]" } });
  });

  test("that no header may have is not sent, and the failure does not say it", async () => {
    server.page("/a", "ok");
    expect(await get("/a", {}, "two\nlines")).toEqual(
      error("bad_credentials", /the secret status_token has characters/),
    );
    expect(server.requests).toEqual([]);
  });

  test("that cannot be opened is said by a look at a page, too", async () => {
    server.page("/a", "ok");
    const guard = createEgressGuard({ allow: ["loopback"] });
    const look = createPageLook({ guard, userAgent: "Claw/test", secrets });
    const unreadable = Object.assign(new Error("The secret status_token cannot be opened."), {
      code: "bad_credentials",
    });
    const ctx = { signal: new AbortController().signal, secret: () => Promise.reject(unreadable) };
    expect(await look(`${server.url}/a`, null, ctx)).toEqual(error("bad_credentials", /status_token cannot be opened/));
    const seen = await look(`${server.url}/a`, null, { ...ctx, secret: async () => VALUE });
    expect(authorizations()).toEqual([`Bearer ${VALUE}`]);
    expect(seen).toMatchObject({ value: { kind: "seen", page: { text: "ok", url: `${server.url}/a` } } });
  });

  test("goes along with a request that changes something, and its card says so without it", async () => {
    server.page("/tickets", echo);
    const tool = toolOf("http_request", options());
    const input = { method: "POST", url: `${server.url}/tickets`, headers: { Authorization: "mine" }, body: "{}" };
    expect(tool.preview?.(input).diff).toContain(
      "+ authorization: (the secret status_token, where the workspace has it)",
    );
    expect(JSON.stringify(tool.preview?.(input))).not.toContain("mine");
    const sent = await call("http_request", input, options());
    expect(authorizations()).toEqual([`Bearer ${VALUE}`]);
    expect(JSON.stringify(sent)).not.toContain("s3cr3t");
  });
});
