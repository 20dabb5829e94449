/** Fifty workflows of all kinds. */
import type { Policies } from "../../../src/orchestrator/workflows/workflow.ts";
import {
  calendar,
  cron,
  every,
  HOME,
  inMonths,
  interval,
  last,
  minutes,
  once,
  since,
  stepped,
  type Timing,
  within,
  workday,
} from "./timing.ts";
import { DAY, type Day, HOUR, MINUTE } from "./wall-walk.ts";

export interface Spec {
  readonly name: string;
  readonly timing: Timing;
  readonly overlap?: Policies["overlap"];
  readonly catchUp?: Policies["catchUp"];
  /** How late a slot may be run; milliseconds. Beside `catchUp`, reckoned by hand. */
  readonly reach: number;
  /** Quiet hours and holidays hold for it. */
  readonly respects?: boolean;
  /** How long the run of a slot is open; 0 when it ends at once. Milliseconds. */
  readonly runs?: (slot: number) => number;
}

const TWO_HOURS = 2 * HOUR;
const simple = (name: string, timing: Timing, more: Partial<Spec> = {}): Spec => ({
  name,
  timing,
  reach: TWO_HOURS,
  ...more,
});

const NY = "America/New_York";
const LORD_HOWE = "Australia/Lord_Howe";
const ADELAIDE = "Australia/Adelaide";
const SANTIAGO = "America/Santiago";
const KOLKATA = "Asia/Kolkata";
const SUNDAY = ({ weekday }: Day): boolean => weekday === 6;

/** At times that clock changes remove or double, in zones of both halves of the world. */
const AROUND_CHANGES: readonly Spec[] = [
  simple("paris-gap", calendar("Europe/Paris", "DAILY;BYMONTH=3,10,11", minutes("02:30"), inMonths(3, 10, 11))),
  simple("paris-gap-thrice", calendar("Europe/Paris", "DAILY;BYMONTH=3,10", within([2, 3], [0, 15]), inMonths(3, 10)), {
    catchUp: { mode: "latest", windowMs: HOUR },
    reach: HOUR,
  }),
  simple("new-york-gap", calendar(NY, "WEEKLY;BYDAY=SU", minutes("02:30"), SUNDAY)),
  simple("new-york-twice", calendar(NY, "DAILY;BYMONTH=3,11", minutes("01:30"), inMonths(3, 11))),
  simple("half-hour-gap", calendar(LORD_HOWE, "DAILY;BYMONTH=4,10", minutes("02:15"), inMonths(4, 10))),
  simple("half-hour-twice", calendar(LORD_HOWE, "WEEKLY;BYDAY=SU", minutes("01:45"), SUNDAY)),
  simple(
    "adelaide-gap",
    calendar(ADELAIDE, "WEEKLY;BYDAY=SA,SU", minutes("02:30"), ({ weekday }) => weekday > 4),
  ),
  simple("midnight-gap", calendar(SANTIAGO, "DAILY;BYMONTH=4,9", minutes("00:00"), inMonths(4, 9))),
  simple(
    "midnight-twice",
    calendar(SANTIAGO, "WEEKLY;BYDAY=SA", minutes("23:30"), ({ weekday }) => weekday === 5),
  ),
  simple("beirut-gap", calendar("Asia/Beirut", "WEEKLY;BYDAY=SU", minutes("00:15"), SUNDAY)),
  simple("chatham-gap", calendar("Pacific/Chatham", "WEEKLY;BYDAY=SU", minutes("02:45"), SUNDAY)),
  simple("auckland-twice", calendar("Pacific/Auckland", "WEEKLY;BYDAY=SU", minutes("02:30"), SUNDAY)),
  simple("ramadan", calendar("Africa/Casablanca", "WEEKLY;BYDAY=SU", minutes("02:30"), SUNDAY)),
  simple("dublin-gap", calendar("Europe/Dublin", "WEEKLY;BYDAY=SU", minutes("01:30"), SUNDAY)),
  simple(
    "quarters-over-gap",
    cron("Europe/Paris", "*/15 * * * *", stepped(0, 15, 1_440), every, {
      from: "2027-03-27T20:00:00Z",
      until: "2027-03-28T06:00:00Z",
    }),
    { reach: 7.5 * MINUTE, overlap: "allow", runs: () => 40 * MINUTE + 30_000 },
  ),
  simple(
    "thirds-over-twice",
    cron(NY, "*/20 0-3 * * *", within([0, 1, 2, 3], [0, 20, 40]), every, {
      from: "2027-11-05T00:00:00Z",
      until: "2027-11-09T00:00:00Z",
    }),
    { catchUp: { mode: "latest", windowMs: 15 * MINUTE }, reach: 15 * MINUTE },
  ),
  simple("half-hour-cron", cron(LORD_HOWE, "30 2 * * 0", minutes("02:30"), SUNDAY)),
  simple("day-of-seconds", interval(DAY, "2027-03-01T08:00:00Z", "2027-07-01T12:00:00Z")),
  simple("half-days", interval(12 * HOUR, "2027-10-20T21:30:00Z", "2027-11-20T00:00:00Z")),
];

