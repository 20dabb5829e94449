/** A dry run in Slack, end to end: tried before it is created, in a modal and in a message of one's own. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { type HttpServer, html, httpServer, json } from "../support/http-server.ts";
import { type SlackCase, slackCase } from "./slack-case.ts";

let c: SlackCase;
let site: HttpServer;

beforeEach(async () => {
  site = await httpServer();
  c = await slackCase("socket");
});
afterEach(async () => {
  await c.close();
  await site.close();
});

const modalOf = (person: SlackCase["people"]["sam"], words: RegExp) =>
  c.slack.until(`a modal with ${words}`, () => (words.test(person.modal?.words ?? "") ? person.modal : null));

it("reads for real, shows what it would ask for, changes nothing, and can be created from there", async () => {
  site.page("/tickets", json({ id: 7 }));
  const { sam, lin } = c.people;
  await sam.types(`/claw now use http_request method=POST url=${site.url}/tickets body=hello`, { channel: c.eng });
  await sam.presses("Dry run", await c.sees(sam, /Create this workflow\?/));
  await c.sees(sam, /Run 1 tries \S+ now, dry/);
  const told = await c.sees(sam, /Dry run of \S+: it would .* ask about 1 call first/);
  expect(told.ephemeral).toBe(true);
  expect(told.words).toMatch(/Would have asked: may I .*POST.*tickets/is);
  await modalOf(sam, /Dry run of .*Would have asked/s);
  expect(site.requests).toHaveLength(0);
  expect(lin.sees(c.eng).map(({ words }) => words)).toEqual([]);

  await sam.presses("Create", told);
  await c.sees(lin, /runs once/i);
  await c.sees(sam, /Created \S+\. Run 2 is queued/);
});

it("of a workflow reads its page, reports to nobody else, and answers an outlived preview in the modal too", async () => {
  site.page("/status", html("<title>Status</title><p>All systems go</p>"));
  const { sam, lin } = c.people;
  await sam.types(`/claw every day at 3 check ${site.url}/status and tell me when it changes`, { channel: c.eng });
  const preview = await c.sees(sam, /Create this workflow\?/);
  await sam.presses("Create", preview);
  const root = await c.sees(lin, /([\w-]+) runs every day/);
  const name = /([\w-]+) runs every day/.exec(root.words)?.[1] ?? "";
  await sam.presses("Dry run", preview, { stale: true });
  await modalOf(sam, /was created already/);

  await sam.types(`/claw dry run ${name}`, { channel: c.eng });
  const told = await c.sees(sam, /Dry run of \S+: it would report/);
  expect(told.words).toMatch(/All systems go|200/);
  expect(site.requests).toHaveLength(1);
  expect(lin.sees(c.eng, root)).toHaveLength(1);
  // It is no run of the workflow's, and the first real one has nothing to compare with.
  await sam.types("/claw list", { channel: c.eng });
  await c.sees(sam, /no run yet/);
});
