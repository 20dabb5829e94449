/** The App Home: its buttons do what they say, those that ask for a reason too. */
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Notice } from "../../../src/orchestrator/events.ts";
import { approval, run } from "../cards/views.ts";
import { type AdapterCase, adapterCase } from "./slack-case.ts";
import { home } from "./view-samples.ts";

const ID = "0192f0c0-0000-7000-8000-000000000007";
const waiting = approval({ approvalId: ID, diff: [] });
const notice: Notice = { kind: "approvalRequested", approval: waiting, decision: null, outcome: null };
const dead = run({
  runId: ID,
  status: "dead",
  failure: { code: "service_unavailable", message: "GitHub answers 503" },
});

let c: AdapterCase;
beforeEach(async () => {
  c = await adapterCase("http", () => ({ home: async () => home({ approvals: [waiting], waiting: [dead] }) }));
  c.ada.opensHome();
});
afterEach(() => c.close());

const page = () => c.slack.until("the home page", () => c.ada.home);
const form = () => c.slack.until("the form", () => c.ada.modal);
const reason = async (words: string) => {
  const asked = await form();
  await c.ada.submits(asked, { "Reason (may be left empty)": words });
  const event = await c.slack.until("the event", () => c.inbox.heard[0]);
  return event.body;
};

it("asks why for a no, about the call that waits", async () => {
  c.notices.set(`approval:${ID}`, notice);
  await c.ada.presses("Deny…", await page());
  expect((await form()).words).toContain("May I close issue #77");
  expect(await reason("not today")).toMatchObject({ action: "approval.deny", value: ID, text: "not today" });
});

it("asks why before a dead run is given up", async () => {
  await c.ada.presses("Discard…", await page());
  expect(await reason("too old")).toMatchObject({ action: "run.discard", value: ID, text: "too old" });
});

it("says so when what a button is about is over", async () => {
  await c.ada.presses("Deny…", await page());
  expect((await form()).words).toMatch(/no longer up to date/);
  expect(c.inbox.heard).toEqual([]);
});
