import { GatewayIntentBits, type Interaction, MessageFlags } from "discord.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type Channel,
  type FakeDiscord,
  type Outcome,
  type Person,
  startFakeDiscord,
} from "../support/discord/fake-discord.ts";
import { type Answer, type Api, apiOf, errorsAt } from "./api.ts";
import { type RealClient, realClient } from "./real-client.ts";

const V2 = 1 << 15;
const EPHEMERAL = 64;
const COMMANDS = [
  {
    name: "claw",
    description: "Claw",
    options: [{ type: 3, name: "request", description: "What", autocomplete: true }],
  },
  { name: "Ask Claw about this", type: 3 },
];

let discord: FakeDiscord;
let api: Api;
let eng: Channel;
let ada: Person;
let lin: Person;
let real: RealClient;

beforeEach(async () => {
  discord = await startFakeDiscord();
  api = apiOf(discord);
  eng = discord.guild.channel("eng");
  ada = discord.guild.person("ada");
  lin = discord.guild.person("lin");
  // The client only listens; what is answered is each test's own business.
  real = await realClient(discord, { intents: [GatewayIntentBits.Guilds] });
  await api("PUT", `/applications/${discord.appId}/commands`, { body: COMMANDS });
});
afterEach(async () => {
  await real.stop();
  await discord.close();
});

/** What a person began that waits for its answer. */
async function begun(act: () => Promise<Outcome>, type = "INTERACTION_CREATE") {
  const before = discord.dispatched(type).length;
  const outcome = act();
  const { data } = await discord.until("the interaction", () => discord.dispatched(type)[before]);
  const { id, token } = data as { readonly id: string; readonly token: string };
  const callback = (body: unknown, withResponse = false): Promise<Answer> =>
    api("POST", `/interactions/${id}/${token}/callback${withResponse ? "?with_response=true" : ""}`, {
      body,
      token: null,
    });
  const webhook = (method: string, path = "", body?: unknown): Promise<Answer> =>
    api(method, `/webhooks/${discord.appId}/${token}${path}`, { token: null, ...(body !== undefined && { body }) });
  return { id, token, data, outcome, callback, webhook };
}

const command = (line = "/claw status") => begun(() => ada.types(line, { channel: eng }));

async function card(
  components: unknown[] = [{ type: 1, components: [{ type: 2, style: 1, label: "Go", custom_id: "go" }] }],
) {
  await api("POST", `/channels/${eng.id}/messages`, { body: { content: "a card", components } });
  const seen = ada.sees(eng).at(-1);
  if (!seen) throw new Error("no card");
  return seen;
}

describe("3 seconds and 15 minutes", () => {
  test("an answer in time is seen, and a 204 without a content type", async () => {
    const { outcome, callback } = await command();
    const answer = await callback({ type: 4, data: { content: "all well" } });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([204, null]);
    expect(await outcome).toMatchObject({ acked: true, answer: 4, trouble: null });
    expect(lin.sees(eng)).toMatchObject([{ words: "all well", author: "claw", ephemeral: false }]);
  });

  test("an answer after 3 s is 10062, and the person was told", async () => {
    const { outcome, callback } = await command();
    discord.advance(3_001);
    expect(await outcome).toMatchObject({ acked: false, trouble: "The application did not respond" });
    expect(await callback({ type: 4, data: { content: "late" } })).toMatchObject({
      status: 404,
      json: { code: 10062 },
    });
    expect(ada.sees(eng)).toEqual([]);
  });

  test("a second answer is 40060", async () => {
    const { callback } = await command();
    await callback({ type: 5 });
    expect(await callback({ type: 5 })).toMatchObject({ status: 400, json: { code: 40060 } });
  });

  test("an unknown interaction is 10062, a wrong token 50027", async () => {
    const { id } = await command();
    expect((await api("POST", "/interactions/123456789/x/callback", { body: { type: 5 } })).json).toMatchObject({
      code: 10062,
    });
    const wrong = await api("POST", `/interactions/${id}/x/callback`, { body: { type: 5 } });
    expect(wrong).toMatchObject({ status: 401, json: { code: 50027 } });
  });

  test("the token works for 15 min after the answer, not before it and not later", async () => {
    const { callback, webhook } = await command();
    expect(await webhook("POST", "", { content: "too early" })).toMatchObject({ status: 404, json: { code: 10015 } });
    await callback({ type: 5 });
    discord.advance(15 * 60_000 - 1_000);
    expect((await webhook("PATCH", "/messages/@original", { content: "just in time" })).status).toBe(200);
    discord.advance(2_000);
    for (const late of [
      await webhook("POST", "", { content: "x" }),
      await webhook("PATCH", "/messages/@original", { content: "x" }),
    ]) {
      expect(late).toMatchObject({ status: 401, json: { code: 50027 } });
    }
    const [seen] = ada.sees(eng);
    expect(seen?.words).toBe("just in time");
    // As the bot itself it can still be changed, as any message of its own.
    expect(
      (await api("PATCH", `/channels/${eng.id}/messages/${seen?.id}`, { body: { content: "later" } })).status,
    ).toBe(200);
  });

  test("nobody there is a failure at once", async () => {
    await real.stop();
    await discord.until("no session", () => discord.gateway.sessions.length === 0);
    expect(await ada.types("/claw status", { channel: eng })).toMatchObject({ acked: false });
  });
});

