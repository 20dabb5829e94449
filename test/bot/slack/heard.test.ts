/** What Slack tells of channels, as what may start a workflow. */
import { describe, expect, it } from "vitest";
import { type Incoming, read } from "../../../src/bot/slack/normalize.ts";

const ME = { team: "T1", teamName: "Acme", user: "UCLAW" };
const heard = (event: object): Incoming => read({ type: "event_callback", event_id: "E1", event }, ME, 0);
const said = (more: object): Incoming =>
  heard({ type: "message", user: "U1", text: "deploy failed", channel: "C1", ts: "12.5", ...more });
const bodyOf = (incoming: Incoming) => (incoming.kind === "event" ? incoming.event.body : incoming.kind);

describe("a message in a channel", () => {
  it("of a person may start something; of another bot it says so", () => {
    const common = { kind: "channelMessage", text: "deploy failed", messageId: "C1:12.5" };
    expect(bodyOf(said({}))).toEqual({ ...common, byBot: false });
    expect(bodyOf(said({ bot_id: "B9", user: "U9" }))).toEqual({ ...common, byBot: true });
    expect(bodyOf(said({ bot_id: "B9", user: undefined, subtype: "bot_message" }))).toEqual({ ...common, byBot: true });
  });

  it.each<[string, object]>([
    ["of Claw itself", { user: "UCLAW", bot_id: "BCLAW" }],
    ["that was changed", { subtype: "message_changed" }],
    ["of a bot in a thread", { bot_id: "B9", thread_ts: "11.1" }],
    ["of a bot to Claw alone", { bot_id: "B9", channel: "D1" }],
    ["of a bot, without words", { bot_id: "B9", text: "" }],
    ["about who joined", { subtype: "channel_join" }],
  ])("%s starts nothing", (_what, more) => {
    expect(said(more).kind).toBe("nothing");
  });

  it("in a thread, or to Claw, is what it was", () => {
    expect(bodyOf(said({ thread_ts: "11.1" }))).toMatchObject({ kind: "message" });
    expect(bodyOf(said({ text: "<@UCLAW> status" }))).toEqual({ kind: "command", text: "status" });
  });
});

it("a command says which channels its links are", () => {
  const text = 'when a message in <#C7|ops> matches "x" tell <#C8|eng>';
  const incoming = read({ command: "/claw", text, user_id: "U1", channel_id: "C1", trigger_id: "t" }, ME, 0);
  expect(bodyOf(incoming)).toEqual({
    kind: "command",
    text: 'when a message in #ops matches "x" tell #eng',
    channels: { "#ops": "slack:T1:C7", "#eng": "slack:T1:C8" },
  });
});

describe("a reaction", () => {
  const reacts = (more: object) =>
    heard({
      type: "reaction_added",
      user: "U1",
      reaction: "eyes",
      item: { type: "message", channel: "C1", ts: "12.5" },
      event_ts: "13.1",
      ...more,
    });

  it("to a message may start something, once a person, message and emoji", () => {
    expect(bodyOf(reacts({}))).toEqual({ kind: "reaction", emoji: "eyes", messageId: "C1:12.5", byBot: false });
    const keys = [reacts({}), reacts({ event_ts: "14.1" }), reacts({ user: "U2" }), reacts({ reaction: "tada" })].map(
      (incoming) => (incoming.kind === "event" ? incoming.event.key : ""),
    );
    expect(keys[0]).toBe(keys[1]);
    expect(new Set(keys).size).toBe(3);
  });

  it("of Claw itself, or to a file, starts nothing", () => {
    expect(reacts({ user: "UCLAW" }).kind).toBe("nothing");
    expect(reacts({ item: { type: "file", file: "F1" } }).kind).toBe("nothing");
  });
});
