/** Limits, policies and versions as people meet them, in real processes. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ClawProcess, Person, QUICK_YAML, removeFolder, startClawProcess } from "../support/claw-process.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type HttpServer, httpServer, json } from "../support/http-server.ts";
import { until } from "../support/patience.ts";

let database: TestDatabase;
let site: HttpServer;
let claw: ClawProcess;
beforeEach(async () => {
  [database, site] = [await testDatabase(), await httpServer()];
  site.page("/tickets", json({ id: 7 }));
  claw = await startClawProcess({ databaseUrl: database.url });
});
afterEach(async () => {
  await claw.kill();
  await site.close();
  await database.close();
  await removeFolder(claw.folder);
});
const at = (name: string): Promise<Person> => Person.at(claw.url ?? "", name);

it("a run that waits for a yes while Claw is replaced by one with other tools asks before it goes on", async () => {
  const root = await (await at("sam")).create(`now use http_request method=POST url=${site.url}/tickets body=hello`);
  await (await at("sam")).waitFor(/May I/, "general", root);
  expect(await claw.stop()).toBe(0);
  // As if it had been begun under an older Claw, whose tool for reading promised something else.
  await database.sql`update runs set pins = jsonb_set(jsonb_set(pins, '{tools,http_get}', '"of another contract"'),
    '{clawVersion}', '"0.0.1"')`;
  claw = await startClawProcess({ databaseUrl: database.url, folder: claw.folder });
  const [lin, sam] = [await at("lin"), await at("sam")];
  await lin.press(await lin.waitFor(/May I/, "general", root), "Approve");
  const asked = await sam.waitFor(/cannot go on as it began/, "general", root);
  expect(asked.words).toMatch(/The tool http_get has changed\. It began under Claw 0\.0\.1, and this is \d/);
  expect(site.requests).toHaveLength(0);
  await sam.press(asked, "Go on with the new version");
  await sam.waitFor(/rules model/, "general", root);
  await sam.waitFor(/Goes on with the new version, said @Sam/, "general", root);
  expect(site.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
});

describe("a policy", () => {
  it("is set by a line, after a look at before and after, and holds from the next run on", async () => {
    const sam = await at("sam");
    await sam.create(`every day at 3 use http_request method=POST url=${site.url}/tickets body=hello`);
    const [workflow] = await database.sql`select name from workflows`;
    const name = String(workflow?.name);
    await sam.say(`/claw set ${name} concurrency 1`);
    await sam.waitFor(/concurrency of .* is 1 already/);
    await sam.say(`/claw set ${name} overlap sometimes`);
    await sam.waitFor(/Overlap is skip, queue one, cancel running or allow/);
    await sam.say(`/claw set ${name} overlap allow`);
    const asked = await sam.waitFor(/Change this policy of/);
    expect(asked.words).toMatch(/- overlap: skip.*\+ overlap: allow/s);
    await sam.press(asked, "Save");
    await sam.waitFor(/is changed, revision 2/);
    await sam.say(`/claw policies ${name}`);
    const all = await sam.waitFor(/Policies of/);
    expect(all.words).toMatch(/overlap: allow.*set here/s);
    await sam.press(all, "Change…", "queue one");
    await sam.waitFor(/- overlap: allow.*\+ overlap: queue one/s);
    for (let run = 0; run < 2; run++) await sam.say(`/claw run ${name}`);
    await until(async () => (await database.sql`select from runs where status = 'waiting'`).length === 2);
  });
});

it("a run beyond what its workflow may have at once says why it waits, and begins when one ends elsewhere", async () => {
  site.page("/page", "all is well");
  const sam = await at("sam");
  await sam.create(`every day at 3 check ${site.url}/page`);
  const [workflow] = await database.sql`select name from workflows`;
  await database.sql`update revisions set policies = policies || '{"overlap": "allow", "concurrency": 2}'`;
  for (let run = 0; run < 2; run++) await sam.say(`/claw run ${workflow?.name}`);
  const done = () => database.sql`select number from runs where status = 'succeeded' order by number`;
  await until(async () => (await done()).length === 2);
  // As if another process had them under way.
  await database.sql`update runs set status = 'running', lease_owner = 'elsewhere', lease_until = now() + interval '1 hour'`;
  await sam.say(`/claw run ${workflow?.name}`);
  await until(async () => (await database.sql`select from runs`).length === 3);
  await sam.say("/claw why 3");
  await sam.waitFor(/has not begun: 2 of 2 runs of this workflow are running/);
  await database.sql`update runs set status = 'cancelled', lease_owner = null where number = 1`;
  await until(async () => (await done()).length === 1);
});

it("a limit for a tool that nobody has is refused at the start, with the tools there are", async () => {
  const yaml = `${QUICK_YAML}\nservices: { "tool:htp_get": { perMinute: 3 } }\n`;
  await expect(startClawProcess({ databaseUrl: database.url, yaml })).rejects.toThrow(
    /services\.tool:htp_get +names no tool; tools are http_get, http_request/,
  );
});
