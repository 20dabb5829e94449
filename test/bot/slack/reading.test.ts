/** The small parts of the adapter: words, ids, keys, failures. */
import { describe, expect, it } from "vitest";
import { card } from "../../../src/bot/cards/card.ts";
import { isTokenTrouble, outcomeOf, wordsFor } from "../../../src/bot/slack/failures.ts";
import { keyed, keyOfBlock } from "../../../src/bot/slack/keys.ts";
import {
  channelIdOf,
  isDirect,
  memberIdOf,
  messageIdOf,
  nameIn,
  placeOf,
  teamOf,
  threadIdOf,
  threadIn,
  workspaceIdOf,
} from "../../../src/bot/slack/places.ts";
import { renderCard } from "../../../src/bot/slack/render.ts";
import { wordsOf } from "../../../src/bot/slack/words.ts";

describe("what people wrote", () => {
  it.each<[string, string]>([
    ["<@UCLAW> status", "status"],
    ["<@UCLAW>, status", "status"],
    ["<@UCLAW>: every day at 9 hi", "every day at 9 hi"],
    ["status <@UCLAW|claw>", "status"],
    ["check <https://example.com/a?b=1&amp;c=2|example.com>", "check https://example.com/a?b=1&c=2"],
    ["write to <mailto:a@example.com|a@example.com>", "write to a@example.com"],
    ["tell <@U1|ada> and <@U2> in <#C1|eng>, <#C2>", "tell @ada and @U2 in #eng, #C2"],
    ["<!here> and <!subteam^S1|@leads>", "@here and @leads"],
    ["at <!date^1700000000^{date}|14 Nov>", "at 14 Nov"],
    ["a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"],
    ["1 <2 and <odd thing> stays", "1 <2 and <odd thing> stays"],
    ["  two   blanks\nand a line ", "two blanks\nand a line"],
    ["", ""],
  ])("%s", (text, words) => {
    expect(wordsOf(text, "UCLAW").words).toBe(words);
  });

  it("is said to Claw only when it names Claw", () => {
    expect(wordsOf("<@UCLAW> hi", "UCLAW").mentioned).toBe(true);
    expect(wordsOf("<@UCLAWS> hi", "UCLAW").mentioned).toBe(false);
    expect(wordsOf("&lt;@UCLAW&gt; hi", "UCLAW")).toMatchObject({ words: "<@UCLAW> hi", mentioned: false });
  });
});

describe("ids", () => {
  it("are read as they were made", () => {
    expect(teamOf(workspaceIdOf("T1"))).toBe("T1");
    expect(nameIn("slack:T1", memberIdOf("T1", "U1"))).toBe("U1");
    expect(nameIn("slack:T1", channelIdOf("T1", "C1"))).toBe("C1");
    expect(placeOf(messageIdOf("C1", "1712.0001"))).toEqual({ channel: "C1", ts: "1712.0001" });
    expect(threadIn("slack:T1", threadIdOf("T1", "C1", "1712.0001"))).toEqual({ channel: "C1", ts: "1712.0001" });
  });

  it("of another workspace, or of none, are nobody's", () => {
    expect(teamOf("discord:1")).toBeNull();
    expect(nameIn("slack:T1", "slack:T2:C1")).toBeNull();
    expect(nameIn("slack:T1", "slack:T1:C1:1.1")).toBeNull();
    expect(nameIn("slack:T1", "slack:T1:")).toBeNull();
    expect(threadIn("slack:T1", "slack:T2:C1:1712.0001")).toBeNull();
    expect(threadIn("slack:T1", "slack:T1:C1:now")).toBeNull();
    expect(placeOf("C1")).toBeNull();
  });

  it("say which conversation is with one person", () => {
    expect(["D1", "U1", "W1", "C1", "G1"].map(isDirect)).toEqual([true, true, true, false, false]);
  });
});

describe("the key of a message", () => {
  const rendered = renderCard(
    card({ title: "Well?", buttons: [{ label: "Yes", action: "run.retry", value: "r1", style: "plain" }] }),
    { showAll: null },
  );
  const idsOf = (key: string) => keyed(rendered, key).blocks.map(({ block_id }) => block_id);

  it("stands in the blocks that can be pressed, each id once, and is read from them", () => {
    const ids = idsOf("approval:1").filter((id) => id !== undefined);
    expect(ids).toHaveLength(1);
    expect(keyOfBlock(ids[0] ?? "")).toBe("approval:1");
  });

  it("that Slack would not take is left out, and another's block has none", () => {
    expect(idsOf("k".repeat(201)).every((id) => id === undefined)).toBe(true);
    expect(idsOf("").every((id) => id === undefined)).toBe(true);
    expect(keyOfBlock("b42")).toBeNull();
  });
});

describe("what Slack refuses", () => {
  it.each([
    ["channel_not_found", /deleted, or it is private.*\/invite @claw/],
    ["not_in_channel", /invite it with \/invite @claw/],
    ["is_archived", /unarchive it/],
    ["message_not_found", /was deleted/],
    ["msg_too_long", /too long/],
  ])("for good is said in words: %s", (error, words) => {
    const outcome = outcomeOf({ kind: "refused", error, details: "" });
    expect(outcome).toMatchObject({ kind: "refused", failure: { code: "platform_refused" } });
    expect(wordsFor(error)).toMatch(words);
  });

  it.each(["ratelimited", "internal_error", "service_unavailable"])("and passes is tried again: %s", (error) => {
    expect(outcomeOf({ kind: "refused", error, details: "" })).toMatchObject({ kind: "retry", afterMs: 2_000 });
  });

  it.each(["invalid_auth", "token_revoked", "missing_scope"])(
    "since a token is wrong waits for somebody: %s",
    (error) => {
      expect(isTokenTrouble(error)).toBe(true);
      expect(outcomeOf({ kind: "refused", error, details: "" })).toMatchObject({ kind: "retry", afterMs: 60_000 });
    },
  );

  it("in words of its own that Claw does not know is passed on as a sentence", () => {
    expect(wordsFor("some_new_thing", "needs chat:write")).toBe("Slack: some new thing, needs chat:write.");
  });

  it("is not known when it did not answer, and certain when it was not reached", () => {
    expect(outcomeOf({ kind: "unclear", why: "HTTP 500" }).kind).toBe("unknown");
    expect(outcomeOf({ kind: "unreachable", why: "ECONNREFUSED" }).kind).toBe("retry");
  });
});
