/** Secrets with a real process: set by another one while it runs, sent where the operator says, and kept from everybody else. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { packageRoot } from "../../src/package-root.ts";
import { type ClawProcess, Person, QUICK_YAML, removeFolder, startClawProcess } from "../support/claw-process.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type HttpServer, httpServer, json, send } from "../support/http-server.ts";

const VALUE = "s3cr3t-status-token-0815";
let database: TestDatabase;
let site: HttpServer;
let claw: ClawProcess;
let env: Record<string, string>;

beforeEach(async () => {
  [database, site] = await Promise.all([testDatabase(), httpServer()]);
  env = { CLAW_SECRET_KEY: randomBytes(32).toString("base64"), LOG_LEVEL: "debug" };
  const yaml = `${QUICK_YAML}http: { secrets: { "${site.url}": { secret: status_token } } }\n`;
  claw = await startClawProcess({ databaseUrl: database.url, env, yaml });
});
afterEach(async () => {
  await claw.stop();
  await Promise.all([site.close(), database.close(), removeFolder(claw.folder)]);
});

/** Another process, as an operator starts it beside the one that runs. */
function command(
  args: readonly string[],
  stdin: string,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn(process.execPath, [join(packageRoot(), "bin", "claw.js"), ...args], {
    cwd: claw.folder,
    env: { PATH: process.env.PATH ?? "", HOME: claw.folder, DATABASE_URL: database.url, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  child.stdin.end(stdin);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, said })));
}

/** Tables with a row that has these words in it. */
async function tablesWith(words: string): Promise<string[]> {
  const tables = await database.sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`;
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await database.sql`select 1 from ${database.sql(name)} t where t::text like ${`%${words}%`} limit 1`;
    if (row) found.push(name);
  }
  return found;
}

describe("a secret that another process sets", () => {
  test("goes with the next call to its place, and is in no message, row or log, though the place repeats it", async () => {
    site.page("/status", (request, response) => json({ you_sent: request.headers.authorization })(request, response));
    const ada = await Person.at(claw.url ?? "", "ada");
    expect(await command(["secret", "set", "status_token", "--workspace", "console:demo"], `${VALUE}\n`)).toEqual({
      code: 0,
      said: expect.stringContaining("status_token of console:demo is set"),
    });
    const root = await ada.create(`now use http_get url=${site.url}/status`);
    await ada.waitFor(/\[secret\]/, "general", root);
    expect(site.requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${VALUE}`]);
    await ada.say("/claw secrets");
    await ada.waitFor(/status_token/);
    const sam = await Person.at(claw.url ?? "", "sam");
    await sam.say("/claw secrets");
    await sam.waitFor(/Only an admin/);
    expect(await tablesWith("s3cr3t-status")).toEqual([]);
    expect(`${claw.stdout()}${claw.stderr()}`).not.toContain("s3cr3t-status");
  });

  test("is not taken in chat, where what was typed is not kept", async () => {
    const ada = await Person.at(claw.url ?? "", "ada");
    await ada.say(`/claw secret set status_token ${VALUE}`);
    const answer = await ada.waitFor(/A secret is never typed in chat/);
    expect(answer.words).toContain("claw secret set <name> --workspace console:demo");
    expect(await tablesWith("s3cr3t-status")).toEqual([]);
    expect(`${claw.stdout()}${claw.stderr()}`).not.toContain("s3cr3t-status");
    expect(await database.sql`select 1 from secrets`).toHaveLength(0);
  });
});

describe("a page that is read only when it has changed", () => {
  test("answers in a line, and its server sends it no second time", async () => {
    site.page("/news", (request, response) => {
      if (request.headers["if-none-match"] === '"v1"') response.writeHead(304, { etag: '"v1"' }).end();
      else send("Great news", { headers: { etag: '"v1"' } })(request, response);
    });
    const ada = await Person.at(claw.url ?? "", "ada");
    const root = await ada.create(`every day at 9 use http_get url=${site.url}/news changed_only=true`);
    await ada.say("/claw list");
    const [workflow] = await database.sql<{ name: string }[]>`select name from workflows`;
    await ada.say(`/claw run ${workflow?.name}`);
    await ada.waitFor(/Great news/, "general", root);
    await ada.say(`/claw run ${workflow?.name}`);
    await ada.waitFor(/Not modified since/, "general", root);
    expect(site.requests.map(({ headers }) => headers["if-none-match"])).toEqual([undefined, '"v1"']);
  });
});
