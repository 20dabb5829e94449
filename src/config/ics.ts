/** Reads the whole days out of an iCalendar file (RFC 5545), for holidays. Pure. */
import { DAY, dateOfDay, dayNumber, wallText } from "../orchestrator/schedules/civil.ts";
import { occurrences } from "../orchestrator/schedules/occurrences.ts";
import { parseRule } from "../orchestrator/schedules/rule.ts";

/** Days by date, `2026-12-25`, with the event's name; or what is wrong, reading on after the file's name. */
export type IcsDays =
  | { readonly ok: true; readonly days: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly problem: string };

/** Events that repeat without an end are written out until then. */
const LAST_DAY = dayNumber(2100, 1, 1);
const MOST_DAYS = 50_000;

interface Line {
  /** Of its first part in the file, from 1. */
  readonly number: number;
  readonly name: string;
  readonly params: ReadonlyMap<string, string>;
  readonly value: string;
}

class Unreadable extends Error {}
const fail = (line: Line | number, what: string): never => {
  throw new Unreadable(`line ${typeof line === "number" ? line : line.number}: ${what}`);
};

/** Whole-day events only: one with a time of day is refused rather than guessed at. */
export function readIcs(text: string): IcsDays {
  try {
    const days = new Map<string, string>();
    const events = eventsOf(unfold(text));
    for (const event of events) {
      for (const day of daysOf(event, events)) {
        const date = wallText(day * DAY).slice(0, 10);
        if (!days.has(date)) days.set(date, event.summary);
        if (days.size > MOST_DAYS) fail(event.line, `the days of all events are more than ${MOST_DAYS}`);
      }
    }
    return { ok: true, days: Object.fromEntries([...days].sort(([a], [b]) => (a < b ? -1 : 1))) };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, problem: error.message };
    throw error;
  }
}

/** Joins folded lines (section 3.1): one that begins with a blank goes on where the one before ended. */
function unfold(text: string): Line[] {
  const joined: { number: number; text: string }[] = [];
  for (const [at, part] of text
    .replace(/^\uFEFF/u, "")
    .split(/\r\n|\n|\r/u)
    .entries()) {
    const before = joined.at(-1);
    if (/^[ \t]/u.test(part) && before) before.text += part.slice(1);
    else if (part.trim() !== "") joined.push({ number: at + 1, text: part });
  }
  if (!/^BEGIN:VCALENDAR$/iu.test(joined[0]?.text.trim() ?? "")) throw new Unreadable("is not an iCalendar file");
  return joined.map(({ number, text: line }) => lineOf(number, line));
}

/** `NAME;PARAM=value;PARAM="a:b":value`; colons and semicolons in quotes belong to the parameter. */
function lineOf(number: number, text: string): Line {
  const match = /^([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:]*)(?:,(?:"[^"]*"|[^";:]*))*)*):([\s\S]*)$/u.exec(
    text,
  );
  if (!match) return fail(number, "is not a line of an iCalendar file");
  const params = new Map<string, string>();
  for (const [, name = "", value = ""] of (match[2] ?? "").matchAll(/;([A-Za-z0-9-]+)=((?:"[^"]*"|[^";])*)/gu)) {
    params.set(name.toUpperCase(), value.replaceAll('"', ""));
  }
  return { number, name: (match[1] ?? "").toUpperCase(), params, value: match[3] ?? "" };
}

interface Event {
  readonly line: Line;
  readonly summary: string;
  readonly uid: string | null;
  readonly start: number;
  /** Days it lasts. */
  readonly length: number;
  readonly rule: Line | null;
  readonly added: readonly number[];
  readonly left: readonly number[];
  /** The day of the repeated event that it stands for, or null. */
  readonly instead: number | null;
  readonly cancelled: boolean;
}

