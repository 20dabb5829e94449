/** The main job, end to end, by the rules model: a page is watched, a write asks, reports land, restarts lose nothing. */

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ClawProcess, Person, removeFolder, startClawProcess } from "../support/claw-process.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type HttpServer, html, httpServer, json } from "../support/http-server.ts";
import { until } from "../support/patience.ts";

let database: TestDatabase;
let site: HttpServer;
let claw: ClawProcess;

beforeEach(async () => {
  database = await testDatabase();
  site = await httpServer();
  claw = await startClawProcess({ databaseUrl: database.url });
});

afterEach(async () => {
  await claw.kill();
  await site.close();
  await database.close();
  await removeFolder(claw.folder);
});

const at = (name: string): Promise<Person> => Person.at(claw.url ?? "", name);

describe("the main job", () => {
  it("previews a watch, creates it, reports the first look, is quiet while nothing changes, and reports the change", async () => {
    // A slot of its own among the runs that are asked for would be right, and would be counted here.
    const untilNextMinute = 60_000 - (Date.now() % 60_000);
    if (untilNextMinute < 15_000) await sleep(untilNextMinute + 500);
    site.page("/status", html("<title>Status</title><p>All systems go</p>"));
    const sam = await at("sam");
    await sam.say(`/claw every minute check ${site.url}/status and tell me when it changes`);
    const preview = await sam.waitFor(/Create this workflow\?/);
    expect(preview.words).toMatch(/Every minute/);
    expect(preview.words).toMatch(/rules model/);
    await sam.press(preview, "Create");
    const created = await sam.waitFor(/Created \S+\./);
    const name = /Created (\S+)\./.exec(created.words)?.[1] ?? "";
    const root = await sam.waitFor(new RegExp(`${name} runs every minute`));

    await sam.say(`/claw run ${name}`);
    await sam.waitFor(/All systems go|200/, "general", root.messageId);
    const before = await sam.see("general", root.messageId);

    await sam.say(`/claw run ${name}`);
    await sam.waitFor(/Run 2 is queued/);
    await until(async () => (await runs()).filter((run) => run.status === "succeeded").length === 2);
    expect(await sam.see("general", root.messageId)).toHaveLength(before.length);

    site.page("/status", html("<title>Status</title><p>The database is on fire</p>"));
    await sam.say(`/claw run ${name}`);
    const change = await sam.waitFor(/on fire/, "general", root.messageId);
    expect(change.words).toMatch(/rules model/);

    await sam.say("/claw status");
    await sam.waitFor(/1 workflow/);
  });

  it("asks before a write: a viewer may not decide, one yes runs it once, a second click is told who was first", async () => {
    site.page("/tickets", json({ id: 7 }));
    const sam = await at("sam");
    const root = await sam.create(`now use http_request method=POST url=${site.url}/tickets body=hello`);
    const asked = await sam.waitFor(/May I/, "general", root);
    expect(site.requests).toHaveLength(0);

    const vic = await at("vic");
    await vic.press(asked, "Approve");
    await vic.waitFor(/Only an approver or an admin can decide this/, "general", root);
    expect(site.requests).toHaveLength(0);

    const lin = await at("lin");
    await Promise.all([lin.press(asked, "Approve"), lin.press(asked, "Approve")]);
    await lin.waitFor(/Already approved by @Lin/, "general", root);
    const decided = await lin.waitFor(/Approved by @Lin/, "general", root);
    expect(decided.buttons.map((button) => button.label)).not.toContain("Approve");
    await sam.waitFor(/rules model/, "general", root);
    expect(site.requests.filter((request) => request.method === "POST")).toHaveLength(1);
  });

  it("does not do what was denied, and says who denied it and why", async () => {
    site.page("/tickets", json({ id: 7 }));
    const sam = await at("sam");
    const root = await sam.create(`now use http_request method=POST url=${site.url}/tickets body=hello`);
    const asked = await sam.waitFor(/May I/, "general", root);
    const lin = await at("lin");
    await lin.press(asked, "Deny…", "not on a Sunday");
    await lin.waitFor(/Denied by @Lin.*not on a Sunday/, "general", root);
    await until(async () => (await runs()).every((run) => ["failed", "succeeded"].includes(run.status)));
    expect(site.requests).toHaveLength(0);
  });

  it("makes a call with the arguments an approver wrote, and keeps what cannot be read to be put right", async () => {
    site.page("/tickets", json({ id: 7 }));
    const sam = await at("sam");
    const root = await sam.create(`now use http_request method=POST url=${site.url}/tickets body=hello`);
    const asked = await sam.waitFor(/May I/, "general", root);
    const lin = await at("lin");
    await lin.press(asked, "Approve with changes…", '{"method": "POST", "url": 7}');
    const wrong = await lin.waitFor(/Not approved: .*url: expected string/, "general", root);
    expect(wrong.words).toContain('{"method": "POST", "url": 7}');
    await lin.say('/claw approve 1 with {"method": "POST",');
    await lin.waitFor(/Not approved: .*not JSON/);
    expect(site.requests).toHaveLength(0);

    const wanted = JSON.stringify({ method: "POST", url: `${site.url}/tickets`, body: "good morning" });
    await lin.press(wrong, "Approve with changes…", wanted);
    await lin.waitFor(/Approval 1 is approved with your changes, as 2/, "general", root);
    const now = await sam.waitFor(/Approved with changes by @Lin/, "general", root);
    expect(now.words).toMatch(/"body":"hello".*"body":"good morning"/s);
    await lin.say(`/claw approve 1 with ${wanted}`);
    await lin.waitFor(/Already changed by @Lin.*approval 2 took its place/);
    await sam.waitFor(/rules model/, "general", root);
    expect(site.requests.map(({ method, body }) => `${method} ${body}`)).toEqual(["POST good morning"]);
  });

  it("keeps an open approval over kill -9, and the yes after the restart runs the call once", async () => {
    site.page("/tickets", json({ id: 7 }));
    const sam = await at("sam");
    const root = await sam.create(`now use http_request method=POST url=${site.url}/tickets body=hello`);
    await sam.waitFor(/May I/, "general", root);
    await claw.kill();
    claw = await startClawProcess({ databaseUrl: database.url, folder: claw.folder });
    const lin = await at("lin");
    const asked = await lin.waitFor(/May I/, "general", root);
    await lin.press(asked, "Approve");
    await lin.waitFor(/rules model/, "general", root);
    expect(site.requests.filter((request) => request.method === "POST")).toHaveLength(1);
    expect(await runs()).toEqual([expect.objectContaining({ status: "succeeded", number: 1 })]);
  });

  it("ends in order at SIGTERM", async () => {
    expect(await claw.stop()).toBe(0);
  });
});

const runs = () => database.sql<{ status: string; number: number }[]>`select status, number from runs order by number`;
