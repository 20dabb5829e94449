import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Channel, type FakeSlack, type Person, startFakeSlack } from "../support/slack/fake-slack.ts";
import type { Json } from "../support/slack/json.ts";
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

describe("who may call what", () => {
  test("names the scope that is missing, and those there are", async () => {
    slack.team.withoutScope("chat:write");
    const refused = await post();
    expect(refused).toMatchObject({ error: "missing_scope", needed: "chat:write" });
    expect(String(refused.provided).split(",")).toContain("users:read");
    expect(refused.response_metadata).toMatchObject({ acceptedScopes: ["chat:write"] });
  });

  test("looks at the scope of the channel's kind", async () => {
    const secret = slack.team.channel("secret", [ada, "claw"], { private: true });
    slack.team.withoutScope("groups:history");
    expect(await call("conversations.history", { channel: secret.id })).toMatchObject({
      error: "missing_scope",
      needed: "groups:history",
    });
    expect(await said("conversations.history", { channel: eng.id })).toBe("ok");
  });

  test("tells tokens apart", async () => {
    const as = async (token: string, method: string) => saidBy(await answer(clientOf(slack.apiUrl, token), method));
    expect(await as("xoxb-nobody", "auth.test")).toBe("invalid_auth");
    expect(await as(slack.appToken, "auth.test")).toBe("not_allowed_token_type");
    expect(await as(slack.team.botToken, "apps.connections.open")).toBe("not_allowed_token_type");
    expect(await as(slack.appToken, "apps.connections.open")).toBe("ok");
    const nobody = await fetch(`${slack.apiUrl}auth.test`, { method: "POST" });
    expect(await nobody.json()).toMatchObject({ ok: false, error: "not_authed" });
  });

  test("knows a dead token", async () => {
    slack.team.revokeToken();
    expect(await said("auth.test")).toBe("token_revoked");
    slack.team.uninstall();
    expect(await said("auth.test")).toBe("account_inactive");
    const again = clientOf(slack.apiUrl, slack.team.reinstall());
    expect(saidBy(await answer(again, "auth.test"))).toBe("ok");
  });

  test("refuses what it does not know", async () => {
    expect(await said("chat.shout")).toBe("unknown_method");
    const refused = await post({ colour: "red" });
    expect(refused).toMatchObject({ error: "invalid_arguments" });
    expect(refused.response_metadata).toMatchObject({ messages: ["[ERROR] invalid additional property: colour"] });
    expect((await call("chat.postMessage", { text: "x" })).response_metadata).toMatchObject({
      messages: ["[ERROR] missing required field: channel"],
    });
  });

  test("takes JSON with the token in the header, as well as forms", async () => {
    const headers = {
      authorization: `Bearer ${slack.team.botToken}`,
      "content-type": "application/json; charset=utf-8",
    };
    const body = JSON.stringify({ channel: eng.id, text: "by JSON", unfurl_links: false });
    const response = await fetch(`${slack.apiUrl}chat.postMessage`, { method: "POST", headers, body });
    expect(response.headers.get("x-oauth-scopes")).toContain("chat:write");
    expect(await response.json()).toMatchObject({ ok: true, message: { text: "by JSON", bot_id: expect.any(String) } });
    const broken = await fetch(`${slack.apiUrl}chat.postMessage`, { method: "POST", headers, body: "{" });
    expect(await broken.json()).toEqual({ ok: false, error: "invalid_json" });
  });
});

