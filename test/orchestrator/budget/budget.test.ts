import { describe, expect, it } from "vitest";
import {
  type Budget,
  dayKey,
  daysUpTo,
  missingMicros,
  nearCeiling,
  offerMicros,
  refusalOf,
} from "../../../src/orchestrator/budget/budget.ts";

const budget = (limitMicros: number, spentMicros = 0, reservedMicros = 0): Budget => ({
  limitMicros,
  spentMicros,
  reservedMicros,
});

describe("a refusal", () => {
  it("names the run's own ceiling when both are too low", () => {
    const refusal = refusalOf(budget(100, 80, 15), budget(1000, 900, 99), 10);
    expect(refusal).toMatchObject({ scope: "run", limitMicros: 100, spentMicros: 80, reservedMicros: 15 });
    expect(refusal).toMatchObject({ neededMicros: 10, dayMicros: 999, dayLimitMicros: 1000 });
  });

  it("names the day when the run has room", () => {
    expect(refusalOf(budget(100), budget(1000, 995), 10)).toMatchObject({ scope: "workspace_day", limitMicros: 1000 });
  });

  it("treats a budget that nobody opened as a ceiling of nothing", () => {
    expect(refusalOf(null, budget(1000), 10)).toMatchObject({ scope: "run", limitMicros: 0 });
    expect(refusalOf(budget(1000), null, 10)).toMatchObject({
      scope: "workspace_day",
      limitMicros: 0,
      dayLimitMicros: 0,
    });
    expect(refusalOf(null, null, 0)).toMatchObject({ scope: "run", limitMicros: 0, neededMicros: 0 });
  });

  it("of a free call names what is missing, not a ceiling that is overdrawn", () => {
    expect(refusalOf(budget(100, 120), null, 0).scope).toBe("workspace_day");
  });
});

describe("what Allow adds", () => {
  const refused = (limit: number, spent: number, needed: number) =>
    refusalOf(budget(limit, spent), budget(5_000_000), needed);

  it("is half of the configured ceiling, however often it was raised", () => {
    expect(offerMicros(refused(500_000, 490_000, 20_000), 500_000)).toBe(250_000);
    expect(offerMicros(refused(2_000_000, 1_990_000, 20_000), 500_000)).toBe(250_000);
  });

  it("is at least what the call is short of, so that one yes is enough", () => {
    const refusal = refused(500_000, 490_000, 900_001);
    expect(offerMicros(refusal, 500_000)).toBe(900_000);
    const raised = budget(500_000 + offerMicros(refusal, 500_000), 490_000);
    expect(missingMicros(raised, 900_001)).toBe(0);
  });

  it("is whole cents, rounded up", () => {
    expect(offerMicros(refused(10_001, 10_001, 1), 10_001)).toBe(10_000);
    expect(offerMicros(refused(30_000, 30_000, 10_001), 30_000)).toBe(20_000);
    expect(offerMicros(refused(0, 0, 1), 0)).toBe(10_000);
  });
});

it("warns from three quarters on, reservations included", () => {
  expect(nearCeiling(budget(1000, 700, 49))).toBe(false);
  expect(nearCeiling(budget(1000, 700, 50))).toBe(true);
  expect(nearCeiling(budget(1000, 1200))).toBe(true);
});

describe("the day of an instant", () => {
  const key = (iso: string, zone: string) => dayKey(Date.parse(iso), zone);

  it.each([
    ["2026-03-31T21:59:59.999Z", "Europe/Paris", "2026-03-31"],
    ["2026-03-31T22:00:00.000Z", "Europe/Paris", "2026-04-01"],
    ["2026-01-01T07:59:59Z", "America/Los_Angeles", "2025-12-31"],
    ["2026-01-01T08:00:00Z", "America/Los_Angeles", "2026-01-01"],
    ["2025-12-31T10:00:00Z", "Pacific/Kiritimati", "2026-01-01"],
    ["2028-02-29T12:00:00Z", "UTC", "2028-02-29"],
  ])("%s in %s is %s", (iso, zone, day) => expect(key(iso, zone)).toBe(day));

  it("moves at local midnight also on the day the clocks change", () => {
    expect(key("2026-03-28T22:59:59Z", "Europe/Paris")).toBe("2026-03-28");
    expect(key("2026-03-28T23:00:00Z", "Europe/Paris")).toBe("2026-03-29");
    expect(key("2026-03-29T21:59:59Z", "Europe/Paris")).toBe("2026-03-29");
    expect(key("2026-03-29T22:00:00Z", "Europe/Paris")).toBe("2026-03-30");
  });

  it("refuses a zone that does not exist", () =>
    expect(() => key("2026-01-01T00:00:00Z", "Mars/Olympus")).toThrow(RangeError));
});

it("counts days back over months and leap days", () => {
  expect(daysUpTo("2028-03-01", 3)).toEqual(["2028-02-28", "2028-02-29", "2028-03-01"]);
  expect(daysUpTo("2026-01-01", 1)).toEqual(["2026-01-01"]);
});
