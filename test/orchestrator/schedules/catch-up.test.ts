/** Which of the slots that have come are run, and how the others are counted. */
import { describe, expect, it } from "vitest";
import { catchUpWindowMs, decideSlots, reachMs } from "../../../src/orchestrator/schedules/catch-up.ts";
import { slotsCome } from "../../../src/orchestrator/schedules/come.ts";
import type { Schedule } from "../../../src/orchestrator/schedules/schedule.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const at = (iso: string) => new Date(iso);
const minutely: Schedule = {
  kind: "interval",
  everySeconds: 60,
  anchor: "2025-01-01T00:00:00Z",
  zone: "UTC",
  until: null,
};
const cron = (expression: string, zone = "UTC"): Schedule => ({
  kind: "cron",
  expression,
  zone,
  from: null,
  until: null,
});

describe("the catch-up window", () => {
  it("is half the period, at least 2 min, at most 2 h, or what the workflow says", () => {
    const window = (periodMs: number | null, windowMs: number | null = null) =>
      catchUpWindowMs({ mode: "latest", windowMs }, periodMs);
    expect(window(MINUTE)).toBe(2 * MINUTE);
    expect(window(HOUR)).toBe(30 * MINUTE);
    expect(window(24 * HOUR)).toBe(2 * HOUR);
    expect(window(null)).toBe(2 * HOUR);
    expect(window(MINUTE, 7 * HOUR)).toBe(7 * HOUR);
  });

  it("lets a slot be a minute late without any catching up", () => {
    expect(reachMs("none", 2 * HOUR)).toBe(MINUTE);
    expect(reachMs("latest", 1)).toBe(MINUTE);
    expect(reachMs("all", HOUR)).toBe(HOUR);
  });
});

describe("the slots of an outage", () => {
  it("are told apart at the edge of the reach, which is still inside", () => {
    const from = at("2026-05-04T10:00:00Z");
    const come = slotsCome(minutely, from, from.getTime() + 10 * MINUTE, 2 * MINUTE);
    expect(come.missed).toEqual({ count: 8, first: from, last: at("2026-05-04T10:07:00Z"), exact: true });
    expect(come.inside).toEqual(["08", "09", "10"].map((minute) => at(`2026-05-04T10:${minute}:00Z`)));
  });

  it("are one when nothing else has come", () => {
    const from = at("2026-05-04T10:00:00Z");
    expect(slotsCome(minutely, from, from.getTime() + 1, MINUTE)).toEqual({ missed: null, inside: [from] });
    const once: Schedule = { kind: "once", at: "2026-05-04T10:00:00Z", zone: "UTC" };
    expect(slotsCome(once, from, from.getTime() + 100 * HOUR, HOUR)).toEqual({
      missed: { count: 1, first: from, last: from, exact: true },
      inside: [],
    });
  });

  it("are counted one by one for days, and the latest is still found", () => {
    const from = at("2026-05-04T10:00:00Z");
    const now = at("2026-05-07T10:00:30Z").getTime();
    const come = slotsCome(cron("* * * * *"), from, now, 2 * MINUTE);
    expect(come.missed).toMatchObject({ count: 3 * 1_440 - 1, exact: true, last: at("2026-05-07T09:58:00Z") });
    expect(come.inside.map((slot) => slot.toISOString())).toEqual([
      "2026-05-07T09:59:00.000Z",
      "2026-05-07T10:00:00.000Z",
    ]);
  });

  it("are reckoned for months, and said to be, without taking long or losing the latest", () => {
    const from = at("2026-01-01T00:00:00Z");
    const now = at("2026-07-01T00:00:00Z").getTime();
    const come = slotsCome(minutely, from, now, 2 * MINUTE);
    expect(come.missed).toEqual({
      count: 181 * 1_440 - 2,
      first: from,
      last: at("2026-06-30T23:57:00Z"),
      exact: false,
    });
    expect(come.inside).toHaveLength(3);
    const workdays = slotsCome(cron("*/5 9-17 * * 1-5"), from, now, 2 * MINUTE);
    const right = 129 * 9 * 12;
    expect(workdays.missed?.last).toEqual(at("2026-06-30T17:55:00Z"));
    expect(Math.abs((workdays.missed?.count ?? 0) - right)).toBeLessThan(right * 0.1);
  });

  it("are kept up to a bound, whatever the window: the oldest count as missed", () => {
    const from = at("2026-05-04T00:00:00Z");
    const come = slotsCome(minutely, from, at("2026-05-05T00:00:00Z").getTime(), 48 * HOUR);
    expect(come.inside).toHaveLength(500);
    expect(come.inside.at(-1)).toEqual(at("2026-05-05T00:00:00Z"));
    expect(come.missed).toMatchObject({ count: 941, first: from });
  });

  it("are right on the days the clock changes", () => {
    // Europe/Paris: 29 March 02:30 does not exist and runs at 03:00 = 01:00Z; 25 October 02:30 exists twice, the first counts.
    const nightly = cron("30 2 * * *", "Europe/Paris");
    const spring = slotsCome(nightly, at("2026-03-28T01:30:00Z"), at("2026-03-30T12:00:00Z").getTime(), 100 * HOUR);
    expect(spring.inside.map((slot) => slot.toISOString())).toEqual([
      "2026-03-28T01:30:00.000Z",
      "2026-03-29T01:00:00.000Z",
      "2026-03-30T00:30:00.000Z",
    ]);
    const autumn = slotsCome(nightly, at("2026-10-24T00:30:00Z"), at("2026-10-26T12:00:00Z").getTime(), 100 * HOUR);
    expect(autumn.inside.map((slot) => slot.toISOString())).toEqual([
      "2026-10-24T00:30:00.000Z",
      "2026-10-25T00:30:00.000Z",
      "2026-10-26T01:30:00.000Z",
    ]);
  });
});

describe("of the slots within reach", () => {
  const [a, b, c] = ["10:00", "10:01", "10:02"].map((time) => at(`2026-05-04T${time}:00Z`));
  if (!a || !b || !c) throw new Error("three slots");

  it("the latest runs for the others, or all run in order", () => {
    expect(decideSlots([a, b, c], "latest")).toEqual({ run: [c], collapsed: [a, b] });
    expect(decideSlots([a, b, c], "none")).toEqual({ run: [c], collapsed: [a, b] });
    expect(decideSlots([a, b, c], "all")).toEqual({ run: [a, b, c], collapsed: [] });
    expect(decideSlots([], "latest")).toEqual({ run: [], collapsed: [] });
  });
});
