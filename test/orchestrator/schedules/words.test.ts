import { describe, expect, test } from "vitest";
import { parseScheduleWords } from "../../../src/orchestrator/schedules/phrase/phrase.ts";
import type { Schedule } from "../../../src/orchestrator/schedules/schedule.ts";
import { nextSlots } from "../../../src/orchestrator/schedules/slots.ts";
import { describeSchedule } from "../../../src/orchestrator/schedules/words.ts";
import { Made } from "./generated.ts";

const NOW = Date.parse("2026-11-24T08:00:00Z");
const calendar = (rrule: string, start = "2020-01-01T00:00:00"): Schedule => ({
  kind: "calendar",
  rrule,
  start,
  zone: "Europe/Paris",
});

describe("a schedule in words", () => {
  test.each<[Schedule, string]>([
    [calendar("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0"), "Every weekday at 09:00, Europe/Paris"],
    [calendar("FREQ=DAILY;BYHOUR=9,17;BYMINUTE=30"), "Every day at 09:30 and 17:30, Europe/Paris"],
    [calendar("FREQ=DAILY;BYHOUR=9,14;BYMINUTE=15,30;BYSETPOS=1,4"), "Every day at 09:15 and 14:30, Europe/Paris"],
    [
      calendar("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA;BYHOUR=9;BYMINUTE=0"),
      "Every day except Sunday at 09:00, Europe/Paris",
    ],
    [
      calendar("FREQ=MONTHLY;BYMONTHDAY=31;BYHOUR=9;BYMINUTE=0"),
      "On the 31st of every month that has one at 09:00, Europe/Paris",
    ],
    [
      calendar("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=17;BYMINUTE=0;BYSETPOS=-1"),
      "On the last weekday of every month at 17:00, Europe/Paris",
    ],
    [
      calendar("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;BYHOUR=9;BYMINUTE=0", "2026-11-30T00:00:00"),
      "Every 2 weeks on Monday at 09:00, from Mon 30 Nov 2026, Europe/Paris",
    ],
    [
      calendar("FREQ=DAILY;BYHOUR=9;BYMINUTE=0;UNTIL=20261218T235959"),
      "Every day at 09:00, until Fri 18 Dec 2026, Europe/Paris",
    ],
    // No words for it: the rule itself.
    [
      calendar("FREQ=MONTHLY;INTERVAL=2;BYMONTH=1,5;BYMONTHDAY=3;BYHOUR=9;BYMINUTE=0"),
      "Rule FREQ=MONTHLY;INTERVAL=2;BYMONTH=1,5;BYMONTHDAY=3;BYHOUR=9;BYMINUTE=0, from Wed 1 Jan 2020, Europe/Paris",
    ],
    [
      { kind: "interval", everySeconds: 900, anchor: "2019-12-31T23:00:00Z", zone: "Europe/Paris", until: null },
      "Every 15 minutes, Europe/Paris",
    ],
    [
      { kind: "interval", everySeconds: 5400, anchor: "2026-11-24T08:07:00Z", zone: "Europe/Paris", until: null },
      "Every 90 minutes, from Tue 24 Nov 2026 at 09:07, Europe/Paris",
    ],
    [
      { kind: "once", at: "2026-11-24T08:00:00Z", zone: "Europe/Paris" },
      "Once, on Tue 24 Nov 2026 at 09:00, Europe/Paris",
    ],
    // The second half past two of that night.
    [
      { kind: "once", at: "2026-10-25T01:30:00Z", zone: "Europe/Paris" },
      "Once, on Sun 25 Oct 2026 at 02:30 +01:00, Europe/Paris",
    ],
    [{ kind: "cron", expression: "0 9 * * 1-5", zone: "UTC", from: null, until: null }, "Cron 0 9 * * 1-5, UTC"],
  ])("%j", (schedule, words) => {
    expect(describeSchedule(schedule)).toBe(words);
  });

  test("says the same schedule again: thousands of every kind, read on another day and in another zone", {
    timeout: 120_000,
  }, () => {
    const made = new Made(11);
    let said = 0;
    for (let n = 0; n < 6000; n++) {
      const schedule = made.schedule();
      if (nextSlots(schedule, NOW, 1).length === 0) continue;
      const words = describeSchedule(schedule);
      expect(parseScheduleWords(words, { now: NOW, zone: "Asia/Tokyo" }), words).toEqual({
        kind: "schedule",
        schedule,
      });
      said += words.startsWith("Rule ") ? 0 : 1;
    }
    // Nearly all of them have real words.
    expect(said).toBeGreaterThan(4500);
  });

  test("says whatever may be stored: any rule, any cron expression, any distance, any zone", {
    timeout: 120_000,
  }, () => {
    const made = new Made(23);
    let read = 0;
    for (let n = 0; n < 5000; n++) {
      const schedule = made.anything();
      if (nextSlots(schedule, NOW, 1).length === 0) continue;
      const words = describeSchedule(schedule);
      expect(parseScheduleWords(words, { now: NOW, zone: "Asia/Tokyo" }), words).toEqual({
        kind: "schedule",
        schedule,
      });
      read += 1;
    }
    expect(read).toBeGreaterThan(4000);
  });
});
