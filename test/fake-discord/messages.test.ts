import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type Channel,
  type Community,
  type FakeDiscord,
  type Person,
  startFakeDiscord,
} from "../support/discord/fake-discord.ts";
import { type Api, apiOf, errorsAt } from "./api.ts";

let discord: FakeDiscord;
let api: Api;
let guild: Community;
let eng: Channel;
let ada: Person;

beforeEach(async () => {
  discord = await startFakeDiscord();
  api = apiOf(discord);
  guild = discord.guild;
  eng = guild.channel("eng");
  ada = guild.person("ada");
});
afterEach(async () => {
  await discord.close();
});

const post = (body: unknown, files?: Record<string, string>, channel = eng) =>
  api("POST", `/channels/${channel.id}/messages`, { body, ...(files && { files }) });
const edit = (id: string, body: unknown) => api("PATCH", `/channels/${eng.id}/messages/${id}`, { body });

describe("what a message may hold", () => {
  test("2000 characters and no more", async () => {
    expect((await post({ content: "x".repeat(2000) })).status).toBe(200);
    const refused = await post({ content: "x".repeat(2001) });
    expect(refused).toMatchObject({ status: 400, json: { code: 50035 } });
    expect(errorsAt(refused, "content")).toEqual(["BASE_TYPE_MAX_LENGTH"]);
    expect(refused.json.errors.content._errors[0].message).toBe("Must be 2000 or fewer in length.");
    expect(ada.sees(eng)).toHaveLength(1);
  });

  test.each([{}, { content: "" }, { content: "  \n" }, { embeds: [] }])("nothing is 50006: %j", async (body) => {
    expect((await post(body)).json).toMatchObject({ code: 50006 });
  });

  test.each([
    [{ content: "x", embeds: [{ title: "x".repeat(257) }] }, "embeds.0.title"],
    [{ content: "x", embeds: [{ description: "x".repeat(4097) }] }, "embeds.0.description"],
    [
      { content: "x", embeds: [{ fields: Array.from({ length: 26 }, () => ({ name: "n", value: "v" })) }] },
      "embeds.0.fields",
    ],
    [{ content: "x", embeds: [{ fields: [{ name: "n".repeat(257), value: "v" }] }] }, "embeds.0.fields.0.name"],
    [{ content: "x", embeds: [{ fields: [{ name: "n", value: "v".repeat(1025) }] }] }, "embeds.0.fields.0.value"],
    [{ content: "x", embeds: [{ footer: { text: "x".repeat(2049) } }] }, "embeds.0.footer.text"],
    [{ content: "x", embeds: [{ title: "x", url: "no url" }] }, "embeds.0.url"],
    [{ content: "x", embeds: Array.from({ length: 11 }, () => ({ title: "x" })) }, "embeds"],
    [{ content: "x", nonce: "n".repeat(26) }, "nonce"],
    [{ content: 17 }, "content"],
  ])("beyond the limits of embeds and fields it is 50035 (%#)", async (body, at) => {
    const refused = await post(body);
    expect(refused.json).toMatchObject({ code: 50035 });
    expect(errorsAt(refused, at), JSON.stringify(refused.json)).toHaveLength(1);
  });

  test("6000 characters in all embeds together", async () => {
    const embeds = [{ description: "x".repeat(4000) }, { description: "x".repeat(2001) }];
    expect(errorsAt(await post({ embeds }), "embeds")).toEqual(["MAX_EMBED_SIZE_EXCEEDED"]);
  });

  test("embeds and files need their permission", async () => {
    guild.deny(eng, "claw", "EMBED_LINKS", "ATTACH_FILES");
    expect((await post({ embeds: [{ title: "x" }] })).json).toMatchObject({ code: 50013 });
    expect((await post({ content: "x" }, { "a.txt": "a" })).json).toMatchObject({ code: 50013 });
    expect((await post({ content: "x" })).status).toBe(200);
  });

  test("files come as a form, and can be read again", async () => {
    const { json } = await post(
      { content: "see", attachments: [{ id: 0, description: "the list" }] },
      { "open.txt": "77\n78" },
    );
    expect(json.attachments).toMatchObject([{ filename: "open.txt", size: 5, description: "the list" }]);
    expect(await (await fetch(json.attachments[0].url)).text()).toBe("77\n78");
    expect(ada.sees(eng)[0]?.files).toEqual([{ name: "open.txt", content: "77\n78" }]);
    const kept = await edit(json.id, { content: "still", attachments: [{ id: json.attachments[0].id }] });
    expect(kept.json.attachments).toHaveLength(1);
    expect((await edit(json.id, { content: "gone", attachments: [] })).json.attachments).toEqual([]);
    expect(discord.complaints).toEqual([]);
  });

  test("a file of more than 10 MiB is 413", async () => {
    expect(await post({ content: "x" }, { "big.txt": "x".repeat(10 * 1024 * 1024 + 1) })).toMatchObject({
      status: 413,
      json: { code: 40005 },
    });
  });

  test("flags of other requests are ignored, and told of", async () => {
    const { json } = await post({ content: "x", flags: 64 | 4096 });
    expect(json.flags).toBe(4096);
    expect(discord.complaints).toEqual(["message flags that are not for this request: 64"]);
  });
});

