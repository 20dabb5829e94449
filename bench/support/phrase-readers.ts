/**
 * The libraries that read schedules from English, each as a function from a text to the next instants, with what it would
 * need to be at its best: the schedule alone, without an instruction; a clock in the zone of the phrase.
 */
import { createRequire } from "node:module";
import later from "@breejs/later";
import * as chrono from "chrono-node";
import { Cron } from "croner";
import humanToCron from "human-to-cron";
import { DateTime } from "luxon";
import rrule from "rrule";

export interface Question {
  readonly zone: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly count: number;
}

/** The instants a library comes to, `asked`, or null when it says that it does not understand. */
export type Reading = readonly number[] | "asked" | null;

/** What a phrase can be: on a calendar, a distance in time, one time only, an expression of cron. */
export type Kind = "calendar" | "interval" | "once" | "cron";

export interface Reader {
  readonly name: string;
  /** What it was made for. */
  readonly kinds: readonly Kind[];
  /** Only reads, for the clock. */
  readonly read: (text: string, question: Question) => unknown;
  /** Reads, and says when. */
  readonly next: (text: string, question: Question) => Reading;
}

/** The wall clock of the zone as if it were UTC, and back: what has no zones of its own is given one. */
const floating = (zone: string, at: number): number => at + DateTime.fromMillis(at, { zone }).offset * 60_000;
const placed = (zone: string, wall: number): number => {
  const { year, month, day, hour, minute, second } = DateTime.fromMillis(wall, { zone: "utc" });
  return DateTime.fromObject({ year, month, day, hour, minute, second }, { zone }).toMillis();
};

function cronNext(expression: string, { zone, now, count }: Question): Reading {
  const job = new Cron(expression, { timezone: zone, paused: true });
  return job.nextRuns(count, new Date(now)).map((at) => at.getTime());
}

/** `fromText` has no start: it gets the wall clock at the full hour, so that minutes it does not say are zero. */
function rruleOf(text: string, { zone, now }: Question) {
  const options = rrule.RRule.parseText(text);
  const hour = Math.floor(floating(zone, now) / 3_600_000) * 3_600_000;
  return options ? new rrule.RRule({ ...options, dtstart: new Date(hour) }) : null;
}

function rruleNext(text: string, question: Question): Reading {
  const rule = rruleOf(text, question);
  if (!rule) return null;
  const found: number[] = [];
  let last = new Date(floating(question.zone, question.now));
  while (found.length < question.count) {
    const next = rule.after(last);
    if (!next) break;
    found.push(placed(question.zone, next.getTime()));
    last = next;
  }
  return found;
}

function laterNext(text: string, { zone, now, count }: Question): Reading {
  later.date.UTC();
  const parsed = later.parse.text(text);
  if (parsed.error !== -1 || parsed.schedules.length === 0) return null;
  const from = floating(zone, now);
  const next = later.schedule(parsed).next(count + 1, new Date(from));
  const dates = next === 0 ? [] : next instanceof Date ? [next] : next;
  // What holds for a whole minute holds at `from` too; only its beginnings count.
  const begins = dates.map((date) => date.getTime()).filter((wall) => wall > from && wall % 60_000 === 0);
  return begins.slice(0, count).map((wall) => placed(zone, wall));
}

function chronoRead(text: string, { zone, now }: Question): chrono.ParsedResult | undefined {
  const timezone = DateTime.fromMillis(now, { zone }).offset;
  return chrono.parse(text, { instant: new Date(now), timezone }, { forwardDate: true })[0];
}

/** It comes without types. */
const naturalCron: (text: string) => string = createRequire(import.meta.url)("@darkeyedevelopers/natural-cron.js");

export const READERS: readonly Reader[] = [
  { name: "rrule `fromText`", kinds: ["calendar", "interval"], read: rruleOf, next: rruleNext },
  {
    name: "@breejs/later",
    kinds: ["calendar", "interval"],
    read: (text) => later.parse.text(text),
    next: laterNext,
  },
  {
    name: "human-to-cron",
    kinds: ["calendar", "interval"],
    read: (text) => humanToCron(text),
    next: (text, question) => cronNext(humanToCron(text), question),
  },
  {
    name: "chrono-node",
    kinds: ["once"],
    read: chronoRead,
    next: (text, question) => {
      const found = chronoRead(text, question);
      return found ? [Math.floor(found.date().getTime() / 1000) * 1000] : null;
    },
  },
  {
    name: "natural-cron.js",
    kinds: ["calendar", "interval"],
    read: naturalCron,
    // Minute to weekday, and a year that is always "*".
    next: (text, question) => cronNext(naturalCron(text).split(" ").slice(0, 5).join(" "), question),
  },
];
