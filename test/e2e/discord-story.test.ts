/** The main job, end to end, in Discord. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Person, SeenMessage } from "../support/discord/fake-discord.ts";
import { type HttpServer, html, httpServer, json } from "../support/http-server.ts";
import { until } from "../support/patience.ts";
import { type DiscordCase, discordCase } from "./discord-case.ts";

describe("the main job in Discord", () => {
  let c: DiscordCase;
  let site: HttpServer;

  beforeEach(async () => {
    site = await httpServer();
    c = await discordCase();
  });
  afterEach(async () => {
    await c.close();
    await site.close();
  });

  const says = (person: Person, line: string) => person.types(`/claw ${line}`, { channel: c.eng });
  /** Types a phrase, presses *Create*, and sees the root message. */
  const creates = async (person: Person, line: string): Promise<SeenMessage> => {
    await says(person, line);
    const preview = await c.sees(person, /Create this workflow\?/);
    await person.presses("Create", preview);
    const created = await c.sees(person, /Created \S+\./);
    const name = /Created (\S+)\./.exec(created.words)?.[1] ?? "";
    return c.sees(person, new RegExp(`${name} runs`));
  };
  const runs = () => c.database.sql<{ status: string }[]>`select status from runs order by number`;

  it("previews in private, creates, reports into the thread, and answers what it did", async () => {
    site.page("/status", html("<title>Status</title><p>All systems go</p>"));
    const { sam, lin } = c.people;
    const typed = await says(sam, `every day at 3 check ${site.url}/status and tell me when it changes`);
    expect(typed).toMatchObject({ acked: true, answer: 5 });
    const preview = await c.sees(sam, /Create this workflow\?/);
    expect(preview.ephemeral).toBe(true);
    expect(
      lin
        .sees(c.eng)
        .map(({ words }) => words)
        .join(),
    ).not.toContain("Create this workflow");
    await sam.presses("Create", preview);
    const root = await c.sees(lin, /runs every day/);
    const name = /([\w-]+) runs every day/.exec(root.words)?.[1] ?? "";

    await says(sam, `run ${name}`);
    const reported = await c.sees(lin, /All systems go|200/);
    expect(reported.threadId).toBe(root.id);

    await says(sam, "status");
    await c.sees(sam, /1 workflow/);
    sam.says(`@claw inspect ${name}`, { channel: c.eng, thread: root });
    const inspected = await c.sees(sam, /Run 1|run 1/);
    expect(inspected).toBeDefined();
    const offered = await sam.completes("/claw inspect ", { channel: c.eng });
    expect(offered.map(({ value }) => value)).toContain(`inspect ${name}`);
  });

  it("changes a preview in a form, in place, and talks in a direct message about the one server", async () => {
    const { sam } = c.people;
    await says(sam, "every day at 3 remind us of the stand-up");
    const preview = await c.sees(sam, /Create this workflow\?/);
    await sam.presses("Edit…", preview);
    const form = await c.discord.until("the form", () => sam.modal);
    const [input] = form.controls.filter(({ kind }) => kind === "text");
    await sam.submits(form, { [input?.label ?? ""]: "every weekday at 4 remind us of the retro" });
    const changed = await c.sees(sam, /weekday[\s\S]*remind us of the retro/);
    expect(changed.id).toBe(preview.id);
    await sam.presses("Create", changed);
    await c.sees(sam, /runs every weekday/);

    sam.says("list", { channel: sam.dm });
    const listed = await c.sees(sam, /1 workflow/);
    expect(listed.channelId).toBe(sam.dm.id);
  });

  it("changes a workflow in fields: the change is shown before it is saved, and then it is so", async () => {
    const { sam } = c.people;
    await creates(sam, "every day at 3 remind us of the stand-up");
    const [{ name } = { name: "" }] = await c.database.sql<{ name: string }[]>`select name from workflows`;
    await says(sam, `edit ${name}`);
    const now = await c.sees(sam, new RegExp(`Now ${name} is`));
    await sam.presses("Edit…", now);
    const form = await c.discord.until("the form", () => sam.modal);
    await sam.submits(form, { When: "every weekday at 4:00", "What it does": "remind us of the retro" });
    const shown = await c.sees(sam, /This would change in[\s\S]*retro/);
    expect(await c.database.sql`select number from revisions`).toHaveLength(1);
    await sam.presses("Save", shown);
    const saved = await c.sees(sam, /is changed, revision 2/);
    expect(saved.ephemeral).toBe(true);
    await says(sam, `edit ${name}`);
    await c.sees(sam, /weekday[\s\S]*remind us of the retro/);
  });

  it("asks before a write: a member may not decide, one yes runs it once, a second click is told who was first", async () => {
    site.page("/tickets", json({ id: 7 }));
    const { sam, vic, lin } = c.people;
    await creates(sam, `now use http_request method=POST url=${site.url}/tickets body=hello`);
    const asked = await c.sees(sam, /May I/);
    expect(site.requests).toHaveLength(0);

    await vic.presses("Approve", asked);
    await c.sees(vic, /Only an approver or an admin can decide this/);
    expect(site.requests).toHaveLength(0);

    await Promise.all([lin.presses("Approve", asked), lin.presses("Approve", asked)]);
    await c.sees(lin, /Already approved by @lin/);
    const decided = await c.sees(sam, /Approved by @lin/);
    expect(decided.buttons).not.toContain("Approve");
    await c.sees(sam, /rules model/);
    expect(site.requests.filter((request) => request.method === "POST")).toHaveLength(1);
  });

  it("does not do what was denied, and says who denied it and why", async () => {
    site.page("/tickets", json({ id: 7 }));
    const { sam, lin } = c.people;
    await creates(sam, `now use http_request method=POST url=${site.url}/tickets body=hello`);
    const asked = await c.sees(sam, /May I/);
    await lin.presses("Deny…", asked);
    const form = await c.discord.until("the form", () => lin.modal);
    const [input] = form.controls.filter(({ kind }) => kind === "text");
    await lin.submits(form, { [input?.label ?? ""]: "not on a Sunday" });
    await c.sees(sam, /Denied by @lin.*not on a Sunday/s);
    await until(async () => (await runs()).every(({ status }) => ["failed", "succeeded"].includes(status)));
    expect(site.requests).toHaveLength(0);
  });

  it("runs a call with other arguments than were asked for, once a form says so", async () => {
    site.page("/tickets", json({ id: 7 }));
    const { sam, lin } = c.people;
    await creates(sam, `now use http_request method=POST url=${site.url}/tickets body=hello`);
    const asked = await c.sees(sam, /May I/);
    const button = asked.buttons.find((label) => label.startsWith("Approve with changes")) ?? "";
    expect(await lin.presses(button, asked)).toMatchObject({ answer: 9 });
    const form = await c.discord.until("the form", () => lin.modal);
    const body = form.controls.find(
      ({ label, component }) => /body|JSON/i.test(label) && /hello/.test(JSON.stringify(component)),
    );
    const value = String(body?.component.value ?? "").replace("hello", "goodbye");
    await lin.submits(form, { [body?.customId ?? ""]: value });
    await until(async () => site.requests.some((request) => request.method === "POST"));
    expect(site.requests.find((request) => request.method === "POST")?.body).toContain("goodbye");
  });

  it("keeps an open approval over kill -9, and the yes after the restart runs the call once", async () => {
    site.page("/tickets", json({ id: 7 }));
    const { sam, lin } = c.people;
    await creates(sam, `now use http_request method=POST url=${site.url}/tickets body=hello`);
    const asked = await c.sees(sam, /May I/);
    await c.claw.kill();
    await c.start();
    expect(await lin.presses("Approve", asked)).toMatchObject({ acked: true });
    await c.sees(sam, /rules model/);
    expect(site.requests.filter((request) => request.method === "POST")).toHaveLength(1);
    expect(await runs()).toEqual([expect.objectContaining({ status: "succeeded" })]);
  });
});