describe("answers", () => {
  test("a deferred one is thinking until it is edited", async () => {
    const { callback, webhook } = await command();
    const { json } = await callback({ type: 5 }, true);
    expect(json.interaction).toMatchObject({ response_message_loading: true, response_message_ephemeral: false });
    expect(ada.sees(eng)).toMatchObject([{ loading: true, words: "" }]);
    const edited = await webhook("PATCH", "/messages/%40original", {
      flags: V2,
      components: [{ type: 10, content: `hello <@${ada.id}>` }],
    });
    expect(edited.json.id).toBe(json.resource.message.id);
    expect(ada.sees(eng)).toMatchObject([{ loading: false, words: "hello @ada", edited: false, pings: [ada.id] }]);
  });

  test("the first follow-up of a deferred answer takes its place, and is as private", async () => {
    const { callback, webhook } = await command();
    await callback({ type: 5, data: { flags: EPHEMERAL } });
    await webhook("POST", "", { content: "for you" });
    await webhook("POST", "", { content: "for all" });
    expect(ada.sees(eng).map((each) => [each.words, each.ephemeral])).toEqual([
      ["for you", true],
      ["for all", false],
    ]);
    expect(lin.sees(eng).map((each) => each.words)).toEqual(["for all"]);
  });

  test("an ephemeral one is found by its token only", async () => {
    const { callback, webhook } = await command();
    const { json } = await callback({ type: 4, data: { content: "psst", flags: EPHEMERAL } }, true);
    const { id } = json.resource.message;
    expect((await api("GET", `/channels/${eng.id}/messages/${id}`)).json).toMatchObject({ code: 10008 });
    expect((await api("GET", `/channels/${eng.id}/messages`)).json).toEqual([]);
    expect(discord.dispatched("MESSAGE_CREATE")).toEqual([]);
    expect((await webhook("GET", "/messages/@original")).json.content).toBe("psst");
    expect((await webhook("DELETE", "/messages/@original")).status).toBe(204);
    expect(ada.sees(eng)).toEqual([]);
    expect((await webhook("GET", "/messages/@original")).json).toMatchObject({ code: 10008 });
  });

  test("a follow-up can be changed and deleted by its own id", async () => {
    const { callback, webhook } = await command();
    await callback({ type: 4, data: { content: "first" } });
    const { json } = await webhook("POST", "", { content: "second" });
    expect((await webhook("PATCH", `/messages/${json.id}`, { content: "changed" })).status).toBe(200);
    expect(ada.sees(eng).map((each) => each.words)).toEqual(["first", "changed"]);
    expect((await webhook("DELETE", `/messages/${json.id}`)).status).toBe(204);
    const said = ada.says("mine", { channel: eng });
    expect((await webhook("PATCH", `/messages/${said.id}`, { content: "x" })).json).toMatchObject({ code: 10008 });
  });

  test("what is too long is 50035 under data, and the interaction is still open", async () => {
    const { callback, outcome } = await command();
    expect(errorsAt(await callback({ type: 4, data: { content: "x".repeat(2001) } }), "data.content")).toEqual([
      "BASE_TYPE_MAX_LENGTH",
    ]);
    expect((await callback({ type: 4, data: {} })).json).toMatchObject({ code: 50006 });
    const twice = { type: 2, style: 1, label: "x", custom_id: "x" };
    const components = [{ type: 1, components: [twice, twice] }];
    expect(
      errorsAt(await callback({ type: 4, data: { components } }), "data.components.0.components.1.custom_id"),
    ).toHaveLength(1);
    expect((await callback({ type: 4, data: { content: "short" } })).status).toBe(204);
    expect((await outcome).acked).toBe(true);
  });

  test("files come with an answer", async () => {
    const { id, token } = await command();
    const body = { type: 4, data: { content: "see", attachments: [{ id: "0" }] } };
    expect(
      (await api("POST", `/interactions/${id}/${token}/callback`, { body, token: null, files: { "a.txt": "a" } }))
        .status,
    ).toBe(204);
    expect(ada.sees(eng)[0]?.files).toEqual([{ name: "a.txt", content: "a" }]);
  });

  test.each([
    ["a command", 6],
    ["a command", 7],
    ["a command", 8],
    ["a command", 1],
    ["a press", 8],
    ["an autocompletion", 4],
    ["an autocompletion", 9],
  ])("%s cannot be answered with type %i", async (what, type) => {
    const seen = await card();
    const act = (): Promise<Outcome> => {
      if (what === "a press") return ada.presses("Go", seen);
      if (what === "a command") return ada.types("/claw x", { channel: eng });
      return ada.completes("/claw x", { channel: eng }) as never;
    };
    const { callback } = await begun(act);
    expect(errorsAt(await callback({ type }), "type")).toEqual(["INTERACTION_RESPONSE_TYPE_INVALID"]);
  });
});

