/** Grants, several approvers and rules, in Slack. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type HttpServer, httpServer, json } from "../support/http-server.ts";
import { until } from "../support/patience.ts";
import type { Person, SeenMessage } from "../support/slack/fake-slack.ts";
import { type SlackCase, slackCase } from "./slack-case.ts";

describe("permissions in Slack", { timeout: 150_000 }, () => {
  let c: SlackCase;
  let site: HttpServer;
  beforeEach(async () => {
    site = await httpServer();
    site.page("/tickets", json({ id: 7 }));
    c = await slackCase("socket");
  });
  afterEach(async () => {
    await c.close();
    await site.close();
  });

  const says = (person: Person, line: string) => person.types(`/claw ${line}`, { channel: c.eng });
  const posts = () => site.requests.filter(({ method }) => method === "POST").length;
  const creates = async (person: Person, line: string): Promise<SeenMessage> => {
    await says(person, line);
    const preview = await c.sees(person, /Create this workflow\?/);
    await person.presses("Create", preview);
    const created = await c.sees(person, /Created \S+\./);
    const name = /Created (\S+)\./.exec(created.words)?.[1] ?? "";
    return c.sees(person, new RegExp(`${name} runs`));
  };

  it("a grant is made from the card in a second step, changed in a form, and then holds", async () => {
    const { sam, lin } = c.people;
    const root = await creates(sam, `now use http_request method=POST url=${site.url}/tickets body=hello`);
    const asked = await c.sees(sam, /May I/, root);
    expect(asked.buttons).toEqual(
      expect.arrayContaining(["Approve", "Approve with changes…", "Deny…", "Always allow this…"]),
    );
    await lin.presses("Always allow this…", asked);
    const proposed = await c.sees(lin, /Always allow this in/, root);
    expect(proposed.ephemeral).toBe(true);
    expect(posts()).toBe(0);

    await lin.presses("Change…", proposed);
    const form = await c.slack.until("the form", () => lin.modal);
    const [input] = form.controls.filter(({ type }) => type === "plain_text_input");
    await lin.submits(form, {
      [input?.label ?? ""]: "body = *\n---\nuses = 3\nlasts = 1 d\neven after outside text = no",
    });
    const changed = await c.sees(lin, /at most 3 calls/, root);
    expect(changed.words).toMatch(/body = anything/);
    await lin.presses("Give it", changed);
    await c.sees(lin, /Grant 1 holds/, root);
    await c.sees(sam, /Approved by @lin/, root);
    await c.sees(sam, /rules model/, root);
    expect(posts()).toBe(1);
    await says(lin, "grants");
    await c.sees(lin, /3 of 3 left/);
  });

  it("several must agree: the card counts them, and nobody votes twice", async () => {
    const { sam, lin, ada } = c.people;
    await says(ada, "allow http_request asking 2 of approver not the author");
    const rule = await c.sees(ada, /From now on every workflow here must ask before http_request/);
    await ada.presses("Save", rule);
    await c.sees(ada, /Rule 1 holds/);
    const root = await creates(sam, `now use http_request method=POST url=${site.url}/tickets body=hello`);
    const asked = await c.sees(sam, /2 people, each an approver or an admin, not the author/, root);
    expect(asked.buttons).not.toContain("Always allow this…");
    await lin.presses("Approve", asked);
    await c.sees(lin, /one more person must approve/, root);
    const counted = await c.sees(sam, /1 of 2: @lin/, root);
    await lin.presses("Approve", counted);
    await c.sees(lin, /You said yes before/, root);
    expect(posts()).toBe(0);
    await ada.presses("Approve", counted);
    await c.sees(sam, /Approved by @ada/, root);
    await until(async () => posts() === 1);
  });

  it("a call too long for a message is there whole before anybody can approve it", async () => {
    const { sam } = c.people;
    const root = await creates(
      sam,
      `now use http_request method=POST url=${site.url}/tickets body=${"word-".repeat(700)}end`,
    );
    const asked = await c.sees(sam, /May I/, root);
    // In the message, or in a file that was there before it: nothing of it is nowhere.
    const files = sam.sees(c.eng, root).flatMap(({ files: each }) => each.map(({ content }) => content ?? ""));
    expect([asked.words, ...files].join("\n")).toContain("word-end");
    expect(asked.buttons).toContain("Approve");
  });
});
