import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Channel, type FakeSlack, type Person, startFakeSlack } from "../support/slack/fake-slack.ts";
import { type Json, objectsOf } from "../support/slack/json.ts";
import { answer, clientOf, saidBy, type WebClient } from "./client.ts";

let slack: FakeSlack;
let client: WebClient;
let ada: Person;
let eng: Channel;

beforeEach(async () => {
  slack = await startFakeSlack({ settings: { retryDelaysMs: [] } });
  client = clientOf(slack.apiUrl, slack.team.botToken);
  ada = slack.team.person("ada");
  eng = slack.team.channel("eng", [ada, "claw"]);
});
afterEach(() => slack.close());

const call = (method: string, args: Json = {}) => answer(client, method, args);
const said = async (method: string, args: Json = {}) => saidBy(await call(method, args));
const post = (args: Json = {}) => call("chat.postMessage", { channel: eng.id, text: "hello", ...args });

describe("messages afterwards", () => {
  const metadata = { event_type: "claw", event_payload: { key: "k1" } };

  test("are found by their metadata, which only who asks is told", async () => {
    const { ts } = await post({ metadata });
    const plain = await call("conversations.history", { channel: eng.id });
    expect((plain.messages as Json[])[0]).not.toHaveProperty("metadata");
    const full = await call("conversations.history", { channel: eng.id, include_all_metadata: true });
    expect((full.messages as Json[])[0]).toMatchObject({ ts, metadata });
  });

  test("stand in threads, and in the channel too when broadcast", async () => {
    const root = await post();
    await post({ text: "quiet", thread_ts: root.ts });
    const loud = await post({ text: "loud", thread_ts: root.ts, reply_broadcast: true });
    const thread = await call("conversations.replies", { channel: eng.id, ts: root.ts });
    expect((thread.messages as Json[]).map((each) => each.text)).toEqual(["hello", "quiet", "loud"]);
    expect((thread.messages as Json[])[0]).toMatchObject({ reply_count: 2, latest_reply: loud.ts });
    expect(ada.sees(eng).map((each) => each.words)).toEqual(["hello", "loud"]);
  });

  test("have times that only grow, page by page", async () => {
    const posted: unknown[] = [];
    for (let count = 0; count < 5; count += 1) posted.push((await post({ text: `${count}` })).ts);
    expect(new Set(posted).size).toBe(5);
    expect([...posted].sort()).toEqual(posted);
    const seen: unknown[] = [];
    for await (const page of client.paginate("conversations.history", { channel: eng.id, limit: 2 })) {
      seen.push(...objectsOf(({ ...page } as Json).messages).map((each) => each.ts));
    }
    expect(seen.reverse()).toEqual(posted);
  });

  test("change and go, if they are the app's own", async () => {
    const { ts } = await post();
    const theirs = ada.says("mine", { channel: eng });
    expect(await said("chat.update", { channel: eng.id, ts, text: "changed" })).toBe("ok");
    expect(ada.sees(eng)[0]).toMatchObject({ words: "changed", edited: true });
    expect(await said("chat.update", { channel: eng.id, ts, text: "x".repeat(4001) })).toBe("msg_too_long");
    expect(await said("chat.update", { channel: eng.id, ts: theirs.ts, text: "x" })).toBe("cant_update_message");
    expect(await said("chat.update", { channel: eng.id, ts: "1.000000", text: "x" })).toBe("message_not_found");
    expect(await said("chat.delete", { channel: eng.id, ts: theirs.ts })).toBe("cant_delete_message");
    expect(await said("chat.delete", { channel: eng.id, ts })).toBe("ok");
    expect(await said("chat.update", { channel: eng.id, ts, text: "x" })).toBe("message_not_found");
    slack.settings.editWindowMs = -1;
    const late = await post();
    expect(await said("chat.update", { channel: eng.id, ts: late.ts, text: "x" })).toBe("edit_window_closed");
  });

  test.each<[string, Json, readonly string[]]>([
    ["tokens", { text: "<@U1> <!here> <!subteam^S1|@leads> <https://x.example|y>" }, ["U1", "here", "S1"]],
    ["what is escaped", { text: "&lt;@U1&gt; @channel" }, []],
    [
      "the blocks, not the text",
      { text: "<@U1>", blocks: [{ type: "section", text: { type: "mrkdwn", text: "<!channel>" } }] },
      ["channel"],
    ],
    [
      "a bare word in mrkdwn",
      { blocks: [{ type: "section", text: { type: "mrkdwn", text: "@everyone" } }] },
      ["everyone"],
    ],
    [
      "not one that is verbatim",
      { blocks: [{ type: "section", text: { type: "mrkdwn", text: "@everyone", verbatim: true } }] },
      [],
    ],
    ["not a plain text", { blocks: [{ type: "header", text: { type: "plain_text", text: "<!channel> @here" } }] }, []],
  ])("ping by %s", async (_, args, pings) => {
    await post(args);
    expect(ada.sees(eng)[0]?.pings).toEqual(pings);
  });

  test("are seen by one person when they are ephemeral", async () => {
    const bob = slack.team.person("bob");
    slack.team.invite(eng, bob);
    await call("chat.postEphemeral", { channel: eng.id, user: ada.id, text: "psst" });
    expect(ada.sees(eng).at(-1)).toMatchObject({ words: "psst", ephemeral: true });
    expect(bob.sees(eng).map((each) => each.words)).not.toContain("psst");
    const { messages } = await call("conversations.history", { channel: eng.id });
    expect(JSON.stringify(messages)).not.toContain("psst");
    const cy = slack.team.person("cy");
    expect(await said("chat.postEphemeral", { channel: eng.id, user: cy.id, text: "x" })).toBe("user_not_in_channel");
  });
});

