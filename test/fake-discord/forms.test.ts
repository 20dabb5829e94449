import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Channel, FakeDiscord, Person } from "../support/discord/fake-discord.ts";
import { errorsAt } from "./api.ts";
import { type Waiting, waiting } from "./begun.ts";

let w: Waiting;
let discord: FakeDiscord;
let eng: Channel;
let ada: Person;
let lin: Person;

beforeEach(async () => {
  w = await waiting();
  ({ discord, eng, ada, lin } = w);
});
afterEach(() => w.close());

describe("buttons and menus", () => {
  test("a press can change its message in place", async () => {
    const { data, callback, webhook, outcome } = await w.begun(async () => lin.presses("Go", await w.card()));
    expect(data).toMatchObject({
      type: 3,
      data: { custom_id: "go", component_type: 2 },
      message: { content: "a card" },
    });
    await callback({ type: 7, data: { content: "gone", components: [] } });
    expect(await outcome).toMatchObject({ acked: true, answer: 7 });
    expect(ada.sees(eng)).toMatchObject([{ words: "gone", buttons: [] }]);
    await webhook("PATCH", "/messages/@original", { content: "and again" });
    expect(ada.sees(eng).map((each) => each.words)).toEqual(["and again"]);
  });

  test("a button that is gone can be pressed by who is a moment late", async () => {
    const seen = await w.card();
    await w.api("PATCH", `/channels/${eng.id}/messages/${seen.id}`, { body: { components: [] } });
    await expect(ada.presses("Go", seen)).rejects.toThrow('no control "Go" (there are none at all)');
    const { data } = await w.begun(() => ada.presses("Go", seen, { stale: true }));
    expect(data.data).toMatchObject({ custom_id: "go" });
  });

  test("a message that was deleted after the press cannot be changed by it: 10008", async () => {
    const seen = await w.card();
    const { callback } = await w.begun(() => ada.presses("Go", seen));
    await w.api("DELETE", `/channels/${eng.id}/messages/${seen.id}`);
    expect((await callback({ type: 7, data: { content: "x" } })).json).toMatchObject({ code: 10008 });
    expect((await callback({ type: 4, data: { content: "gone" } })).status).toBe(204);
  });

  test("a disabled one cannot be pressed", async () => {
    const seen = await w.card([
      { type: 1, components: [{ type: 2, style: 1, label: "Go", custom_id: "go", disabled: true }] },
    ]);
    expect(seen.buttons).toEqual([]);
    await expect(ada.presses("Go", seen)).rejects.toThrow("disabled");
  });

  test("a menu sends the values chosen, as many as it takes", async () => {
    const options = ["a", "b", "c"].map((each) => ({ label: `Option ${each}`, value: each }));
    const seen = await w.card([
      { type: 1, components: [{ type: 3, custom_id: "m", placeholder: "Which?", max_values: 2, options }] },
    ]);
    const { data, callback } = await w.begun(() => ada.chooses("Which?", ["Option a", "c"], seen));
    expect(data.data).toMatchObject({ component_type: 3, custom_id: "m", values: ["a", "c"] });
    expect((await callback({ type: 6 })).status).toBe(204);
    await expect(ada.chooses("Which?", ["a", "b", "c"], seen)).rejects.toThrow("takes 1 to 2");
    await expect(ada.chooses("Which?", "d", seen)).rejects.toThrow('does not offer "d"');
  });
});

test("a menu of people and one of roles bring what their ids stand for", async () => {
  const lead = discord.guild.role("lead");
  const seen = await w.card([
    { type: 1, components: [{ type: 5, custom_id: "who", placeholder: "Who?" }] },
    { type: 1, components: [{ type: 6, custom_id: "role", placeholder: "Which role?" }] },
  ]);
  const who = await w.begun(() => ada.chooses("Who?", lin.id, seen));
  expect(who.data.data).toMatchObject({
    values: [lin.id],
    resolved: { users: { [lin.id]: { username: "lin" } }, members: { [lin.id]: {} } },
  });
  const role = await w.begun(() => ada.chooses("Which role?", lead.id, seen));
  expect(role.data.data.resolved.roles).toMatchObject({ [lead.id]: { name: "lead" } });
});

