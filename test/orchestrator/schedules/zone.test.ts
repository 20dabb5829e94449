import { describe, expect, test } from "vitest";
import { isZone, nearestZones, zoneFor } from "../../../src/orchestrator/schedules/zone.ts";

describe("a zone", () => {
  test.each([
    ["Europe/Paris", "Europe/Paris"],
    ["europe/paris", "Europe/Paris"],
    ["america/argentina/buenos_aires", "America/Argentina/Buenos_Aires"],
    ["Europe/Kyiv", "Europe/Kyiv"],
    ["Asia/Kolkata", "Asia/Kolkata"],
    ["us/pacific", "US/Pacific"],
    ["utc", "UTC"],
    ["GMT", "UTC"],
    ["cet", "CET"],
    ["UTC+2", "Etc/GMT-2"],
    ["Paris", "Europe/Paris"],
    ["new york", "America/New_York"],
    ["San Francisco", "America/Los_Angeles"],
    ["Japan", "Asia/Tokyo"],
    ["EST", "America/New_York"],
  ])("%s is %s", (text, zone) => {
    expect(zoneFor(text)).toBe(zone);
    expect(isZone(zone)).toBe(true);
  });

  test.each([
    "",
    "Mars/Olympus",
    "Europe/",
    "Europe/Pariss",
    "IST",
    "EST5",
    "+02:00",
    "UTC+99",
    "every",
    "a".repeat(5000),
    "Europe/Paris\n",
  ])("%j is none", (text) => {
    expect(isZone(text)).toBe(false);
    if (!text.startsWith("Europe/Paris\n")) expect(zoneFor(text)).toBeNull();
  });

  test("that is nearly one is found", () => {
    expect(nearestZones("Europe/Pariss")).toContain("Europe/Paris");
    expect(nearestZones("Berlim")).toEqual(["Europe/Berlin"]);
    expect(nearestZones("America/NewYork")).toContain("America/New_York");
    expect(nearestZones("Mars/Olympus")).toEqual([]);
  });
});
