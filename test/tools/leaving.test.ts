/** What is asked right before bytes leave: a tool that changes something sends nothing once it may not. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createPoster } from "../../src/orchestrator/delivery/post.ts";
import { systemIds } from "../../src/orchestrator/ids.ts";
import { createPins } from "../../src/orchestrator/mcp/store.ts";
import {
  channelTools,
  fail,
  invokeTool,
  type ListedServer,
  ok,
  openMcp,
  repoTools,
  type ToolContract,
  type ToolResult,
  validateInput,
} from "../../src/tools/index.ts";
import { quietLog, testDatabase } from "../support/database.ts";
import { gitRemote } from "../support/git-remote.ts";
import { callGitHub, REPO, startGitHub } from "../support/github.ts";
import { httpServer, json } from "../support/http-server.ts";
import { call } from "../support/http-tools.ts";
import { freePort } from "../support/ports.ts";
import { toolContext } from "../support/tool-context.ts";

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const HELD_BACK = { ok: false, error: { code: "cancelled", mayHaveHappened: false } };
/** Says no, and how often it was asked. */
function asked(may = false) {
  const times = { asked: 0 };
  return {
    times,
    mayLeave: () => {
      times.asked += 1;
      return may;
    },
  };
}
async function callOf(tools: readonly ToolContract[], name: string, args: object, mayLeave: () => boolean) {
  const tool = tools.find((each) => each.name === name);
  if (!tool) throw new Error(`no ${name}; there are ${tools.map((each) => each.name).join(", ")}`);
  const input = validateInput(tool, JSON.stringify(args));
  const result: ToolResult<unknown> = input.ok
    ? await invokeTool(tool, input.value, toolContext({ now: () => Date.now(), mayLeave }))
    : input;
  return result;
}

test("a request: asked when its connection stands, and not before", async () => {
  const site = await httpServer();
  closing.push(site.close);
  site.page("/x", json({ done: true }));
  const no = asked();
  const args = { method: "POST", url: `${site.url}/x`, body: "hello" };
  expect(await call("http_request", args, { ctx: { mayLeave: no.mayLeave } })).toMatchObject(HELD_BACK);
  expect(site.requests).toEqual([]);
  expect(no.times).toEqual({ asked: 1 });

  const never = asked();
  const nowhere = { method: "POST", url: `http://127.0.0.1:${await freePort()}/x` };
  expect(await call("http_request", nowhere, { ctx: { mayLeave: never.mayLeave } })).toMatchObject({
    error: { code: "service_unavailable", mayHaveHappened: false },
  });
  expect(never.times).toEqual({ asked: 0 });

  const yes = asked(true);
  expect(await call("http_request", args, { ctx: { mayLeave: yes.mayLeave } })).toMatchObject({ ok: true });
  expect(site.requests).toHaveLength(1);
});

test("a comment, and the second write of a call that makes two", async () => {
  const github = await startGitHub();
  closing.push(github.close);
  const { data: issue } = await github.lin.rest.issues.create({ ...REPO, title: "Talk" });
  const no = asked();
  const ctx = { mayLeave: no.mayLeave };
  const at = { repo: "acme/api", number: issue.number };
  expect(await callGitHub("github_comment", { ...at, body: "hello" }, { ...github, ctx })).toMatchObject(HELD_BACK);
  const comments = async () =>
    (await github.lin.rest.issues.listComments({ ...REPO, issue_number: issue.number })).data;
  expect(await comments()).toEqual([]);
  expect(no.times).toEqual({ asked: 1 });

  const once = { asked: 0 };
  const first = { mayLeave: () => ++once.asked === 1 };
  const close = () => callGitHub("github_close_issue", { ...at, comment: "bye" }, { ...github, ctx: first });
  expect(await close()).toMatchObject({ error: { code: "cancelled", mayHaveHappened: true } });
  expect(await comments()).toHaveLength(1);
  expect((await github.lin.rest.issues.get({ ...REPO, issue_number: issue.number })).data.state).toBe("open");
});