describe("what the app is told", () => {
  test("who, where, and with which rights", async () => {
    const { data } = await command("/claw request:status open-prs");
    expect(data).toMatchObject({
      type: 2,
      guild_id: discord.guild.id,
      channel_id: eng.id,
      member: { user: { id: ada.id, username: "ada" } },
      data: { name: "claw", type: 1, options: [{ name: "request", type: 3, value: "status open-prs" }] },
      context: 0,
    });
    expect(data.user).toBeUndefined();
  });

  test("in a DM there is a user and no member", async () => {
    const { data } = await begun(() => ada.types("/claw help", { channel: ada.dm }));
    expect(data).toMatchObject({ user: { id: ada.id }, context: 1 });
    expect([data.member, data.guild_id]).toEqual([undefined, undefined]);
  });

  test("a command on a message brings the message", async () => {
    const said = lin.says("why is it red?", { channel: eng });
    const { data } = await begun(() => ada.uses("Ask Claw about this", said));
    expect(data.data).toMatchObject({
      type: 3,
      target_id: said.id,
      resolved: { messages: { [said.id]: { content: "why is it red?" } } },
    });
    await expect(ada.uses("No such thing", said)).rejects.toThrow("there is no message command");
  });

  test("autocompletion brings what is typed and gets at most 25 choices of 100 characters", async () => {
    const typing = { choices: [] as readonly unknown[] };
    const { data, callback } = await begun(async () => {
      typing.choices = await ada.completes("/claw sta", { channel: eng });
      return null as never;
    });
    expect(data).toMatchObject({ type: 4, data: { options: [{ name: "request", value: "sta", focused: true }] } });
    const choices = Array.from({ length: 26 }, (_, index) => ({ name: `${index}`, value: `${index}` }));
    expect(errorsAt(await callback({ type: 8, data: { choices } }), "data.choices")).toEqual(["BASE_TYPE_MAX_LENGTH"]);
    const long = [{ name: "x".repeat(101), value: "x" }];
    expect(errorsAt(await callback({ type: 8, data: { choices: long } }), "data.choices.0.name")).toEqual([
      "BASE_TYPE_MAX_LENGTH",
    ]);
    expect((await callback({ type: 8, data: { choices: choices.slice(0, 25) } })).status).toBe(204);
    await discord.until("the choices", () => typing.choices.length === 25);
  });

  test("the same twice is the same id and token", async () => {
    const { callback, outcome } = await command();
    await callback({ type: 5 });
    discord.again(await outcome);
    const [first, second] = discord.dispatched("INTERACTION_CREATE");
    expect(second?.data).toEqual(first?.data);
    expect(second?.seq).toBeGreaterThan(first?.seq ?? 0);
  });
});

