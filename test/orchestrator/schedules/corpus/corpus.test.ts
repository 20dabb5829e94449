import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { runSchedule } from "../../../../src/cli/schedule.ts";
import { parsePhrase } from "../../../../src/orchestrator/schedules/phrase/phrase.ts";
import type { PhraseResult } from "../../../../src/orchestrator/schedules/phrase/result.ts";
import { nextSlots } from "../../../../src/orchestrator/schedules/slots.ts";
import { SCHEDULED, UNCLEAR, type Unclear } from "./entries.ts";

interface Seen {
  readonly phrase: string;
  readonly zone: string;
  readonly now: string;
}

const parsed = ({ phrase, zone, now }: Seen): PhraseResult => parsePhrase(phrase, { zone, now: Date.parse(now) });

/** The next instants of a phrase that is scheduled, otherwise what became of it. */
function nextOf(seen: Seen, count: number): readonly string[] | PhraseResult {
  const result = parsed(seen);
  if (result.kind !== "scheduled") return result;
  return nextSlots(result.schedule, Date.parse(seen.now), count).map((at) => at.toISOString().replace(".000Z", "Z"));
}

/** What `claw schedule --lines` prints for every phrase, in one go. */
async function lines(entries: readonly Seen[], count: number): Promise<Record<string, unknown>[]> {
  let printed = "";
  const input = entries.map(({ phrase, zone, now }) => `${JSON.stringify({ phrase, zone, now, count })}\n`);
  await runSchedule(
    { phrase: null, lines: true, json: false },
    {
      stdin: Readable.from([input.join("")]),
      write: (text) => {
        printed += text;
      },
      error: (text) => {
        throw new Error(text);
      },
      clock: { now: () => 0 },
    },
  );
  return printed
    .trimEnd()
    .split("\n")
    .map((line): Record<string, unknown> => JSON.parse(line));
}

describe("a phrase with one meaning", () => {
  test.each(SCHEDULED)("$phrase ($zone, $now)", (entry) => {
    const result = parsed(entry);
    expect(result).toMatchObject({
      kind: "scheduled",
      instruction: entry.do,
      schedule: { zone: entry.plan.zone ?? entry.zone },
    });
    expect(nextOf(entry, 12)).toEqual(entry.next);
  });

  test.each(SCHEDULED)("its words say the same: $phrase", (entry) => {
    const result = parsed(entry);
    if (result.kind !== "scheduled") throw new Error(JSON.stringify(result));
    expect(parsed({ ...entry, phrase: `${result.words}: ${result.instruction}` })).toEqual(result);
  });

  test("claw schedule --lines says the same of all of them", async () => {
    const printed = await lines(SCHEDULED, 12);
    expect(printed.map(({ kind, instruction, next }) => ({ kind, instruction, next }))).toEqual(
      SCHEDULED.map(({ do: instruction, next }) => ({ kind: "scheduled", instruction, next })),
    );
  });
});

describe("a phrase that is asked about or refused", () => {
  test.each(UNCLEAR)("$phrase: $is", (entry) => {
    const result = parsed(entry);
    expect(entry.is === "unclear" ? ["question", "refused"] : [entry.is]).toContain(result.kind);
    if (result.kind === "refused") {
      if (entry.code !== undefined) expect(result.code).toBe(entry.code);
      expect(result.reason).not.toBe("");
      expect(parsed({ ...entry, phrase: result.try })).toMatchObject({ kind: "scheduled" });
    }
    if (result.kind === "question") {
      expect(result.question).not.toBe("");
      expect(result.readings.length).toBeLessThanOrEqual(3);
      const offered = result.readings.map(({ label, phrase }) => {
        expect(parsed({ ...entry, phrase })).toMatchObject({ kind: "scheduled", words: label });
        return nextOf({ ...entry, phrase }, 3);
      });
      for (const offer of entry.offers ?? []) expect(offered).toContainEqual(offer.next);
    }
  });

  test("claw schedule --lines says the same of all of them", async () => {
    const printed = await lines(UNCLEAR, 1);
    const said = UNCLEAR.map((entry, at) => ({ phrase: entry.phrase, kind: printed[at]?.kind }));
    const kindOf = (entry: Unclear) => (entry.lacks === "instruction" ? "scheduled" : parsed(entry).kind);
    expect(said).toEqual(UNCLEAR.map((entry) => ({ phrase: entry.phrase, kind: kindOf(entry) })));
  });
});
