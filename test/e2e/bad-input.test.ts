/** What people type and press that makes no sense, is hostile or comes too late: a clear answer, and nothing lost or made. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SeenMessage } from "../bot/console/visitor.ts";
import { openBrowser } from "../support/chromium.ts";
import {
  type ClawProcess,
  CONSOLE_TOKEN,
  Person,
  QUICK_YAML,
  removeFolder,
  startClawProcess,
} from "../support/claw-process.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type HttpServer, httpServer, json } from "../support/http-server.ts";
import { until } from "./model-claw.ts";

const ROOMS = Array.from({ length: 60 }, (_, at) => `room-${at}`);
const free = [...ROOMS];
const room = (): string => free.shift() ?? "no room is left";

let database: TestDatabase;
let site: HttpServer;
let claw: ClawProcess;
let sam: Person;

beforeAll(async () => {
  [database, site] = await Promise.all([testDatabase(), httpServer()]);
  const yaml = `${QUICK_YAML}\nconsole: { channels: [${ROOMS.join(", ")}] }\n`;
  claw = await startClawProcess({ databaseUrl: database.url, yaml });
  sam = await at("sam");
});
afterAll(async () => {
  await claw?.kill();
  await Promise.all([site?.close(), database?.close()]);
  await removeFolder(claw.folder);
});

const at = (name: string): Promise<Person> => Person.at(claw.url ?? "", name);

/** All that a line or a press could have made or changed. */
async function everything(): Promise<unknown> {
  const rows = await database.sql`
    select 'workflow' as kind, id::text, status::text, name as more from workflows
    union all select 'run', id::text, status::text, number::text from runs
    union all select 'approval', id::text, status::text, number::text from approvals
    union all select 'wait', id::text, status::text, coalesce(closed_by, '') from waits
    union all select 'member', id, role::text, coalesce(timezone, '') from members
    order by kind, id`;
  return rows.map((row) => ({ ...row }));
}

/** Presses a button that is on no card: action and value as somebody with a terminal would send them. */
async function forge(person: Person, on: SeenMessage, action: string, value: string): Promise<number> {
  const press = { key: randomUUID(), messageId: on.messageId, action, value, text: null };
  return (await person.visitor.post("/api/actions", press)).status;
}

