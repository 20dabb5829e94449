/** Schedules of every kind, each as it is written down for Claw, and in plain code when it is due. */
import type { Schedule } from "../../../src/orchestrator/schedules/schedule.ts";
import { DAY, type Day, type Walk } from "./wall-walk.ts";

export const FROM = Date.parse("2027-03-01T00:00:00Z");
export const UNTIL = Date.parse("2028-03-05T00:00:00Z");
/** Where people live whose calendar counts. */
export const HOME = "Europe/Paris";

/** A schedule as it is stored, and the same by the slow way. */
export interface Timing {
  readonly schedule: Schedule;
  readonly due: (walk: Walk) => readonly number[];
}

export const minutes = (...clocks: string[]): Set<number> =>
  new Set(clocks.map((clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))));

interface Bounds {
  readonly from?: string;
  readonly until?: string;
}

const between = (due: readonly number[], { from, until }: Bounds): number[] =>
  due.filter((at) => (!from || at >= Date.parse(from)) && (!until || at <= Date.parse(until)));

export const every = (): boolean => true;
export const workday = ({ weekday }: Day): boolean => weekday < 5;
export const last = (day: Day): boolean => day.date + 7 > day.daysInMonth;
export const inMonths =
  (...months: number[]) =>
  ({ month }: Day): boolean =>
    months.includes(month);
/** Days since that date. */
export const since = (date: string, { index }: Day): number => index - Date.parse(`${date}T00:00:00Z`) / DAY;

type Start = string;
const OPEN: Start = "2020-01-01T00:00:00";

/** A calendar rule. @param more what follows `FREQ=…`, without the times */
export function calendar(
  zone: string,
  rule: string,
  times: ReturnType<typeof minutes>,
  on: (day: Day) => boolean = every,
  start: Start = OPEN,
): Timing {
  const hours = [...new Set([...times].map((time) => Math.floor(time / 60)))];
  const past = [...new Set([...times].map((time) => time % 60))];
  const end = /(;(?:COUNT|UNTIL)=\w+)$/.exec(rule)?.[1] ?? "";
  const rrule = `FREQ=${rule.slice(0, rule.length - end.length)};BYHOUR=${hours};BYMINUTE=${past}${end}`;
  return {
    schedule: { kind: "calendar", rrule, start, zone },
    due: (walk) => walk.due({ zone, times, on }),
  };
}

export const cron = (
  zone: string,
  expression: string,
  times: ReadonlySet<number>,
  on: (day: Day) => boolean = every,
  bounds: Bounds = {},
): Timing => ({
  schedule: { kind: "cron", expression, zone, from: bounds.from ?? null, until: bounds.until ?? null },
  due: (walk) => between(walk.due({ zone, times, on }), bounds),
});

export const interval = (everyMs: number, anchor: string, until: string | null = null): Timing => ({
  schedule: { kind: "interval", everySeconds: everyMs / 1000, anchor, zone: HOME, until },
  due() {
    const due: number[] = [];
    const end = until === null ? UNTIL : Math.min(UNTIL, Date.parse(until) + 1);
    for (let at = Date.parse(anchor); at < end; at += everyMs) due.push(at);
    return due;
  },
});

export const once = (at: string): Timing => ({
  schedule: { kind: "once", at, zone: HOME },
  due: () => [Date.parse(at)],
});

export const stepped = (first: number, step: number, end: number): Set<number> =>
  new Set(Array.from({ length: Math.ceil((end - first) / step) }, (_, n) => first + n * step));
/** These minutes of these hours. */
export const within = (hours: readonly number[], past: readonly number[]): Set<number> =>
  new Set(hours.flatMap((hour) => past.map((minute) => hour * 60 + minute)));
