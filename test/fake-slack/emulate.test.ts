/** The same calls by the real client to this fake and to another emulator: where they differ is written down here. */
import { createEmulator, type Emulator } from "emulate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../support/ports.ts";
import { type FakeSlack, startFakeSlack } from "../support/slack/fake-slack.ts";
import { isObject, type Json } from "../support/slack/json.ts";
import { answer, clientOf, saidBy, type WebClient } from "./client.ts";

/** One world twice: what the calls need to know of it. */
interface Side {
  readonly client: WebClient;
  readonly url: string;
  readonly channel: string;
  readonly archived: string;
  /** Public, and the app is not in it. */
  readonly elsewhere: string;
  readonly person: string;
}

let slack: FakeSlack;
let emulator: Emulator;
let sides: readonly [fake: Side, other: Side];

const SCOPES = [
  "chat:write",
  "channels:read",
  "channels:history",
  "channels:join",
  "channels:manage",
  "groups:read",
  "im:read",
  "im:write",
  "mpim:read",
  "mpim:write",
  "users:read",
  "users:read.email",
  "reactions:write",
  "files:write",
  "files:read",
  "team:read",
];

beforeAll(async () => {
  slack = await startFakeSlack();
  const ada = slack.team.person("ada");
  const eng = slack.team.channel("eng", [ada, "claw"]);
  const old = slack.team.channel("old", [ada, "claw"]);
  const elsewhere = slack.team.channel("elsewhere", [ada]);
  slack.team.archive(old);
  const fake: Side = {
    client: clientOf(slack.apiUrl, slack.team.botToken),
    url: slack.apiUrl,
    channel: eng.id,
    archived: old.id,
    elsewhere: elsewhere.id,
    person: ada.id,
  };

  emulator = await createEmulator({
    service: "slack",
    port: await freePort(),
    seed: {
      slack: {
        strict_scopes: true,
        team: { name: "Acme", domain: "acme" },
        users: [{ name: "ada", email: "ada@acme.example" }, { name: "claw" }],
        channels: [{ name: "eng" }, { name: "old" }],
        tokens: [{ token: "xoxb-other", type: "bot", user: "claw", scopes: SCOPES }],
      },
    },
  });
  const url = `${emulator.url}/api/`;
  const client = clientOf(url, "xoxb-other");
  const { channels = [] } = await client.conversations.list({ types: "public_channel" });
  const { members = [] } = await client.users.list({});
  const named = (name: string) => channels.find((each) => each.name === name)?.id ?? "";
  const person = members.find((each) => each.name === "ada")?.id ?? "";
  await client.apiCall("conversations.archive", { channel: named("old") });
  const other = { client, url, channel: named("eng"), archived: named("old"), elsewhere: named("random"), person };
  sides = [fake, other];
});
afterAll(async () => {
  await slack.close();
  await emulator.close();
});

interface Step {
  readonly method: string;
  readonly args: (side: Side, before: readonly Json[]) => Json;
  /** What makes it different from other calls of the method. */
  readonly which?: string;
  /** Another token. */
  readonly token?: string;
}

