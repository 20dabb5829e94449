import { expect, test } from "vitest";
import { utcInstant } from "../../../src/bot/chat/dates.ts";

test("an instant in words is in UTC, and what is none keeps nothing that could be markup", () => {
  expect(utcInstant("2026-11-23T10:00:00+01:00", "time")).toBe("09:00 UTC");
  expect(utcInstant("2026-11-23T10:00:00+01:00", "day_time")).toBe("Mon 23 Nov 09:00 UTC");
  expect(utcInstant("2026-11-23T10:00:00+01:00", "date_time")).toBe("23 Nov 2026 09:00 UTC");
  expect(utcInstant("<!channel>99T", "time")).toBe("99T");
});
