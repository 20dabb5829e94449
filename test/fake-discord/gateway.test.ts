import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type Channel,
  type Community,
  type FakeDiscord,
  type Person,
  startFakeDiscord,
} from "../support/discord/fake-discord.ts";
import { type RawGateway, rawGateway } from "./raw-gateway.ts";

const GUILDS = 1;
const MEMBERS = 1 << 1;
const MESSAGES = 1 << 9;
const REACTIONS = 1 << 10;
const DMS = 1 << 12;
const CONTENT = 1 << 15;

let discord: FakeDiscord;
let guild: Community;
let eng: Channel;
let ada: Person;

beforeEach(async () => {
  discord = await startFakeDiscord();
  guild = discord.guild;
  eng = guild.channel("eng");
  ada = guild.person("ada");
});
afterEach(async () => {
  expect(discord.complaints).toEqual([]);
  await discord.close();
});

async function ready(intents: number): Promise<RawGateway> {
  const gateway = await rawGateway(discord);
  gateway.identify(intents);
  await gateway.next("READY");
  return gateway;
}
const typesOf = (gateway: RawGateway) => gateway.received.flatMap(({ t }) => (t === null ? [] : [t]));

describe("a session", () => {
  test("begins with HELLO, READY and every guild, numbered", async () => {
    discord.addGuild("Other");
    const gateway = await ready(GUILDS);
    const [hello] = gateway.received;
    expect(hello).toMatchObject({ op: 10, s: null, d: { heartbeat_interval: 41_250 } });
    await discord.until("both guilds", () => typesOf(gateway).length === 3);
    const { d } = await gateway.next("READY");
    expect(d).toMatchObject({ v: 10, user: { id: discord.botId }, application: { id: discord.appId }, shard: [0, 1] });
    expect(d.guilds.map((each: { unavailable: boolean }) => each.unavailable)).toEqual([true, true]);
    const { d: first } = await gateway.next("GUILD_CREATE");
    expect(first).toMatchObject({ id: guild.id, name: "Acme", member_count: 3, channels: [{ name: "eng" }] });
    expect(first.members.map((each: { user: { id: string } }) => each.user.id)).toEqual([discord.botId]);
    expect(gateway.received.flatMap(({ s }) => (s === null ? [] : [s]))).toEqual([1, 2, 3]);
  });

  test("is answered its heartbeats, until the connection is a zombie", async () => {
    const gateway = await ready(GUILDS);
    gateway.send({ op: 1, d: 2 });
    await gateway.next(11);
    discord.gateway.acknowledges = false;
    const before = gateway.received.length;
    gateway.send({ op: 1, d: 2 });
    await discord.until(
      "the heartbeat",
      () => discord.gateway.links[0]?.received.filter((each) => each.op === 1).length === 2,
    );
    expect(gateway.received).toHaveLength(before);
  });

  test.each<[string, (gateway: RawGateway) => void, number]>([
    ["a wrong token", (gateway) => gateway.identify(GUILDS, { token: "wrong" }), 4004],
    ["an intent that is not switched on", (gateway) => gateway.identify(GUILDS | MEMBERS), 4014],
    ["an intent that there is not", (gateway) => gateway.identify(1 << 30), 4013],
    ["another shard", (gateway) => gateway.identify(GUILDS, { shard: [1, 1] }), 4010],
    ["more than 4096 bytes", (gateway) => gateway.send({ op: 1, d: null, x: "x".repeat(4096) }), 4002],
    ["what is no JSON", (gateway) => gateway.send("{not json"), 4002],
    ["an unknown opcode", (gateway) => gateway.send({ op: 99, d: null }), 4001],
    ["something before identifying", (gateway) => gateway.send({ op: 3, d: {} }), 4003],
    ["a resume with a wrong token", (gateway) => gateway.resume("x", 1, "wrong"), 4004],
  ])("is closed on %s", async (_, act, code) => {
    const gateway = await rawGateway(discord);
    act(gateway);
    expect(await gateway.closed()).toBe(code);
    expect(discord.gateway.sessions).toEqual([]);
  });

  test("is closed on a second identify, on 121 messages in a minute, and on another encoding", async () => {
    const twice = await ready(GUILDS);
    twice.identify(GUILDS);
    expect(await twice.closed()).toBe(4005);
    const loud = await ready(GUILDS);
    for (let count = 0; count < 121; count += 1) loud.send({ op: 1, d: null });
    expect(await loud.closed()).toBe(4008);
    expect(await (await rawGateway(discord, "?v=6&encoding=json")).closed()).toBe(4012);
  });

  test("gets privileged intents once they are switched on", async () => {
    discord.privileged.add("GUILD_MEMBERS");
    const gateway = await ready(GUILDS | MEMBERS);
    const lin = guild.person("lin");
    expect((await gateway.next("GUILD_MEMBER_ADD")).d).toMatchObject({ guild_id: guild.id, user: { id: lin.id } });
  });
});

