/** What happens in the year beside the clock going on: people, outages, and a clock that is set back. */
import type { ClosedTimes } from "../../../src/orchestrator/schedules/closed-times.ts";
import { calendar, cron, FROM, interval, once, type Timing, UNTIL } from "./timing.ts";
import { HOUR, MINUTE } from "./wall-walk.ts";

export type Act =
  | { readonly kind: "pause"; readonly name: string }
  | { readonly kind: "resume"; readonly name: string }
  | { readonly kind: "skip"; readonly name: string; readonly count: number }
  | { readonly kind: "edit"; readonly name: string; readonly timing: Timing }
  /** The clock is set back by that many milliseconds. */
  | { readonly kind: "clock_back"; readonly by: number };

export interface Happening {
  /** Milliseconds since the epoch, never on a whole minute: no slot comes at the same time. */
  readonly at: number;
  readonly act: Act;
}

export interface Outage {
  readonly from: number;
  readonly until: number;
}

const outage = (from: string, lasts: number): Outage => ({ from: Date.parse(from), until: Date.parse(from) + lasts });

export const OUTAGES: readonly Outage[] = [
  outage("2027-04-12T06:45:30Z", 30 * MINUTE),
  // A night in which one-time slots and short intervals are missed.
  outage("2027-06-14T22:00:30Z", 26 * HOUR),
  // A holiday, quiet hours and a slot that was to be skipped lie in it.
  outage("2027-07-13T20:00:30Z", 40 * HOUR),
  // Over the hour that Paris has twice.
  outage("2027-10-31T00:40:30Z", 2 * HOUR),
  outage("2028-01-17T08:50:30Z", 13 * HOUR),
];

/** Over midnight, in the workspace's zone. */
export const CLOSED: ClosedTimes = {
  quietHours: { from: 22 * 60, until: 6 * 60 },
  zone: null,
  holidays: { "2027-05-01": "Labour Day", "2027-07-14": "Bastille Day", "2027-12-24": "", "2027-12-25": "Christmas" },
};

const NY = "America/New_York";
const minute = (clock: string): Set<number> => new Set([Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))]);
const happening = (at: string, act: Act): Happening => ({ at: Date.parse(at), act });

/** In the order in which it happens; after the clock was set back an hour comes again. */
export const HAPPENINGS: readonly Happening[] = [
  // A pause over Chile's change back to winter.
  happening("2027-04-01T12:00:10Z", { kind: "pause", name: "midnight-twice" }),
  happening("2027-04-08T12:00:10Z", { kind: "resume", name: "midnight-twice" }),
  happening("2027-05-02T03:00:10Z", { kind: "pause", name: "noon" }),
  happening("2027-05-12T03:00:10Z", { kind: "resume", name: "noon" }),
  happening("2027-05-15T00:00:10Z", { kind: "skip", name: "queues-one", count: 2 }),
  happening("2027-05-20T08:30:20Z", { kind: "clock_back", by: HOUR }),
  // Its 08:00 has come already, before the clock was set back.
  happening("2027-05-20T07:45:10Z", {
    kind: "edit",
    name: "day-of-seconds",
    timing: interval(24 * HOUR, "2027-05-20T08:00:00Z", "2027-07-01T12:00:00Z"),
  }),
  happening("2027-06-01T00:00:10Z", { kind: "skip", name: "noon", count: 3 }),
  // Used up by a slot that is missed, behind a holiday.
  happening("2027-07-13T12:00:10Z", { kind: "skip", name: "weekdays", count: 1 }),
  happening("2027-08-01T00:00:10Z", {
    kind: "edit",
    name: "every-36-hours",
    timing: cron(
      "Australia/Adelaide",
      "15 7 * * 1,3,5",
      minute("07:15"),
      ({ weekday }) => weekday % 2 === 0 && weekday < 5,
    ),
  }),
  happening("2027-09-01T12:00:10Z", {
    kind: "edit",
    name: "weekdays",
    timing: calendar(NY, "WEEKLY;BYDAY=MO,WE,FR", minute("10:30"), ({ weekday }) => weekday % 2 === 0 && weekday < 5),
  }),
  // One slot waits behind an open run just then.
  happening("2027-09-04T20:00:10Z", { kind: "pause", name: "queues-one" }),
  happening("2027-09-10T00:00:10Z", { kind: "resume", name: "queues-one" }),
  // It had ended; with a new schedule it goes on.
  happening("2027-10-10T12:00:10Z", {
    kind: "edit",
    name: "until-autumn",
    timing: calendar(NY, "WEEKLY;BYDAY=TH", minute("01:15"), ({ weekday }) => weekday === 3),
  }),
  // In the night of the change, between the slot that was and the slot that will be.
  happening("2027-10-30T23:50:10Z", {
    kind: "edit",
    name: "paris-gap",
    timing: calendar("Europe/Paris", "DAILY;BYMONTH=3,10,11", minute("02:20"), ({ month }) =>
      [3, 10, 11].includes(month),
    ),
  }),
  happening("2027-11-20T12:00:10Z", {
    kind: "edit",
    name: "cron-weekdays",
    timing: interval(30 * HOUR, "2027-11-21T00:00:00Z"),
  }),
  happening("2027-12-20T12:00:10Z", {
    kind: "edit",
    name: "once-on-christmas",
    timing: once("2027-12-25T11:15:00Z"),
  }),
].filter(({ at }) => at > FROM && at < UNTIL);
