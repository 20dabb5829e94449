import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { callGitHub } from "../../support/github.ts";
import { type HttpServer, httpServer, json, redirectTo, resetBeforeAnswer, send } from "../../support/http-server.ts";

let server: HttpServer;
let elsewhere: HttpServer;
beforeEach(async () => {
  server = await httpServer();
  elsewhere = await httpServer();
});
afterEach(() => Promise.all([server.close(), elsewhere.close()]));

const PULLS = "/repos/acme/api/pulls";
const COMMENTS = "/repos/acme/api/issues/1/comments";
const NOW = Date.parse("2026-11-23T09:00:00Z");
const ctx = { now: () => NOW };
const list = (token: string | null = "ghp_x") =>
  callGitHub("github_list_pulls", { repo: "acme/api" }, { apiUrl: server.url, token, ctx });
const comment = () =>
  callGitHub("github_comment", { repo: "acme/api", number: 1, body: "x" }, { apiUrl: server.url, token: "ghp_x", ctx });

/** The reads before a comment find nothing; the comment itself gets this answer. */
function commentsAnswer(reply: Parameters<HttpServer["page"]>[1]) {
  server.page(COMMENTS, (request, response) => {
    const answer = request.method === "GET" || typeof reply === "string" ? json([]) : reply;
    answer(request, response);
  });
}

describe("what GitHub's answers mean", () => {
  test.each([
    ["the limit is used up", 403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": `${NOW / 1_000 + 90}` }, 90_000],
    ["too many at once", 403, { "retry-after": "7" }, 7_000],
    ["too many requests", 429, { "retry-after": "3" }, 3_000],
  ])("%s: wait as long as it asks", async (_name, status, headers, retryAfterMs) => {
    server.page(PULLS, send('{"message":"slow down"}', { status, type: "application/json", headers }));
    expect(await list()).toMatchObject({ ok: false, error: { code: "rate_limited", retryAfterMs } });
    expect(server.requests).toHaveLength(1);
  });

  test("a secondary limit without a time: a minute", async () => {
    server.page(PULLS, json({ message: "You have exceeded a secondary rate limit." }, 403));
    expect(await list()).toMatchObject({ error: { code: "rate_limited", retryAfterMs: 60_000 } });
  });

  test.each([
    [401, "bad_credentials", /token must be changed/],
    [403, "not_permitted", /Resource not accessible/],
    [422, "invalid_input", /422/],
    [503, "service_unavailable", /answers 503/],
  ])("%i is %s", async (status, code, message) => {
    server.page(PULLS, json({ message: "Resource not accessible" }, status));
    expect(await list()).toMatchObject({ error: { code, message: expect.stringMatching(message) } });
  });

  test("a private repository without a token says what is missing", async () => {
    server.page(PULLS, json({ message: "Not Found" }, 404));
    expect(await list(null)).toMatchObject({ error: { message: expect.stringContaining("GITHUB_TOKEN") } });
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  test("a write that was cut off may have happened; one that was refused or never sent did not", async () => {
    commentsAnswer(resetBeforeAnswer);
    expect(await comment()).toMatchObject({ error: { code: "connection_lost", mayHaveHappened: true } });
    commentsAnswer(json({ message: "oops" }, 502));
    expect(await comment()).toMatchObject({ error: { code: "service_unavailable", mayHaveHappened: true } });
    commentsAnswer(json({ message: "Validation Failed" }, 422));
    expect(await comment()).toMatchObject({ error: { code: "invalid_input", mayHaveHappened: false } });
    const { url } = server;
    await server.close();
    const gone = await callGitHub("github_comment", { repo: "acme/api", number: 1, body: "x" }, { apiUrl: url, ctx });
    expect(gone).toMatchObject({
      error: {
        code: expect.stringMatching(/^(service_unavailable|connection_lost)$/),
        mayHaveHappened: false,
      },
    });
  });
});

describe("the token goes to GitHub and nowhere else", () => {
  test("a renamed repository is followed on the same server", async () => {
    server.page(PULLS, redirectTo("/repositories/1/pulls", 301));
    server.page("/repositories/1/pulls", json([]));
    expect(await list()).toMatchObject({ ok: true, value: { pulls: [] } });
  });

  test("a redirect to another server is not followed", async () => {
    server.page(PULLS, redirectTo(`${elsewhere.url}/steal`, 302));
    expect(await list()).toMatchObject({
      error: { code: "not_found", message: expect.stringContaining("redirects to another server") },
    });
    expect(elsewhere.requests).toEqual([]);
  });

  test("the workspace's secret goes along, and never into a message", async () => {
    server.page(PULLS, json({ message: "who is ghp_own?" }, 403));
    const own = await callGitHub(
      "github_list_pulls",
      { repo: "acme/api" },
      { apiUrl: server.url, token: "ghp_own", ctx },
    );
    expect(server.requests[0]?.headers.authorization).toBe("token ghp_own");
    expect(JSON.stringify(own)).not.toContain("ghp_own");
  });
});
