/** Which messages, emojis and answers are meant; what a run is told when it is too long. */
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../src/orchestrator/ids.ts";
import { judge } from "../../../src/orchestrator/triggers/condition.ts";
import { emojiName, matches } from "../../../src/orchestrator/triggers/match.ts";
import { payloadText } from "../../../src/orchestrator/triggers/payload.ts";
import type { Condition, Match } from "../../../src/orchestrator/triggers/trigger.ts";
import { findByPath } from "../../../src/tools/index.ts";

const words = (text: string): Match => ({ kind: "words", text });
const regex = (source: string, flags = ""): Match => ({ kind: "regex", source, flags });

describe("a message", () => {
  it.each<[Match, string, boolean]>([
    [words("deploy failed"), "The DEPLOY\n failed!", true],
    [words("fail"), "failed", false],
    [words("fail"), "it may fail.", true],
    [words("c++"), "we use c++17", true],
    [words("größe"), "Die GRÖSSE passt", false],
    [words("ﬁx"), "please fix it", true],
    [words("déjà vu"), "DÉJÀ VU!", true],
    [regex("fail(ed|ure)", "i"), "FAILURE", true],
    [regex("^done$", "m"), "all\ndone\n", true],
    [regex("^done$"), "all\ndone\n", false],
    [regex("a.b", "s"), "a\nb", true],
    [{ kind: "any" }, "x", true],
    [{ kind: "any" }, "  ", false],
  ])("%o in %j: %s", (match, text, is) => {
    expect(matches(match, text)).toBe(is);
  });

  it("is looked at in time linear in its length, whatever the expression", () => {
    // One that tries every way would not end before this test is given up.
    expect(matches(regex("(a+)+$"), `${"a".repeat(10_000)}b`)).toBe(false);
    expect(matches(regex("(a|aa)*c"), "a".repeat(20_000))).toBe(false);
  });
});

it("emojis are the same however they are written", () => {
  expect([":Eyes:", "eyes::skin-tone-3", "👍🏽", "❤️"].map(emojiName)).toEqual(["eyes", "eyes", "👍", "❤"]);
});

describe("a condition", () => {
  const answer = { status: "ok", queue: [1, 2, 30], load: "12.5", off: null, tags: ["red", "blue"] };
  const holds = (path: string, condition: Condition): boolean => {
    const found = findByPath(path, answer);
    if (!found.ok) throw new Error(found.error.message);
    return judge(condition, found.value, canonicalJson, undefined).kind === "yes";
  };
  it.each<[string, Condition, boolean]>([
    ["$.status", { kind: "equals", value: "ok", not: false }, true],
    ["$.status", { kind: "equals", value: "ok", not: true }, false],
    ["$.nothing", { kind: "equals", value: "ok", not: true }, true],
    ["$.nothing", { kind: "equals", value: "ok", not: false }, false],
    ["$.off", { kind: "exists", not: false }, true],
    ["$.off", { kind: "equals", value: null, not: false }, true],
    ["$.nothing", { kind: "exists", not: true }, true],
    ["$.queue[*]", { kind: "compares", than: "greater", number: 29 }, true],
    ["$.queue.length", { kind: "exists", not: false }, false],
    ["$.load", { kind: "compares", than: "at_least", number: 12.5 }, true],
    ["$.status", { kind: "compares", than: "less", number: 1 }, false],
    ["$.tags", { kind: "contains", text: "red", not: false }, true],
    ["$.status", { kind: "contains", text: "O", not: false }, true],
    ["$.nothing", { kind: "contains", text: "x", not: true }, true],
  ])("%s %o: %s", (path, condition, is) => {
    expect(holds(path, condition)).toBe(is);
  });

  it("that compares with the last look does not mind the order of keys", () => {
    const first = judge({ kind: "changed" }, [{ a: 1, b: 2 }], canonicalJson, undefined);
    expect(first.kind).toBe("no");
    expect(judge({ kind: "changed" }, [{ b: 2, a: 1 }], canonicalJson, first.seen).kind).toBe("no");
    expect(judge({ kind: "changed" }, [{ b: 2, a: 3 }], canonicalJson, first.seen).kind).toBe("yes");
  });
});

describe("what started a run", () => {
  it("is told as text of outsiders, but for a report of a run that had read none", () => {
    const all = () => true;
    expect(payloadText({ kind: "webhook", body: 1 }, all).trust).toBe("untrusted");
    expect(payloadText({ kind: "outcome", tainted: true }, all).trust).toBe("untrusted");
    expect(payloadText({ kind: "outcome", tainted: false }, all).trust).toBe("trusted");
    expect(payloadText("outcome", all).trust).toBe("untrusted");
  });

  it("is cut to what fits, and says so", () => {
    const { text } = payloadText({ body: "x".repeat(100_000) }, (said) => said.length < 5_000);
    expect(text.length).toBeLessThan(5_000);
    expect(text).toMatch(/^\{"body":"x+…\n\(cut: the first \d+ of 100011 characters; .*is kept\)$/);
  });
});
