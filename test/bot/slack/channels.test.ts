/** Slack's channels for runs: who sees one, what Slack refuses, and what a person can do about it. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { channelIdOf, memberIdOf, messageIdOf } from "../../../src/bot/slack/places.ts";
import type { Channel, Person } from "../../support/slack/fake-slack.ts";
import { type AdapterCase, adapterCase, signal } from "./slack-case.ts";

let c: AdapterCase;
/** Slack's answers are remembered for a while: time goes on when a test says so. */
let ahead = 0;
beforeEach(async () => {
  ahead = 0;
  c = await adapterCase("socket", () => ({ clock: { now: () => Date.now() + ahead } }));
});
afterEach(() => c.close());

const idOf = (channel: Channel) => channelIdOf(c.slack.team.id, channel.id);
const sight = async (person: Person, channel: Channel) =>
  (await c.platform.sight?.(memberIdOf(c.slack.team.id, person.id), idOf(channel), c.workspaceId)) ?? {
    kind: "absent",
  };
const read = (channel: Channel, parts: object = {}) =>
  c.platform.readChannel?.(
    { workspaceId: c.workspaceId, channelId: idOf(channel), thread: null, since: 0, before: null, limit: 50, ...parts },
    signal,
  );
const placed = (channel: Channel, ts: string) => ({
  workspaceId: c.workspaceId,
  channelId: idOf(channel),
  messageId: messageIdOf(channel.id, ts),
});

describe("who sees a channel", () => {
  test("of a private one: who is in it, and an admin no more than others", async () => {
    const secret = c.slack.team.channel("secret", [c.lin, "claw"], { private: true });
    expect(await sight(c.lin, secret)).toEqual({ kind: "sees" });
    expect(await sight(c.ada, secret)).toEqual({ kind: "hidden" });
    c.slack.team.remove(secret, c.lin);
    ahead = 31_000;
    expect(await sight(c.lin, secret)).toEqual({ kind: "hidden" });
  });

  test("of a public one: every full member, guests and outsiders only where they are", async () => {
    const { team } = c.slack;
    const guest = team.person("gus", { isRestricted: true });
    const outsider = team.outsider("ola");
    const open = team.channel("open", ["claw"]);
    const shared = team.channel("shared", [guest, outsider, "claw"]);
    expect(await sight(c.lin, open)).toEqual({ kind: "sees" });
    for (const each of [guest, outsider]) {
      expect(await sight(each, open)).toEqual({ kind: "hidden" });
      expect(await sight(each, shared)).toEqual({ kind: "sees" });
    }
  });

  test("nobody who has left, nobody in a channel that Claw does not see, nobody in another's conversation", async () => {
    const { team } = c.slack;
    const leaver = team.person("lea");
    const open = team.channel("open", [leaver, "claw"]);
    team.deactivate(leaver);
    await c.slack.until("it to be heard", () => c.slack.delivered("user_change").length > 0);
    expect(await sight(leaver, open)).toEqual({ kind: "hidden" });
    const unseen = team.channel("unseen", [c.ada], { private: true });
    expect(await sight(c.ada, unseen)).toEqual({ kind: "hidden" });
    const direct = team.world.directWith(c.lin.id);
    expect(await sight(c.lin, direct)).toEqual({ kind: "sees" });
    expect(await sight(c.ada, direct)).toEqual({ kind: "hidden" });
  });

  test("nobody while Slack does not say", async () => {
    const secret = c.slack.team.channel("secret", [c.lin, "claw"], { private: true });
    for (const method of ["conversations.info", "conversations.members"]) {
      c.slack.faults.add({ method, fault: { kind: "status", status: 503 } });
      expect(await sight(c.lin, secret)).toMatchObject({ kind: "cannot_tell", passes: true });
    }
    expect(await sight(c.lin, secret)).toEqual({ kind: "sees" });
  });

  test("nobody where the app lacks the scope to look, which says so", async () => {
    const secret = c.slack.team.channel("secret", [c.lin, "claw"], { private: true });
    c.slack.team.withoutScope("groups:read");
    expect(await sight(c.lin, secret)).toEqual({
      kind: "cannot_tell",
      passes: false,
      why: expect.stringMatching(/lacks a scope.*groups:read/),
    });
  });
});

test("a channel is found by its name where Claw is in it, also a private one; one that it is not in is not there", async () => {
  const { team } = c.slack;
  const secret = team.channel("secret", [c.lin, "claw"], { private: true });
  team.channel("elsewhere", [c.lin]);
  expect(await c.platform.channelCalled?.("#Secret", c.workspaceId)).toEqual({
    kind: "channel",
    channelId: idOf(secret),
    name: "#secret",
  });
  expect(await c.platform.channelNamed?.("#secret", c.workspaceId)).toBe(idOf(secret));
  expect(await c.platform.channelCalled?.("#elsewhere", c.workspaceId)).toEqual({ kind: "none" });
  expect(await c.platform.channelCalled?.("#secret", "slack:TOTHER")).toMatchObject({ kind: "unavailable" });
});

