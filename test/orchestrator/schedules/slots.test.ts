import { RRuleTemporal } from "rrule-temporal";
import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { wallText } from "../../../src/orchestrator/schedules/civil.ts";
import { clockChangeNote } from "../../../src/orchestrator/schedules/clock-change.ts";
import { ruleOfPlan } from "../../../src/orchestrator/schedules/plan.ts";
import { ruleText } from "../../../src/orchestrator/schedules/rule.ts";
import type { Schedule } from "../../../src/orchestrator/schedules/schedule.ts";
import { nextSlots, periodMs } from "../../../src/orchestrator/schedules/slots.ts";
import { offsetAt, place } from "../../../src/orchestrator/schedules/wall.ts";
import { Made, ZONES } from "./generated.ts";

const at = (iso: string): number => Date.parse(iso);
const slots = (schedule: Schedule, after: string, count: number): string[] =>
  nextSlots(schedule, at(after), count).map((slot) => slot.toISOString().replace(":00.000Z", "Z"));
const daily = (hour: number, minute: number, zone = "Europe/Paris"): Schedule => ({
  kind: "calendar",
  rrule: `FREQ=DAILY;BYHOUR=${hour};BYMINUTE=${minute}`,
  start: "2020-01-01T00:00:00",
  zone,
});

describe("slots", () => {
  test("begin strictly after the instant", () => {
    expect(slots(daily(9, 0), "2026-11-24T08:00:00Z", 1)).toEqual(["2026-11-25T08:00Z"]);
    expect(slots(daily(9, 0), "2026-11-24T07:59:59.999Z", 1)).toEqual(["2026-11-24T08:00Z"]);
    expect(slots({ kind: "once", at: "2026-11-24T08:00:00Z", zone: "UTC" }, "2026-11-24T08:00:00Z", 1)).toEqual([]);
  });

  test("walked one by one are the ones given at once", () => {
    const made = new Made(5);
    for (let n = 0; n < 300; n++) {
      const schedule = made.schedule();
      const all = nextSlots(schedule, at("2027-03-20T00:00:00Z"), 12).map((slot) => slot.getTime());
      let after = at("2027-03-20T00:00:00Z");
      for (const expected of all) {
        const [next] = nextSlots(schedule, after, 1);
        expect(next?.getTime(), JSON.stringify(schedule)).toBe(expected);
        after = expected;
      }
    }
  });

  test("of a rule are those of an RFC 5545 library on a clock without changes", () => {
    const made = new Made(3);
    for (let n = 0; n < 400; n++) {
      const plan = { ...made.plan(), count: made.chance(0.3) ? made.whole(1, 8) : null };
      const start = made.wallDay();
      const rrule = ruleText(ruleOfPlan(plan));
      const schedule: Schedule = { kind: "calendar", rrule, start: wallText(start), zone: "UTC" };
      const dtstart = `${wallText(start).replace(/[-:]/g, "")}Z`;
      const library = new RRuleTemporal({ rruleString: `DTSTART:${dtstart}\nRRULE:${rrule}` });
      const expected = library.all((_, index) => index < 8).map((slot) => slot.epochMilliseconds);
      const ours = nextSlots(schedule, start - 1, 8).map((slot) => slot.getTime());
      expect(ours.slice(0, expected.length), `${dtstart} ${rrule}`).toEqual(expected.slice(0, 8));
    }
  });

  test("of an interval are counted in elapsed time through both clock changes", () => {
    const hourly: Schedule = {
      kind: "interval",
      everySeconds: 7200,
      anchor: "2026-03-28T23:00:00Z",
      zone: "Europe/Paris",
      until: null,
    };
    expect(slots(hourly, "2026-03-28T23:30:00Z", 3)).toEqual([
      "2026-03-29T01:00Z",
      "2026-03-29T03:00Z",
      "2026-03-29T05:00Z",
    ]);
  });

  test("end where the schedule does", () => {
    const bounded: Schedule = {
      kind: "interval",
      everySeconds: 60,
      anchor: "2026-01-01T00:00:00Z",
      zone: "UTC",
      until: "2026-01-01T00:02:00Z",
    };
    expect(slots(bounded, "2026-01-01T00:00:00Z", 9)).toEqual(["2026-01-01T00:01Z", "2026-01-01T00:02Z"]);
    const cron: Schedule = {
      kind: "cron",
      expression: "0 9 * * *",
      zone: "UTC",
      from: "2026-01-02T09:00:00Z",
      until: "2026-01-03T09:00:00Z",
    };
    expect(slots(cron, "2025-01-01T00:00:00Z", 9)).toEqual(["2026-01-02T09:00Z", "2026-01-03T09:00Z"]);
    const counted: Schedule = {
      ...daily(9, 0, "UTC"),
      rrule: "FREQ=DAILY;BYHOUR=9;BYMINUTE=0;COUNT=3",
      start: "2026-01-01T00:00:00",
    } as Schedule;
    expect(slots(counted, "2026-01-02T09:00:00Z", 9)).toEqual(["2026-01-03T09:00Z"]);
  });

  test("of a stored rule that cannot be read are an error, not silence", () => {
    expect(() => nextSlots({ ...daily(9, 0), rrule: "FREQ=HOURLY" } as Schedule, 0, 1)).toThrow("not a rule");
  });
});

