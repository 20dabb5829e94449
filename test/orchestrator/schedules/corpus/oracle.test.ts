import { describe, expect, test } from "vitest";
import { SCHEDULED, UNCLEAR } from "./entries.ts";
import { instantsOf } from "./oracle.ts";

/** Clock changes within the twelve slots: the same wall clock at another offset. */
const ZONES = new Set(SCHEDULED.map(({ zone }) => zone));

describe("the instants written in the corpus", () => {
  test("it is large enough, and seen from many zones", () => {
    expect(SCHEDULED.length + UNCLEAR.length).toBeGreaterThanOrEqual(450);
    expect(UNCLEAR.length).toBeGreaterThanOrEqual(90);
    expect(ZONES.size).toBeGreaterThanOrEqual(12);
  });

  test("no phrase stands in it twice for one zone", () => {
    const said = [...SCHEDULED, ...UNCLEAR].map(({ phrase, zone }) => `${zone} ${phrase}`);
    expect(said.filter((one, at) => said.indexOf(one) !== at)).toEqual([]);
  });

  test.each(SCHEDULED)("$phrase ($zone, $now)", (entry) => {
    expect(entry.next.length).toBeGreaterThan(0);
    expect(instantsOf(entry.plan, entry)).toEqual(entry.next);
  });

  test.each(UNCLEAR.filter(({ offers }) => offers?.length))("readings of $phrase", (entry) => {
    for (const offer of entry.offers ?? []) expect(instantsOf(offer.plan, entry, 3)).toEqual(offer.next);
  });
});

/** The oracle itself, against instants that were looked up in the rules of the zones. */
describe("the oracle", () => {
  const paris = { zone: "Europe/Paris", now: "2026-03-28T12:00:00Z" };

  test("a time that the clock change removes is right after the gap", () => {
    expect(instantsOf({ days: "all", at: ["02:30"] }, paris, 3)).toEqual([
      "2026-03-29T01:00:00Z",
      "2026-03-30T00:30:00Z",
      "2026-03-31T00:30:00Z",
    ]);
  });

  test("several times in one gap are one instant", () => {
    expect(instantsOf({ days: "Sun", at: ["02:00", "02:30", "03:00"] }, paris, 2)).toEqual([
      "2026-03-29T01:00:00Z",
      "2026-04-05T00:00:00Z",
    ]);
  });

  test("a doubled time is its first", () => {
    const autumn = { zone: "America/New_York", now: "2026-10-31T12:00:00Z" };
    expect(instantsOf({ days: "all", at: ["01:30"] }, autumn, 2)).toEqual([
      "2026-11-01T05:30:00Z",
      "2026-11-02T06:30:00Z",
    ]);
  });

  test("half an hour is a whole change on Lord Howe", () => {
    const lordHowe = { zone: "Australia/Lord_Howe", now: "2026-10-02T20:00:00Z" };
    expect(instantsOf({ days: "all", at: ["02:15"] }, lordHowe, 2)).toEqual([
      "2026-10-03T15:30:00Z",
      "2026-10-04T15:15:00Z",
    ]);
  });

  test("days counted from the end, workdays and periods", () => {
    const utc = { zone: "UTC", now: "2026-11-24T08:00:00Z" };
    const nine = { at: ["09:00"] };
    expect(instantsOf({ ...nine, days: "-1" }, utc, 4).map((at) => at.slice(0, 10))).toEqual([
      "2026-11-30",
      "2026-12-31",
      "2027-01-31",
      "2027-02-28",
    ]);
    expect(instantsOf({ ...nine, days: "workday#-1" }, utc, 3).map((at) => at.slice(0, 10))).toEqual([
      "2026-11-30",
      "2026-12-31",
      "2027-01-29",
    ]);
    expect(instantsOf({ ...nine, days: "near:15" }, utc, 3).map((at) => at.slice(0, 10))).toEqual([
      "2026-12-15",
      "2027-01-15",
      "2027-02-15",
    ]);
    expect(
      instantsOf({ ...nine, days: "Mon Fri", each: "2 weeks", from: "2026-11-27" }, utc, 4).map((at) =>
        at.slice(0, 10),
      ),
    ).toEqual(["2026-11-27", "2026-12-07", "2026-12-11", "2026-12-21"]);
  });
});
