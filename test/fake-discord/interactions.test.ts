import { type Interaction, MessageFlags } from "discord.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Channel, FakeDiscord, Outcome, Person } from "../support/discord/fake-discord.ts";
import { errorsAt } from "./api.ts";
import { EPHEMERAL, V2, type Waiting, waiting } from "./begun.ts";
import { realClient } from "./real-client.ts";

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

describe("3 seconds and 15 minutes", () => {
  test("an answer in time is seen, and a 204 without a content type", async () => {
    const { outcome, callback } = await w.command();
    const answer = await callback({ type: 4, data: { content: "all well" } });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([204, null]);
    expect(await outcome).toMatchObject({ acked: true, answer: 4, trouble: null });
    expect(lin.sees(eng)).toMatchObject([{ words: "all well", author: "claw", ephemeral: false }]);
  });

  test("an answer after 3 s is 10062, and the person was told", async () => {
    const { outcome, callback } = await w.command();
    discord.advance(3_001);
    expect(await outcome).toMatchObject({ acked: false, trouble: "The application did not respond" });
    expect(await callback({ type: 4, data: { content: "late" } })).toMatchObject({
      status: 404,
      json: { code: 10062 },
    });
    expect(ada.sees(eng)).toEqual([]);
  });

  test("a second answer is 40060", async () => {
    const { callback } = await w.command();
    await callback({ type: 5 });
    expect(await callback({ type: 5 })).toMatchObject({ status: 400, json: { code: 40060 } });
  });

  test("an unknown interaction is 10062, a wrong token 50027", async () => {
    const { id } = await w.command();
    expect((await w.api("POST", "/interactions/123456789/x/callback", { body: { type: 5 } })).json).toMatchObject({
      code: 10062,
    });
    const wrong = await w.api("POST", `/interactions/${id}/x/callback`, { body: { type: 5 } });
    expect(wrong).toMatchObject({ status: 401, json: { code: 50027 } });
  });

  test("the token works for 15 min after the answer, not before it and not later", async () => {
    const { callback, webhook } = await w.command();
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
      (await w.api("PATCH", `/channels/${eng.id}/messages/${seen?.id}`, { body: { content: "later" } })).status,
    ).toBe(200);
  });

  test("nothing can be said any more in a channel that is gone", async () => {
    const open = await w.command();
    const { callback, webhook } = await w.command();
    await callback({ type: 5 });
    discord.guild.remove(eng);
    expect((await open.callback({ type: 5 })).json).toMatchObject({ code: 10003 });
    expect((await webhook("POST", "", { content: "x" })).json).toMatchObject({ code: 10003 });
    expect((await webhook("PATCH", "/messages/@original", { content: "x" })).json).toMatchObject({ code: 10008 });
  });

  test("nobody there is a failure at once", async () => {
    await w.real.stop();
    await discord.until("no session", () => discord.gateway.sessions.length === 0);
    expect(await ada.types("/claw status", { channel: eng })).toMatchObject({ acked: false });
  });
});

describe("answers", () => {
  test("a deferred one is thinking until it is edited", async () => {
    const { callback, webhook } = await w.command();
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
    const { callback, webhook } = await w.command();
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
    const { callback, webhook } = await w.command();
    const { json } = await callback({ type: 4, data: { content: "psst", flags: EPHEMERAL } }, true);
    const { id } = json.resource.message;
    expect((await w.api("GET", `/channels/${eng.id}/messages/${id}`)).json).toMatchObject({ code: 10008 });
    expect((await w.api("GET", `/channels/${eng.id}/messages`)).json).toEqual([]);
    expect(discord.dispatched("MESSAGE_CREATE")).toEqual([]);
    expect((await webhook("GET", "/messages/@original")).json.content).toBe("psst");
    expect((await webhook("DELETE", "/messages/@original")).status).toBe(204);
    expect(ada.sees(eng)).toEqual([]);
    expect((await webhook("GET", "/messages/@original")).json).toMatchObject({ code: 10008 });
  });

  test("a follow-up can be changed and deleted by its own id", async () => {
    const { callback, webhook } = await w.command();
    await callback({ type: 4, data: { content: "first" } });
    const { json } = await webhook("POST", "", { content: "second" });
    expect((await webhook("PATCH", `/messages/${json.id}`, { content: "changed" })).status).toBe(200);
    expect(ada.sees(eng).map((each) => each.words)).toEqual(["first", "changed"]);
    expect((await webhook("DELETE", `/messages/${json.id}`)).status).toBe(204);
    const said = ada.says("mine", { channel: eng });
    expect((await webhook("PATCH", `/messages/${said.id}`, { content: "x" })).json).toMatchObject({ code: 10008 });
  });

  test("what is too long is 50035 under data, and the interaction is still open", async () => {
    const { callback, outcome } = await w.command();
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
    const { id, token } = await w.command();
    const body = { type: 4, data: { content: "see", attachments: [{ id: "0" }] } };
    expect(
      (await w.api("POST", `/interactions/${id}/${token}/callback`, { body, token: null, files: { "a.txt": "a" } }))
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
    const seen = await w.card();
    const act = (): Promise<Outcome> => {
      if (what === "a press") return ada.presses("Go", seen);
      if (what === "a command") return ada.types("/claw x", { channel: eng });
      return ada.completes("/claw x", { channel: eng }) as never;
    };
    const { callback } = await w.begun(act);
    expect(errorsAt(await callback({ type }), "type")).toEqual(["INTERACTION_RESPONSE_TYPE_INVALID"]);
  });
});

describe("what the app is told", () => {
  test("who, where, and with which rights", async () => {
    const { data } = await w.command("/claw request:status open-prs");
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
    const { data } = await w.begun(() => ada.types("/claw help", { channel: ada.dm }));
    expect(data).toMatchObject({ user: { id: ada.id }, context: 1 });
    expect([data.member, data.guild_id]).toEqual([undefined, undefined]);
  });

  test("a command on a message brings the message", async () => {
    const said = lin.says("why is it red?", { channel: eng });
    const { data } = await w.begun(() => ada.uses("Ask Claw about this", said));
    expect(data.data).toMatchObject({
      type: 3,
      target_id: said.id,
      resolved: { messages: { [said.id]: { content: "why is it red?" } } },
    });
    await expect(ada.uses("No such thing", said)).rejects.toThrow("there is no message command");
  });

  test("autocompletion brings what is typed and gets at most 25 choices of 100 characters", async () => {
    const typing = { choices: [] as readonly unknown[] };
    const { data, callback } = await w.begun(async () => {
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
    const { callback, outcome } = await w.command();
    await callback({ type: 5 });
    discord.again(await outcome);
    const [first, second] = discord.dispatched("INTERACTION_CREATE");
    expect(second?.data).toEqual(first?.data);
    expect(second?.seq).toBeGreaterThan(first?.seq ?? 0);
  });
});

test("the real client defers, edits, follows up, shows a modal and is told who pressed", async () => {
  const told: string[] = [];
  await w.real.stop();
  w.real = await realClient(discord, {
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
  await lin.presses("Go", await w.card());
  await discord.until("the update", () => told.includes("lin"));
  await ada.uses("Ask Claw about this", lin.says("why?", { channel: eng }));
  expect(ada.sees(eng).map((each) => each.words)).toEqual(["status", "and more", "by lin", "why?", "about why?"]);
  expect(w.real.log.filter((line) => line.startsWith("error"))).toEqual([]);
});
