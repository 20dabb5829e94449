import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type Channel,
  type Community,
  type FakeDiscord,
  type Person,
  startFakeDiscord,
} from "../support/discord/fake-discord.ts";
import { type Api, apiOf } from "./api.ts";
import { rawGateway } from "./raw-gateway.ts";

/** All that it takes to speak in threads, and to moderate nothing. */
const WRITER = [
  "VIEW_CHANNEL",
  "SEND_MESSAGES",
  "SEND_MESSAGES_IN_THREADS",
  "CREATE_PUBLIC_THREADS",
  "READ_MESSAGE_HISTORY",
  "ADD_REACTIONS",
] as const;

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
  expect(discord.complaints).toEqual([]);
  await discord.close();
});

const post = async (content: string, channelId = eng.id) =>
  api("POST", `/channels/${channelId}/messages`, { body: { content } });
async function thread(): Promise<Channel> {
  const root = await post("the root");
  await api("POST", `/channels/${eng.id}/messages/${root.json.id}/threads`, { body: { name: "open-prs" } });
  const found = discord.world.channels.get(root.json.id);
  if (!found) throw new Error("no thread");
  return found;
}

describe("archived and locked", () => {
  test("a message wakes an archived thread", async () => {
    const place = await thread();
    guild.archive(place);
    expect((await api("GET", `/channels/${eng.id}/threads/archived/public`)).json.threads).toHaveLength(1);
    expect((await post("awake", place.id)).status).toBe(200);
    expect((await api("GET", `/channels/${place.id}`)).json.thread_metadata.archived).toBe(false);
  });

  test("nothing in an archived one can be changed: 50083", async () => {
    const place = await thread();
    const message = await post("inside", place.id);
    guild.archive(place);
    const path = `/channels/${place.id}/messages/${message.json.id}`;
    expect(await api("PATCH", path, { body: { content: "x" } })).toMatchObject({ status: 400, json: { code: 50083 } });
    expect((await api("PUT", `${path}/reactions/${encodeURIComponent("👀")}/@me`)).json).toMatchObject({ code: 50083 });
    expect((await api("PATCH", `/channels/${place.id}`, { body: { name: "other" } })).json).toMatchObject({
      code: 50083,
    });
    expect((await api("PATCH", `/channels/${place.id}`, { body: { archived: false } })).status).toBe(200);
    expect((await api("PATCH", path, { body: { content: "x" } })).status).toBe(200);
    guild.archive(place);
    expect((await api("DELETE", path)).status).toBe(204);
  });

  test("a locked one is closed without MANAGE_THREADS", async () => {
    guild.permit(...WRITER);
    const place = await thread();
    const message = await post("inside", place.id);
    const path = `/channels/${place.id}/messages/${message.json.id}`;
    guild.lock(place);
    expect(await post("x", place.id)).toMatchObject({ status: 403, json: { code: 160005 } });
    expect((await api("PATCH", path, { body: { content: "x" } })).json).toMatchObject({ code: 160005 });
    expect((await api("PUT", `${path}/reactions/${encodeURIComponent("👀")}/@me`)).status).toBe(204);
    discord.settings.lockedThread = 50083;
    expect(await post("x", place.id)).toMatchObject({ status: 403, json: { code: 50083 } });
    discord.settings.lockedThread = 160005;
    guild.archive(place, { locked: true });
    expect((await post("x", place.id)).json).toMatchObject({ code: 50083 });
    expect((await api("DELETE", path)).json).toMatchObject({ code: 50083 });
    expect((await api("PATCH", `/channels/${place.id}`, { body: { archived: false } })).json).toMatchObject({
      code: 50013,
    });
    guild.permit("VIEW_CHANNEL", "SEND_MESSAGES_IN_THREADS", "MANAGE_THREADS");
    expect((await post("x", place.id)).status).toBe(200);
    expect(() => ada.says("me too", { channel: place })).toThrow("locked");
  });

  test("its own thread an app can archive and rename, another's only with MANAGE_THREADS", async () => {
    guild.permit(...WRITER);
    const own = await thread();
    const others = guild.thread(ada, "hers", eng);
    expect((await api("PATCH", `/channels/${own.id}`, { body: { name: "done", archived: true } })).json).toMatchObject({
      name: "done",
    });
    expect((await api("PATCH", `/channels/${others.id}`, { body: { name: "mine" } })).json).toMatchObject({
      code: 50013,
    });
    expect((await api("PATCH", `/channels/${own.id}`, { body: { locked: true } })).json).toMatchObject({ code: 50013 });
  });

  test("a command in a locked one cannot be answered", async () => {
    guild.permit(...WRITER);
    await api("PUT", `/applications/${discord.appId}/commands`, { body: [{ name: "claw", description: "Claw" }] });
    const gateway = await rawGateway(discord);
    gateway.identify(1);
    const place = await thread();
    await gateway.next("READY");
    guild.lock(place);
    const outcome = ada.types("/claw", { channel: place });
    const { d } = await gateway.next("INTERACTION_CREATE");
    const path = `/interactions/${d.id}/${d.token}/callback`;
    expect((await api("POST", path, { body: { type: 5 } })).json).toMatchObject({ code: 160005 });
    discord.advance(3_001);
    expect((await outcome).acked).toBe(false);
  });

  test("an idle one is archived in time", async () => {
    const place = await thread();
    discord.advance(4320 * 60_000 - 1_000);
    expect(place.thread?.archived).toBe(false);
    discord.advance(1_000);
    expect(place.thread?.archived).toBe(true);
  });

  test("a deleted one is 10003, and its messages with it", async () => {
    const place = await thread();
    guild.remove(place);
    expect((await post("x", place.id)).json).toMatchObject({ code: 10003 });
    const other = await thread();
    guild.remove(eng);
    expect((await post("x", other.id)).json).toMatchObject({ code: 10003 });
    expect((await post("x")).json).toMatchObject({ code: 10003 });
  });

  test("writing in threads is a permission of its own", async () => {
    const place = await thread();
    guild.deny(eng, "claw", "SEND_MESSAGES_IN_THREADS");
    expect((await post("x", place.id)).json).toMatchObject({ code: 50013 });
    expect((await post("x")).status).toBe(200);
    guild.allow(eng, "claw", "SEND_MESSAGES_IN_THREADS");
    guild.deny(eng, "claw", "SEND_MESSAGES");
    expect((await post("x", place.id)).status).toBe(200);
    guild.deny(eng, "claw", "VIEW_CHANNEL");
    expect((await post("x", place.id)).json).toMatchObject({ code: 50001 });
  });
});