describe("a time on the wall clock", () => {
  test("that the clock change removes runs right after the gap", () => {
    expect(slots(daily(2, 30), "2026-03-27T12:00:00Z", 3)).toEqual([
      "2026-03-28T01:30Z",
      "2026-03-29T01:00Z",
      "2026-03-30T00:30Z",
    ]);
    expect(
      slots(
        { kind: "cron", expression: "30 2 * * *", zone: "Europe/Paris", from: null, until: null },
        "2026-03-28T12:00:00Z",
        1,
      ),
    ).toEqual(["2026-03-29T01:00Z"]);
  });

  test("that exists twice runs once, the first", () => {
    expect(slots(daily(2, 30), "2026-10-24T12:00:00Z", 2)).toEqual(["2026-10-25T00:30Z", "2026-10-26T01:30Z"]);
    // Asked between the two.
    expect(slots(daily(2, 30), "2026-10-25T01:10:00Z", 1)).toEqual(["2026-10-26T01:30Z"]);
  });

  test("is one slot when the gap removes several", () => {
    const often: Schedule = {
      kind: "cron",
      expression: "*/20 2-3 * * *",
      zone: "Europe/Paris",
      from: null,
      until: null,
    };
    expect(slots(often, "2026-03-29T00:30:00Z", 3)).toEqual([
      "2026-03-29T01:00Z",
      "2026-03-29T01:20Z",
      "2026-03-29T01:40Z",
    ]);
  });

  test("is placed as Temporal places it, but for the gap", () => {
    const made = new Made(9);
    for (const zone of [...ZONES, "Africa/Casablanca", "Pacific/Apia", "America/St_Johns"]) {
      for (let n = 0; n < 200; n++) {
        const wall = Date.UTC(2011, 0, 1) + made.whole(0, 20 * 365 * 1440) * 60_000;
        const plain = Temporal.PlainDateTime.from(wallText(wall));
        const zoned = plain.toZonedDateTime(zone, { disambiguation: "compatible" });
        const inGap = !zoned.toPlainDateTime().equals(plain);
        const expected = inGap ? zoned.getTimeZoneTransition("previous")?.epochMilliseconds : zoned.epochMilliseconds;
        expect(place(zone, wall), `${zone} ${plain}`).toBe(expected);
        expect(offsetAt(zone, wall)).toBe(
          Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO(zone).offsetNanoseconds / 1e6,
        );
      }
    }
  });
});

describe("the distance between slots", () => {
  test("is that of the working days, not of the weekend", () => {
    const weekdays = { ...daily(9, 0), rrule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0" } as Schedule;
    expect(periodMs(weekdays, at("2026-11-26T12:00:00Z"))).toBe(86_400_000);
    expect(
      periodMs({ kind: "interval", everySeconds: 420, anchor: "2026-01-01T00:00:00Z", zone: "UTC", until: null }, 0),
    ).toBe(420_000);
    expect(periodMs({ kind: "once", at: "2026-11-24T08:00:00Z", zone: "UTC" }, 0)).toBeNull();
  });
});

describe("the note on a clock change", () => {
  test.each<[string, Schedule, string, string | null]>([
    [
      "a removed time",
      daily(2, 30),
      "2026-03-27T12:00:00Z",
      "On Sun 29 Mar 2026 clocks go forward 1 h; the 02:30 slot runs at 03:00.",
    ],
    [
      "a doubled time",
      daily(2, 30),
      "2026-10-01T12:00:00Z",
      "On Sun 25 Oct 2026 clocks go back 1 h; the 02:30 slot runs once, the first time round.",
    ],
    [
      "another time",
      daily(9, 0),
      "2026-03-10T12:00:00Z",
      "On Sun 29 Mar 2026 clocks go forward 1 h; the times on the clock stay the same.",
    ],
    ["no change near", daily(2, 30), "2026-11-24T12:00:00Z", null],
    ["a zone without changes", daily(2, 30, "Asia/Tokyo"), "2026-03-27T12:00:00Z", null],
    [
      "within the next five, far away",
      {
        kind: "calendar",
        rrule: "FREQ=MONTHLY;BYMONTHDAY=1;BYHOUR=9;BYMINUTE=0",
        start: "2020-01-01T00:00:00",
        zone: "Europe/Paris",
      },
      "2026-11-24T12:00:00Z",
      "On Sun 28 Mar 2027 clocks go forward 1 h; the times on the clock stay the same.",
    ],
    [
      "elapsed time",
      { kind: "interval", everySeconds: 7200, anchor: "2026-01-01T00:00:00Z", zone: "Europe/Paris", until: null },
      "2026-03-10T12:00:00Z",
      "On Sun 29 Mar 2026 clocks go forward 1 h; this schedule counts elapsed time and keeps its distance.",
    ],
    [
      "minutes of elapsed time",
      { kind: "interval", everySeconds: 900, anchor: "2026-01-01T00:00:00Z", zone: "Europe/Paris", until: null },
      "2026-03-28T12:00:00Z",
      null,
    ],
  ])("%s", (_, schedule, after, note) => {
    expect(clockChangeNote(schedule, at(after))).toBe(note);
  });
});
