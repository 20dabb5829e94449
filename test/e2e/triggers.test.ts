/** What starts a workflow beside the clock, end to end, in real processes: at the console and in Slack. */
import { createHmac, randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ClawProcess, Person, removeFolder, startClawProcess } from "../support/claw-process.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type HttpServer, html, httpServer, json } from "../support/http-server.ts";
import { until } from "../support/patience.ts";
import { freePort } from "../support/ports.ts";
import { type SlackCase, slackCase } from "./slack-case.ts";

describe("at the console", () => {
  let database: TestDatabase;
  let site: HttpServer;
  let claw: ClawProcess;
  let port: number;
  const env = () => ({
    CLAW_SECRET_KEY: KEY,
    CLAW_WEBHOOKS_PORT: String(port),
    CLAW_WEBHOOKS_URL: `http://127.0.0.1:${port}`,
  });
  const KEY = randomBytes(32).toString("base64");

  beforeEach(async () => {
    database = await testDatabase();
    site = await httpServer();
    port = await freePort();
    claw = await startClawProcess({ databaseUrl: database.url, env: env() });
    site.page("/status", html("<title>Status</title><p>All systems go</p>"));
  });
  afterEach(async () => {
    await claw.kill();
    await site.close();
    await database.close();
    await removeFolder(claw.folder);
  });

  const at = (name: string): Promise<Person> => Person.at(claw.url ?? "", name);
  const runs = () => database.sql<{ status: string }[]>`select status from runs order by number`;
  const outcomes = async () =>
    (await database.sql<{ outcome: string }[]>`select outcome from firings order by created_at`).map(
      ({ outcome }) => outcome,
    );
  /** Its next look, now. */
  const lookNow = () => database.sql`update workflows set next_slot_at = now()
    where status = 'active' and next_slot_at is not null`;

  it("a webhook runs a workflow once, also over a kill -9, and its secret is shown to one person until it is saved", async () => {
    const sam = await at("sam");
    const root = await sam.create(`when a webhook arrives check ${site.url}/status`);
    const shown = await sam.waitFor(/save this secret now/);
    const [url = ""] = /http:\/\/127\S+\/hooks\/[\w-]+/.exec(shown.words) ?? [];
    const [secret = ""] = /whsec_[A-Za-z0-9+/=]+/.exec(shown.words) ?? [];
    const lin = await at("lin");
    expect((await lin.see()).map(({ words }) => words).join()).not.toContain("whsec_");

    const body = '{"ref":"main"}';
    const seconds = String(Math.floor(Date.now() / 1_000));
    const key = Buffer.from(secret.replace("whsec_", ""), "base64");
    const signature = createHmac("sha256", key).update(`m1.${seconds}.${body}`).digest("base64");
    const send = () =>
      fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "webhook-id": "m1",
          "webhook-timestamp": seconds,
          "webhook-signature": `v1,${signature}`,
        },
        body,
      });
    expect((await send()).status).toBe(202);
    await sam.waitFor(/All systems go|200/, "general", root);
    await claw.kill();
    claw = await startClawProcess({ databaseUrl: database.url, folder: claw.folder, env: env() });
    expect((await send()).status).toBe(200);
    expect(await runs()).toHaveLength(1);

    const again = await at("sam");
    await again.press(await again.waitFor(/save this secret now/), "I have saved it");
    await again.waitFor(/is not shown again/);
    expect((await again.see()).map(({ words }) => words).join()).not.toContain("whsec_");
  });

  it("a message in a channel runs a workflow, and what nobody waits for is not kept", async () => {
    const sam = await at("sam");
    const root = await sam.create(`when a message in #ops matches "deploy failed" check ${site.url}/status`);
    const ada = await at("ada");
    await ada.say("lunch?", "ops");
    await ada.say("lunch?", "eng");
    await ada.say("The deploy failed.", "ops");
    await sam.waitFor(/All systems go|200/, "general", root);
    expect(await outcomes()).toEqual(["ran"]);
    const kept = await database.sql`select 1 from inbound_events where event->'body'->>'text' = 'lunch?'
      and event->>'channelId' like '%eng'`;
    expect(kept).toHaveLength(0);
  });

  it("a page that changes runs a workflow; while it does not, nothing runs", async () => {
    const sam = await at("sam");
    const root = await sam.create(`when ${site.url}/status changes every hour check ${site.url}/status`);
    await until(async () => (await outcomes()).length === 1);
    await lookNow();
    await until(async () => (await outcomes()).filter((outcome) => outcome === "nothing_to_do").length === 2);
    expect(await runs()).toHaveLength(0);
    site.page("/status", html("<title>Status</title><p>The database is on fire</p>"));
    await lookNow();
    await sam.waitFor(/rules model/, "general", root);
    expect(await runs()).toHaveLength(1);
    const rows = await database.sql`select payload from firings where outcome = 'ran'`;
    expect(JSON.stringify(rows)).toContain("on fire");
  });

  it("a condition is asked first, and the end of one workflow starts another", async () => {
    site.page("/health.json", json({ status: "ok" }));
    const sam = await at("sam");
    const root = await sam.create(
      `every hour only if GET ${site.url}/health.json $.status is not "ok" check ${site.url}/status`,
    );
    const [first] = await database.sql<{ name: string }[]>`select name from workflows`;
    await sam.create(`when ${first?.name} succeeds check ${site.url}/health.json`);
    await lookNow();
    await until(async () => (await outcomes())[0] === "nothing_to_do");
    await sam.say(`/claw why ${first?.name}`);
    await sam.waitFor(/there was nothing to do: it is "ok", and not: is not "ok"/);
    site.page("/health.json", json({ status: "down" }));
    await lookNow();
    await sam.waitFor(/All systems go|200/, "general", root);
    await until(async () => (await runs()).filter(({ status }) => status === "succeeded").length === 2);
    const [last] = await database.sql`select payload from firings where kind = 'outcome'`;
    expect(last).toMatchObject({ payload: { workflow: first?.name, outcome: "succeeded" } });
  });

  it("a condition that cannot be read, a circle and a channel that is not there say what to type", async () => {
    const sam = await at("sam");
    await sam.say(`/claw every hour only if GET ${site.url}/x $.status seems fine tell us`);
    await sam.waitFor(/what must hold of the answer/);
    await sam.say('/claw when a message in #nowhere matches "x" look');
    await sam.waitFor(/I do not know the channel #nowhere/);
    await sam.say("/claw when nobody fails look");
    await sam.waitFor(/no workflow "nobody" to wait for/);
    await sam.say("/claw when the moon is full howl");
    await sam.waitFor(/I do not know what to wait for/);
  });
});