/** Days that rules find in different ways. */
const DAYS: readonly Spec[] = [
  simple("weekdays", calendar(HOME, "WEEKLY;BYDAY=MO,TU,WE,TH,FR", minutes("09:00"), workday), { respects: true }),
  simple("noon", calendar(KOLKATA, "DAILY;BYMONTH=4,5,6,7", minutes("12:00"), inMonths(4, 5, 6, 7)), {
    respects: true,
  }),
  simple(
    "the-31st",
    calendar(HOME, "MONTHLY;BYMONTHDAY=31", minutes("10:00"), ({ date }) => date === 31),
  ),
  simple(
    "last-day",
    calendar(NY, "MONTHLY;BYMONTHDAY=-1", minutes("18:00"), ({ date, daysInMonth }) => date === daysInMonth),
  ),
  simple(
    "first-monday",
    calendar(LORD_HOWE, "MONTHLY;BYDAY=1MO", minutes("08:00"), (d) => d.weekday === 0 && d.date < 8),
  ),
  simple(
    "last-friday",
    calendar("UTC", "MONTHLY;BYDAY=-1FR", minutes("17:00"), (d) => d.weekday === 4 && last(d)),
  ),
  simple(
    "fifth-sunday",
    calendar(HOME, "MONTHLY;BYDAY=5SU", minutes("11:00"), (d) => d.weekday === 6 && d.date > 28),
  ),
  simple(
    "last-workday",
    calendar(
      KOLKATA,
      "MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
      minutes("17:30"),
      (d) => workday(d) && d.date + (d.weekday === 4 ? 3 : 1) > d.daysInMonth,
    ),
  ),
  simple(
    "first-workday",
    calendar(
      ADELAIDE,
      "MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1",
      minutes("08:30"),
      (d) => (workday(d) && d.date === 1) || (d.weekday === 0 && d.date < 4),
    ),
  ),
  simple(
    "leap-day",
    calendar(HOME, "YEARLY;BYMONTH=2;BYMONTHDAY=29", minutes("12:00"), (d) => d.month === 2 && d.date === 29),
  ),
  simple(
    "christmas",
    calendar(HOME, "YEARLY;BYMONTH=12;BYMONTHDAY=25", minutes("10:00"), (d) => d.month === 12 && d.date === 25),
    {
      respects: true,
    },
  ),
  simple(
    "every-other-tuesday",
    calendar(
      HOME,
      "WEEKLY;INTERVAL=2;BYDAY=TU",
      minutes("09:00"),
      (d) => d.weekday === 1 && since("2027-03-02", d) % 14 === 0,
      "2027-03-02T00:00:00",
    ),
  ),
  simple(
    "every-third-day",
    calendar(
      NY,
      "DAILY;INTERVAL=3",
      minutes("07:00"),
      (d) => since("2027-03-05", d) >= 0 && since("2027-03-05", d) % 3 === 0,
      "2027-03-05T00:00:00",
    ),
  ),
  simple(
    "quarterly",
    calendar(
      HOME,
      "MONTHLY;INTERVAL=3;BYMONTHDAY=15",
      minutes("09:30"),
      (d) => d.date === 15 && d.month % 3 === 0,
      "2027-03-01T00:00:00",
    ),
  ),
  simple("summer", calendar(HOME, "DAILY;BYMONTH=6,7,8", minutes("07:30"), inMonths(6, 7, 8))),
  simple(
    "forty-times",
    calendar(
      ADELAIDE,
      "DAILY;COUNT=40",
      minutes("06:00"),
      (d) => since("2027-09-20", d) >= 0 && since("2027-09-20", d) < 40,
      "2027-09-20T00:00:00",
    ),
  ),
  simple(
    "until-autumn",
    calendar(
      NY,
      "WEEKLY;BYDAY=MO,TH;UNTIL=20270930T235959",
      minutes("16:00"),
      (d) => (d.weekday === 0 || d.weekday === 3) && since("2027-09-30", d) <= 0,
    ),
  ),
  simple(
    "twice-a-month",
    calendar(ADELAIDE, "MONTHLY;BYMONTHDAY=1,15", minutes("06:00"), (d) => d.date === 1 || d.date === 15),
  ),
  simple("cron-weekdays", cron(HOME, "0 9 * * 1-5", minutes("09:00"), workday), {
    // One run of them waits three days for a person.
    runs: (slot) => (new Date(slot).getUTCDate() === 10 ? 3 * DAY + 30_000 : 0),
  }),
  simple(
    "cron-last-day",
    cron(HOME, "0 12 L * *", minutes("12:00"), (d) => d.date === d.daysInMonth),
  ),
  simple(
    "cron-second-friday",
    cron(NY, "30 8 * * 5#2", minutes("08:30"), (d) => d.weekday === 4 && d.date > 7 && d.date < 15),
  ),
  simple(
    "cron-day-or-weekday",
    cron("UTC", "0 0 1,15 * MON", minutes("00:00"), (d) => d.weekday === 0 || d.date === 1 || d.date === 15),
  ),
  simple("cron-months", cron(SANTIAGO, "5-59/30 9 * JAN,JUL *", within([9], [5, 35]), inMonths(1, 7)), {
    catchUp: { mode: "none", windowMs: null },
    reach: MINUTE,
  }),
];

