/** The way in for secrets: never an argument, never shown, one workspace's own. */
import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCli } from "../../src/cli/index.ts";
import type { CliIo } from "../../src/cli/io.ts";
import { secretKey } from "../../src/orchestrator/secrets/secrets.ts";
import { createSecretStore } from "../../src/orchestrator/secrets/store.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { sampleIo } from "./sample-io.ts";

const KEY = randomBytes(32).toString("base64");
let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
  await database.sql`insert into workspaces (id, platform, team, name, timezone, created_at)
    values ('slack:TA', 'slack', 'TA', 'A', 'UTC', now())`;
});
afterEach(() => database.close());

/** What is piped in, or typed at a terminal, a chunk each. */
function stdin(chunks: readonly string[], terminal = false) {
  const emitter = new EventEmitter();
  const raw: boolean[] = [];
  const setRawMode = (on: boolean) => void raw.push(on);
  const input = Object.assign(emitter, { isTTY: terminal, ...(terminal ? { setRawMode } : {}) });
  emitter.on("newListener", (event) => {
    if (event !== "error") return;
    setImmediate(() => {
      for (const chunk of chunks) emitter.emit("data", Buffer.from(chunk));
      if (!terminal) emitter.emit("end");
    });
  });
  return { input, raw };
}

async function claw(args: readonly string[], more: Partial<CliIo> = {}, env: Record<string, string> = {}) {
  const sample = sampleIo({ DATABASE_URL: database.url, CLAW_SECRET_KEY: KEY, ...env });
  const exitCode = await runCli(["secret", ...args], { ...sample, ...more });
  return { exitCode, out: sample.out(), err: sample.err() };
}
const store = (key = secretKey(KEY)) =>
  createSecretStore({ db: database.db, clock: { now: () => Date.parse("2026-11-23T09:00:00Z") }, key });
const kept = (name = "github_token", workspace = "slack:TA") => store().get(workspace, name);

describe("claw secret set", () => {
  test("takes what is piped in, without the line's end, and shows it nowhere", async () => {
    const { input } = stdin(["ghp_very", "-secret\n"]);
    const said = await claw(["set", "github_token"], { stdin: input });
    expect(said).toMatchObject({ exitCode: 0, err: "" });
    expect(said.out).toContain("github_token of slack:TA is set");
    expect(said.out).not.toContain("ghp_very");
    expect(await kept()).toBe("ghp_very-secret");
    const [event] = await database.sql`select actor, action, detail from audit_events`;
    expect(event).toMatchObject({ actor: "operator", action: "secret.set", detail: { name: "github_token" } });
  });

  test("asks at a terminal and does not show what is typed", async () => {
    const { input, raw } = stdin(["ghp_veryx", "\u007f-secret", "\r"], true);
    const said = await claw(["set", "github_token"], { stdin: input });
    expect(said.err).toContain("Value of github_token (it is not shown");
    expect(`${said.out}${said.err}`).not.toContain("ghp_very");
    expect(raw).toEqual([true, false]);
    expect(await kept()).toBe("ghp_very-secret");
  });

  test("sets nothing at Ctrl-C", async () => {
    const { input, raw } = stdin(["ghp_very-sec\u0003"], true);
    expect(await claw(["set", "github_token"], { stdin: input })).toMatchObject({
      exitCode: 1,
      out: "Nothing was set.\n",
    });
    expect(raw).toEqual([true, false]);
    expect(await kept()).toBeNull();
  });

  test.each([
    [["set", "github_token", "ghp_in-the-line"], {}, /never stands in the command line/],
    [["set", "no name"], {}, /A secret's name is a letter/],
    [["set", "github_token"], { CLAW_SECRET_KEY: "" }, /openssl rand -base64 32/],
    [["set", "github_token", "--workspace", "slack:TX"], {}, /no workspace slack:TX. There are: slack:TA/],
    [["set", "github_token"], {}, /standard input/],
    [["rotate"], {}, /CLAW_SECRET_KEY_OLD/],
  ])("%j with %j says what to do", async (args, env, why) => {
    const said = await claw(args, {}, env);
    expect(said.exitCode).toBe(2);
    expect(said.err).toMatch(why);
    expect(said.err).not.toContain("ghp_in-the-line");
    expect(await kept()).toBeNull();
  });

  test.each(["short", "", "with a \u0000 in it"])("refuses %j without repeating it", async (value) => {
    const said = await claw(["set", "github_token"], { stdin: stdin([value]).input });
    expect(said.exitCode).toBe(2);
    expect(said.err).toMatch(/^A secret /);
    expect(await kept()).toBeNull();
  });

  test("asks whose it is where there are several workspaces, and touches no other", async () => {
    await database.sql`insert into workspaces (id, platform, team, name, timezone, created_at)
      values ('slack:TB', 'slack', 'TB', 'B', 'UTC', now())`;
    expect(await claw(["set", "github_token"], { stdin: stdin(["ghp_of-b-alone"]).input })).toMatchObject({
      exitCode: 2,
      err: "Whose secret? Name one with --workspace: slack:TA, slack:TB.\n",
    });
    await claw(["set", "github_token", "--workspace", "slack:TB"], { stdin: stdin(["ghp_of-b-alone"]).input });
    expect([await kept(), await kept("github_token", "slack:TB")]).toEqual([null, "ghp_of-b-alone"]);
  });
});

describe("claw secret", () => {
  test("lists names, what is missing, and no values; deletes once", async () => {
    await store().set({ workspaceId: "slack:TA", name: "feed", value: "ghp_very-secret", by: "slack:TA:U1" });
    const { out } = await claw(["list"]);
    expect(out).toBe("slack:TA:\n  feed  set by slack:TA:U1, 2026-11-23T09:00:00.000Z\n");
    expect(await claw(["delete", "feed"])).toMatchObject({ exitCode: 0, out: "feed of slack:TA is deleted.\n" });
    expect(await claw(["delete", "feed"])).toMatchObject({ exitCode: 1, out: "slack:TA has no secret feed.\n" });
    expect((await claw(["list"])).out).toBe("slack:TA: no secrets\n");
  });

  test("is sealed anew with a new key", async () => {
    await store().set({ workspaceId: "slack:TA", name: "feed", value: "ghp_very-secret", by: "slack:TA:U1" });
    const present = randomBytes(32).toString("base64");
    const said = await claw(["rotate"], {}, { CLAW_SECRET_KEY: present, CLAW_SECRET_KEY_OLD: KEY });
    expect(said).toMatchObject({ exitCode: 0, out: "Sealed anew: 1. CLAW_SECRET_KEY_OLD is no longer needed.\n" });
    expect(await store(secretKey(present)).get("slack:TA", "feed")).toBe("ghp_very-secret");
  });
});