describe("whose it is", () => {
  test("another's message cannot be edited, nor deleted without the permission", async () => {
    const said = ada.says("mine", { channel: eng });
    expect(await edit(said.id, { content: "yours" })).toMatchObject({ status: 403, json: { code: 50005 } });
    expect((await api("DELETE", `/channels/${eng.id}/messages/${said.id}`)).json).toMatchObject({ code: 50013 });
    guild.allow(eng, "claw", "MANAGE_MESSAGES");
    expect((await api("DELETE", `/channels/${eng.id}/messages/${said.id}`)).status).toBe(204);
    expect(ada.sees(eng)).toEqual([]);
  });

  test("an own one can be edited in place, and a deleted one is 10008", async () => {
    const { json } = await post({ content: "first" });
    const edited = await edit(json.id, { content: "second" });
    expect(edited.json).toMatchObject({ id: json.id, content: "second" });
    expect(edited.json.edited_timestamp).not.toBeNull();
    expect(ada.sees(eng)).toMatchObject([{ words: "second", edited: true }]);
    expect((await api("DELETE", `/channels/${eng.id}/messages/${json.id}`)).status).toBe(204);
    expect((await edit(json.id, { content: "third" })).json).toMatchObject({ code: 10008 });
    expect((await api("DELETE", `/channels/${eng.id}/messages/${json.id}`)).json).toMatchObject({ code: 10008 });
  });
});

describe("nonces", () => {
  test("an enforced one returns the first message", async () => {
    const first = await post({ content: "once", nonce: "d-1", enforce_nonce: true });
    const second = await post({ content: "twice", nonce: "d-1", enforce_nonce: true });
    expect(second.json).toMatchObject({ id: first.json.id, content: "once", nonce: "d-1" });
    expect(ada.sees(eng).map((each) => each.words)).toEqual(["once"]);
    expect((await post({ content: "third", nonce: "d-1" })).json.id).not.toBe(first.json.id);
  });

  test("it is forgotten after some minutes, and no history tells it", async () => {
    const first = await post({ content: "once", nonce: "d-1", enforce_nonce: true });
    expect((await api("GET", `/channels/${eng.id}/messages/${first.json.id}`)).json.nonce).toBeUndefined();
    discord.advance(discord.settings.nonceLifeMs + 1);
    expect((await post({ content: "again", nonce: "d-1", enforce_nonce: true })).json.id).not.toBe(first.json.id);
  });

  test("what was posted with it and deleted is not posted again: 10008", async () => {
    const first = await post({ content: "once", nonce: "d-1", enforce_nonce: true });
    await api("DELETE", `/channels/${eng.id}/messages/${first.json.id}`);
    expect((await post({ content: "once", nonce: "d-1", enforce_nonce: true })).json).toMatchObject({ code: 10008 });
  });

  test("one for two channels is told of, because the author counts and not the channel", async () => {
    const ops = guild.channel("ops");
    const first = await post({ content: "here", nonce: "d-1", enforce_nonce: true });
    expect((await post({ content: "there", nonce: "d-1", enforce_nonce: true }, undefined, ops)).json.id).toBe(
      first.json.id,
    );
    expect(discord.complaints).toEqual(["the nonce d-1 was used for two channels"]);
  });
});

