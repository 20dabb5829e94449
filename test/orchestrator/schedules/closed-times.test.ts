import { describe, expect, it } from "vitest";
import {
  ASKED_TO_SKIP,
  aheadOf,
  type ClosedTimes,
  closedReason,
  sift,
} from "../../../src/orchestrator/schedules/closed-times.ts";
import { slotsCome } from "../../../src/orchestrator/schedules/come.ts";
import type { Schedule } from "../../../src/orchestrator/schedules/schedule.ts";

const NIGHT: ClosedTimes = {
  quietHours: { from: 22 * 60, until: 7 * 60 },
  zone: null,
  holidays: { "2026-12-25": "Christmas", "2027-01-01": "" },
};
const why = (iso: string, closed: ClosedTimes = NIGHT, zone = "UTC") => closedReason(new Date(iso), closed, zone);

describe("quiet hours", () => {
  it.each([
    ["2026-05-04T21:59:59Z", null],
    ["2026-05-04T22:00:00Z", "quiet hours 22:00–07:00"],
    ["2026-05-05T00:00:00Z", "quiet hours 22:00–07:00"],
    ["2026-05-05T06:59:00Z", "quiet hours 22:00–07:00"],
    ["2026-05-05T07:00:00Z", null],
  ])("over midnight: %s", (at, reason) => expect(why(at)).toBe(reason));

  it("within a day", () => {
    const noon = { ...NIGHT, quietHours: { from: 12 * 60, until: 13 * 60 + 30 } };
    expect(["11:59", "12:00", "13:29", "13:30"].map((time) => why(`2026-05-04T${time}:00Z`, noon) !== null)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it("are those of the calendar's zone, else the workspace's, in summer and in winter", () => {
    expect(why("2026-07-01T20:30:00Z", NIGHT, "Europe/Paris")).not.toBe(null);
    expect(why("2026-12-01T20:30:00Z", NIGHT, "Europe/Paris")).toBe(null);
    expect(why("2026-07-01T20:30:00Z", { ...NIGHT, zone: "UTC" }, "Europe/Paris")).toBe(null);
  });
});

describe("holidays", () => {
  it("are days of the zone, from midnight to midnight, and win over quiet hours", () => {
    expect(why("2026-12-25T00:00:00Z")).toBe("holiday: Christmas");
    expect(why("2026-12-25T23:59:00Z")).toBe("holiday: Christmas");
    expect(why("2026-12-26T12:00:00Z")).toBe(null);
    expect(why("2026-12-24T23:30:00Z", NIGHT, "Europe/Paris")).toBe("holiday: Christmas");
  });
  it("without a name are called by their date", () => expect(why("2027-01-01T12:00:00Z")).toBe("holiday: 2027-01-01"));
});

const HOURLY: Schedule = { kind: "cron", expression: "0 * * * *", zone: "UTC", from: null, until: null };
const HOUR = 3_600_000;
const closed = (slot: Date) => closedReason(slot, NIGHT, "UTC");
const at = (iso: string) => new Date(iso);
const hours = (slots: readonly Date[]) => slots.map((slot) => slot.toISOString().slice(11, 13)).join(" ");

describe("slots that came while nobody looked", () => {
  it("are sorted into missed, closed and open, and none is lost", () => {
    // From 19:00 to 09:00 the next day; only the last two hours are within reach.
    const come = slotsCome(HOURLY, at("2026-05-04T19:00:00Z"), Date.parse("2026-05-05T09:10:00Z"), 2 * HOUR + 600_000);
    const sifted = sift(HOURLY, come, { closed, skips: 0 });
    expect(sifted.missed).toMatchObject({
      count: 3,
      first: at("2026-05-04T19:00:00Z"),
      last: at("2026-05-04T21:00:00Z"),
    });
    expect(sifted.leftOut).toEqual([{ reason: "quiet hours 22:00–07:00", last: at("2026-05-05T06:00:00Z"), count: 9 }]);
    expect(hours(sifted.inside)).toBe("07 08 09");
  });

  it("of which all missed ones were closed are not missed", () => {
    const come = slotsCome(HOURLY, at("2026-05-04T22:00:00Z"), Date.parse("2026-05-05T07:00:00Z"), HOUR / 2);
    expect(sift(HOURLY, come, { closed, skips: 0 })).toMatchObject({ missed: null, leftOut: [{ count: 9 }] });
  });

  it("use up a skip also when they were missed, but not when they were closed", () => {
    const come = slotsCome(HOURLY, at("2026-05-04T20:00:00Z"), Date.parse("2026-05-05T08:00:00Z"), HOUR);
    const sifted = sift(HOURLY, come, { closed, skips: 3 });
    expect(sifted).toMatchObject({ missed: null, skipped: 3 });
    expect(sifted.leftOut).toContainEqual({ reason: ASKED_TO_SKIP, last: at("2026-05-04T21:00:00Z"), count: 2 });
    expect(sifted.leftOut).toContainEqual({ reason: ASKED_TO_SKIP, last: at("2026-05-05T07:00:00Z"), count: 1 });
    expect(hours(sifted.inside)).toBe("08");
  });
});

describe("what comes next", () => {
  const ahead = (skips: number) => aheadOf(HOURLY, Date.parse("2026-05-04T19:59:59Z"), { closed, skips });
  it("passes over closed times and names what is skipped", () => {
    expect(hours(ahead(0).skipped)).toBe("");
    expect(ahead(0).next).toEqual(at("2026-05-04T20:00:00Z"));
    expect(hours(ahead(3).skipped)).toBe("20 21 07");
    expect(ahead(3).next).toEqual(at("2026-05-05T08:00:00Z"));
  });
  it("is found behind a week of closed minutes", () => {
    const minutely: Schedule = {
      kind: "interval",
      everySeconds: 60,
      anchor: "2026-05-04T00:00:00Z",
      zone: "UTC",
      until: null,
    };
    const week = Object.fromEntries(
      [4, 5, 6, 7, 8, 9, 10].map((day) => [`2026-05-${String(day).padStart(2, "0")}`, ""]),
    );
    const holidays = { quietHours: null, zone: null, holidays: week };
    const sieve = { closed: (slot: Date) => closedReason(slot, holidays, "UTC"), skips: 1 };
    expect(aheadOf(minutely, Date.parse("2026-05-04T12:00:00Z"), sieve)).toEqual({
      skipped: [at("2026-05-11T00:00:00Z")],
      next: at("2026-05-11T00:01:00Z"),
    });
  });
  it("is nothing when the schedule ends before", () => {
    const once: Schedule = { kind: "once", at: "2026-05-04T12:00:00Z", zone: "UTC" };
    expect(aheadOf(once, Date.parse("2026-05-04T11:00:00Z"), { closed: null, skips: 1 })).toEqual({
      skipped: [at("2026-05-04T12:00:00Z")],
      next: null,
    });
  });
});

it("a single time that a person named is never left out: there is no other that would make up for it", () => {
  const once: Schedule = { kind: "once", at: "2026-05-04T23:00:00Z", zone: "UTC" };
  const closed = (slot: Date) => closedReason(slot, NIGHT, "UTC");
  const come = slotsCome(once, at("2026-05-04T23:00:00Z"), Date.parse("2026-05-04T23:00:30Z"), 60_000);
  expect(sift(once, come, { closed, skips: 0 })).toMatchObject({ inside: [at("2026-05-04T23:00:00Z")], leftOut: [] });
  expect(aheadOf(once, Date.parse("2026-05-04T12:00:00Z"), { closed, skips: 0 }).next).toEqual(
    at("2026-05-04T23:00:00Z"),
  );
});