const ts = (at: number) => (_: Side, before: readonly Json[]) => String(before[at]?.ts);
const STEPS: readonly Step[] = [
  { method: "chat.postMessage", args: (side) => ({ channel: side.channel, text: "hello" }) },
  {
    method: "chat.postMessage",
    which: "with blocks and metadata",
    args: (side) => ({
      channel: side.channel,
      text: "card",
      blocks: [{ type: "section", block_id: "b", text: { type: "mrkdwn", text: "hi", verbatim: false } }],
      metadata: { event_type: "card", event_payload: { key: "k1" } },
    }),
  },
  {
    method: "chat.postMessage",
    which: "in a thread",
    args: (side, before) => ({ channel: side.channel, text: "reply", thread_ts: ts(0)(side, before) }),
  },
  { method: "chat.postMessage", which: "without words", args: (side) => ({ channel: side.channel }) },
  { method: "chat.postMessage", which: "nowhere", args: () => ({ channel: "C0NOWHERE", text: "x" }) },
  { method: "chat.postMessage", which: "archived", args: (side) => ({ channel: side.archived, text: "x" }) },
  { method: "chat.postMessage", which: "not a member", args: (side) => ({ channel: side.elsewhere, text: "x" }) },
  { method: "chat.postMessage", which: "without a channel", args: () => ({ text: "x" }) },
  { method: "chat.postMessage", which: "too long", args: (s) => ({ channel: s.channel, text: "x".repeat(40_001) }) },
  {
    method: "chat.postMessage",
    which: "blocks that are none",
    args: (side) => ({ channel: side.channel, blocks: "[{" }),
  },
  {
    method: "chat.postMessage",
    which: "an unknown block",
    args: (side) => ({ channel: side.channel, text: "x", blocks: [{ type: "nonsense" }] }),
  },
  {
    method: "chat.postMessage",
    which: "bad token",
    token: "xoxb-nobody",
    args: (s) => ({ channel: s.channel, text: "x" }),
  },
  {
    method: "chat.update",
    args: (side, before) => ({ channel: side.channel, ts: ts(0)(side, before), text: "hello again" }),
  },
  { method: "chat.update", which: "no such message", args: (s) => ({ channel: s.channel, ts: "1.000000", text: "x" }) },
  {
    method: "chat.getPermalink",
    args: (side, before) => ({ channel: side.channel, message_ts: ts(0)(side, before) }),
  },
  { method: "chat.postEphemeral", args: (side) => ({ channel: side.channel, user: side.person, text: "psst" }) },
  {
    method: "chat.postEphemeral",
    which: "to nobody",
    args: (s) => ({ channel: s.channel, user: "U0NOBODY", text: "x" }),
  },
  { method: "reactions.add", args: (s, before) => ({ channel: s.channel, timestamp: ts(0)(s, before), name: "eyes" }) },
  {
    method: "reactions.add",
    which: "twice",
    args: (s, before) => ({ channel: s.channel, timestamp: ts(0)(s, before), name: "eyes" }),
  },
  { method: "conversations.history", args: (side) => ({ channel: side.channel, include_all_metadata: true }) },
  { method: "conversations.history", which: "not a member", args: (side) => ({ channel: side.elsewhere }) },
  { method: "conversations.replies", args: (side, before) => ({ channel: side.channel, ts: ts(0)(side, before) }) },
  { method: "conversations.replies", which: "no such thread", args: (s) => ({ channel: s.channel, ts: "1.000000" }) },
  { method: "conversations.info", args: (side) => ({ channel: side.channel }) },
  { method: "conversations.info", which: "nowhere", args: () => ({ channel: "C0NOWHERE" }) },
  { method: "conversations.list", args: () => ({ types: "public_channel" }) },
  { method: "conversations.list", which: "a scope short", args: () => ({ types: "private_channel" }) },
  { method: "conversations.members", args: (side) => ({ channel: side.channel }) },
  { method: "conversations.open", args: (side) => ({ users: side.person }) },
  { method: "conversations.join", args: (side) => ({ channel: side.elsewhere }) },
  { method: "conversations.join", which: "archived", args: (side) => ({ channel: side.archived }) },
  { method: "users.info", args: (side) => ({ user: side.person }) },
  { method: "users.info", which: "nobody", args: () => ({ user: "U0NOBODY" }) },
  { method: "users.list", args: () => ({}) },
  { method: "users.lookupByEmail", args: () => ({ email: "ada@acme.example" }) },
  { method: "users.lookupByEmail", which: "nobody", args: () => ({ email: "nobody@acme.example" }) },
  { method: "team.info", args: () => ({}) },
  { method: "auth.test", args: () => ({}) },
  { method: "auth.test", which: "bad token", token: "xoxb-nobody", args: () => ({}) },
  { method: "files.getUploadURLExternal", args: () => ({ filename: "a.txt", length: 3 }) },
  {
    method: "files.completeUploadExternal",
    which: "unknown file",
    args: () => ({ files: [{ id: "F0NONE", title: "x" }] }),
  },
  {
    method: "views.publish",
    args: (side) => ({ user_id: side.person, view: { type: "home", blocks: [] } }),
  },
  {
    method: "views.open",
    which: "no such trigger",
    args: () => ({
      trigger_id: "1.2.3",
      view: { type: "modal", title: { type: "plain_text", text: "x" }, blocks: [{ type: "divider" }] },
    }),
  },
  { method: "chat.delete", args: (side, before) => ({ channel: side.channel, ts: ts(1)(side, before) }) },
  {
    method: "chat.delete",
    which: "twice",
    args: (side, before) => ({ channel: side.channel, ts: ts(1)(side, before) }),
  },
];