describe("whom it pings", () => {
  const pings = () => ada.sees(eng).at(-1)?.pings;

  test("without allowed_mentions whoever is named", async () => {
    await post({ content: `<@${ada.id}> and \`<@${discord.botId}>\` in code` });
    expect(pings()).toEqual([ada.id]);
  });

  test("with an empty list nobody, though the name stands there", async () => {
    const { json } = await post({ content: `<@${ada.id}>`, allowed_mentions: { parse: [] } });
    expect(json.mentions).toEqual([]);
    expect(pings()).toEqual([]);
    expect(ada.sees(eng).at(-1)?.words).toBe("@ada");
  });

  test("only those that are listed", async () => {
    const lin = guild.person("lin");
    await post({ content: `<@${ada.id}> <@${lin.id}>`, allowed_mentions: { users: [lin.id] } });
    expect(pings()).toEqual([lin.id]);
    const both = await post({ content: "x", allowed_mentions: { parse: ["users"], users: [lin.id] } });
    expect(errorsAt(both, "allowed_mentions")).toEqual(["MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"]);
  });

  test("everyone and unmentionable roles only with the permission", async () => {
    const leads = guild.role("leads");
    const crew = guild.role("crew", { mentionable: true });
    const content = `@everyone <@&${leads.id}> <@&${crew.id}>`;
    await post({ content });
    expect(pings()).toEqual([crew.id]);
    guild.allow(eng, "claw", "MENTION_EVERYONE");
    await post({ content });
    expect(pings()).toEqual([leads.id, crew.id, "everyone"]);
    await post({ content, allowed_mentions: { parse: ["roles"] } });
    expect(pings()).toEqual([leads.id, crew.id]);
    await post({ content, flags: 4096 });
    expect(pings()).toEqual([]);
  });

  test("text components ping too, and an edit pings nobody", async () => {
    const components = [{ type: 10, content: `<@${ada.id}>` }];
    await post({ flags: 1 << 15, components });
    expect(pings()).toEqual([ada.id]);
    const { json } = await post({ content: "nobody" });
    await edit(json.id, { content: `<@${ada.id}>` });
    expect(pings()).toEqual([]);
  });

  test("an answer pings whom it answers, unless told not to", async () => {
    const said = ada.says("a question", { channel: eng });
    await post({ content: "yes", message_reference: { message_id: said.id } });
    expect(pings()).toEqual([ada.id]);
    await post({ content: "yes", message_reference: { message_id: said.id }, allowed_mentions: { parse: [] } });
    expect(pings()).toEqual([]);
    guild.deny(eng, "claw", "READ_MESSAGE_HISTORY");
    expect((await post({ content: "x", message_reference: { message_id: said.id } })).json).toMatchObject({
      code: 160002,
    });
    guild.allow(eng, "claw", "READ_MESSAGE_HISTORY");
    const unknown = { content: "x", message_reference: { message_id: "1234567890" } };
    expect(errorsAt(await post(unknown), "message_reference")).toEqual(["REPLIES_UNKNOWN_MESSAGE"]);
    unknown.message_reference = { ...unknown.message_reference, fail_if_not_exists: false } as never;
    expect((await post(unknown)).status).toBe(200);
  });
});

