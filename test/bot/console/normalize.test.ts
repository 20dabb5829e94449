import { describe, expect, test } from "vitest";
import { clean, storable } from "../../../src/bot/console/cleaning.ts";
import { hostAllowed } from "../../../src/bot/console/guard.ts";
import { read, typedEvent } from "../../../src/bot/console/normalize.ts";
import { channelOf, rootOf } from "../../../src/bot/console/places.ts";

describe("what a person typed", () => {
  test.each([
    ["/claw status", "status", true],
    ["  /CLAW   every day at 9 x ", "every day at 9 x", true],
    ["/claw", "", true],
    ["/claw\nlist", "list", true],
    ["@claw status", "status", false],
    ["@Claw: pause it", "pause it", false],
    ["@claw", "", false],
  ])("%j is a command", (text, command, aside) =>
    expect(read(text)).toMatchObject({ kind: "command", text: command, aside }),
  );

  test.each(["hello", "/clawed", "/status", "I said /claw list", "@clawdia hi", "@claws", "mail me@claw.test"])(
    "%j is a message",
    (text) => expect(read(text)).toEqual({ kind: "message", shown: text }),
  );

  test.each(["", "  \n\t ", "\u0000\u0007"])("%j is nothing", (text) => expect(read(text)).toEqual({ kind: "empty" }));

  test("a message in a channel concerns only the people there", () => {
    const happened = {
      workspaceId: "w",
      key: "12345678",
      actor: { memberId: "m", name: "M" },
      channelId: "w:c",
      threadId: null,
      at: 1,
    };
    expect(typedEvent(happened, { kind: "message", shown: "hi" }, "id").body).toEqual({
      kind: "channelMessage",
      text: "hi",
      messageId: "id",
      byBot: false,
    });
    expect(typedEvent({ ...happened, threadId: "w:c:1" }, { kind: "message", shown: "hi" }, "id").body).toEqual({
      kind: "message",
      text: "hi",
      messageId: "id",
    });
  });
});

describe("odd characters", () => {
  test("what can be neither stored nor seen is gone, the rest stays", () => {
    expect(clean("a\u0000b\r\nc\td\u001b[1m\u007f")).toBe("ab\nc\td[1m");
    expect(clean("half \ud83d and whole 😀 and \ude00")).toBe("half \ufffd and whole 😀 and \ufffd");
    expect(clean("שלום \u202e مرحبا")).toBe("שלום \u202e مرحبا");
    expect(storable({ a: ["x\u0000", 1, null, { b: "\ud800" }], c: true })).toEqual({
      a: ["x", 1, null, { b: "\ufffd" }],
      c: true,
    });
  });
});

describe("places", () => {
  test.each([
    ["console:demo:general", "general"],
    ["console:demo:nowhere", null],
    ["console:other:general", null],
    ["slack:T1:C1", null],
  ])("%s is the channel %s", (id, channel) => expect(channelOf("console:demo", id, ["general"])).toBe(channel));

  test.each([
    ["w:general:abc-1", "abc-1"],
    ["w:general:", null],
    ["w:ops:abc", null],
    ["w:general:a:b", null],
    ["w:general:../x", null],
  ])("%s is a thread from %s", (id, root) => expect(rootOf("w:general", id)).toBe(root));
});

describe("a Host header", () => {
  test.each([
    ["127.0.0.1:3141", "127.0.0.1", true],
    ["LOCALHOST:3141", "127.0.0.1", true],
    ["[::1]:3141", "127.0.0.1", true],
    ["claw.lan:3141", "claw.lan", true],
    ["[fd00::1]:3141", "fd00::1", true],
    ["192.168.1.5:3141", "0.0.0.0", true],
    ["[fd00::1]:3141", "::", true],
    ["evil.test:3141", "0.0.0.0", false],
    ["evil.test:3141", "127.0.0.1", false],
    ["127.0.0.1:80", "127.0.0.1", false],
    ["127.0.0.1", "127.0.0.1", false],
    ["192.168.1.5:3141", "127.0.0.1", false],
    ["127.0.0.1.evil.test:3141", "127.0.0.1", false],
    ["", "127.0.0.1", false],
  ])("%j for a console on %s: %s", (header, host, allowed) => expect(hostAllowed(header, host, 3141)).toBe(allowed));
});
