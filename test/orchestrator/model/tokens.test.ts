import { beforeAll, describe, expect, it } from "vitest";
import { type CountTokens, loadTokenizer, requestTokens } from "../../../src/orchestrator/model/tokens.ts";
import { requestOf } from "./requests.ts";

let count: CountTokens;
beforeAll(async () => {
  count = await loadTokenizer();
});

describe("tokens", () => {
  it.each([
    ["", 0],
    ["hello world", 2],
    ["👋", 2],
  ])("of %j are %i", (text, tokens) => {
    expect(count(text)).toBe(tokens);
  });

  it("of what looks like a special token are those of its letters", () => {
    expect(count("a <|endoftext|> <|im_start|>")).toBeGreaterThan(8);
  });

  it("of long prose are exact, and the same when asked again", () => {
    const prose = "The quick brown fox jumps over the lazy dog. ".repeat(500);
    expect(count(prose)).toBe(count(prose));
    expect(count(prose)).toBe(10 * 500 + 1);
  });

  it.each([
    ["letters without a space", "x".repeat(200_000)],
    ["Chinese without a space", "日本語のテキスト".repeat(20_000)],
    ["emoji", "👩‍👩‍👧‍👦".repeat(20_000)],
    ["lone surrogates", "\ud800".repeat(5_000)],
  ])("of %s are counted before anybody gives up", (_, text) => {
    expect(count(text)).toBeGreaterThan(500);
  });

  it("of many different long texts are all right, although not all are remembered", () => {
    for (let n = 0; n < 2_100; n++) expect(count(`${n} ${"word ".repeat(60)}`)).toBeGreaterThan(60);
    expect(count(`0 ${"word ".repeat(60)}`)).toBeGreaterThan(60);
  });

  it("of a request cover its messages, calls and tools", () => {
    const plain = requestTokens(requestOf({ tools: [] }), count);
    expect(requestTokens(requestOf(), count)).toBeGreaterThan(plain + 40);
    expect(plain).toBeGreaterThan(count("You run one task.Say hello."));
  });
});