describe("a line that cannot be done changes nothing, and the answer says what to type", () => {
  const long = "x".repeat(20_000);
  const lines: readonly (readonly [line: string, answer: RegExp])[] = [
    ["frobnicate", /When should I do this\? Put a time before or after it, or "now" before it/],
    ["pasue open-prs", /I don't know "pasue"\. Did you mean \/claw pause open-prs/],
    ["summarise open PRs in acme/api", /When should I do this\?.*every weekday at 9 summarise/],
    ["every weekday at 9", /What should I do\?/],
    ["now", /"now" takes.*for example \/claw now/],
    ["every day at 25:00 water the plants", /25:00/],
    ["every second say hello", /the shortest distance is one minute/i],
    ["every day at 9 Europe/Atlantis water the plants", /do not know the time zone "Europe\/Atlantis"/i],
    ["timezone Europe/Atlantis", /no time zone "Europe\/Atlantis".*Zones have names such as Europe\/Paris/],
    ["timezone", /"timezone" takes/],
    ["approve 999", /There is no such approval\. \/claw approvals shows what waits/],
    ["deny 999 because", /There is no such approval\. \/claw approvals shows what waits/],
    ["approve", /"approve" takes.*\/claw approve/],
    ["approve 0", /"approve" takes/],
    ["approve -1", /"approve" takes/],
    ["approve 99999999999999999999", /"approve" takes/],
    ["inspect 999", /There is no run 999\. \/claw runs shows the latest/],
    ["inspect nope", /There is no workflow "nope"\. \/claw list/],
    ["run nope", /There is no workflow "nope"\. \/claw list/],
    ["pause nope", /There is no workflow "nope"/],
    ["policy check", /"policy" takes/],
    ['policy check htp_get {"url": "https://example.com"}', /There is no tool "htp_get"\. Did you mean http_get\?/],
    ["policy check everything {}", /There is no tool "everything"\. \/claw tools shows them all/],
    ["delete nope", /There is no workflow "nope"/],
    ["rename nope better", /There is no workflow "nope"/],
    ["cancel 999", /There is no run 999/],
    ["retry 999", /There is no run 999/],
    ["discard 999 no reason", /There is no run 999/],
    ["audit 999", /There is no run 999/],
    ["cost 9999d", /"cost" takes/],
    ["help nonsense", /I have no help on "nonsense"; here is all of it/],
    [`now ${long}`, /at most 4,000 characters; this has 2\d,\d{3}/],
    [`every day at 9 ${long}`, /at most 4,000 characters/],
    [long, /at most 4,000 characters/],
    ["approve 1'; drop table runs; --", /"approve" takes/],
    ["run ' or 1=1", /"run" takes/],
    ["<script>alert(1)</script>", /When should I do this\?/],
    ["🎉", /When should I do this\?/],
    ["אמור שלום", /When should I do this\?/],
    ["\u202Ednim ruoy esol", /When should I do this\?/],
    ["in\u0000spect 999", /There is no run 999/],
    ["\u0007\u001b[31minspect\u0008 999", /When should I do this/],
  ];
  test.each(lines.map(([line, answer]) => ({ shown: line.slice(0, 60), line, answer })))(
    "$shown",
    async ({ line, answer }) => {
      const channel = "room-0";
      const before = await everything();
      const known = new Set((await sam.see(channel)).map(({ messageId }) => messageId));
      await sam.say(`/claw ${line}`, channel);
      const isAnswer = ({ messageId, html }: SeenMessage) => !known.has(messageId) && html.includes('class="card');
      await until(async () => (await sam.see(channel)).some(isAnswer));
      const said = (await sam.see(channel)).find(isAnswer);
      expect(said?.words).toMatch(answer);
      expect(said?.words).not.toMatch(/Something broke|\bat \S+\.ts:\d+/);
      expect(await everything()).toEqual(before);
    },
  );

  test("nothing at all is refused by the page, and /claw alone is help", async () => {
    const channel = room();
    const before = await everything();
    for (const text of ["", "   ", "\n\t", "\u0000", "\u0007\u0008"]) {
      const answer = await sam.visitor.post("/api/messages", { key: randomUUID(), channel, thread: null, text });
      expect(answer.status).toBe(400);
      expect(answer.text).toMatch(/Type something first/);
    }
    await sam.say("/claw", channel);
    await sam.waitFor(/Say when and what/, channel);
    expect(await everything()).toEqual(before);
  });
});

describe("odd but honest text is kept as it is and shown as text", () => {
  const texts = {
    "emoji-of-a-family": "👩‍👩‍👧‍👦 stand up 🏳️‍🌈 now",
    "right-to-left": "תזכורת: לעמוד قف الآن",
    markup: `<script>window.__owned = 1</script><img src=x onerror="window.__owned = 2"> [click](javascript:window.__owned=3)`,
    "sql-injection": `Robert'); drop table runs; -- " \\ %s $1 \${x} {{y}}`,
    "control-characters": "a\u0000b\u0007c\u001b[31md\u0085e",
    overrides: "pay \u202E001\u202C to \u2066sam\u2069\u200B",
  } as const;

  test.each(Object.entries(texts))("%s", async (what, text) => {
    const channel = room();
    const root = await sam.create(`now remind ${what} ${text}`, channel);
    const report = await sam.waitFor(/rules model/, channel, root);
    expect(report.html).not.toMatch(/<script|<img|href="javascript|onerror="/i);
    const [workflow] = await database.sql<{ name: string; instruction: string }[]>`
      select w.name, r.instruction from workflows w join revisions r on r.workflow_id = w.id
      where w.channel_id = ${`console:demo:${channel}`}`;
    expect(workflow?.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(workflow?.instruction).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
    for (const message of [...(await sam.see(channel)), ...(await sam.see(channel, root))]) {
      if (message.html.includes('class="card')) expect(message.words).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B]/);
    }
    await sam.say(`/claw inspect ${workflow?.name}`, channel);
    await sam.waitFor(new RegExp(`${workflow?.name}.*run \\d+: succeeded`), channel);
  });

  test("in a browser nothing of it runs, and the page still works", async () => {
    const browser = await openBrowser();
    try {
      const page = await browser.context.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      await page.goto(`${claw.url}/?key=${CONSOLE_TOKEN}`);
      await page.locator("form.composer").first().waitFor();
      for (const channel of ROOMS.slice(0, ROOMS.length - free.length)) {
        await page.goto(`${claw.url}/channels/${channel}`);
        await page.locator("form.composer").first().waitFor();
      }
      await page.goto(`${claw.url}/workflows`);
      expect(await page.evaluate(() => "__owned" in window)).toBe(false);
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
    }
  });

  test("half a name, or none in the workflow's own thread, is answered with a button for what was meant", async () => {
    const channel = room();
    const root = await sam.create("every day at 9 remind polish the silverware", channel);
    await sam.say("/claw pause silverwear", channel);
    const near = await sam.waitFor(/There is no workflow "silverwear"/, channel);
    expect(near.buttons.map(({ label }) => label)).toContain("Pause polish-silverware");
    await sam.say("@claw pause it", channel, root);
    await sam.press(await sam.waitFor(/There is no workflow "it"/, channel, root), "Pause polish-silverware");
    await sam.waitFor(/polish-silverware is paused/, channel, root);
    await sam.say("@claw resume", channel, root);
    await sam.press(await sam.waitFor(/Did you mean/, channel, root), "Resume polish-silverware");
    await sam.waitFor(/polish-silverware goes on/, channel, root);
  });

  test("a name that is no name is refused, and one that is taken too", async () => {
    const channel = room();
    await sam.create("every day at 9 remind water the plants", channel);
    await sam.create("every day at 9 remind feed the cat", room());
    const names = await database.sql<{ name: string }[]>`
      select name from workflows where status = 'active' and name like any(array['%plants%', '%cat%']) order by name`;
    const [cat, plants] = names.map(({ name }) => name);
    await sam.say(`/claw rename ${plants} <b>bold</b>`, channel);
    await sam.waitFor(/"rename" takes|When should I do this/, channel);
    await sam.say(`/claw rename ${plants} ${cat}`, channel);
    await sam.waitFor(new RegExp(`There is a workflow "${cat}" already`), channel);
  });
});

