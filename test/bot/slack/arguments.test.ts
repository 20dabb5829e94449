/** Approving with changes: a form made of the tool's schema, checked before anything of it is recorded. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { SlackDeps } from "../../../src/bot/slack/deps.ts";
import type { Notice } from "../../../src/orchestrator/events.ts";
import { defineTool, inputFaults, inputSchema, ok } from "../../../src/tools/index.ts";
import type { SeenMessage, SeenView } from "../../support/slack/fake-slack.ts";
import { approval } from "../cards/views.ts";
import { type AdapterCase, adapterCase, signal } from "./slack-case.ts";

const ID = "0192f0c0-0000-7000-8000-000000000007";
const GIVEN = { repo: "acme/api", issue: 77, reason: "completed" };
const close = defineTool({
  name: "close_issue",
  description: "Closes an issue.",
  input: z.strictObject({
    repo: z.string().regex(/^\w+\/\w+$/, "expected owner/name"),
    issue: z.int().min(1),
    reason: z.enum(["completed", "not planned"]),
    labels: z.array(z.string()).optional(),
  }),
  output: z.object({}),
  effect: "destructive",
  egress: "fixed",
  retry: "never",
  timeoutMs: 1_000,
  outputTrust: "trusted",
  preview: () => ({ action: "close an issue", diff: [], target: null }),
  execute: async () => ok({}),
});
const contract = close as unknown as Parameters<typeof inputFaults>[0];
const waiting: SlackDeps["callToChange"] = async (_workspaceId, approvalId) =>
  approvalId === ID
    ? { schema: inputSchema(contract), given: GIVEN, faults: (value) => inputFaults(contract, value) }
    : null;

let c: AdapterCase;
let call: SlackDeps["callToChange"];
let card: SeenMessage;

beforeEach(async () => {
  call = waiting;
  c = await adapterCase("http", () => ({ callToChange: (...asked) => call(...asked) }));
  const asked = approval({ approvalId: ID, tool: "close_issue", exactly: JSON.stringify(GIVEN) });
  const notice: Notice = { kind: "approvalRequested", approval: asked, decision: null, outcome: null };
  c.notices.set("approval:7", notice);
  await c.platform.post(c.target(c.eng), notice, "approval:7", signal);
  card = await c.slack.until("the card", () => c.lin.sees(c.eng).at(-1));
});
afterEach(() => c.close());

const opened = async (): Promise<SeenView> => {
  await c.lin.presses("Approve with changes…", card);
  return c.slack.until("the form", () => c.lin.modal);
};
const errors = () => Object.values(c.lin.modal?.errors ?? {});

describe("the form", () => {
  it("has a field for each argument, filled with what the call would be", async () => {
    const form = await opened();
    expect(form.words).toContain("May I close issue #77");
    expect(form.controls.map(({ label, type }) => `${label}: ${type}`)).toEqual([
      "repo: plain_text_input",
      "issue: number_input",
      "reason: static_select",
      "labels (JSON): plain_text_input",
    ]);
  });

  it("sends the arguments as they were, where they are not touched, and as they are, where they are", async () => {
    const done = await c.lin.submits(await opened(), { issue: "78", reason: "not planned" });
    expect(done.trouble).toBeNull();
    expect(c.lin.modal).toBeNull();
    expect(c.inbox.heard.map(({ body }) => body)).toEqual([
      {
        kind: "action",
        action: "approval.change",
        value: ID,
        text: JSON.stringify({ repo: "acme/api", issue: 78, reason: "not planned" }),
        messageId: expect.stringMatching(new RegExp(card.ts)),
      },
    ]);
  });

  it("says at each field what the tool wants there, records nothing, and goes on from what was typed", async () => {
    const form = await opened();
    await c.lin.submits(form, { repo: "api", issue: "0", "labels (JSON)": "stale" });
    expect(errors()).toEqual(["This is not JSON."]);
    await c.lin.submits(form, { "labels (JSON)": '["stale", 7]' });
    expect(errors()).toEqual([
      "expected owner/name",
      expect.stringMatching(/>=1/),
      expect.stringMatching(/^1: expected string/),
    ]);
    expect(c.inbox.answers).toEqual([]);
    await c.lin.submits(form, { repo: "acme/web", issue: "1", "labels (JSON)": '["stale"]' });
    const [event] = c.inbox.heard;
    expect(event?.body).toMatchObject({
      text: JSON.stringify({ repo: "acme/web", issue: 1, reason: "completed", labels: ["stale"] }),
    });
  });

  it("stays when its answer was not recorded, and is sent again", async () => {
    const form = await opened();
    c.inbox.records = false;
    await c.lin.submits(form, { issue: "78" });
    expect(errors()).toEqual(["Not recorded, try again."]);
    c.inbox.records = true;
    await c.lin.submits(form);
    expect(c.inbox.heard).toHaveLength(1);
  });

  it("stays when the call cannot be read in time or at all", async () => {
    const form = await opened();
    call = async () => {
      throw new Error("the database is away");
    };
    await c.lin.submits(form, { issue: "78" });
    expect(errors()).toEqual(["Not recorded, try again."]);
    call = () => new Promise(() => {});
    const done = await c.lin.submits(form);
    expect(done.acked).toBe(true);
    expect(errors()).toEqual(["Not recorded, try again."]);
    expect(c.inbox.answers).toEqual([]);
  });

  it("says so when nothing waits any more", async () => {
    const form = await opened();
    call = async () => null;
    await c.lin.submits(form, { issue: "78" });
    const after = await c.slack.until("the answer", () => c.lin.modal);
    expect(after.words).toMatch(/does not wait for a yes any more/);
    expect(c.inbox.answers).toEqual([]);
  });
});

describe("a press", () => {
  it.each<[string, SlackDeps["callToChange"], RegExp]>([
    ["on a card whose call was decided", async () => null, /no longer up to date/],
    ["while the database is away", () => Promise.reject(new Error("away")), /did not open; press again/],
  ])("%s opens no form, and says why", async (_, asked, says) => {
    call = asked;
    await c.lin.presses("Approve with changes…", card);
    const told = await c.slack.until("a word", () => c.lin.sees(c.eng).find(({ words }) => says.test(words)));
    expect(told.ephemeral).toBe(true);
    expect(c.lin.modal).toBeNull();
  });
});