describe("modals", () => {
  const why = { type: 18, label: "Why?", component: { type: 4, custom_id: "why", style: 2, max_length: 10 } };
  const modal = (parts: object = {}) => ({
    type: 9,
    data: { custom_id: "deny", title: "Deny", components: [why], ...parts },
  });

  test("a modal is filled in and submitted", async () => {
    const pressed = await w.begun(async () => ada.presses("Go", await w.card()));
    expect((await pressed.callback(modal())).status).toBe(204);
    expect((await pressed.outcome).answer).toBe(9);
    const { modal: shown } = ada;
    if (!shown) throw new Error("no modal");
    expect(shown).toMatchObject({ title: "Deny", words: "Why?" });
    await expect(ada.submits(shown, {})).rejects.toThrow('"Why?" is required');
    await expect(ada.submits(shown, { "Why?": "x".repeat(11) })).rejects.toThrow("10 characters at most");
    const { data, callback, outcome } = await w.begun(() => ada.submits(shown, { "Why?": "too risky" }));
    expect(data).toMatchObject({ type: 5, message: { content: "a card" }, data: { custom_id: "deny" } });
    expect(data.data).toMatchObject({
      components: [{ type: 18, component: { type: 4, custom_id: "why", value: "too risky" } }],
    });
    expect(errorsAt(await callback(modal()), "type")).toEqual(["INTERACTION_RESPONSE_TYPE_INVALID"]);
    expect((await callback({ type: 7, data: { content: "denied" } })).status).toBe(204);
    await outcome;
    expect(ada.modal).toBeNull();
    expect(ada.sees(eng)).toMatchObject([{ words: "denied" }]);
    await expect(ada.submits(shown, { "Why?": "again" })).rejects.toThrow("is not open (any more)");
  });

  test("a modal that nobody answers stays open, and one can be closed", async () => {
    const pressed = await w.begun(() => ada.types("/claw edit", { channel: eng }));
    await pressed.callback(modal());
    await pressed.outcome;
    const { modal: shown } = ada;
    if (!shown) throw new Error("no modal");
    const { outcome, callback } = await w.begun(() => ada.submits(shown, { "Why?": "x" }));
    expect(errorsAt(await callback({ type: 6 }), "type")).toHaveLength(1);
    discord.advance(3_001);
    expect(await outcome).toMatchObject({ trouble: "This interaction failed" });
    expect(ada.modal).not.toBeNull();
    ada.cancels();
    expect(ada.modal).toBeNull();
  });

  test.each<[string, object, string]>([
    ["a title of 46", { title: "x".repeat(46) }, "data.title"],
    ["no title", { title: "" }, "data.title"],
    ["a custom id of 101", { custom_id: "x".repeat(101) }, "data.custom_id"],
    [
      "6 inputs",
      {
        components: Array.from({ length: 6 }, (_, n) => ({
          ...why,
          component: { ...why.component, custom_id: `${n}` },
        })),
      },
      "data.components",
    ],
    ["no inputs", { components: [] }, "data.components"],
    ["an id twice", { components: [why, why] }, "data.components.1.component.custom_id"],
    ["a label of 46", { components: [{ ...why, label: "x".repeat(46) }] }, "data.components.0.label"],
    [
      "a value of 4001",
      { components: [{ ...why, component: { type: 4, custom_id: "x", style: 2, value: "x".repeat(4001) } }] },
      "data.components.0.component.value",
    ],
    [
      "a value above its own limit",
      { components: [{ ...why, component: { ...why.component, value: "x".repeat(11) } }] },
      "data.components.0.component.value",
    ],
    [
      "a placeholder of 101",
      { components: [{ ...why, component: { ...why.component, placeholder: "x".repeat(101) } }] },
      "data.components.0.component.placeholder",
    ],
    [
      "a button in it",
      { components: [{ type: 1, components: [{ type: 2, style: 1, label: "x", custom_id: "x" }] }] },
      "data.components.0.components.0.type",
    ],
  ])("a modal with %s is refused", async (_, parts, at) => {
    const { callback } = await w.command();
    const refused = await callback(modal(parts));
    expect(refused.json).toMatchObject({ code: 50035 });
    expect(errorsAt(refused, at), JSON.stringify(refused.json)).not.toEqual([]);
  });
});
