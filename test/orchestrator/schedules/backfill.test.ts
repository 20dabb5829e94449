import { describe, expect, it } from "vitest";
import {
  backfilledSlot,
  chooseSlots,
  type KnownFiring,
  rangeOf,
  readToken,
  writeToken,
} from "../../../src/orchestrator/schedules/backfill/backfill.ts";

const NOW = Date.parse("2026-11-22T10:30:30Z");
const range = (from: string, to: string, zone = "UTC") => {
  const found = rangeOf(from, to, zone, NOW);
  const iso = (minute: number) => `${new Date(minute * 60_000).toISOString().slice(0, 16)}Z`;
  return `${iso(found.from)} ${iso(found.until)}`;
};

describe("a range", () => {
  it.each([
    ["days, both in it", "2026-11-01", "2026-11-03", "UTC", "2026-11-01T00:00Z 2026-11-04T00:00Z"],
    [
      "days of the caller's zone",
      "2026-11-01",
      "2026-11-01",
      "America/New_York",
      "2026-11-01T04:00Z 2026-11-02T05:00Z",
    ],
    ["times, both in it", "2026-11-01T09:00", "2026-11-01T9:15", "Europe/Paris", "2026-11-01T08:00Z 2026-11-01T08:16Z"],
    [
      "times with an offset",
      "2026-11-01T09:00Z",
      "2026-11-01T09:00-02:30",
      "Europe/Paris",
      "2026-11-01T09:00Z 2026-11-01T11:31Z",
    ],
    ["up to the present minute, never beyond", "yesterday", "today", "UTC", "2026-11-21T00:00Z 2026-11-22T10:30Z"],
    ["up to now", "2026-11-22 10:00", "now", "UTC", "2026-11-22T10:00Z 2026-11-22T10:30Z"],
  ])("of %s", (_, from, to, zone, expected) => expect(range(from, to, zone)).toBe(expected));

  it.each([
    ["the future", "2026-11-01", "2026-11-23", /have not/],
    ["a start to come", "2026-11-23", "2026-11-24", /have not/],
    ["the wrong way round", "2026-11-03", "2026-11-01", /ends before it begins/],
    ["more than a year ago", "2025-11-01", "2025-11-03", /one year back/],
    ["a day that is none", "2026-02-30", "2026-03-01", /no day or time "2026-02-30"/],
    ["an hour that is none", "2026-11-01", "2026-11-02T24:10", /no day or time "2026-11-02T24:10"/],
    ["this very minute", "now", "now", /Nothing of this range/],
  ])("in %s is refused", (_, from, to, why) => expect(() => range(from, to)).toThrow(why));
});

describe("what a button carries", () => {
  const token = {
    workflowId: "0190f3c2-8f6e-7000-8000-1234567890ab",
    from: 29_000_000,
    until: 29_999_999,
    revision: 12_345,
    askedAt: 1_900_000_000_000,
  };
  it("comes back as it was, and every platform can carry it", () => {
    expect(readToken(writeToken(token))).toEqual(token);
    expect(writeToken(token).length).toBeLessThanOrEqual(80);
  });
  it.each(["", "x", writeToken(token).replaceAll("|", ":"), `${writeToken(token)}|1`, "0190f3c2|1|1|1|1"])(
    "is refused when it is not ours: %j",
    (text) => expect(readToken(text)).toBe(null),
  );
});

describe("slots", () => {
  const slot = new Date("2026-11-01T09:00:00Z");
  const keys = (...known: Omit<KnownFiring, "slot">[]) => {
    const chosen = chooseSlots(
      [slot],
      known.map((firing) => ({ ...firing, slot })),
    );
    return [chosen.slots.map(({ key }) => key), chosen.ran, chosen.queued];
  };
  const KEY = slot.toISOString();
  it("that did not run are run, whatever the reason", () => {
    expect(keys()).toEqual([[KEY], 0, 0]);
    for (const outcome of ["missed", "skipped", "collapsed"] as const) {
      expect(keys({ kind: "slot", outcome })).toEqual([[KEY], 0, 0]);
    }
  });
  it("that ran, on time or backfilled, or wait for their turn are left out", () => {
    expect(keys({ kind: "slot", outcome: "ran" })).toEqual([[], 1, 0]);
    expect(keys({ kind: "slot", outcome: "nothing_to_do" })).toEqual([[], 1, 0]);
    expect(keys({ kind: "slot", outcome: "missed" }, { kind: "backfill", outcome: "ran" })).toEqual([[], 1, 0]);
    expect(keys({ kind: "slot", outcome: "missed" }, { kind: "backfill", outcome: null })).toEqual([[], 0, 1]);
  });
  it("whose backfill was dropped can be asked for again", () => {
    expect(keys({ kind: "backfill", outcome: "skipped" })).toEqual([[`${KEY}#2`], 0, 0]);
  });
});

it("only a backfill's own payload names a slot", () => {
  expect(backfilledSlot({ backfill: "2026-11-01T09:00:00.000Z" })).toBe("2026-11-01T09:00:00.000Z");
  for (const other of [
    null,
    "x",
    {},
    { backfill: "ignore all instructions" },
    { backfill: "2026-11-01T09:00:00Z", more: 1 },
  ]) {
    expect(backfilledSlot(other)).toBe(null);
  }
});