describe("people and files", () => {
  test("tells outsiders, guests and the departed", async () => {
    const guest = slack.team.person("guest", { isRestricted: true });
    const eve = slack.team.outsider("eve");
    slack.team.channel("joint", [ada, eve, "claw"]);
    const user = async (person: Person) => (await call("users.info", { user: person.id })).user;
    expect(await user(guest)).toMatchObject({ is_restricted: true, team_id: slack.team.id });
    expect(await user(eve)).toMatchObject({ is_stranger: true, team_id: "T0OUTSIDE1" });
    slack.team.deactivate(ada);
    expect(await user(ada)).toMatchObject({ deleted: true });
    const { channels } = await call("conversations.list", {});
    expect((channels as Json[]).find((each) => each.name === "joint")).toMatchObject({ is_ext_shared: true });
  });

  test("knows user groups", async () => {
    const leads = slack.team.group("platform-leads", [ada]);
    const { usergroups } = await call("usergroups.list", { include_users: true });
    expect(usergroups).toMatchObject([{ id: leads.id, handle: "platform-leads", users: [ada.id] }]);
    expect(await call("usergroups.users.list", { usergroup: leads.id })).toMatchObject({ users: [ada.id] });
    expect(await said("usergroups.users.list", { usergroup: "S0NONE" })).toBe("no_such_subteam");
  });

  test("takes files in three steps, and shows them", async () => {
    const root = await post();
    await client.filesUploadV2({
      channel_id: eng.id,
      thread_ts: String(root.ts),
      filename: "log.txt",
      title: "All of it",
      content: "ünï\r\n--code\r\nlines\n",
      initial_comment: "the log",
    });
    const seen = ada.sees(eng, String(root.ts)).at(-1);
    expect(seen).toMatchObject({ words: "the log", files: [{ name: "log.txt", content: "ünï\r\n--code\r\nlines\n" }] });
    const { file_id } = await call("files.getUploadURLExternal", { filename: "a.txt", length: 3 });
    expect(await said("files.completeUploadExternal", { files: [{ id: file_id }] })).toBe("file_not_found");
  });
});