describe("where a message may go", () => {
  test.each<[string, () => Channel | string, string]>([
    ["a channel the app is not in", () => slack.team.channel("far", [ada]), "not_in_channel"],
    [
      "a private channel the app is not in",
      () => slack.team.channel("hidden", [ada], { private: true }),
      "channel_not_found",
    ],
    [
      "a channel for announcements",
      () => slack.team.channel("news", [ada, "claw"], { readOnly: true }),
      "restricted_action",
    ],
    ["nowhere", () => "C0NOWHERE", "channel_not_found"],
    ["a person", () => ada.id, "ok"],
    ["a public channel by its name", () => "#eng", "ok"],
  ])("%s", async (_, where, outcome) => {
    const place = where();
    expect(await said("chat.postMessage", { channel: typeof place === "string" ? place : place.id, text: "x" })).toBe(
      outcome,
    );
  });

  test("follows what people do to the channel", async () => {
    slack.team.archive(eng);
    expect(saidBy(await post())).toBe("is_archived");
    slack.team.unarchive(eng);
    expect(saidBy(await post())).toBe("ok");
    slack.team.remove(eng, "claw");
    expect(saidBy(await post())).toBe("not_in_channel");
    expect(await said("conversations.join", { channel: eng.id })).toBe("ok");
    slack.team.remove(eng, "claw");
    slack.team.makePrivate(eng);
    expect(saidBy(await post())).toBe("channel_not_found");
    expect(await said("conversations.info", { channel: eng.id })).toBe("channel_not_found");
  });

  test("lists private channels only to their members", async () => {
    slack.team.channel("hidden", [ada], { private: true });
    slack.team.channel("ours", [ada, "claw"], { private: true });
    const listed = await call("conversations.list", { types: "public_channel,private_channel" });
    expect((listed.channels as Json[]).map((each) => each.name)).toEqual(["eng", "ours"]);
  });

  test("keeps a pace when told to", async () => {
    slack.settings.messageEveryMs = 60_000;
    expect(saidBy(await post())).toBe("ok");
    const response = await fetch(`${slack.apiUrl}chat.postMessage`, {
      method: "POST",
      headers: { authorization: `Bearer ${slack.team.botToken}` },
      body: new URLSearchParams({ channel: eng.id, text: "too soon" }),
    });
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "60"]);
    expect(await response.json()).toEqual({ ok: false, error: "ratelimited" });
    expect(await said("chat.postMessage", { channel: ada.id, text: "elsewhere" })).toBe("ok");
  });
});

describe("what a message may be", () => {
  test.each<[string, Json, string]>([
    ["nothing", { text: "" }, "no_text"],
    ["40,000 characters", { text: "x".repeat(40_000) }, "ok"],
    ["40,001 characters", { text: "x".repeat(40_001) }, "msg_too_long"],
    ["blocks that are no list", { blocks: { type: "divider" } }, "invalid_blocks_format"],
    ["blocks out of their limits", { blocks: [{ type: "header" }] }, "invalid_blocks"],
    [
      "blocks that together are too long",
      {
        blocks: Array.from({ length: 5 }, () => ({
          type: "section",
          text: { type: "mrkdwn", text: "x".repeat(2900) },
        })),
      },
      "msg_blocks_too_long",
    ],
    [
      "a picture that was never uploaded",
      { blocks: [{ type: "image", slack_file: { id: "F0NONE" }, alt_text: "x" }] },
      "invalid_blocks",
    ],
    ["metadata without a type", { metadata: { event_payload: {} } }, "invalid_metadata_format"],
    [
      "too much metadata",
      { metadata: { event_type: "x", event_payload: { x: "x".repeat(8000) } } },
      "metadata_too_large",
    ],
    ["a thread that is no time", { thread_ts: "yesterday" }, "invalid_thread_ts"],
    ["a thread that is not there", { thread_ts: "1700000000.000100" }, "thread_not_found"],
    ["another name", { username: "boss" }, "missing_scope"],
  ])("%s", async (_, args, outcome) => expect(saidBy(await post(args))).toBe(outcome));

  test("says what is wrong with blocks", async () => {
    const refused = await post({ blocks: [{ type: "section", text: { type: "mrkdwn", text: "x".repeat(3001) } }] });
    expect(refused).toMatchObject({
      error: "invalid_blocks",
      response_metadata: {
        messages: [
          "[ERROR] failed to match all allowed schemas [json-pointer:/blocks/0/text]",
          "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        ],
      },
    });
  });
});