describe("history", () => {
  test("has people's words with their names, bots' and files too, without what Slack itself notes", async () => {
    c.ada.says("hello @lin & all", { channel: c.eng });
    c.slack.team.invite(c.eng, c.slack.team.person("new"));
    c.lin.says("hi", { channel: c.eng });
    const outcome = await read(c.eng);
    expect(outcome).toMatchObject({ kind: "done" });
    const said = outcome?.kind === "done" ? outcome.value.messages : [];
    expect(said.map(({ from, text }) => `${from}: ${text}`)).toEqual(["ada: hello @lin & all", "lin: hi"]);
  });

  test("goes back page by page past much that is nobody's word", async () => {
    for (let n = 0; n < 5; n++) {
      c.ada.says(`m${n}`, { channel: c.eng });
      for (let m = 0; m < 3; m++) {
        c.slack.team.world.addMessage(c.eng, { user: c.ada.id, subtype: "channel_topic", text: "topic" });
      }
    }
    const first = await read(c.eng, { limit: 2 });
    const page = first?.kind === "done" ? first.value : { messages: [], more: false };
    expect([page.messages.map(({ text }) => text), page.more]).toEqual([["m3", "m4"], true]);
    const rest = await read(c.eng, { limit: 50, before: page.messages[0]?.messageId });
    expect(rest).toMatchObject({ kind: "done", value: { more: false } });
    expect(rest?.kind === "done" && rest.value.messages.map(({ text }) => text)).toEqual(["m0", "m1", "m2"]);
  });

  test("of a conversation with one person is not read at all", async () => {
    const direct = c.slack.team.world.directWith(c.lin.id);
    expect(await read(direct)).toMatchObject({ kind: "refused" });
    expect(c.slack.callsOf("conversations.history")).toEqual([]);
  });
});

describe("what Slack does not take", () => {
  test.each([
    ["pins:write", "pinMessage"],
    ["reactions:write", "reactTo"],
  ] as const)("without the scope %s it is refused, and the scope is named", async (scope, what) => {
    const { ts } = c.ada.says("keep this", { channel: c.eng });
    c.slack.team.withoutScope(scope);
    const outcome =
      what === "pinMessage"
        ? await c.platform.pinMessage?.(placed(c.eng, ts), signal)
        : await c.platform.reactTo?.(placed(c.eng, ts), "eyes", signal);
    expect(outcome).toEqual({
      kind: "refused",
      failure: { code: "platform_refused", message: expect.stringContaining(scope) },
    });
  });

  test("a limit is waited for, trouble is tried again, what is done stays done", async () => {
    const { ts } = c.ada.says("keep this", { channel: c.eng });
    const pin = () => c.platform.pinMessage?.(placed(c.eng, ts), signal);
    c.slack.faults.add({ method: "pins.add", fault: { kind: "ratelimited", retryAfter: 7 } });
    expect(await pin()).toMatchObject({ kind: "retry", afterMs: 7_000, limited: true });
    c.slack.faults.add({ method: "pins.add", fault: { kind: "reset", when: "after" } });
    expect(await pin()).toMatchObject({ kind: "retry" });
    expect(await pin()).toEqual({ kind: "done", value: "already" });
    expect(c.eng.pins).toEqual([ts]);
  });

  test("a channel that Claw is not in, an archived one, a message that was deleted, an emoji that nobody knows", async () => {
    const { team } = c.slack;
    const elsewhere = team.channel("elsewhere", [c.ada]);
    const there = c.ada.says("x", { channel: elsewhere });
    expect(await c.platform.pinMessage?.(placed(elsewhere, there.ts), signal)).toMatchObject({
      kind: "refused",
      failure: { message: expect.stringContaining("/invite @claw") },
    });
    expect(await read(elsewhere)).toMatchObject({ failure: { message: expect.stringContaining("/invite @claw") } });
    expect(await c.platform.reactTo?.(placed(c.eng, "1712000000.000100"), "eyes", signal)).toMatchObject({
      kind: "refused",
      gone: true,
    });
    const { ts } = c.ada.says("y", { channel: c.eng });
    expect(await c.platform.reactTo?.(placed(c.eng, ts), "🦥", signal)).toMatchObject({
      failure: { message: expect.stringContaining("by their names") },
    });
    team.archive(c.eng);
    expect(await c.platform.reactTo?.(placed(c.eng, ts), "eyes", signal)).toMatchObject({ kind: "refused" });
  });
});
