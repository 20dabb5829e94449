import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { v7 } from "uuid";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Finding } from "../../src/cli/checks/check.ts";
import { checkSkew, checkVersion } from "../../src/cli/checks/database.ts";
import { SLACK_SCOPES } from "../../src/cli/checks/services.ts";
import { runDoctor } from "../../src/cli/doctor.ts";
import { secretKey } from "../../src/orchestrator/secrets/secrets.ts";
import { testDatabase } from "../support/database.ts";
import { freePort } from "../support/ports.ts";
import { type SampleIo, sampleIo } from "./sample-io.ts";

interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
}

/** A service elsewhere: answers by path, and keeps what it was asked. */
async function service(replies: Record<string, Reply>) {
  const asked: { path: string; method: string | undefined; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    const at = request.url ?? "";
    asked.push({ path: at, method: request.method, headers: request.headers });
    const reply = replies[at] ?? { status: 404, body: {} };
    response.writeHead(reply.status ?? 200, { "content-type": "application/json", ...reply.headers });
    response.end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** A database for one test; the server behind it is the test run's. */
async function databaseUrl(options: { empty?: boolean } = {}): Promise<string> {
  const database = await testDatabase(options);
  onTestFinished(database.close);
  return database.url;
}

const base = async (env: Record<string, string> = {}): Promise<SampleIo> =>
  sampleIo({ DATABASE_URL: await databaseUrl(), CLAW_CONSOLE_PORT: "0", ...env });

async function examine(io: SampleIo): Promise<{ exitCode: number; finding: (what: string) => Finding }> {
  const exitCode = await runDoctor({ json: true }, io);
  const { ok, checks } = JSON.parse(io.out()) as { ok: boolean; checks: Finding[] };
  expect(ok).toBe(exitCode === 0);
  return {
    exitCode,
    finding: (what) => {
      const found = checks.find((check) => check.what === what);
      if (found === undefined) throw new Error(`nothing about ${what} in ${io.out()}`);
      return found;
    },
  };
}

describe("on a machine where all is well", () => {
  test("each thing has one line: ok or off, what, and what to do", async () => {
    const io = await base({ CLAW_TIMEZONE: "Asia/Tokyo" });
    expect(await runDoctor({ json: false }, io)).toBe(0);
    const lines = io.out().trimEnd().split("\n");
    for (const line of lines) expect(line).toMatch(/^(ok {4}|off {3}) {2}\S.* {2}· \S/);
    const text = lines.join("\n");
    expect(text).toMatch(/ok +database +· PostgreSQL \d+/);
    expect(text).toMatch(/ok +migrations +· \d+ applied, none pending/);
    expect(text).toMatch(/ok +clock +· /);
    expect(text).toMatch(/ok +zone +· Asia\/Tokyo/);
    expect(text).toMatch(/ok +model +· rules/);
    expect(text).toMatch(/off +slack +· set SLACK_BOT_TOKEN/);
    expect(text).toMatch(/off +discord +· set DISCORD_BOT_TOKEN/);
    expect(text).toMatch(/ok +console port +· /);
    expect(text).toContain(path.join(io.cwd, ".claw"));
  });
});

describe("configuration", () => {
  test("bad keys are broken, each by name", async () => {
    const { exitCode, finding } = await examine(sampleIo({ CLAW_CONSOLE_PORT: "x", LOG_LEVEL: "x" }));
    expect(exitCode).toBe(1);
    expect(finding("CLAW_CONSOLE_PORT").state).toBe("broken");
    expect(finding("LOG_LEVEL").state).toBe("broken");
  });
});

describe("database", () => {
  test("one that is down is broken, and nothing shows its password", async () => {
    const port = await freePort();
    const io = sampleIo({
      DATABASE_URL: `postgres://claw:hunter2-hunter2@127.0.0.1:${port}/claw`,
      CLAW_CONSOLE_PORT: "0",
    });
    const { exitCode, finding } = await examine(io);
    expect(exitCode).toBe(1);
    expect(finding("database")).toMatchObject({ state: "broken", advice: expect.stringContaining("DATABASE_URL") });
    expect(io.out()).not.toContain("hunter2");
  });

  test("one that has no tables yet says what makes them", async () => {
    const { exitCode, finding } = await examine(await base({ DATABASE_URL: await databaseUrl({ empty: true }) }));
    expect(exitCode).toBe(0);
    expect(finding("migrations").advice).toMatch(/0 applied, [1-9]\d* pending.*claw migrate/);
  });

  test("one that a newer Claw has migrated is broken", async () => {
    const database = await testDatabase();
    onTestFinished(database.close);
    await database.sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', 9999999999999)`;
    const { finding } = await examine(await base({ DATABASE_URL: database.url }));
    expect(finding("migrations")).toMatchObject({ state: "broken", advice: expect.stringContaining("newer Claw") });
  });

  test("a server older than 14 is broken", () => {
    expect(checkVersion("13.22", 130_022, false)).toMatchObject({
      state: "broken",
      advice: expect.stringContaining("14"),
    });
    expect(checkVersion("14.0", 140_000, false).state).toBe("ok");
  });

  test("a clock that differs by more than 2 s is broken, either way", () => {
    expect(checkSkew(-1_900).state).toBe("ok");
    expect(checkSkew(2_100)).toMatchObject({ state: "broken", advice: expect.stringMatching(/2\.1 s ahead.*NTP/) });
    expect(checkSkew(-3_000)).toMatchObject({ state: "broken", advice: expect.stringContaining("behind") });
  });
});

describe("tools", () => {
  const withFile = async (yaml: string, env: Record<string, string> = {}) => {
    const io = await base(env);
    writeFileSync(path.join(io.cwd, "claw.config.yaml"), yaml);
    return io;
  };

  test("a rule or a limit for one that there is not is broken, as starting refuses it", async () => {
    const rule = "permissions: { rules: [{ deny: htp_get }, { ask: http_get }] }\n";
    const { exitCode, finding } = await examine(await withFile(rule));
    expect(exitCode).toBe(1);
    expect(finding("permissions.rules[0].deny")).toMatchObject({
      state: "broken",
      advice: expect.stringMatching(/htp_get names no tool, .*http_get/),
    });
    expect((await examine(await withFile("permissions: { rules: [{ deny: http_* }] }\n"))).exitCode).toBe(0);
  });

  test("an MCP server whose program is not there is broken; one that is there is not started for it", async () => {
    const io = await withFile("mcp:\n  files: { command: no-such-program }\n  own: { command: ./own.sh }\n", {
      PATH: process.env.PATH ?? "",
    });
    writeFileSync(path.join(io.cwd, "own.sh"), "#!/bin/sh\ntouch started\n");
    chmodSync(path.join(io.cwd, "own.sh"), 0o755);
    const { exitCode, finding } = await examine(io);
    expect(exitCode).toBe(1);
    expect(finding("mcp files")).toMatchObject({
      state: "broken",
      advice: expect.stringMatching(/no program no-such-program.*mcp\.files\.command/),
    });
    expect(finding("mcp own").state).toBe("ok");
    expect(existsSync(path.join(io.cwd, "started"))).toBe(false);
  });

  test("an MCP server elsewhere is asked whether it is there", async () => {
    const { url } = await service({ "/mcp": { status: 400, body: {} }, "/shut": { status: 401, body: {} } });
    const port = await freePort();
    const yaml = `mcp:
  there: { url: "${url}/mcp" }
  shut: { url: "${url}/shut" }
  gone: { url: "${url}/nothing" }
  down: { url: "http://127.0.0.1:${port}/mcp" }
`;
    const { finding } = await examine(await withFile(yaml));
    expect(finding("mcp there").state).toBe("ok");
    for (const [name, why] of [
      ["shut", /HTTP 401.*mcp\.shut\.headers/],
      ["gone", /HTTP 404.*mcp\.gone\.url/],
      ["down", /connection was refused/],
    ] as const) {
      expect(finding(`mcp ${name}`)).toMatchObject({ state: "broken", advice: expect.stringMatching(why) });
    }
  });
});

describe("stored secrets", () => {
  const key = () => randomBytes(32).toString("base64");

  test("that the key does not open are broken, with what to type for each", async () => {
    const database = await testDatabase();
    onTestFinished(database.close);
    const [mine, other] = [key(), key()];
    const { id } = secretKey(mine);
    const { sql } = database;
    await sql`insert into workspaces (id, platform, team, name, timezone, created_at)
      values ('console:demo', 'console', 'demo', 'demo', 'UTC', now())`;
    await sql`insert into members (workspace_id, id, name, role, created_at)
      values ('console:demo', 'console:ann', 'Ann', 'admin', now())`;
    const workflowId = v7();
    await sql`insert into workflows
        (id, workspace_id, name, owner_id, status, revision, channel_id, created_from, created_at, updated_at)
      values (${workflowId}, 'console:demo', 'deploys', 'console:ann', 'active', 1, 'c', 'k', now(), now())`;
    await sql`insert into webhooks (workspace_id, workflow_id, endpoint, sealed, key_id, created_at)
      values ('console:demo', ${workflowId}, 'e', 'x', ${id}, now())`;
    await sql`insert into secrets (workspace_id, name, sealed, key_id, created_by, created_at)
      values ('console:demo', 'shop_token', 'x', ${id}, 'operator', now())`;
    const at = (env: Record<string, string>) => base({ DATABASE_URL: database.url, ...env }).then(examine);
    for (const env of [{ CLAW_SECRET_KEY: mine }, { CLAW_SECRET_KEY: other, CLAW_SECRET_KEY_OLD: mine }]) {
      expect((await at(env)).finding("stored secrets")).toMatchObject({ state: "ok" });
    }
    for (const [env, why] of [
      [{ CLAW_SECRET_KEY: other }, /another one than/],
      [{}, /CLAW_SECRET_KEY is not set/],
    ] as const) {
      const { exitCode, finding } = await at(env);
      expect(exitCode).toBe(1);
      expect(finding("stored secrets")).toMatchObject({ state: "broken", advice: expect.stringMatching(why) });
      expect(finding("stored secrets").advice).toMatch(/2 of 2 .*claw secret set shop_token, \/claw rotate deploys/);
    }
  });
});

describe("model endpoint", () => {
  const models = { "/v1/models": { body: { data: [{ id: "gpt-5-mini" }, { id: "other" }] } } };
  const env = (url: string) => ({
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_KEY: "sk-test-key",
    CLAW_MODEL: "gpt-5-mini",
  });

  test("one that lists the model for the key is ok", async () => {
    const { url, asked } = await service(models);
    const { finding } = await examine(await base(env(url)));
    expect(finding("model")).toMatchObject({ state: "ok", advice: expect.stringContaining("gpt-5-mini") });
    expect(asked[0]?.headers.authorization).toBe("Bearer sk-test-key");
  });

  test.each<[string, Record<string, Reply>, RegExp]>([
    [
      "a key that it refuses",
      { "/v1/models": { status: 401, body: { error: { message: "bad" } } } },
      /Check OPENAI_API_KEY/,
    ],
    ["a model that it does not list", { "/v1/models": { body: { data: [{ id: "other" }] } } }, /CLAW_MODEL.*other/],
    ["an error of its own", { "/v1/models": { status: 503, body: "busy" } }, /not able to answer now \(HTTP 503\)/],
    ["one without credit", { "/v1/models": { status: 429, body: {} } }, /no credit left \(HTTP 429\)/],
    ["a page for people", { "/v1/models": { body: "<html>Sign in</html>" } }, /does not speak.*OPENAI_BASE_URL/],
    ["an address without the part behind the host", { "/models": { body: { data: [] } } }, /often ends in \/v1/],
  ])("%s is broken", async (_what, replies, expected) => {
    const { url } = await service(replies);
    const { exitCode, finding } = await examine(await base(env(url)));
    expect(exitCode).toBe(1);
    expect(finding("model")).toMatchObject({ state: "broken", advice: expect.stringMatching(expected) });
  });

  test("one that is not there is broken", async () => {
    const { finding } = await examine(await base(env(`http://127.0.0.1:${await freePort()}`)));
    expect(finding("model")).toMatchObject({ state: "broken", advice: expect.stringContaining("refused") });
  });

  test("one that lists no models is there all the same", async () => {
    const { url } = await service({
      "/v1/chat/completions": { status: 400, body: { error: { message: "no model" } } },
    });
    expect((await examine(await base(env(url)))).finding("model").state).toBe("ok");
  });

  test("what an endpoint says cannot move the cursor", async () => {
    const { url } = await service({ "/v1/models": { body: { data: [{ id: "\u001b[2Jevil\nok  fake" }] } } });
    const io = await base(env(url));
    await runDoctor({ json: false }, io);
    expect(io.out()).not.toContain("\u001b");
    expect(io.out()).not.toMatch(/^ok {2}fake/m);
  });
});

describe("Slack", () => {
  const tokens = { SLACK_BOT_TOKEN: "xoxb-test-bot", SLACK_APP_TOKEN: "xapp-test-app" };
  const scopes = (list: readonly string[]): Reply => ({
    headers: { "x-oauth-scopes": list.join(",") },
    body: { ok: true, team: "Acme" },
  });
  const open: Reply = { body: { ok: true, url: "wss://example.invalid" } };

  test("good tokens with all scopes are ok", async () => {
    const { url, asked } = await service({
      "/api/auth.test": scopes(SLACK_SCOPES),
      "/api/apps.connections.open": open,
    });
    const { finding } = await examine(await base({ ...tokens, SLACK_API_URL: `${url}/api/` }));
    expect(finding("slack bot")).toMatchObject({ state: "ok", advice: expect.stringContaining("Acme") });
    expect(finding("slack socket").state).toBe("ok");
    const authorization = Object.fromEntries(asked.map((request) => [request.path, request.headers.authorization]));
    expect(authorization).toEqual({
      "/api/auth.test": "Bearer xoxb-test-bot",
      "/api/apps.connections.open": "Bearer xapp-test-app",
    });
  });

  test("a scope that is missing is named", async () => {
    const some = SLACK_SCOPES.filter((scope) => scope !== "chat:write");
    const { url } = await service({ "/auth.test": scopes(some), "/apps.connections.open": open });
    const { exitCode, finding } = await examine(await base({ ...tokens, SLACK_API_URL: url }));
    expect(exitCode).toBe(1);
    expect(finding("slack bot")).toMatchObject({
      state: "broken",
      advice: expect.stringMatching(/lacks chat:write\./),
    });
  });

  test("tokens that Slack refuses are broken, each by its variable", async () => {
    const no = (error: string): Reply => ({ body: { ok: false, error } });
    const { url } = await service({ "/auth.test": no("token_revoked"), "/apps.connections.open": no("missing_scope") });
    const { finding } = await examine(await base({ ...tokens, SLACK_API_URL: url }));
    expect(finding("slack bot").advice).toMatch(/revoked.*SLACK_BOT_TOKEN/);
    expect(finding("slack socket").advice).toMatch(/connections:write.*SLACK_APP_TOKEN/);
  });

  test("without an app token requests come over HTTP", async () => {
    const { url } = await service({ "/auth.test": scopes(SLACK_SCOPES) });
    const env = { SLACK_BOT_TOKEN: "xoxb-test-bot", SLACK_SIGNING_SECRET: "0123456789", SLACK_API_URL: url };
    const { exitCode, finding } = await examine(await base(env));
    expect(exitCode).toBe(0);
    expect(finding("slack requests").state).toBe("ok");
  });
});

describe("Discord", () => {
  const me: Reply = { body: { id: "1", username: "claw" } };
  const application = (flags: number): Reply => ({ body: { id: "4711", flags } });

  test.each([1 << 18, 1 << 19])("a good token of a bot that may read messages (flags %i) is ok", async (flags) => {
    const { url, asked } = await service({
      "/api/v10/users/@me": me,
      "/api/v10/applications/@me": application(flags),
    });
    const { finding } = await examine(await base({ DISCORD_BOT_TOKEN: "abc.def", DISCORD_API_URL: `${url}/api` }));
    expect(finding("discord")).toMatchObject({ state: "ok", advice: expect.stringMatching(/claw.*4711/) });
    expect(finding("discord").advice).toMatch(
      /Server Members Intent.*https:\/\/discord\.com\/oauth2\/authorize\?client_id=4711&scope=bot\+applications\.commands&permissions=\d+/,
    );
    expect(asked[0]?.headers.authorization).toBe("Bot abc.def");
  });

  test.each<[string, Record<string, Reply>, RegExp]>([
    ["a bad token", { "/v10/users/@me": { status: 401, body: {} } }, /DISCORD_BOT_TOKEN/],
    [
      "a bot that may not read messages",
      { "/v10/users/@me": me, "/v10/applications/@me": application(0) },
      /Message Content Intent.*4711/,
    ],
    ["an answer that is not Discord's", { "/v10/users/@me": { body: "<html>" } }, /application/],
  ])("%s is broken", async (_what, replies, expected) => {
    const { url } = await service(replies);
    const { exitCode, finding } = await examine(await base({ DISCORD_BOT_TOKEN: "abc.def", DISCORD_API_URL: url }));
    expect(exitCode).toBe(1);
    expect(finding("discord")).toMatchObject({ state: "broken", advice: expect.stringMatching(expected) });
  });
});

describe("this machine", () => {
  test("a data directory that is a file is broken and left alone", async () => {
    const io = await base({ CLAW_DATA_DIR: "taken" });
    writeFileSync(path.join(io.cwd, "taken"), "mine");
    const { finding } = await examine(io);
    expect(finding("data directory")).toMatchObject({
      state: "broken",
      advice: expect.stringContaining("CLAW_DATA_DIR"),
    });
  });

  test("a data directory that others can write is said to be so", async () => {
    const io = await base();
    chmodSync(io.cwd, 0o777);
    const { finding } = await examine({ ...io, env: { ...io.env, CLAW_DATA_DIR: "." } });
    expect(finding("data directory").advice).toContain("chmod 700");
  });

  test("a port in use is broken", async () => {
    const { url } = await service({});
    const { exitCode, finding } = await examine(await base({ CLAW_CONSOLE_PORT: new URL(url).port }));
    expect(exitCode).toBe(1);
    expect(finding("console port").advice).toMatch(/in use.*CLAW_CONSOLE_PORT/);
  });

  test("a port that a Claw serves is what it is there for", async () => {
    const { url } = await service({ "/login": { body: "<html><title>Sign in · Claw</title>" } });
    const { exitCode, finding } = await examine(await base({ CLAW_CONSOLE_PORT: new URL(url).port }));
    expect(exitCode).toBe(0);
    expect(finding("console port").advice).toContain("a Claw that runs");
  });

  test("a process without the console needs no port", async () => {
    const io = await base({ CLAW_ROLES: "worker" });
    await runDoctor({ json: false }, io);
    expect(io.out()).not.toContain("console port");
  });

  test("nothing is left behind in the data directory", async () => {
    const io = await base();
    await runDoctor({ json: false }, io);
    expect(existsSync(path.join(io.cwd, ".claw"))).toBe(true);
    expect(existsSync(path.join(io.cwd, ".claw", "postgres"))).toBe(false);
  });
});