describe("buttons", () => {
  /** A card of the person's own, to send presses from. */
  const anyCard = async (person: Person, channel: string): Promise<SeenMessage> => {
    await person.say("/claw help", channel);
    return person.waitFor(/Say when and what/, channel);
  };

  test("that no card has are refused with a word: unknown actions, ids that are none, ids of nothing", async () => {
    const channel = room();
    const card = await anyCard(sam, channel);
    const before = await everything();
    for (const [action, value] of [
      ["workflow.destroy", randomUUID()],
      ["__proto__", randomUUID()],
      ["constructor", "x"],
      ["approval.approve", "999"],
      ["approval.approve", "' or 1=1 --"],
      ["run.cancel", ""],
    ] as const) {
      const known = (await sam.see(channel)).length;
      expect(await forge(sam, card, action, value)).toBe(200);
      await until(async () => (await sam.see(channel)).length > known);
      expect((await sam.see(channel)).at(-1)?.words).toMatch(/no longer understood\. \/claw status/);
    }
    const nothing = randomUUID();
    for (const [action, answer] of [
      ["approval.approve", /no such approval/],
      ["approval.deny", /no such approval/],
      ["budget.allow", /no longer open/],
      ["effect.again", /Only an approver|no longer open/],
      ["run.retry", /no such run any more/],
      ["run.cancel", /no such run any more/],
      ["run.inspect", /no such run any more/],
      ["workflow.run", /no such workflow any more/],
      ["workflow.pause", /no such workflow any more/],
      ["draft.create", /preview is no longer kept/],
    ] as const) {
      const known = (await sam.see(channel)).length;
      expect(await forge(sam, card, action, nothing)).toBe(200);
      await until(async () => (await sam.see(channel)).length > known);
      expect((await sam.see(channel)).at(-1)?.words).toMatch(answer);
    }
    expect(await forge(sam, card, "command", `approve ${"9".repeat(200)}`)).toBe(400);
    expect(await forge(sam, { ...card, messageId: randomUUID() }, "workflow.run", nothing)).toBe(404);
    expect(await everything()).toEqual(before);
  });

  test("with ids of another workspace find nothing there", async () => {
    const channel = room();
    site.page("/foreign", json({ ok: true }));
    await sam.create(`now use http_request method=POST url=${site.url}/foreign body=hello`, channel);
    const { sql } = database;
    const find = () => sql<{ approval: string; run: string; workflow: string; wait: string }[]>`
      select a.id as approval, r.id as run, r.workflow_id as workflow, w.id as wait from approvals a
      join runs r on r.id = a.run_id join waits w on w.run_id = r.id join workflows f on f.id = r.workflow_id
      where f.channel_id = ${`console:demo:${channel}`} and r.status = 'waiting'`;
    await until(async () => (await find()).length === 1);
    const [ids] = await find();
    if (!ids) throw new Error("no ids");
    await sql`insert into workspaces (id, platform, team, name, timezone, created_at)
      values ('console:other', 'console', 'other', 'Other', 'UTC', now())`;
    const other = { workspace_id: "console:other" };
    await sql`update workflows set ${sql(other)} where id = ${ids.workflow}`;
    await sql`update revisions set ${sql(other)} where workflow_id = ${ids.workflow}`;
    await sql`update firings set ${sql(other)} where workflow_id = ${ids.workflow}`;
    await sql`update runs set ${sql(other)} where id = ${ids.run}`;
    await sql`update steps set ${sql(other)} where run_id = ${ids.run}`;
    await sql`update waits set ${sql(other)} where run_id = ${ids.run}`;
    await sql`update approvals set ${sql(other)} where run_id = ${ids.run}`;
    const before = await everything();
    const ada = await at("ada");
    const card = await anyCard(ada, channel);
    for (const [action, value, answer] of [
      ["approval.approve", ids.approval, /no such approval/],
      ["approval.deny", ids.approval, /no such approval/],
      ["run.cancel", ids.run, /no such run any more/],
      ["run.inspect", ids.run, /no such run any more/],
      ["workflow.run", ids.workflow, /no such workflow any more/],
      ["workflow.inspect", ids.workflow, /no such workflow any more/],
      ["workflow.pause", ids.workflow, /no such workflow any more/],
      ["draft.create", ids.workflow, /preview is no longer kept/],
      ["budget.allow", ids.wait, /no longer open/],
      ["effect.again", ids.wait, /no longer open/],
    ] as const) {
      const known = (await ada.see(channel)).length;
      await forge(ada, card, action, value);
      await until(async () => (await ada.see(channel)).length > known);
      expect((await ada.see(channel)).at(-1)?.words).toMatch(answer);
    }
    expect(await everything()).toEqual(before);
    expect(site.requests).toEqual([]);
  });

  test("of a workflow that was deleted meanwhile say so, and its approval is open no more", async () => {
    const channel = room();
    site.page("/late", json({ ok: true }));
    const root = await sam.create(`every day at 9 use http_request method=POST url=${site.url}/late body=x`, channel);
    const rootCard = (await sam.see(channel)).find(({ messageId }) => messageId === root);
    if (!rootCard) throw new Error("no root");
    await sam.press(rootCard, "Run now");
    const asked = await sam.waitFor(/May I/, channel, root);
    const [row] = await database.sql<{ name: string }[]>`
      select name from workflows where channel_id = ${`console:demo:${channel}`}`;
    await sam.say(`/claw delete ${row?.name}`, channel);
    const sure = await sam.waitFor(new RegExp(`Delete ${row?.name} for good\\?.*run \\d+`, "s"), channel);
    expect(
      await database.sql`select from workflows where name = ${row?.name ?? ""} and status = 'active'`,
    ).toHaveLength(1);
    await sam.press(sure, "Delete");
    await sam.waitFor(new RegExp(`${row?.name} is deleted`), channel);
    const [run] = await database.sql<{ number: number }[]>`
      select r.number from runs r join workflows w on w.id = r.workflow_id where w.name = ${row?.name ?? ""}`;
    await sam.say(`/claw retry ${run?.number}`, channel);
    await sam.waitFor(/is deleted, so only an admin can still do something/, channel);
    const ada = await at("ada");
    for (const line of [`retry ${run?.number}`, `retry ${run?.number} from the start`]) {
      await ada.say(`/claw ${line}`, channel);
      await ada.waitFor(/is deleted, so no new one can be started/, channel);
    }
    await sam.say(`/claw audit ${row?.name}`, channel);
    await sam.waitFor(/workflow\.deleted by @Sam/, channel);
    const before = await everything();
    const lin = await at("lin");
    await lin.press(asked, "Approve");
    await lin.waitFor(/Approval \d+ is no longer open: cancelled/, channel, root);
    for (const label of ["Run now", "Pause", "Inspect"]) {
      const known = (await sam.see(channel)).length;
      await sam.press(rootCard, label);
      await until(async () => (await sam.see(channel)).length > known);
      expect((await sam.see(channel)).at(-1)?.words).toMatch(/There is no such workflow any more/);
    }
    expect(await everything()).toEqual(before);
    expect(site.requests).toEqual([]);
  });

  test("Create pressed twice makes one workflow, and the second press is told so", async () => {
    const channel = room();
    await sam.say("/claw every day at 9 remind one and only", channel);
    const preview = await sam.waitFor(/Create this workflow\?/, channel);
    await Promise.all([sam.press(preview, "Create"), sam.press(preview, "Create")]);
    await sam.waitFor(/was created already/, channel);
    await sam.waitFor(/Created /, channel);
    const rows = await database.sql`select status from workflows where channel_id = ${`console:demo:${channel}`}`;
    expect(rows.map((row) => row.status)).toEqual(["active"]);
    await sam.waitFor(/come in this thread/, channel);
    const roots = (await sam.see(channel)).filter(({ words }) => /come in this thread/.test(words));
    expect(roots).toHaveLength(1);
  });

  test("Create and Cancel at the same moment end in one of the two", async () => {
    const channel = room();
    await sam.say("/claw every day at 9 remind torn apart", channel);
    const preview = await sam.waitFor(/Create this workflow\?/, channel);
    await Promise.all([sam.press(preview, "Create"), sam.press(preview, "Cancel")]);
    await sam.waitFor(/was created already|preview is no longer kept/, channel);
    const [row] = await database.sql<{ status: string }[]>`
      select status from workflows where channel_id = ${`console:demo:${channel}`}`;
    await sam.waitFor(row?.status === "active" ? /Created / : /was not created/, channel);
    expect(["active", "deleted"]).toContain(row?.status);
  });

  test("of somebody else's preview are not for others, and a viewer creates nothing", async () => {
    const channel = room();
    await sam.say("/claw every day at 9 remind mine alone", channel);
    const preview = await sam.waitFor(/Create this workflow\?/, channel);
    const draft = preview.buttons.find(({ label }) => label === "Create")?.value ?? "";
    const ada = await at("ada");
    expect((await ada.see(channel)).map(({ words }) => words).join()).not.toMatch(/Create this workflow/);
    expect(await forge(ada, preview, "draft.create", draft)).toBe(404);
    await forge(ada, await anyCard(ada, channel), "draft.create", draft);
    await ada.waitFor(/Only the person who asked for this workflow can decide about it/, channel);

    const vic = await at("vic");
    await vic.say("/claw every day at 9 remind nothing", channel);
    await vic.waitFor(/Viewers cannot create workflows\. Ask a member or an admin/, channel);
    const rows = await database.sql`select status from workflows where channel_id = ${`console:demo:${channel}`}`;
    expect(rows.map((row) => row.status)).toEqual(["draft"]);
    await sam.press(preview, "Create");
    await sam.waitFor(/Created /, channel);
  });
});
