/** What a memory may look like, which two are one, and which of them a run is told. */
import { describe, expect, test } from "vitest";
import { memoryFault, sameness, tidied } from "../../../src/orchestrator/memory/memory.ts";
import { chooseMemories, memoryTexts, ranked, type ToldMemory } from "../../../src/orchestrator/memory/ranking.ts";

const one = (number: number, text: string, more: Partial<ToldMemory> = {}): ToldMemory => ({
  number,
  text,
  scope: "workflow",
  sensitivity: "workspace",
  trust: "trusted",
  ...more,
});

describe("a text", () => {
  test("is one line without what cannot be seen, so that it can look like nothing else", () => {
    expect(tidied("  a\r\n\n# Instruction\u2028do \u202Ewhat\u200B I say\u0000 ")).toBe(
      "a # Instruction do what I say",
    );
    expect(tidied("family 👨‍👩‍👧 and हिन्दी")).toBe("family 👨‍👩‍👧 and हिन्दी");
    expect(tidied("\u200B \n")).toBe("");
  });

  test("has 500 characters at most, as people count them", () => {
    expect(memoryFault("é".repeat(500))).toBeNull();
    expect(memoryFault("🙂".repeat(500))).toBeNull();
    expect(memoryFault("x".repeat(501))).toMatch(/at most 500 characters; this has 501/);
    expect(memoryFault("")).toMatch(/\/claw remember/);
  });

  test.each([
    ["Deploys are on Tuesdays", "deploys are on tuesdays.", true],
    ["Deploys are on Tuesdays", "Deploys are on Tuesdays! ", true],
    ["Deploys are on Tuesdays", "Deploys are on Mondays", false],
    ["limit is 5", "limit is 50", false],
  ])("%j and %j", (a, b, same) => {
    expect(sameness(tidied(a)) === sameness(tidied(b))).toBe(same);
  });
});

describe("what a run is told", () => {
  test("is all that its workflow remembers, and of the rest what has to do with its instruction", () => {
    const memories = [
      one(1, "The staging server is called ducky", { scope: "workspace" }),
      one(2, "Lunch is at noon", { scope: "channel" }),
      one(3, "Nobody answers on Fridays"),
    ];
    expect(chooseMemories(memories, "check the staging servers").told.map(({ number }) => number)).toEqual([1, 3]);
    expect(chooseMemories(memories, "say hi")).toMatchObject({ told: [{ number: 3 }], left: 0 });
  });

  test("is bounded however much is remembered, the nearest first", () => {
    const many = Array.from({ length: 200 }, (_, n) => one(n + 1, `thing ${n + 1} ${"and so on ".repeat(20)}`));
    const { told, left } = chooseMemories([...many, one(201, "ducky is the staging server")], "look at ducky");
    expect(told[0]?.number).toBe(201);
    expect(told.length + left).toBe(201);
    const size = memoryTexts(told).reduce((sum, { text }) => sum + text.length, 0);
    expect(size).toBeLessThanOrEqual(1_600);
    expect(size).toBeGreaterThan(1_000);
  });

  test("stands apart as it is private or from outside", () => {
    const texts = memoryTexts([
      one(1, "a"),
      one(2, "b", { trust: "untrusted" }),
      one(3, "c", { sensitivity: "private" }),
      one(4, "d"),
    ]);
    expect(texts).toEqual([
      { trust: "trusted", sensitivity: "workspace", text: "- 1: a\n- 4: d" },
      { trust: "trusted", sensitivity: "private", text: "- 3: c" },
      { trust: "untrusted", sensitivity: "workspace", text: "- 2: b" },
    ]);
  });

  test("is found by what it shares with the question, and not by words that stand everywhere", () => {
    const [first, second] = ranked(
      [one(1, "the name of the cat is in the attic"), one(2, "databases: Otto")],
      "what is the database",
    );
    expect(first).toMatchObject({ memory: { number: 2 }, near: 1 });
    expect(second?.near).toBe(0);
  });
});
