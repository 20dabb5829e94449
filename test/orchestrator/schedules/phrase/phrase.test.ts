import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parsePhrase } from "../../../../src/orchestrator/schedules/phrase/phrase.ts";
import { nextSlots } from "../../../../src/orchestrator/schedules/slots.ts";
import { ASKED, REFUSED } from "./unclear.ts";

const NOW = Date.parse("2026-11-24T08:00:00Z");
const PARIS = { now: NOW, zone: "Europe/Paris" };

interface Understood {
  readonly phrase: string;
  readonly zone: string;
  readonly now: string;
  /** The zone the schedule must have. */
  readonly in: string;
  readonly instruction: string;
  readonly next: readonly string[];
}

/** One phrase a line; the instants were computed day by day with Python's zoneinfo, which shares nothing with Claw. */
const UNDERSTOOD = readFileSync(path.join(import.meta.dirname, "understood.jsonl"), "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line): Understood => JSON.parse(line));

const iso = (slot: Date): string => slot.toISOString().replace(".000Z", "Z");

describe("a phrase with one meaning", () => {
  test.each(UNDERSTOOD)("$phrase ($zone, $now)", (entry) => {
    const now = Date.parse(entry.now);
    const result = parsePhrase(entry.phrase, { now, zone: entry.zone });
    if (result.kind !== "scheduled") throw new Error(JSON.stringify(result));
    expect(nextSlots(result.schedule, now, 12).map(iso)).toEqual(entry.next);
    expect(result.schedule.zone).toBe(entry.in);
    expect(result.instruction).toBe(entry.instruction);
  });

  test.each(UNDERSTOOD)("its words mean the same: $phrase", (entry) => {
    const options = { now: Date.parse(entry.now), zone: entry.zone };
    const result = parsePhrase(entry.phrase, options);
    if (result.kind !== "scheduled") throw new Error(JSON.stringify(result));
    expect(parsePhrase(`${result.words}: ${result.instruction}`, options)).toEqual(result);
  });
});

describe("a phrase with several meanings", () => {
  test.each(ASKED)("%s", (phrase, labels) => {
    const result = parsePhrase(phrase, PARIS);
    if (result.kind !== "question") throw new Error(JSON.stringify(result));
    expect(result.question).not.toBe("");
    expect(result.readings.map(({ label }) => label)).toEqual(labels.map((label) => `${label}, Europe/Paris`));
    for (const reading of result.readings) {
      expect(parsePhrase(reading.phrase, PARIS)).toMatchObject({ kind: "scheduled", words: reading.label });
    }
  });

  test("a reading keeps the whole instruction", () => {
    const result = parsePhrase("every day check http://a.b/?c=every&d=1 — “now”", PARIS);
    if (result.kind !== "question") throw new Error(JSON.stringify(result));
    const [reading] = result.readings;
    expect(parsePhrase(reading?.phrase ?? "", PARIS)).toMatchObject({
      instruction: "check http://a.b/?c=every&d=1 — “now”",
    });
  });

  test("of both ends, each reading keeps the other end in what to do", () => {
    const result = parsePhrase("every Monday at 9 check the site every 5 minutes", PARIS);
    if (result.kind !== "question") throw new Error(JSON.stringify(result));
    const readings = result.readings.map(({ phrase }) => parsePhrase(phrase, PARIS));
    expect(readings).toMatchObject([
      { instruction: "check the site every 5 minutes" },
      { instruction: "every Monday at 9 check the site" },
    ]);
  });

  test("an abbreviation of several places names each of them", () => {
    const result = parsePhrase("every day at 8 IST check", PARIS);
    expect(result).toMatchObject({
      kind: "question",
      readings: [
        { label: "Every day at 08:00, Asia/Kolkata" },
        { label: "Every day at 08:00, Europe/Dublin" },
        { label: "Every day at 08:00, Asia/Jerusalem" },
      ],
    });
  });
});

describe("a phrase that cannot be run", () => {
  test.each(REFUSED)("%s (%s)", (phrase, code) => {
    const result = parsePhrase(phrase, PARIS);
    if (result.kind !== "refused") throw new Error(JSON.stringify(result));
    expect(result.code).toBe(code);
    expect(result.reason).not.toBe("");
    expect(parsePhrase(result.try, PARIS)).toMatchObject({ kind: "scheduled" });
  });

  test("a zone that is nearly one is named", () => {
    expect(parsePhrase("every day at 9 in Europe/Pariss check", PARIS)).toMatchObject({
      reason: expect.stringContaining("Europe/Paris?"),
    });
    expect(parsePhrase("every day at 9 check", { now: NOW, zone: "Europe/Berln" })).toMatchObject({
      kind: "refused",
      code: "unknown_zone",
      reason: expect.stringContaining("Europe/Berlin"),
    });
  });
});

describe("any text at all", () => {
  const WORDS = (
    "every each other day days weekday week weeks month months year Monday Tue fri weekend at on in the of and to from between until for " +
    "starting except 1 2 3 9 15 30 9am 5pm 9:30 0930 noon midnight half past quarter first second last 1st 15th 31 December March minute " +
    "minutes hour hours seconds tomorrow today tonight next this morning evening night Europe/Paris Tokyo EST UTC cron * */5 0 9 1-5 , . : ; - " +
    "– “ ” \" ' @ # ( ) check post please once twice times a an daily weekly bi business not or but rule FREQ=DAILY;BYHOUR=9 http://x.y/?a=b"
  ).split(" ");

  /** A small generator, so that a failure can be repeated. */
  function* numbers(seed: number): Generator<number, never> {
    let state = seed;
    for (;;) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      yield state / 2 ** 32;
    }
  }

  test("20,000 random phrases get an answer, and what is scheduled says so again", { timeout: 120_000 }, () => {
    const random = numbers(7);
    const pick = (): number => random.next().value;
    for (let n = 0; n < 20_000; n++) {
      const length = 1 + Math.floor(pick() * 14);
      const text = Array.from({ length }, () => WORDS[Math.floor(pick() * WORDS.length)]).join(" ");
      const result = parsePhrase(text, PARIS);
      if (result.kind !== "scheduled") continue;
      const again = parsePhrase(`${result.words}: ${result.instruction}`, PARIS);
      expect(again, text).toEqual(result);
    }
  });

  test.each([
    ["words", "word ".repeat(4000)],
    ["every", "every ".repeat(3334)],
    ["a list of days", `every ${"Monday, ".repeat(2500)}`],
    ["a list of times", `every day at ${"9 and ".repeat(3333)}`],
    ["numbers", "1 ".repeat(10_000)],
    ["digits", "9".repeat(20_000)],
    ["open quotes", '“"'.repeat(10_000)],
    ["punctuation", ",.:;-".repeat(4000)],
    ["a schedule first", `every day at 9 ${"x".repeat(20_000)}`],
    ["a schedule last", `${"x ".repeat(10_000)} every day at 9`],
    ["other scripts", "毎日九時に報告する".repeat(2000)],
    ["control characters", "\u0000\u0007\u001b".repeat(6000)],
  ])("20,000 characters of %s get an answer", (_, text) => {
    expect(["scheduled", "question", "refused"]).toContain(parsePhrase(text, PARIS).kind);
  });

  test("what is not white space, a mark or a schedule comes through unchanged", () => {
    for (const instruction of [
      "\u202eright to left\u202c",
      "a\u0000b",
      "'; drop table runs; --",
      "<b>bold</b>",
      "👩‍👩‍👧 family",
    ]) {
      expect(parsePhrase(`every day at 9 ${instruction}`, PARIS)).toMatchObject({ kind: "scheduled", instruction });
    }
  });
});
