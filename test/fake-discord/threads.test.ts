import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type Channel,
  type Community,
  type FakeDiscord,
  type Person,
  startFakeDiscord,
} from "../support/discord/fake-discord.ts";
import { type Api, apiOf, errorsAt } from "./api.ts";
import { rawGateway } from "./raw-gateway.ts";

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
const startOn = (messageId: string, body: unknown = { name: "open-prs" }) =>
  api("POST", `/channels/${eng.id}/messages/${messageId}/threads`, { body });

async function thread(): Promise<Channel> {
  const root = await post("the root");
  await startOn(root.json.id);
  const found = discord.world.channels.get(root.json.id);
  if (!found) throw new Error("no thread");
  return found;
}

describe("a thread on a message", () => {
  test("shares its id, and is seen with its root first", async () => {
    const root = await post("the root");
    const { status, json } = await startOn(root.json.id);
    expect(status).toBe(201);
    expect(json).toMatchObject({
      id: root.json.id,
      type: 11,
      parent_id: eng.id,
      name: "open-prs",
      owner_id: discord.botId,
    });
    await post("inside", json.id);
    const [seen] = ada.sees(eng);
    expect(ada.sees(eng).map((each) => each.words)).toEqual(["the root"]);
    expect(ada.sees(eng, seen).map((each) => each.words)).toEqual(["the root", "inside"]);
    expect(seen?.replies).toBe(1);
    expect((await api("GET", `/channels/${eng.id}/messages/${root.json.id}`)).json).toMatchObject({
      flags: 32,
      thread: { id: json.id },
    });
    expect((await api("GET", `/channels/${json.id}`)).json).toMatchObject({
      message_count: 1,
      thread_metadata: { archived: false },
    });
    expect((await api("GET", `/channels/${json.id}/messages`)).json.at(-1)).toMatchObject({
      type: 21,
      referenced_message: { content: "the root" },
    });
  });

  test("a second one is 160004", async () => {
    const root = await post("the root");
    await startOn(root.json.id);
    expect(await startOn(root.json.id)).toMatchObject({ status: 400, json: { code: 160004 } });
  });

  test("its name has 1 to 100 characters", async () => {
    const root = await post("the root");
    expect(errorsAt(await startOn(root.json.id, { name: "x".repeat(101) }), "name")).toEqual(["BASE_TYPE_MAX_LENGTH"]);
    expect(errorsAt(await startOn(root.json.id, { name: "" }), "name")).toEqual(["BASE_TYPE_MIN_LENGTH"]);
    expect(errorsAt(await startOn(root.json.id, {}), "name")).toEqual(["BASE_TYPE_REQUIRED"]);
    expect(
      errorsAt(await startOn(root.json.id, { name: "x", auto_archive_duration: 7 }), "auto_archive_duration"),
    ).toEqual(["BASE_TYPE_CHOICES"]);
  });

  test("there is none in a thread, on nothing, or without the permission", async () => {
    const inner = await thread();
    const message = await post("inside", inner.id);
    expect(
      (await api("POST", `/channels/${inner.id}/messages/${message.json.id}/threads`, { body: { name: "x" } })).json,
    ).toMatchObject({ code: 50024 });
    expect((await startOn("1234567890")).json).toMatchObject({ code: 10008 });
    const root = await post("another");
    guild.deny(eng, "claw", "CREATE_PUBLIC_THREADS");
    expect((await startOn(root.json.id)).json).toMatchObject({ code: 50013 });
  });

  test("one that a person started is a place too", async () => {
    const said = ada.says("@claw status", { channel: eng });
    const started = guild.thread(ada, "mine", eng, said);
    expect((await post("here", started.id)).status).toBe(200);
    expect(guild.threadOf(said)?.id).toBe(started.id);
    ada.says("and here", { channel: eng, thread: said });
    expect(ada.sees(started).map((each) => each.words)).toEqual(["@claw status", "here", "and here"]);
  });
});