test("a push", async () => {
  const remote = gitRemote();
  closing.push(remote.close);
  remote.write("README.md", "# Docs\n");
  remote.push("Write the docs");
  const tools = repoTools({
    repositories: [{ name: "docs", url: remote.url, branch: "main", github: null }],
    folder: remote.folder,
    environment: process.env,
    githubHost: "github.com",
    openPull: async () => ok("no"),
  });
  const change = {
    repo: "docs",
    base: remote.bare("rev-parse", "main"),
    title: "A page",
    body: "",
    changes: [{ path: "a.md", old: null, new: "hello\n" }],
  };
  expect(await callOf(tools, "repo_propose", change, asked().mayLeave)).toMatchObject(HELD_BACK);
  expect(remote.bare("for-each-ref", "--format=%(refname:short)")).toBe("main");
});

test("a post to a channel", async () => {
  const database = await testDatabase();
  closing.push(database.close);
  const alarms = { set: async () => {} };
  const clock = { now: () => Date.now() };
  const poster = createPoster({ db: database.db, alarms, clock, ids: systemIds });
  const no = async () => fail("not_permitted", "no");
  const tools = channelTools({
    post: (call) => poster({ ...call, channelId: `${call.workspaceId}:ops` }),
    read: no,
    pin: no,
    react: no,
  });
  const args = { channel: "#ops", text: "hello" };
  expect(await callOf(tools, "channel_post", args, asked().mayLeave)).toMatchObject(HELD_BACK);
  expect(await database.sql`select 1 from deliveries`).toEqual([]);
});

/** Programs that others wrote take seconds to start on a busy machine. */
const MCP = { version: "1", now: () => Date.now(), patienceMs: 50_000, log: quietLog };

test("a call of an MCP server on this machine", async () => {
  const folder = mkdtempSync(join(tmpdir(), "claw-mcp-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const script = join(folder, "script.json");
  const tool = { name: "add", description: "Adds", inputSchema: { type: "object", properties: {} } };
  writeFileSync(script, JSON.stringify({ tools: [tool], dies: true }));
  const file = new URL("../support/mcp-server.mjs", import.meta.url).pathname;
  const address = {
    kind: "stdio",
    command: process.execPath,
    args: [file, script],
    env: {},
  } as const;
  const tools = await opened({ name: "notes", terms: {}, address });
  // It would die of it.
  expect(await callOf(tools, "notes_add", {}, asked().mayLeave)).toMatchObject(HELD_BACK);
  expect(await callOf(tools, "notes_add", {}, () => true)).toMatchObject({ error: { code: "connection_lost" } });
});

test("a call of an MCP server elsewhere: asked again when the connection stands", async () => {
  const resolve = createRequire(import.meta.url).resolve;
  const everything = join(resolve("@modelcontextprotocol/server-everything/package.json"), "..", "dist", "index.js");
  const port = await freePort();
  const env = { PATH: process.env.PATH, PORT: `${port}` };
  const child = spawn(process.execPath, [everything, "streamableHttp"], { env, stdio: "ignore" });
  closing.push(() => void child.kill());
  const url = `http://127.0.0.1:${port}/mcp`;
  const up = () =>
    fetch(url)
      .then(() => true)
      .catch(() => false);
  await expect.poll(up).toBe(true);
  const tools = await opened({ name: "everything", terms: {}, address: { kind: "http", url, headers: {} } });
  const times = { asked: 0 };
  const notTheSecondTime = () => ++times.asked !== 2;
  const sum = { a: 2, b: 3 };
  expect(await callOf(tools, "everything_get_sum", sum, notTheSecondTime)).toMatchObject(HELD_BACK);
  expect(times.asked).toBe(2);
  expect(await callOf(tools, "everything_get_sum", sum, () => true)).toMatchObject({ ok: true });
});

async function opened(server: ListedServer): Promise<readonly ToolContract[]> {
  const database = await testDatabase();
  closing.push(database.close);
  const pins = createPins({ db: database.db, clock: { now: () => Date.now() } });
  const { tools, close } = await openMcp({ ...MCP, servers: [server], taken: [], pins });
  closing.push(close);
  return tools();
}