describe("what is told", () => {
  test("only what the intents ask for", async () => {
    const gateway = await ready(GUILDS);
    const said = ada.says("hello", { channel: eng });
    ada.says("psst", { channel: ada.dm });
    ada.reacts("👍", said);
    guild.give(ada, guild.role("lead"));
    guild.channel("last");
    await gateway.next("CHANNEL_CREATE");
    expect(typesOf(gateway)).toEqual(["READY", "GUILD_CREATE", "GUILD_ROLE_CREATE", "CHANNEL_CREATE"]);
  });

  test("messages, direct messages, reactions, changes and deletions", async () => {
    const gateway = await ready(GUILDS | MESSAGES | DMS | REACTIONS | CONTENT);
    const said = ada.says("hello", { channel: eng });
    ada.edits(said, "hello all");
    ada.reacts("👍", said);
    ada.reacts("👍", said, { added: false });
    ada.deletes(said);
    ada.says("psst", { channel: ada.dm });
    await discord.until("all", () => typesOf(gateway).length === 8);
    const told = gateway.received.slice(3).map(({ t, d }) => [t, d.content ?? d.emoji?.name ?? d.id, d.guild_id]);
    expect(told).toEqual([
      ["MESSAGE_CREATE", "hello", guild.id],
      ["MESSAGE_UPDATE", "hello all", guild.id],
      ["MESSAGE_REACTION_ADD", "👍", guild.id],
      ["MESSAGE_REACTION_REMOVE", "👍", guild.id],
      ["MESSAGE_DELETE", said.id, guild.id],
      ["MESSAGE_CREATE", "psst", undefined],
    ]);
    expect(gateway.received[3]?.d).toMatchObject({ member: { roles: [] }, author: { id: ada.id }, channel_type: 0 });
  });

  test("content is withheld without its intent, but not where the app is named or in a DM", async () => {
    const gateway = await ready(GUILDS | MESSAGES | DMS);
    ada.says("not for you", { channel: eng });
    ada.says("@claw for you", { channel: eng });
    ada.says("psst", { channel: ada.dm });
    await discord.until("all", () => typesOf(gateway).length === 5);
    expect(gateway.received.slice(3).map(({ d }) => d.content)).toEqual(["", `<@${discord.botId}> for you`, "psst"]);
  });

  test("nothing of a channel out of sight", async () => {
    const gateway = await ready(GUILDS | MESSAGES);
    const secret = guild.channel("secret", { only: [ada] });
    ada.says("hidden", { channel: secret });
    ada.says("open", { channel: eng });
    const { d } = await gateway.next("MESSAGE_CREATE");
    expect(d.channel_id).toBe(eng.id);
  });

  test("threads of a channel that comes into sight", async () => {
    const gateway = await ready(GUILDS);
    const thread = guild.thread(ada, "open-prs", eng);
    guild.deny(eng, "claw", "VIEW_CHANNEL");
    guild.thread(ada, "hidden", eng, null, { hidden: true });
    guild.allow(eng, "claw", "VIEW_CHANNEL");
    expect((await gateway.next("THREAD_LIST_SYNC")).d).toMatchObject({ channel_ids: [eng.id] });
    const { threads } = (await gateway.next("THREAD_LIST_SYNC")).d;
    expect(threads[0]).toMatchObject({ id: thread.id, name: "open-prs" });
  });

  test("another bot is told of as one", async () => {
    const gateway = await ready(GUILDS | MESSAGES);
    guild.person("rival", { bot: true }).says("@claw hello", { channel: eng });
    expect((await gateway.next("MESSAGE_CREATE")).d.author).toMatchObject({ username: "rival", bot: true });
  });

  test("the app's role can be named instead of the app", async () => {
    const gateway = await ready(GUILDS | MESSAGES);
    ada.says("@&claw status", { channel: eng });
    const role = [...guild.guild.roles.values()].find((each) => each.managed);
    expect((await gateway.next("MESSAGE_CREATE")).d).toMatchObject({ content: "", mentions: [], mention_roles: [] });
    expect(ada.sees(eng)[0]?.raw.content).toBe(`<@&${role?.id}> status`);
  });

  test("threads and channels as they come, change and go", async () => {
    const gateway = await ready(GUILDS);
    const thread = guild.thread(ada, "open-prs", eng, ada.says("root", { channel: eng }));
    guild.rename(thread, "closed-prs");
    guild.archive(thread, { locked: true });
    guild.remove(thread);
    guild.rename(eng, "engineering");
    guild.remove(eng);
    await gateway.next("CHANNEL_DELETE");
    const told = gateway.received.slice(3).map(({ t, d }) => [t, d.name, d.thread_metadata?.locked]);
    expect(told).toEqual([
      ["THREAD_CREATE", "open-prs", false],
      ["THREAD_UPDATE", "closed-prs", false],
      ["THREAD_UPDATE", "closed-prs", true],
      ["THREAD_DELETE", undefined, undefined],
      ["CHANNEL_UPDATE", "engineering", undefined],
      ["CHANNEL_DELETE", "engineering", undefined],
    ]);
  });

  test("guilds that come, go, and are away for a while", async () => {
    const gateway = await ready(GUILDS);
    const other = discord.addGuild("Other");
    guild.setAvailable(false);
    guild.setAvailable(true);
    other.kick("claw");
    other.invite();
    await discord.until("all", () => typesOf(gateway).length === 7);
    expect(gateway.received.slice(3).map(({ t, d }) => [t, d.id, d.unavailable])).toEqual([
      ["GUILD_CREATE", other.id, false],
      ["GUILD_DELETE", guild.id, true],
      ["GUILD_CREATE", guild.id, false],
      ["GUILD_DELETE", other.id, undefined],
      ["GUILD_CREATE", other.id, false],
    ]);
  });

  test("members' roles and a role that is deleted", async () => {
    discord.privileged.add("GUILD_MEMBERS");
    const gateway = await ready(GUILDS | MEMBERS);
    const lead = guild.role("lead");
    guild.give(ada, lead);
    guild.take(ada, lead);
    guild.deleteRole(lead);
    guild.kick(ada);
    await gateway.next("GUILD_MEMBER_REMOVE");
    expect(gateway.received.slice(3).map(({ t, d }) => [t, d.roles?.length])).toEqual([
      ["GUILD_ROLE_CREATE", undefined],
      ["GUILD_MEMBER_UPDATE", 1],
      ["GUILD_MEMBER_UPDATE", 0],
      ["GUILD_ROLE_DELETE", undefined],
      ["GUILD_MEMBER_REMOVE", undefined],
    ]);
  });

  test("members that are asked for by id", async () => {
    const gateway = await ready(GUILDS);
    gateway.send({ op: 8, d: { guild_id: guild.id, user_ids: [ada.id, "1234567890"], limit: 0, nonce: "n" } });
    const { d } = await gateway.next("GUILD_MEMBERS_CHUNK");
    expect(d).toMatchObject({
      members: [{ user: { id: ada.id } }],
      not_found: ["1234567890"],
      nonce: "n",
      chunk_count: 1,
    });
  });
});
