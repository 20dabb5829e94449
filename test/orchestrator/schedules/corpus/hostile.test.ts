import { describe, expect, test } from "vitest";
import { countWork } from "./work.ts";

const workOf = countWork();
const { parsePhrase } = await import("../../../../src/orchestrator/schedules/phrase/phrase.ts");

const PARIS = { now: Date.parse("2026-11-24T08:00:00Z"), zone: "Europe/Paris" };
const parse = (text: string) => parsePhrase(text, PARIS);

/** Texts that grow with a number; each is 10,000 characters and more at the last size. */
const GROWING: readonly (readonly [string, (n: number) => string])[] = [
  ["one word", (n) => "word ".repeat(n)],
  ["every", (n) => "every ".repeat(n)],
  ["every day", (n) => "every day ".repeat(n)],
  ["days with commas", (n) => `every ${"Monday, ".repeat(n)}at 9 check`],
  ["times with and", (n) => `every day at ${"9 and ".repeat(n)}10 check`],
  ["ordinals", (n) => `on the ${"1st, ".repeat(n)}of every month at 9 check`],
  ["dates", (n) => `on ${"3 December and ".repeat(n)}4 December at 9 check`],
  ["exceptions", (n) => `every day except ${"Sunday and except ".repeat(n)}Monday at 9 check`],
  ["windows", (n) => `every hour ${"between 9 and 17 ".repeat(n)}check`],
  ["starts", (n) => `every day at 9 ${"starting tomorrow ".repeat(n)}check`],
  ["half past half past", (n) => `every day at ${"half past ".repeat(n)}nine check`],
  ["two to the last to the last", (n) => `on the ${"second to last ".repeat(n)}day of the month at 9 check`],
  ["in an hour and", (n) => `in ${"1 hour and ".repeat(n)}1 minute check`],
  ["schedules at both ends", (n) => `${"every day at 9 ".repeat(n)} check ${"every day at 9 ".repeat(n)}`],
  ["a long instruction behind", (n) => `every day at 9 ${"check all of it ".repeat(n)}`],
  ["a long instruction before", (n) => `${"check all of it ".repeat(n)}every day at 9`],
  ["an instruction full of time", (n) => `every day at 9 ${"tell Sunday from Monday at 5 in May, ".repeat(n)}`],
  ["cron", (n) => `cron ${"0 9 * * 1-5 ".repeat(n)}check`],
  ["a cron list", (n) => `cron ${"0,".repeat(n)}0 9 * * * check`],
  ["stars", (n) => `${"* ".repeat(n)}check`],
  ["quotes", (n) => `every day at 9 ${'“"'.repeat(n)} check`],
  ["brackets", (n) => `${"(".repeat(n)}every day at 9${")".repeat(n)} check`],
  ["spaces", (n) => `every day${" ".repeat(n)}at 9${" \t ".repeat(n)}check`],
  ["a zone", (n) => `every day at 9 ${"Europe/".repeat(n)}Paris check`],
  ["one word without an end", (n) => `every day at 9 ${"x".repeat(n)}`],
  ["one number without an end", (n) => `every ${"9".repeat(n)} minutes check`],
  ["a clock without an end", (n) => `every day at ${"9:".repeat(n)}00 check`],
  ["hyphens", (n) => `every Mon${"-".repeat(n)}Fri at 9 check`],
  ["marks", (n) => `every day at 9${",;:.!?".repeat(n)} check`],
  ["letters with accents", (n) => `every día${"\u0301".repeat(n)} at 9 check`],
];

describe("a text that grows", () => {
  test.each(GROWING)("%s: twice the text is no more than twice the work", (_, text) => {
    const sizes = [250, 500, 1000, 2000];
    const work = sizes.map((n) => workOf("/schedules/", () => parse(text(n))));
    expect(work[0]).toBeGreaterThan(0);
    for (const [at, more] of work.entries()) {
      if (at > 0) expect(more / (work[at - 1] ?? 1), `${sizes[at]} of it: ${work}`).toBeLessThan(2.1);
    }
  });

  test.each(GROWING)("%s: 10,000 characters of it are answered, and never scheduled by a guess", (_, text) => {
    const unit = text(2).length - text(1).length;
    const result = parse(text(Math.ceil(10_000 / unit)));
    if (result.kind !== "scheduled") return;
    // What is understood says so again.
    expect(parse(`${result.words}: ${result.instruction}`)).toEqual(result);
  });
});

