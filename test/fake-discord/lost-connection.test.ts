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
const MESSAGES = 1 << 9;
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

describe("a lost connection", () => {
  test("is resumed, and what was missed comes first and in order", async () => {
    const first = await ready(GUILDS | MESSAGES | CONTENT);
    const { d } = await first.next("READY");
    await first.next("GUILD_CREATE");
    discord.gateway.drop();
    await first.closed();
    ada.says("missed one", { channel: eng });
    ada.says("missed two", { channel: eng });
    const second = await rawGateway(discord);
    second.resume(d.session_id, 2);
    await second.next("RESUMED");
    expect(second.received.slice(1).map(({ t, s, d: data }) => [t, s, data.content])).toEqual([
      ["MESSAGE_CREATE", 3, "missed one"],
      ["MESSAGE_CREATE", 4, "missed two"],
      ["RESUMED", 5, undefined],
    ]);
    expect(discord.gateway.count).toEqual({ opened: 2, identified: 1, resumed: 1 });
  });

  test.each<[string, (gateway: RawGateway) => void]>([
    ["the client said goodbye", (gateway) => gateway.close(1000)],
    [
      "Discord forgot it",
      () => {
        discord.gateway.expireSessions();
        discord.gateway.drop();
      },
    ],
    [
      "it was lost for too long",
      () => {
        discord.gateway.drop();
        discord.advance(discord.settings.resumeLifeMs + 1_000);
      },
    ],
    ["Discord closed it for good", () => discord.gateway.close(4009)],
  ])("cannot be resumed when %s: op 9", async (_, lose) => {
    const first = await ready(GUILDS);
    const { d } = await first.next("READY");
    lose(first);
    await first.closed();
    await discord.until("the loss", () => discord.gateway.links.length === 0);
    discord.advance(1_000);
    const second = await rawGateway(discord);
    second.resume(d.session_id, 2);
    expect(await second.next(9)).toMatchObject({ op: 9, d: false });
    second.identify(GUILDS);
    await second.next("READY");
  });

  test("a number that was never sent is 4007", async () => {
    const first = await ready(GUILDS);
    const { d } = await first.next("READY");
    discord.gateway.drop();
    await first.closed();
    const second = await rawGateway(discord);
    second.resume(d.session_id, 999);
    expect(await second.closed()).toBe(4007);
  });
});

describe("on demand", () => {
  test("op 7, op 9 and any close code", async () => {
    const gateway = await ready(GUILDS);
    discord.gateway.reconnect();
    await gateway.next(7);
    discord.gateway.invalidate({ resumable: true });
    expect((await gateway.next(9)).d).toBe(true);
    discord.gateway.close(4000);
    expect(await gateway.closed()).toBe(4000);
  });

  test("a payload that is no JSON, and one that is none of Discord's", async () => {
    const gateway = await ready(GUILDS);
    discord.gateway.sendRaw("{not json");
    discord.gateway.sendRaw('{"op":0,"t":"MESSAGE_CREATE","s":99,"d":null}');
    await gateway.next("MESSAGE_CREATE");
    expect(gateway.garbled).toEqual(["{not json"]);
  });

  test("silence instead of HELLO or READY, and slowness", async () => {
    discord.gateway.mute = "ready";
    const unready = await rawGateway(discord);
    unready.identify(GUILDS);
    await discord.until("the identify", () => discord.gateway.links[0]?.received.length === 1);
    unready.send({ op: 1, d: null });
    await unready.next(11);
    expect(typesOf(unready)).toEqual([]);
    discord.gateway.mute = "hello";
    const silent = await rawGateway(discord);
    silent.send({ op: 1, d: null });
    await silent.next(11);
    expect(silent.received).toHaveLength(1);
    discord.gateway.mute = null;
    discord.gateway.delayMs = 50;
    const slow = await ready(GUILDS);
    await slow.next("GUILD_CREATE");
    expect(typesOf(slow)).toEqual(["READY", "GUILD_CREATE"]);
  });

  test("an event once more, with a number of its own", async () => {
    const gateway = await ready(GUILDS | MESSAGES | CONTENT);
    discord.again(ada.says("hello", { channel: eng }));
    await discord.until("both", () => typesOf(gateway).length === 4);
    const [first, second] = gateway.received.slice(3);
    expect(second?.d).toEqual(first?.d);
    expect(second?.s).toBe((first?.s ?? 0) + 1);
  });
});

test("two sessions at once begin 5 s apart where that is asked for", async () => {
  discord.settings.identifyEveryMs = 5_000;
  await ready(GUILDS);
  const second = await rawGateway(discord);
  second.identify(GUILDS);
  expect((await second.next(9)).d).toBe(false);
  discord.advance(5_000);
  second.identify(GUILDS);
  await second.next("READY");
});
