/** Patterns: what they fit, and that none of them runs away. */
import { describe, expect, test } from "vitest";
import { argumentsFit, fits, isAt, isFixed, literal } from "../../../src/orchestrator/policy/pattern.ts";

describe("a pattern", () => {
  test.each([
    ["ops", "ops", true],
    ["ops", "oops", false],
    ["*", "", true],
    ["*.example.com", "a.example.com", true],
    ["*.example.com", "example.com", false],
    ["*.example.com", "a.example.com.evil.org", false],
    ["a*b*c", "a__b__c", true],
    ["a*b*c", "a__c__b", false],
    ["a.c", "abc", false],
    ["(a+)+$", "aaaa", false],
    ["\\*", "*", true],
    ["\\*", "x", false],
    ["a\\nb", "a\nb", true],
    ["", "", true],
  ])("%j on %j: %s", (pattern, text, expected) => expect(fits(pattern, text)).toBe(expected));

  test("made of a text fits that text alone, whatever stands in it", () => {
    for (const text of ["a*b", "\\*", "x\ny", "\\n", "", "‮", "a\\\\b*"]) {
      expect(fits(literal(text), text)).toBe(true);
      expect(isFixed(literal(text))).toBe(true);
      expect(fits(literal(text), `${text}!`)).toBe(false);
    }
    expect(isFixed("a*")).toBe(false);
  });

  test("costs at most its length times the text's", () => {
    let steps = 0;
    const text = new Proxy(Object("a".repeat(20_000)) as object, {
      get(target, key) {
        if (typeof key === "string" && /^\d+$/.test(key)) steps++;
        const value = Reflect.get(target, key) as unknown;
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    expect(fits(`${"a*".repeat(50)}b`, text as unknown as string)).toBe(false);
    expect(steps).toBeGreaterThanOrEqual(20_000);
    expect(steps).toBeLessThan(20_000 * 110);
  });
});

describe("a place", () => {
  test("is the same in capitals, with a sign or a dot at its end; what forbids a host forbids its ports", () => {
    expect(isAt(["#Ops"], "ops", true)).toBe(true);
    expect(isAt(["evil.example"], "EVIL.example.", false)).toBe(true);
    expect(isAt(["evil.example"], "evil.example:8443", false)).toBe(true);
    expect(isAt(["evil.example"], "evil.example.:8443", false)).toBe(true);
    expect(isAt(["good.example"], "good.example:8443", true)).toBe(false);
    expect(isAt(["good.example:*"], "good.example:8443", true)).toBe(true);
  });
});

describe("arguments", () => {
  test("that are missing fit * alone; of a list, allowed is one of nothing else and forbidden one with such an entry", () => {
    expect(argumentsFit({ to: "*" }, {}, false)).toBe(true);
    expect(argumentsFit({ to: "a" }, {}, false)).toBe(false);
    expect(argumentsFit({ labels: "bug" }, { labels: ["bug", "wip"] }, false)).toBe(false);
    expect(argumentsFit({ labels: "bug" }, { labels: ["bug", "wip"] }, true)).toBe(true);
    expect(argumentsFit({ n: "7" }, { n: 7 }, false)).toBe(true);
    expect(argumentsFit({ to: "ops" }, { to: "OPS" }, false)).toBe(false);
    expect(argumentsFit({ to: "ops" }, { to: "OPS" }, true)).toBe(true);
    expect(argumentsFit({ constructor: "*x" }, {}, false)).toBe(false);
  });
});
