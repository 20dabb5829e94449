/** The main job, end to end, in Slack: over Socket Mode and over signed HTTP. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type HttpServer, html, httpServer, json } from "../support/http-server.ts";
import { until } from "../support/patience.ts";
import type { Person, SeenMessage } from "../support/slack/fake-slack.ts";
import { type SlackCase, slackCase } from "./slack-case.ts";

describe.each(["socket", "http"] as const)("the main job in Slack, by %s", (mode) => {
  let c: SlackCase;
  let site: HttpServer;

  beforeEach(async () => {
    site = await httpServer();
    c = await slackCase(mode);
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
    await says(sam, `every day at 3 check ${site.url}/status and tell me when it changes`);
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
    await c.sees(lin, /All systems go|200/, root);

    await says(sam, "status");
    await c.sees(sam, /1 workflow/);
    sam.says(`@claw inspect ${name}`, { channel: c.eng, thread: root });
    await c.sees(sam, /Run 1|run 1/, root);
  });

  it("asks before a write: a guest may not decide, one yes runs it once, a second click is told who was first", async () => {
    site.page("/tickets", json({ id: 7 }));
    const { sam, vic, lin } = c.people;
    const root = await creates(sam, `now use http_request method=POST url=${site.url}/tickets body=hello`);
    const asked = await c.sees(sam, /May I/, root);
    expect(site.requests).toHaveLength(0);

    await vic.presses("Approve", asked);
    await c.sees(vic, /Only an approver or an admin can decide this/, root);
    expect(site.requests).toHaveLength(0);

    await Promise.all([lin.presses("Approve", asked), lin.presses("Approve", asked)]);
    await c.sees(lin, /Already approved by @lin/, root);
    const decided = await c.sees(sam, /Approved by @lin/, root);
    expect(decided.buttons).not.toContain("Approve");
    await c.sees(sam, /rules model/, root);
    expect(site.requests.filter((request) => request.method === "POST")).toHaveLength(1);
  });

  it("does not do what was denied, and says who denied it and why", async () => {
    site.page("/tickets", json({ id: 7 }));
    const { sam, lin } = c.people;
    const root = await creates(sam, `now use http_request method=POST url=${site.url}/tickets body=hello`);
    const asked = await c.sees(sam, /May I/, root);
    await lin.presses("Deny…", asked);
    const form = await c.slack.until("the form", () => lin.modal);
    const [input] = form.controls.filter(({ type }) => type === "plain_text_input");
    await lin.submits(form, { [input?.label ?? ""]: "not on a Sunday" });
    await c.sees(sam, /Denied by @lin.*not on a Sunday/s, root);
    await until(async () => (await runs()).every(({ status }) => ["failed", "succeeded"].includes(status)));
    expect(site.requests).toHaveLength(0);
  });

  it("keeps an open approval over kill -9, and the yes after the restart runs the call once", async () => {
    site.page("/tickets", json({ id: 7 }));
    const { sam, lin } = c.people;
    const root = await creates(sam, `now use http_request method=POST url=${site.url}/tickets body=hello`);
    const asked = await c.sees(sam, /May I/, root);
    await c.claw.kill();
    await c.start();
    await lin.presses("Approve", asked);
    await c.sees(sam, /rules model/, root);
    expect(site.requests.filter((request) => request.method === "POST")).toHaveLength(1);
    expect(await runs()).toEqual([expect.objectContaining({ status: "succeeded" })]);
  });
});
