/** Rules, grants and the switch for everything, at the console, with real processes. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ClawProcess, Person, QUICK_YAML, removeFolder, startClawProcess } from "../support/claw-process.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type HttpServer, httpServer, json } from "../support/http-server.ts";

let database: TestDatabase;
let site: HttpServer;
let processes: ClawProcess[];

beforeEach(async () => {
  database = await testDatabase();
  site = await httpServer();
  processes = [];
});
afterEach(async () => {
  for (const claw of processes) await claw.kill();
  await site.close();
  await database.close();
  for (const claw of processes) await removeFolder(claw.folder);
});

async function start(more = ""): Promise<ClawProcess> {
  const claw = await startClawProcess({ databaseUrl: database.url, yaml: `${QUICK_YAML}${more}` });
  processes.push(claw);
  return claw;
}
/** They have patience: the machine may be busy. */
async function at(claw: ClawProcess, name: string): Promise<Person> {
  const person = await Person.at(claw.url ?? "", name);
  const wait = person.waitFor.bind(person);
  person.waitFor = (words, channel, thread, limitMs = 75_000) => wait(words, channel, thread, limitMs);
  return person;
}
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  const limit = Date.now() + 75_000;
  while (!(await holds())) {
    if (Date.now() > limit) throw new Error("it never came true");
    await sleep(50);
  }
};
const runs = () => database.sql<{ status: string; number: number }[]>`select status, number from runs order by number`;
const posts = () => site.requests.filter(({ method }) => method === "POST").length;

describe("a grant from a card", { timeout: 150_000 }, () => {
  it("is shown in a second step, changed there, and then covers the next run, which says so", async () => {
    site.page("/tickets", json({ id: 7 }));
    const claw = await start();
    const sam = await at(claw, "sam");
    const root = await sam.create(`every day at 3 use http_request method=POST url=${site.url}/tickets body=hello`);
    const name = (await database.sql<{ name: string }[]>`select name from workflows`)[0]?.name ?? "";
    await sam.say(`/claw run ${name}`);
    const asked = await sam.waitFor(/May I/, "general", root);
    expect(asked.buttons.map(({ label }) => label)).toEqual([
      "Approve",
      "Approve with changes…",
      "Deny…",
      "Always allow this…",
    ]);
    expect(asked.words).toMatch(/why.*asks.*exactly.*who.*an approver or an admin.*until.*cost/s);

    await sam.press(asked, "Always allow this…");
    await sam.waitFor(/Only an approver or an admin can decide this/, "general", root);
    const lin = await at(claw, "lin");
    await lin.press(asked, "Always allow this…");
    const second = await lin.waitFor(/Always allow this in/, "general", root);
    expect(second.words).toMatch(/body = "hello"/);
    expect(second.words).toMatch(/can read such text \(.*http_request.*\).*tick Even after outside text/s);
    expect(posts()).toBe(0);
    const lines = second.buttons.find(({ label }) => label === "Change…");
    expect(lines).toBeDefined();
    await lin.press(second, "Change…", `body = *\n---\nuses = 5\nlasts = 2 d\neven after outside text = no`);
    const loose = await lin.waitFor(/body = anything.*at most 5 calls/s, "general", root);
    await lin.press(loose, "Give it");
    await lin.waitFor(/Grant 1 holds in .*approval 1 is approved with it/s, "general", root);
    await sam.waitFor(/rules model/, "general", root);
    expect(posts()).toBe(1);

    // What the first answer brought in is text from outside, so the next run asks, and says why the grant does not help.
    await sam.say(`/claw run ${name}`);
    const again = await sam.waitFor(
      /grant 1 would cover it, but it was given without "even after outside text"/,
      "general",
      root,
    );
    await lin.press(again, "Deny…", "later");
    await lin.say("/claw revoke 1");
    await lin.waitFor(/Grant 1 is taken back/);

    await lin.say(`/claw grant ${name} http_request {"method": "POST", "url": "${site.url}/tickets", "body": "hello"}`);
    const beforehand = await lin.waitFor(/Always allow this in/);
    await lin.press(beforehand, "☐ Even after outside text");
    const ticked = await lin.waitFor(/holds also after the run has read text from outside/);
    await lin.press(ticked, "Give it");
    await lin.waitFor(/Grant 2 holds/);
    await until(async () => (await runs()).every(({ status }) => status === "failed" || status === "succeeded"));
    await sam.say(`/claw run ${name}`);
    await sam.waitFor(/did without asking, by grant 2 \(http_request\)/, "general", root);
    expect(posts()).toBe(2);
    await lin.say("/claw grants");
    await lin.waitFor(/19 of 20 left.*even after outside text.*given by @Lin/s);
    await sam.say("/claw inspect 3");
    await sam.waitFor(/allowed by grant 2/);
  });

  it("is not used more often than it says by two processes", async () => {
    site.page("/tickets", json({ id: 7 }));
    const one = await start();
    const two = await startClawProcess({
      databaseUrl: database.url,
      yaml: QUICK_YAML,
      env: { CLAW_ROLES: "worker" },
    });
    processes.push(two);
    const sam = await at(one, "sam");
    const lin = await at(one, "lin");
    const root = await sam.create(`every day at 3 use http_request method=POST url=${site.url}/tickets body=hello`);
    const name = (await database.sql<{ name: string }[]>`select name from workflows`)[0]?.name ?? "";
    for (const line of ["overlap allow", "concurrency 6"]) {
      await sam.say(`/claw set ${name} ${line}`);
      await sam.press(await sam.waitFor(new RegExp(`Change this policy.*${line.split(" ")[1]}`, "s")), "Save");
      await until(async () => JSON.stringify(await policies()).includes(line.split(" ")[1] ?? ""));
    }
    await lin.say(`/claw grant ${name} http_request {"method": "POST", "url": "${site.url}/tickets", "body": "hello"}`);
    const proposed = await lin.waitFor(/Always allow this in/);
    await lin.press(proposed, "Change…", "---\nuses = 3\nlasts = 1 d\neven after outside text = yes");
    const changed = await lin.waitFor(/at most 3 calls/);
    await lin.press(changed, "Give it");
    await lin.waitFor(/Grant 1 holds/);
    for (let n = 0; n < 8; n++) await sam.say(`/claw run ${name}`);
    await until(async () => {
      const all = await runs();
      return all.length === 8 && all.every(({ status }) => status === "succeeded" || status === "waiting");
    });
    expect(posts()).toBe(3);
    expect((await runs()).filter(({ status }) => status === "waiting")).toHaveLength(5);
    await sam.waitFor(/May I/, "general", root);
  });
});

