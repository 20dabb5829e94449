/** *Edit*: fields, then the change, then Save. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { card } from "../../../src/bot/cards/card.ts";
import { editButton } from "../../../src/bot/cards/edit.ts";
import type { EditForm, PlannedEdit, WorkflowToEdit } from "../../../src/orchestrator/index.ts";
import type { SeenMessage } from "../../support/discord/fake-discord.ts";
import { type AdapterCase, adapterCase, signal } from "./discord-case.ts";

const ID = "0b0f6f6e-52a3-4c1f-9c83-1a4a7f1f0c11";
const form: EditForm = {
  revision: 3,
  instruction: "tell us of open pull requests",
  schedule: "every day at 09:00",
  broadcast: false,
  policies: { overlap: "skip", report: "always", "quiet hours": "none" },
};
const workflow: WorkflowToEdit = {
  workflowId: ID,
  name: "open-prs",
  form,
  policies: [
    { name: "overlap", takes: "skip or queue", offers: ["skip", "queue"] },
    { name: "report", takes: "always or changes", offers: ["always", "changes"] },
    { name: "quiet hours", takes: "none or a time", offers: [] },
  ],
};
const state: { planned: (filled: EditForm) => PlannedEdit; asked: EditForm[] } = {
  planned: () => edit(form),
  asked: [],
};
const edit = (filled: EditForm): PlannedEdit => ({
  kind: "edit",
  name: "open-prs",
  diff: [`+ when: ${filled.schedule}`],
  form: filled,
  changedBy: null,
});

let c: AdapterCase;
let shown: SeenMessage;
beforeEach(async () => {
  state.asked = [];
  state.planned = edit;
  c = await adapterCase({
    workflowToEdit: async (_workspaceId, workflowId) => (workflowId === ID ? workflow : null),
    async planEdit(_workspaceId, _by, filled) {
      state.asked.push(filled);
      return state.planned(filled);
    },
  });
  const { schedule, instruction } = form;
  const buttons = [editButton({ workflowId: ID, schedule, instruction })];
  await c.platform.post(c.target(c.eng), { kind: "reply", card: card({ title: "open-prs", buttons }) }, "d1", signal);
  const [seen] = c.ada.sees(c.eng);
  if (!seen) throw new Error("nothing is there");
  shown = seen;
});
afterEach(() => c.close());

const opened = () => c.discord.until("the form", () => c.ada.modal);
const last = (): SeenMessage => {
  const seen = c.ada.sees(c.eng).at(-1);
  if (!seen) throw new Error("nothing is there");
  return seen;
};

test("the fields show what is, the change is shown to whoever made it, and only Save saves it", async () => {
  await c.ada.presses("Edit…", shown);
  const modal = await opened();
  expect(modal.controls.map(({ label }) => label)).toEqual([
    "What it does",
    "When",
    "Where it reports",
    "report",
    "Other policies",
  ]);
  await c.ada.submits(modal, {
    When: "every weekday at 10:00",
    "Where it reports": "In its thread, and in the channel too",
    report: "changes",
    "Other policies": "overlap: queue",
  });
  const expected = {
    ...form,
    schedule: "every weekday at 10:00",
    broadcast: true,
    policies: { overlap: "queue", report: "changes" },
  };
  expect(state.asked).toEqual([expected]);
  expect(last()).toMatchObject({ ephemeral: true, words: expect.stringContaining("+ when: every weekday at 10:00") });
  expect(last().buttons).toEqual(["Save", "Change…", "Cancel"]);
  expect(c.inbox.heard).toEqual([]);
  const preview = last();
  await c.ada.presses("Save", preview);
  expect(c.inbox.heard.map(({ body }) => body)).toEqual([
    { kind: "action", action: "workflow.edit", value: ID, text: JSON.stringify(expected), messageId: null },
  ]);
  expect(last().buttons).toEqual([]);
  const event = c.inbox.heard[0];
  const to = c.target(c.eng, { privateTo: event?.actor.memberId ?? "", replyToken: event?.replyToken ?? "" });
  await c.platform.post(to, { kind: "reply", card: card({ title: "changed" }) }, "d2", signal);
  expect(last()).toMatchObject({ ephemeral: true, words: expect.stringContaining("changed") });
});

test("what cannot be read is said, and the form opens again with all that was typed", async () => {
  state.planned = (filled) =>
    filled.schedule === "soonish"
      ? { kind: "faults", faults: [{ field: "schedule", message: "When is that?" }] }
      : edit(filled);
  await c.ada.presses("Edit…", shown);
  await c.ada.submits(await opened(), { When: "soonish", "What it does": "something else" });
  expect(last().words).toMatch(/Nothing was saved yet[\s\S]*When: When is that\?[\s\S]*something else/);
  await c.ada.presses("Change…", last());
  await c.ada.submits(await opened(), { "Other policies": "colour: blue" });
  expect(last().words).toMatch(/"colour: blue" is none\. There is .*overlap/);
  expect(state.asked.map(({ schedule, instruction }) => [schedule, instruction])).toEqual([
    ["soonish", "something else"],
  ]);
  await c.ada.presses("Change…", last());
  await c.ada.submits(await opened(), { When: "every day at 10:00", "Other policies": "" });
  expect(state.asked.at(-1)).toMatchObject({ schedule: "every day at 10:00", instruction: "something else" });
  expect(last().buttons).toContain("Save");
});

test("Cancel changes nothing, and a change that is not recorded can be saved again", async () => {
  await c.ada.presses("Edit…", shown);
  await c.ada.submits(await opened(), { When: "every day at 10:00" });
  const preview = last();
  c.inbox.records = false;
  await c.ada.presses("Save", preview);
  expect(last().words).toBe("Not recorded, try again.");
  c.inbox.records = true;
  const again = c.ada.sees(c.eng).find(({ id }) => id === preview.id);
  expect(again?.buttons).toContain("Save");
  await c.ada.presses("Cancel", preview);
  expect(c.ada.sees(c.eng).find(({ id }) => id === preview.id)).toMatchObject({
    words: "Nothing was changed.",
    buttons: [],
  });
  expect(c.inbox.heard).toEqual([]);
});