describe("a thread without a message", () => {
  test("is private unless it says otherwise, and a public one leaves a note in the channel", async () => {
    const hidden = await api("POST", `/channels/${eng.id}/threads`, { body: { name: "hidden" } });
    expect(hidden.json.type).toBe(12);
    expect(() => ada.sees(discord.world.channels.get(hidden.json.id) as Channel)).toThrow("does not see");
    expect((await api("PUT", `/channels/${hidden.json.id}/thread-members/${ada.id}`)).status).toBe(204);
    expect(ada.sees(discord.world.channels.get(hidden.json.id) as Channel)).toEqual([]);
    const open = await api("POST", `/channels/${eng.id}/threads`, { body: { name: "open", type: 11 } });
    expect(open.json.type).toBe(11);
    expect((await api("GET", `/channels/${eng.id}/messages`)).json).toMatchObject([{ type: 18, content: "open" }]);
    const active = await api("GET", `/guilds/${guild.id}/threads/active`);
    expect(active.json.threads.map((each: { name: string }) => each.name)).toEqual(["hidden", "open"]);
  });
});

describe("a forum", () => {
  const startPost = (forum: Channel, body: unknown) => api("POST", `/channels/${forum.id}/threads`, { body });

  test("takes posts with a name and a message, and nothing else", async () => {
    const forum = guild.forum("ideas");
    expect((await post("hello", forum.id)).json).toMatchObject({ code: 40058 });
    expect((await api("GET", `/channels/${forum.id}/messages`)).json).toMatchObject({ code: 50024 });
    expect(errorsAt(await startPost(forum, { message: { content: "x" } }), "name")).toEqual(["BASE_TYPE_REQUIRED"]);
    expect(errorsAt(await startPost(forum, { name: "x" }), "message")).toEqual(["BASE_TYPE_REQUIRED"]);
    expect((await startPost(forum, { name: "x", message: {} })).json).toMatchObject({ code: 50006 });
    const long = { name: "x", message: { content: "x".repeat(2001) } };
    expect(errorsAt(await startPost(forum, long), "message.content")).toEqual(["BASE_TYPE_MAX_LENGTH"]);
    expect(discord.world.threadsOf(forum)).toEqual([]);
    const { status, json } = await startPost(forum, { name: "a post", message: { content: "its text" } });
    expect(status).toBe(201);
    expect(json).toMatchObject({
      type: 11,
      parent_id: forum.id,
      message: { id: json.id, content: "its text" },
      message_count: 0,
    });
    expect((await post("an answer", json.id)).status).toBe(200);
    expect(ada.sees(discord.world.channels.get(json.id) as Channel).map((each) => each.words)).toEqual([
      "its text",
      "an answer",
    ]);
  });

  test("can ask for a tag of its own", async () => {
    const forum = guild.forum("ideas", { tags: ["bug"], requiresTag: true });
    const body = { name: "x", message: { content: "x" } };
    expect((await startPost(forum, body)).json).toMatchObject({ code: 40067 });
    expect(errorsAt(await startPost(forum, { ...body, applied_tags: ["1234567890"] }), "applied_tags")).toEqual([
      "FORUM_TAG_INVALID",
    ]);
    const { json } = await startPost(forum, { ...body, applied_tags: [forum.tags[0]?.id] });
    expect(json.applied_tags).toEqual([forum.tags[0]?.id]);
  });
});

test("a private thread is a thread for those who were let in, the app among them", async () => {
  const gateway = await rawGateway(discord);
  gateway.identify(1);
  await gateway.next("GUILD_CREATE");
  const hidden = guild.thread(ada, "hidden", eng, null, { hidden: true });
  guild.permit("VIEW_CHANNEL", "SEND_MESSAGES_IN_THREADS", "READ_MESSAGE_HISTORY");
  expect((await post("x", hidden.id)).json).toMatchObject({ code: 50001 });
  guild.letIn(hidden, "claw");
  expect((await gateway.next("THREAD_CREATE")).d).toMatchObject({ id: hidden.id, type: 12 });
  expect((await gateway.next("THREAD_MEMBERS_UPDATE")).d.added_members).toMatchObject([{ user_id: discord.botId }]);
  expect((await post("x", hidden.id)).status).toBe(200);
});
