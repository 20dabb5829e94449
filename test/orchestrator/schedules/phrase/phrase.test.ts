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

describe("what people write elsewhere", () => {
  const words = (phrase: string) => {
    const result = parsePhrase(phrase, { ...PARIS, needs: "schedule" });
    return result.kind === "scheduled" && result.instruction === ""
      ? result.words.replace(", Europe/Paris", "")
      : result;
  };

  test.each([
    ["every mon, fri at 20:00", "Every Monday and Friday at 20:00"],
    [
      "1st,third tue,thu of month 17:00",
      "On the first Tuesday, first Thursday, third Tuesday and third Thursday of every month at 17:00",
    ],
    ["1,8th,15 of jan,july 00:00", "On the 1st, 8th and 15th of January and July at 00:00"],
    ["ev! 3 hours", "Every 3 hours, from Tue 24 Nov 2026 at 09:00"],
    ["every last workday at 17:00", "On the last weekday of every month at 17:00"],
    ["At 09:05 AM, only on Monday", "Every Monday at 09:05"],
    ["At minute 10 past every 6th hour.", "Every 6 hours, from Tue 24 Nov 2026 at 09:10"],
    ["mon..fri 08:15", "Every weekday at 08:15"],
    ["MWF at 10", "Every Monday, Wednesday and Friday at 10:00"],
    ["rate(10 minutes)", "Every 10 minutes"],
    ["0 9 * * MON-FRI", "Cron 0 9 * * MON-FRI"],
    ["once a year on June 3rd at noon", "Every year on 3 June at 12:00"],
    ["three times daily at 8, 14 and 20", "Every day at 08:00, 14:00 and 20:00"],
    ["every weekday from June to August at 7:30", "Every weekday from June to August at 07:30"],
    ["every day at 9 until the end of the year", "Every day at 09:00, until Thu 31 Dec 2026"],
    ["3-10 December daily at 9", "Every day at 09:00, from Thu 3 Dec 2026, until Thu 10 Dec 2026"],
    ["every Christmas Eve at 15:00", "Every year on 24 December at 15:00"],
    ["2026-12-31T09:00Z", "Once, on Thu 31 Dec 2026 at 10:00"],
    ["the 3rd of next month at 9", "Once, on Thu 3 Dec 2026 at 09:00"],
    ["every day at 9 +02:00", "Every day at 09:00, Etc/GMT-2"],
    ["every day at 9am in São Paulo", "Every day at 09:00, America/Sao_Paulo"],
  ])("%s", (phrase, expected) => {
    expect(words(phrase)).toBe(expected);
  });

  test.each([
    ["0 0 9 * * 1-5", "cron 0 9 * * 1-5"],
    ["cron(0 12 * * ? *)", "cron 0 12 * * *"],
    ["every Easter at 9", "every weekday at 9:00"],
    ["check the site every day at 9, and at 17 on Fridays", ""],
    ["every hour at 9 to 5", ""],
  ])("%s is refused", (phrase, example) => {
    expect(words(phrase)).toMatchObject({ kind: "refused", try: expect.stringContaining(example) });
  });

  test.each([
    ["every day at 9am -> check the site", "check the site"],
    ["every day at 9 and then check the site", "check the site"],
    ["*every day at 9* check the site", "check the site"],
    ["check the site (every day at 9)", "check the site"],
    ["run every day at 9 check the site", "check the site"],
    ["remind #ops every Monday at 9 to deploy", "remind #ops to deploy"],
    ["hey claw, every Monday at 9 remind us", "remind us"],
  ])("what to do in %s", (phrase, instruction) => {
    expect(parsePhrase(phrase, PARIS)).toMatchObject({ kind: "scheduled", instruction });
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
