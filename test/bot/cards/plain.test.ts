import { describe, expect, test } from "vitest";
import { instant } from "../../../src/bot/cards/card.ts";
import { ceiling, duration, money, plural } from "../../../src/bot/cards/figures.ts";
import { cut, diffLine, exact, person, plain, prose, withInstants } from "../../../src/bot/cards/plain.ts";

describe("data on one line", () => {
  test.each([
    ["bidi overrides", "pay \u202Eknab\u202C \u2066x\u2069", "pay knab x"],
    ["zero width", "ad\u200Bmin\u2060\uFEFF", "admin"],
    ["tags and fillers", "a\u{E0041}\u3164b\u00AD", "ab"],
    ["lines", "fact\nwho  everybody\r\n\tnow", "fact who everybody now"],
    ["line separators", "a\u2028b", "a b"],
    ["control characters", "a\u0000b\u001b[31mc\u0085", "ab[31mc"],
    ["halves of characters", "x\ud800y", "xy"],
    ["an instant of ours", "{t:2026-01-01T00:00:00Z|time}", "{ t:2026-01-01T00:00:00Z|time}"],
    ["an instant in pieces", "{\u200Bt:2026-01-01T00:00:00Z|time}", "{ t:2026-01-01T00:00:00Z|time}"],
    ["an instant with a control in it", "{\u0001t:2026-01-01T00:00:00Z|time}", "{ t:2026-01-01T00:00:00Z|time}"],
  ])("holds no %s", (_, text, expected) => expect(plain(text)).toBe(expected));

  test.each(["👨‍👩‍👧 ❤️ 👍🏽", "می‌خواهم", "שלום", "क्‍ष", "日本語", "<b> & 'x' --"])("keeps %s", (text) =>
    expect(plain(text)).toBe(text),
  );
});

test("data of several lines keeps them and hides nothing", () => {
  expect(prose("a\r\n\n\n\nb\u202E\u0007\n{t:x")).toBe("a\n\nb\n{ t:x");
});

test("a line of a diff keeps its sign and cannot become two", () => {
  expect(diffLine("+   state: closed")).toBe("+   state: closed");
  expect(diffLine("+ a\n- b\u202E")).toBe("+ a - b");
  expect(diffLine("bare")).toBe("  bare");
  expect(diffLine("+ ")).toBe("+");
});

test("what is approved is shown as it is: what cannot be seen becomes an escape", () => {
  const json = JSON.stringify({
    to: "a\u202Eb",
    text: "x  y👍🏽",
    at: "{t:2026-01-01T00:00:00Z|time}",
    tag: "\u{E0041}",
  });
  const shown = exact(json);
  expect(shown).toContain('"a\\u202eb"');
  expect(shown).toContain("x  y👍🏽");
  expect(shown).not.toContain("{t:");
  expect(JSON.parse(shown)).toEqual(JSON.parse(json));
});

describe("cutting", () => {
  test("at a word, never within a character or an instant", () => {
    expect(cut("one two three", 13)).toBe("one two three");
    expect(cut("one two three", 10)).toBe("one two…");
    expect(cut("one two three", 8)).toBe("one two…");
    expect(cut("x".repeat(20), 10)).toBe(`${"x".repeat(9)}…`);
    expect(cut("🎉".repeat(20), 10)).toBe(`${"🎉".repeat(9)}…`);
    const at = instant("2026-11-23T09:00:00.000Z");
    expect(cut(`until ${at} then`, 30)).toBe(`until ${at} then`);
    expect(cut(`until ${at} and then it means no`, 30)).toBe(`until ${at} and…`);
    expect(cut(`until the end of ${at}`, 20)).toBe("until the end of…");
  });
});

test("names of people", () => {
  expect(person("lead")).toBe("@lead");
  expect(person("@lead")).toBe("@lead");
  expect(person("claw")).toBe("Claw");
  expect(person("\u200B")).toBe("@somebody");
});

test("instants in sentences are found", () => {
  expect(withInstants("since 2026-11-23T09:00:00.000Z, run 40")).toBe(
    `since ${instant("2026-11-23T09:00:00.000Z")}, run 40`,
  );
  expect(withInstants("at 2026-11-23")).toBe("at 2026-11-23");
  const forged = plain(instant("2026-11-23T09:00:00Z"));
  expect(withInstants(forged)).toBe(forged);
});

test("money", () => {
  expect([840_000, 30_000, 400, 9_999, 10_000, 0, 1_234_500_000].map(money)).toEqual([
    "$0.84",
    "$0.03",
    "<$0.01",
    "<$0.01",
    "$0.01",
    "$0.00",
    "$1,234.50",
  ]);
  expect([5_000_000, 500_000, 0].map(ceiling)).toEqual(["$5", "$0.50", "$0"]);
});

test("durations", () => {
  expect([0, 800, 960, 18_000, 59_700, 123_000, 120_000, 3_599_900, 11_100_000, 187_200_000].map(duration)).toEqual([
    "0 s",
    "0.8 s",
    "1 s",
    "18 s",
    "1 min",
    "2 min 3 s",
    "2 min",
    "1 h",
    "3 h 5 min",
    "2 d 4 h",
  ]);
});

test("counts", () => {
  expect([plural(1, "run"), plural(0, "run"), plural(1_204, "run"), plural(2, "try", "tries")]).toEqual([
    "1 run",
    "0 runs",
    "1,204 runs",
    "2 tries",
  ]);
});