function eventsOf(lines: readonly Line[]): Event[] {
  const events: Event[] = [];
  const open: { readonly name: string; readonly line: Line; readonly lines: Line[] }[] = [];
  for (const line of lines) {
    const name = line.value.trim().toUpperCase();
    if (line.name === "BEGIN") open.push({ name, line, lines: [] });
    else if (line.name === "END") {
      const ended = open.pop();
      if (ended?.name !== name) return fail(line, "ends what was not begun");
      if (name === "VEVENT") events.push(eventOf(ended.line, ended.lines));
    } else open.at(-1)?.lines.push(line);
  }
  const left = open.at(-1);
  return left
    ? fail(left.line, `${left.name === "VCALENDAR" ? "the calendar" : "what begins here"} has no end`)
    : events;
}

function eventOf(line: Line, lines: readonly Line[]): Event {
  const one = (name: string): Line | null => lines.find((each) => each.name === name) ?? null;
  const all = (name: string): number[] =>
    lines.filter((each) => each.name === name).flatMap((each) => each.value.split(",").map((day) => dayOf(each, day)));
  const start = one("DTSTART");
  if (!start) return fail(line, "the event has no DTSTART");
  const [end, duration, instead] = [one("DTEND"), one("DURATION"), one("RECURRENCE-ID")];
  const day = dayOf(start, start.value);
  const length = end ? dayOf(end, end.value) - day : duration ? lengthOf(duration) : 1;
  if (length < 0 || length > 366) return fail(end ?? duration ?? start, "the event must last from one day to a year");
  return {
    line,
    summary: nameOf(one("SUMMARY")?.value ?? ""),
    uid: one("UID")?.value.trim() ?? null,
    start: day,
    // Some programs write a day that ends when it begins; they mean that day.
    length: Math.max(length, 1),
    rule: one("RRULE"),
    added: all("RDATE"),
    left: all("EXDATE"),
    instead: instead ? dayOf(instead, instead.value) : null,
    cancelled: one("STATUS")?.value.trim().toUpperCase() === "CANCELLED",
  };
}

/** A date; or a midnight without a zone's letter, which is how some programs write whole days. */
function dayOf(line: Line, value: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)(T\d{6}Z?)?$/u.exec(value.trim());
  if (!match) return fail(line, "is not a date such as 20261225");
  if (match[4] !== undefined && match[4] !== "T000000") {
    return fail(line, "has a time of day; only events of whole days can be holidays");
  }
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const number = dayNumber(year, month, day);
  const back = dateOfDay(number);
  return back.year === year && back.month === month && back.day === day ? number : fail(line, "there is no such date");
}

function lengthOf(line: Line): number {
  const match = /^\+?P(?:(\d{1,3})W|(\d{1,3})D)(?:T0[HMS])*$/u.exec(line.value.trim());
  return match ? Number(match[1] ?? 0) * 7 + Number(match[2] ?? 0) : fail(line, "must be whole days, such as P1D");
}

/** The text of a name, unescaped (section 3.3.11), on one line. */
const nameOf = (value: string): string =>
  value
    .replace(/\\([nN\\;,])/gu, (_, escaped: string) => (/n/iu.test(escaped) ? " " : escaped))
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .slice(0, 80);

function daysOf(event: Event, all: readonly Event[]): number[] {
  if (event.cancelled) return [];
  const left = new Set(event.left);
  if (event.instead === null) {
    for (const other of all) if (other.uid === event.uid && other.instead !== null) left.add(other.instead);
  }
  const starts = [...(event.rule ? repeated(event, event.rule) : [event.start]), ...event.added];
  return starts
    .filter((start) => !left.has(start))
    .flatMap((start) => Array.from({ length: event.length }, (_, at) => start + at));
}

function repeated(event: Event, line: Line): number[] {
  // When a week begins matters only to rules that count weeks.
  const text = /FREQ=WEEKLY/iu.test(line.value) ? line.value : line.value.replace(/;?WKST=\w\w/iu, "");
  const start = event.start * DAY;
  const rule = parseRule(text.trim(), start);
  if (!rule) return fail(line, "repeats in a way that Claw does not read");
  const days: number[] = [];
  for (const wall of occurrences(rule, start, start - 1)) {
    const day = Math.floor(wall / DAY);
    if (day >= LAST_DAY) break;
    days.push(day);
    if (days.length > MOST_DAYS) return fail(line, "repeats too often");
  }
  return days;
}