/**
 * Texts that look like others. Each with what it may be taken for, null when a person has to be asked or told; to refuse
 * is always right, to read it in another way never.
 */
const STRANGE: readonly (readonly [string, string | null])[] = [
  ["every\u00a0weekday\u2009at\u202f9 check", "Every weekday at 09:00"],
  ["every day at 9\u2028check", "Every day at 09:00"],
  ["\ufeffevery day at 9 check", "Every day at 09:00"],
  ["every day at 9\u200bam check", "Every day at 09:00"],
  ["every day at 9\u200b:30 check", "Every day at 09:30"],
  ["every day at 1\u200b9 check", "Every day at 19:00"],
  ["every day at 9\u00ad check", "Every day at 09:00"],
  ["every\u200b day\u200b at 9 check", "Every day at 09:00"],
  ["e\u200bvery day at 9 check", "Every day at 09:00"],
  ["every day at \u200e9 check", "Every day at 09:00"],
  ["every day at 9\u200f check", "Every day at 09:00"],
  ["every Mon\u00adday at 9 check", "Every Monday at 09:00"],
  ["every day at \u202e91\u202c check", null],
  ["\u202eevery day at 9 check", "Every day at 09:00"],
  ["every day at \u0669 check", "Every day at 09:00"],
  ["every day at \uff19 check", "Every day at 09:00"],
  ["every day at \uff19:\uff13\uff10 check", "Every day at 09:30"],
  ["every \u0663 days at 9 check", "Every 3 days at 09:00, from Wed 25 Nov 2026"],
  ["weekdays at 9\u0660 check", null],
  ["every day at \u2468 check", "Every day at 09:00"],
  ["every day at \u2168 check", "Every day at 09:00"],
  ["every day at 9\u00bd check", "Every day at 09:30"],
  ["every day at 9\u00b2 check", null],
  ["every \u00bd hour check", "Every 30 minutes"],
  ["every day at 9\ufe0f\u20e3 check", "Every day at 09:00"],
  ["every 5\u20e3 minutes check", "Every 5 minutes"],
  ["every day at \ud83d\udd58 check", "Every day at 09:00"],
  ["every d\u0430y at 9 check", null],
  ["\uff45\uff56\uff45\uff52\uff59 day at 9 check", "Every day at 09:00"],
  ["every day at \u2018" + "9\u2019 check", "Every day at 09:00"],
  ["every day at 9\u2013" + "5 check", null],
  ["every Mon\u2011Fri at 9 check", "Every weekday at 09:00"],
  ["every Mon\u2212Fri at 9 check", "Every weekday at 09:00"],
  ["every Mon\uff5eFri at 9 check", "Every weekday at 09:00"],
  ["every Mon..Fri at 9 check", "Every weekday at 09:00"],
  ["every day at 9\u0000 check", "Every day at 09:00"],
  ["every\u0000day at 9 check", null],
  ["every day at <b>9</b> check", null],
  ["every da\u0131ly at 9 check", null],
  ["every \u0130 day at 9 check", null],
  ["every day at 9\ud800 check", null],
];

describe("letters, digits and marks of elsewhere", () => {
  test.each(STRANGE)("%j", (text, words) => {
    const result = parse(text);
    if (result.kind === "scheduled") {
      expect(result.words).toBe(`${words}, Europe/Paris`);
      expect(result.instruction).toBe("check");
    }
  });
});

describe("the counter of work", () => {
  test("sees a loop within a loop", () => {
    const pairs = (n: number): void => {
      let sum = 0;
      for (let a = 0; a < n; a++) for (let b = 0; b < n; b++) sum += (a * b) % 2 ? 1 : 0;
      expect(sum).toBeGreaterThan(0);
    };
    const [few, many] = [40, 80].map((n) => workOf("/hostile.test", () => pairs(n)));
    expect((many ?? 0) / (few ?? 1)).toBeGreaterThan(3.5);
  });
});