describe("in Slack", () => {
  let c: SlackCase;
  let site: HttpServer;

  beforeEach(async () => {
    site = await httpServer();
    c = await slackCase("socket");
    site.page("/status", html("<title>Status</title><p>All systems go</p>"));
  });
  afterEach(async () => {
    await c.close();
    await site.close();
  });

  const creates = async (line: string) => {
    const { sam } = c.people;
    await sam.types(`/claw ${line}`, { channel: c.eng });
    const preview = await c.sees(sam, /Create this workflow\?/);
    await sam.presses("Create", preview);
    const created = await c.sees(sam, /Created \S+\./);
    const name = /Created (\S+)\./.exec(created.words)?.[1] ?? "";
    return c.sees(sam, new RegExp(`${name} runs`));
  };
  const firings = () => c.database.sql<{ kind: string; outcome: string }[]>`select kind, outcome from firings`;

  it("a message in a channel runs a workflow; Claw's own reports and other bots do not", async () => {
    const { sam, lin } = c.people;
    const root = await creates(
      `when a message in #eng matches "go" check ${site.url}/status and show it in the channel`,
    );
    lin.says("we go now", { channel: c.eng });
    await c.sees(sam, /All systems go|200/, root);
    // Its report says "go" in that very channel.
    await until(async () => (await c.database.sql`select 1 from runs where status = 'succeeded'`).length === 1);
    lin.says("nothing", { channel: c.eng });
    await until(
      async () => (await c.database.sql`select 1 from deliveries where status in ('pending', 'sending')`).length === 0,
    );
    expect(await firings()).toEqual([{ kind: "message", outcome: "ran" }]);
  });

  it("a reaction runs a workflow that is told the message", async () => {
    const { sam, lin } = c.people;
    const root = await creates(`when someone reacts with :eyes: in #eng check ${site.url}/status`);
    const said = lin.says("the site is slow", { channel: c.eng });
    lin.reacts("tada", said);
    lin.reacts("eyes", said);
    await c.sees(sam, /All systems go|200/, root);
    const rows = await c.database.sql`select payload from firings`;
    expect(rows).toMatchObject([{ payload: { kind: "reaction", text: "the site is slow" } }]);
  });

  it("a channel that Claw is not in is refused with what to do", async () => {
    const { sam } = c.people;
    c.slack.team.channel("private-talks", [sam]);
    await sam.types('/claw when a message in #private-talks matches "x" look', { channel: c.eng });
    // Slack does not tell an app the names of channels that it is not in.
    await c.sees(sam, /I cannot read #\w+: .*invite/);
  });
});
