/** A call approved with other arguments, end to end, in Slack. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { type HttpServer, httpServer, json } from "../support/http-server.ts";
import { type SlackCase, slackCase } from "./slack-case.ts";

let c: SlackCase;
let site: HttpServer;

beforeEach(async () => {
  site = await httpServer();
  c = await slackCase("http");
});
afterEach(async () => {
  await c.close();
  await site.close();
});

it("asks with a form of the tool, says what does not fit, and makes the call as it was approved, once", async () => {
  site.page("/tickets", json({ id: 7 }));
  const { sam, lin, vic } = c.people;
  await sam.types(`/claw now use http_request method=POST url=${site.url}/tickets body=hello`, { channel: c.eng });
  await sam.presses("Create", await c.sees(sam, /Create this workflow\?/));
  const created = await c.sees(sam, /Created \S+\./);
  const root = await c.sees(sam, new RegExp(`${/Created (\S+)\./.exec(created.words)?.[1] ?? ""} runs`));
  const asked = await c.sees(sam, /May I/, root);

  await lin.presses("Approve with changes…", asked);
  const form = await c.slack.until("the form", () => lin.modal);
  expect(form.words).toContain("May I");
  const late = await (async () => {
    await vic.presses("Approve with changes…", asked);
    return c.slack.until("the form of a guest", () => vic.modal);
  })();

  await lin.submits(form, { url: "no address" });
  expect(Object.values(lin.modal?.errors ?? {}).join()).not.toBe("");
  expect(site.requests).toHaveLength(0);

  await vic.submits(late, { body: "nothing of theirs" });
  await c.sees(vic, /Only an approver or an admin can decide this/, root);
  await lin.submits(form, { url: `${site.url}/tickets`, body: "good morning" });
  const now = await c.sees(sam, /Approved with changes by @lin/, root);
  expect(now.words).toMatch(/"body":"hello".*"body":"good morning"/s);
  const old = await c.sees(sam, /Changed by @lin.*approval 2 took its place/, root);
  expect(old.ts).toBe(asked.ts);
  expect(old.buttons).toEqual([]);
  await lin.presses("Approve", asked, { stale: true });
  await c.sees(lin, /Already changed by @lin.*approval 2 took its place/, root);
  await c.sees(sam, /rules model/, root);
  expect(site.requests.map(({ method, body }) => `${method} ${body}`)).toEqual(["POST good morning"]);
});