describe("buttons, menus and modals", () => {
  test("a press can change its message in place", async () => {
    const { data, callback, webhook, outcome } = await begun(async () => lin.presses("Go", await card()));
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
    const seen = await card();
    await api("PATCH", `/channels/${eng.id}/messages/${seen.id}`, { body: { components: [] } });
    await expect(ada.presses("Go", seen)).rejects.toThrow('no control "Go" (there are none at all)');
    const { data } = await begun(() => ada.presses("Go", seen, { stale: true }));
    expect(data.data).toMatchObject({ custom_id: "go" });
  });

  test("a disabled one cannot be pressed", async () => {
    const seen = await card([
      { type: 1, components: [{ type: 2, style: 1, label: "Go", custom_id: "go", disabled: true }] },
    ]);
    expect(seen.buttons).toEqual([]);
    await expect(ada.presses("Go", seen)).rejects.toThrow("disabled");
  });

  test("a menu sends the values chosen, as many as it takes", async () => {
    const options = ["a", "b", "c"].map((each) => ({ label: `Option ${each}`, value: each }));
    const seen = await card([
      { type: 1, components: [{ type: 3, custom_id: "m", placeholder: "Which?", max_values: 2, options }] },
    ]);
    const { data, callback } = await begun(() => ada.chooses("Which?", ["Option a", "c"], seen));
    expect(data.data).toMatchObject({ component_type: 3, custom_id: "m", values: ["a", "c"] });
    expect((await callback({ type: 6 })).status).toBe(204);
    await expect(ada.chooses("Which?", ["a", "b", "c"], seen)).rejects.toThrow("takes 1 to 2");
    await expect(ada.chooses("Which?", "d", seen)).rejects.toThrow('does not offer "d"');
  });

  const why = { type: 18, label: "Why?", component: { type: 4, custom_id: "why", style: 2, max_length: 10 } };
  const modal = (parts: object = {}) => ({
    type: 9,
    data: { custom_id: "deny", title: "Deny", components: [why], ...parts },
  });

  test("a modal is filled in and submitted", async () => {
    const pressed = await begun(async () => ada.presses("Go", await card()));
    expect((await pressed.callback(modal())).status).toBe(204);
    expect((await pressed.outcome).answer).toBe(9);
    const { modal: shown } = ada;
    if (!shown) throw new Error("no modal");
    expect(shown).toMatchObject({ title: "Deny", words: "Why?" });
    await expect(ada.submits(shown, {})).rejects.toThrow('"Why?" is required');
    await expect(ada.submits(shown, { "Why?": "x".repeat(11) })).rejects.toThrow("10 characters at most");
    const { data, callback, outcome } = await begun(() => ada.submits(shown, { "Why?": "too risky" }));
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
    const pressed = await begun(() => ada.types("/claw edit", { channel: eng }));
    await pressed.callback(modal());
    await pressed.outcome;
    const { modal: shown } = ada;
    if (!shown) throw new Error("no modal");
    const { outcome, callback } = await begun(() => ada.submits(shown, { "Why?": "x" }));
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
    const { callback } = await command();
    const refused = await callback(modal(parts));
    expect(refused.json).toMatchObject({ code: 50035 });
    expect(errorsAt(refused, at), JSON.stringify(refused.json)).not.toEqual([]);
  });
});

test("the real client defers, edits, follows up, shows a modal and is told who pressed", async () => {
  const told: string[] = [];
  await real.stop();
  real = await realClient(discord, {
    onInteraction: async (interaction: Interaction) => {
      if (interaction.isChatInputCommand()) {
        await interaction.deferReply({ flags: MessageFlags.Ephemeral });
        await interaction.editReply({ content: interaction.options.getString("request") ?? "" });
        await interaction.followUp({ content: "and more" });
      }
      if (interaction.isButton()) {
        const { user } = await interaction
          .update({ content: `by ${interaction.user.username}`, components: [], withResponse: true })
          .then(() => interaction);
        told.push(user.username);
      }
      if (interaction.isMessageContextMenuCommand())
        await interaction.reply(`about ${interaction.targetMessage.content}`);
    },
  });
  await ada.types("/claw status", { channel: eng });
  await discord.until(
    "both",
    () =>
      ada
        .sees(eng)
        .map((each) => each.words)
        .join() === "status,and more",
  );
  await lin.presses("Go", await card());
  await discord.until("the update", () => told.includes("lin"));
  await ada.uses("Ask Claw about this", lin.says("why?", { channel: eng }));
  expect(ada.sees(eng).map((each) => each.words)).toEqual(["status", "and more", "by lin", "why?", "about why?"]);
  expect(real.log.filter((line) => line.startsWith("error"))).toEqual([]);
  expect(discord.complaints).toEqual([]);
});