const policies = async () =>
  (await database.sql`select policies from revisions order by number desc limit 1`)[0]?.policies;

describe("rules", { timeout: 150_000 }, () => {
  it("are shown in plain words before they hold, and decide at once; a check says which one decided", async () => {
    const claw = await start(
      `permissions:\n  rules:\n    - { ask: http_get, to: 127.0.0.1, by: [admin], quorum: 2 }\n`,
    );
    site.page("/status", json({ ok: true }));
    const ada = await at(claw, "ada");
    const sam = await at(claw, "sam");
    await sam.say("/claw deny http_request");
    await sam.waitFor(/Only an admin can change the policy of the whole workspace/);
    await ada.say("/claw deny http_request to 127.0.0.1");
    const shown = await ada.waitFor(/From now on every workflow here must not call http_request to 127\.0\.0\.1\?/);
    await ada.press(shown, "Save");
    await ada.waitFor(/Rule 1 holds/);
    await sam.say(`/claw policy check http_request {"method": "POST", "url": "${site.url}/x"}`);
    await sam.waitFor(/http_request would be refused.*decided by rule 1/s);
    await sam.say(`/claw policy check http_get {"url": "http://127.0.0.1/x"}`);
    await sam.waitFor(/would ask.*2 people, each an admin.*permissions\.rules\[0\] of claw\.config\.yaml/s);
    const root = await sam.create(`now use http_request method=POST url=${site.url}/tickets body=hello`);
    await sam.waitFor(/A rule forbids http_request to 127\.0\.0\.1 here \(rule 1\)/, "general", root);
    expect(site.requests).toEqual([]);
    await ada.say("/claw policy");
    const whole = await ada.waitFor(/What this workspace may do/);
    expect(whole.words).toMatch(/Rule 1: it must not call http_request to 127\.0\.0\.1/);
    await ada.press(whole, "Remove");
    await ada.waitFor(/Rule 1 holds no more/);
  });
});

describe("stop everything", { timeout: 150_000 }, () => {
  it("is obeyed by every process within a second or two, survives a restart, and goes on where it was", async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = 0;
    site.page("/slow", (request, response) => {
      asked++;
      void held.then(() => json({ ok: true })(request, response));
    });
    const front = await start();
    const back = await startClawProcess({ databaseUrl: database.url, yaml: QUICK_YAML, env: { CLAW_ROLES: "worker" } });
    processes.push(back);
    const ada = await at(front, "ada");
    const sam = await at(front, "sam");
    for (let n = 0; n < 4; n++) {
      await sam.say(`/claw now use http_get url=${site.url}/slow?n=${n}`);
      const preview = await sam.waitFor(new RegExp(`Create this workflow\\?.*slow\\?n=${n}`, "s"));
      await sam.press(preview, "Create");
    }
    await until(async () => asked >= 4);
    await sam.say("/claw stop everything");
    await sam.waitFor(/Only an admin can stop or resume everything/);
    await ada.say("/claw stop everything");
    const ask = await ada.waitFor(/Stop everything in this workspace\?/);
    await ada.press(ask, "Stop everything");
    await ada.waitFor(/Everything is stopped by @Ada/);
    await until(async () => (await runs()).every(({ status }) => status === "queued"));
    await ada.say("/claw status");
    await ada.waitFor(/‖.*Everything is stopped by @Ada since|Everything is stopped by @Ada since/);

    await front.kill();
    const again = await start();
    release();
    const ada2 = await at(again, "ada");
    await ada2.say("/claw status");
    await ada2.waitFor(/4 queued/);
    expect((await runs()).map(({ status }) => status)).toEqual(["queued", "queued", "queued", "queued"]);
    await ada2.say("/claw resume everything");
    await ada2.waitFor(/Everything goes on; it was stopped by @Ada/);
    await until(async () => (await runs()).every(({ status }) => status === "succeeded"));
    const rows = await database.sql`select action from audit_events where action like 'workspace.%' order by id`;
    expect(rows.map(({ action }) => action)).toEqual(["workspace.stopped", "workspace.resumed"]);
  });
});
