/** A worker that is frozen between its last look at its lease and the first byte of a call: what it sends when it wakes up. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ClawProcess, Person, QUICK_YAML, removeFolder, startClawProcess } from "../support/claw-process.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type GitHub, REPO, startGitHub } from "../support/github.ts";
import { type HttpServer, httpServer, json } from "../support/http-server.ts";
import { press, say } from "../support/insist.ts";

const FREEZE = new URL("../support/freeze-here.mjs", import.meta.url).href;
const PATIENCE = { timeout: 60_000, interval: 100 };

let database: TestDatabase;
let site: HttpServer;
let github: GitHub;
let bot: ClawProcess;
const started: ClawProcess[] = [];

async function start(roles: string, env: Record<string, string> = {}): Promise<ClawProcess> {
  const more = { CLAW_ROLES: roles, GITHUB_API_URL: github.apiUrl, GITHUB_TOKEN: github.token, ...env };
  const claw = await startClawProcess({ databaseUrl: database.url, yaml: QUICK_YAML, env: more });
  started.push(claw);
  return claw;
}

beforeEach(async () => {
  [database, site, github] = await Promise.all([testDatabase(), httpServer(), startGitHub()]);
  bot = await start("bot,console");
});

afterEach(async () => {
  for (const claw of started) await claw.kill();
  await Promise.all([site.close(), github.close()]);
  await database.close();
  for (const claw of started.splice(0)) await removeFolder(claw.folder);
});

/** A worker that freezes there, and the file that tells it to. */
async function freezing(point: "made" | "connected", url: string) {
  const file = join(bot.folder, `freeze-${point}`);
  const worker = await start("worker", { NODE_OPTIONS: `--import ${FREEZE}`, FREEZE_FILE: file });
  writeFileSync(file, JSON.stringify({ point, port: Number(new URL(url).port) }));
  return { worker, frozen: () => existsSync(`${file}.frozen`) };
}

async function approved(line: string): Promise<{ lin: Person; root: string }> {
  const sam = await Person.at(bot.url ?? "", "sam");
  const lin = await Person.at(bot.url ?? "", "lin");
  const root = await sam.create(line);
  await lin.waitFor(/May I/, "general", root);
  await say(lin, "/claw approve 1");
  return { lin, root };
}

const runs = async () => (await database.sql`select status::text from runs`).map(({ status }) => status);

/** It knows that its run is another's, so the call that it was about to make is behind it. */
const gaveUp = (worker: ClawProcess) =>
  expect.poll(worker.stderr, PATIENCE).toMatch(/held by another worker|left to the next claim|run interrupted/);

test("frozen when its connection stands, and tried again by a person meanwhile: it is sent once", {
  timeout: 180_000,
}, async () => {
  site.page("/tickets", json({ done: true }));
  const { worker, frozen } = await freezing("connected", site.url);
  const { lin, root } = await approved(`now use http_request method=POST url=${site.url}/tickets body=hello`);
  await expect.poll(frozen, PATIENCE).toBe(true);
  await start("worker");
  const asked = async () => (await lin.see("general", root)).find(({ words }) => /don't know whether/.test(words));
  const again = async () => (await asked())?.buttons.some(({ label }) => label === "Try again") ?? false;
  await expect.poll(again, PATIENCE).toBe(true);
  const question = await asked();
  if (question) await press(lin, question, "Try again");
  await expect.poll(runs, PATIENCE).toEqual(["succeeded"]);

  worker.child.kill("SIGCONT");
  await gaveUp(worker);
  expect(site.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /tickets"]);
});

test("and a call that another worker repeats with the same key is there once", { timeout: 180_000 }, async () => {
  const { data: issue } = await github.lin.rest.issues.create({ ...REPO, title: "Talk" });
  const { worker, frozen } = await freezing("made", github.apiUrl);
  await approved(`now use github_comment repo=acme/api number=${issue.number} body=hello`);
  await expect.poll(frozen, PATIENCE).toBe(true);
  await start("worker");
  await expect.poll(runs, PATIENCE).toEqual(["succeeded"]);

  worker.child.kill("SIGCONT");
  await gaveUp(worker);
  const { data } = await github.lin.rest.issues.listComments({ ...REPO, issue_number: issue.number });
  expect(data).toHaveLength(1);
});

test("a freeze in which nobody took the run over costs nothing", { timeout: 180_000 }, async () => {
  site.page("/tickets", json({ done: true }));
  const { worker, frozen } = await freezing("connected", site.url);
  await approved(`now use http_request method=POST url=${site.url}/tickets body=hello`);
  await expect.poll(frozen, PATIENCE).toBe(true);
  const over = async () => (await database.sql`select 1 from runs where lease_until < now() - interval '1 s'`).length;
  await expect.poll(over, PATIENCE).toBe(1);

  worker.child.kill("SIGCONT");
  await expect.poll(runs, PATIENCE).toEqual(["succeeded"]);
  expect(site.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /tickets"]);
  expect(worker.stderr()).toContain("held back");
});