const DAYTIMES = minutes("08:00", "12:00", "20:00");

/** Runs that are open when the next slot comes, and outages. */
const POLICIES: readonly Spec[] = [
  simple("queues-one", cron(KOLKATA, "0 */8 * * *", stepped(0, 480, 1_440), every, { until: "2027-09-20T00:00:00Z" }), {
    overlap: "queue_one",
    respects: true,
    runs: (slot) => (Math.floor(slot / DAY) % 5 === 0 ? 17 * HOUR + 30_000 : 0),
  }),
  simple(
    "cancels",
    calendar(HOME, "WEEKLY;BYDAY=SA,SU;BYMONTH=3,10", DAYTIMES, (d) => d.weekday > 4 && inMonths(3, 10)(d)),
    {
      overlap: "cancel_running",
      catchUp: { mode: "latest", windowMs: TWO_HOURS },
      runs: () => 5 * HOUR + 30_000,
    },
  ),
  simple("catches-up-all", interval(100 * MINUTE, "2027-06-10T00:00:00Z", "2027-06-28T00:00:00Z"), {
    catchUp: { mode: "all", windowMs: 6 * HOUR },
    reach: 6 * HOUR,
  }),
  simple("catches-up-all-slowly", interval(5 * HOUR, "2027-06-01T02:00:00Z", "2027-08-01T00:00:00Z"), {
    catchUp: { mode: "all", windowMs: 20 * HOUR },
    reach: 20 * HOUR,
    overlap: "queue_one",
    runs: () => HOUR + 30_000,
  }),
  simple("every-36-hours", interval(36 * HOUR, "2027-03-01T09:00:00Z"), { respects: true }),
  simple("once", once("2027-10-31T01:30:00Z")),
  simple("once-in-an-outage", once("2027-06-15T02:00:00Z")),
  simple("once-on-christmas", once("2027-12-25T10:00:00Z"), { respects: true }),
];

export const SPECS: readonly Spec[] = [...AROUND_CHANGES, ...DAYS, ...POLICIES];