describe("the history", () => {
  test("comes newest first, in pages", async () => {
    for (const content of ["one", "two", "three", "four"]) await post({ content });
    const words = async (query: string) => {
      const { json } = await api("GET", `/channels/${eng.id}/messages${query}`);
      return json.map((each: { content: string }) => each.content);
    };
    const [one, , three] = ada.sees(eng);
    expect(await words("")).toEqual(["four", "three", "two", "one"]);
    expect(await words("?limit=2")).toEqual(["four", "three"]);
    expect(await words(`?before=${three?.id}`)).toEqual(["two", "one"]);
    expect(await words(`?after=${one?.id}&limit=2`)).toEqual(["three", "two"]);
    expect(await words(`?around=${three?.id}&limit=3`)).toContain("three");
    expect(errorsAt(await api("GET", `/channels/${eng.id}/messages?limit=101`), "limit")).toEqual(["NUMBER_TYPE_MAX"]);
  });

  test("is empty without the permission to read it", async () => {
    const { json } = await post({ content: "one" });
    guild.deny(eng, "claw", "READ_MESSAGE_HISTORY");
    expect((await api("GET", `/channels/${eng.id}/messages`)).json).toEqual([]);
    expect((await api("GET", `/channels/${eng.id}/messages/${json.id}`)).json).toMatchObject({ code: 50013 });
  });

  test("hides what others wrote from an app without the message content, unless it is named", async () => {
    discord.privileged.delete("MESSAGE_CONTENT");
    ada.says("not for you", { channel: eng });
    ada.says("@claw for you", { channel: eng });
    await post({ content: "my own" });
    const { json } = await api("GET", `/channels/${eng.id}/messages`);
    expect(json.map((each: { content: string }) => each.content)).toEqual([
      "my own",
      `<@${discord.botId}> for you`,
      "",
    ]);
  });
});

describe("direct messages", () => {
  test("a DM is opened once, and refuses someone who wants none with 50007", async () => {
    const open = () => api("POST", "/users/@me/channels", { body: { recipient_id: ada.id } });
    const { json } = await open();
    expect(json).toMatchObject({ type: 1, recipients: [{ id: ada.id }] });
    expect((await open()).json.id).toBe(json.id);
    expect((await post({ content: "hi" }, undefined, ada.dm)).status).toBe(200);
    expect(ada.sees(ada.dm)).toMatchObject([{ words: "hi", author: "claw" }]);
    ada.user.acceptsDms = false;
    expect(await post({ content: "hi" }, undefined, ada.dm)).toMatchObject({ status: 403, json: { code: 50007 } });
    expect((await api("POST", "/users/@me/channels", { body: { recipient_id: "1234567890" } })).status).toBe(400);
  });

  test("nobody is written to who shares no guild with the app", async () => {
    guild.kick(ada);
    expect((await post({ content: "hi" }, undefined, ada.dm)).json).toMatchObject({ code: 50007 });
  });

  test("others do not see it", async () => {
    const lin = guild.person("lin");
    expect(() => lin.sees(ada.dm)).toThrow("does not see");
  });
});

describe("reactions", () => {
  test("an emoji is put and taken away; what is none is 10014", async () => {
    const said = ada.says("done?", { channel: eng });
    const at = (emoji: string) => `/channels/${eng.id}/messages/${said.id}/reactions/${encodeURIComponent(emoji)}/@me`;
    expect((await api("PUT", at("👀"))).status).toBe(204);
    expect(ada.sees(eng)[0]?.reactions).toEqual(["👀"]);
    expect((await api("PUT", at("eyes"))).json).toMatchObject({ code: 10014 });
    expect((await api("DELETE", at("👀"))).status).toBe(204);
    expect(ada.sees(eng)[0]?.reactions).toEqual([]);
    guild.deny(eng, "claw", "ADD_REACTIONS");
    expect((await api("PUT", at("👀"))).json).toMatchObject({ code: 50013 });
  });
});