const nameOf = ({ method, which }: Step) => (which === undefined ? method : `${method}, ${which}`);

async function run(side: Side): Promise<ReadonlyMap<string, Json>> {
  const results = new Map<string, Json>();
  const before: Json[] = [];
  for (const step of STEPS) {
    const args = step.args(side, before);
    const client = step.token === undefined ? side.client : clientOf(side.url, step.token);
    const said = await answer(client, step.method, args);
    before.push(said);
    results.set(nameOf(step), said);
  }
  return results;
}

/** Paths of an answer's fields; the elements of a list count as one. */
function pathsOf(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => pathsOf(each, `${path}[]`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, each]) => [`${path}.${key}`, ...pathsOf(each, `${path}.${key}`)]);
}

test("both say the same, but for what is known", async () => {
  const fake = await run(sides[0]);
  const other = await run(sides[1]);

  const differing = STEPS.map(nameOf)
    .map((name) => [name, saidBy(fake.get(name)), saidBy(other.get(name))] as const)
    .filter(([, ours, theirs]) => ours !== theirs)
    .map(([name, ours, theirs]) => `${name}: ${ours} here, ${theirs} there`);
  expect(differing).toEqual([
    // The other lets anyone post and read in public channels; Slack wants the app in them.
    "chat.postMessage, not a member: not_in_channel here, ok there",
    // Slack tells an absent argument from one that names nothing.
    "chat.postMessage, without a channel: invalid_arguments here, channel_not_found there",
    // Slack's documentation says both that it truncates and that it refuses: the stricter one stands here.
    "chat.postMessage, too long: msg_too_long here, ok there",
    "chat.postMessage, blocks that are none: invalid_blocks_format here, invalid_blocks there",
    // The other looks into no block.
    "chat.postMessage, an unknown block: invalid_blocks here, ok there",
    // The other takes any token for a developer's.
    "chat.postMessage, bad token: invalid_auth here, missing_scope there",
    "conversations.history, not a member: not_in_channel here, ok there",
    "conversations.replies, no such thread: thread_not_found here, ok there",
    "auth.test, bad token: invalid_auth here, ok there",
  ]);

  const lacking = STEPS.map(nameOf).flatMap((name) => {
    if (saidBy(fake.get(name)) !== "ok" || saidBy(other.get(name)) !== "ok") return [];
    const ours = new Set(pathsOf(fake.get(name)));
    const missing = [...new Set(pathsOf(other.get(name)))].filter((each) => !ours.has(each));
    return missing.length === 0 ? [] : [`${name} lacks ${missing.join(" ")}`];
  });
  const huddle = "profile.huddle_state";
  expect(lacking).toEqual([
    // Slack leaves it out on the last page of a history.
    "conversations.history lacks .response_metadata.next_cursor",
    // `is_open` is of direct messages; the number comes to who asks for it.
    "conversations.info lacks .channel.is_open .channel.num_members",
    "conversations.list lacks .channels[].is_open",
    "conversations.join lacks .channel.is_open .channel.num_members",
    // Nothing that Claw looks at.
    `users.info lacks .user.${huddle} .user.${huddle}_expiration_ts`,
    `users.list lacks .members[].${huddle} .members[].${huddle}_expiration_ts`,
    `users.lookupByEmail lacks .user.${huddle} .user.${huddle}_expiration_ts`,
  ]);
});
