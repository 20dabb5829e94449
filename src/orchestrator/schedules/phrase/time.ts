/** Times of day in their common spellings. */
import type { Cursor } from "./cursor.ts";
import { readWhole } from "./number.ts";
import { type Part, partNamed } from "./vocabulary.ts";

export interface TimeSaid {
  /** Minutes since midnight on a 24-hour clock. */
  readonly minute: number;
  readonly seconds: number;
  /**
   * How sure the half of the day is: `loose` is an hour of 1 to 12 with nothing beside it ("at 6"), which a part of the
   * day may move to the afternoon; `meridiem` had am or pm; `fixed` cannot be read in another way (17:00, 09:00, noon).
   */
  readonly half: "loose" | "meridiem" | "fixed";
}

const time = (minute: number, half: TimeSaid["half"], seconds = 0): TimeSaid => ({ minute, half, seconds });

/** `am`, `p.m.`; null when none stands here. */
function readMeridiem(cursor: Cursor): "am" | "pm" | null {
  const joined = cursor.take("am", "pm");
  if (joined === "am" || joined === "pm") return joined;
  // "3p", "12a"
  const short = cursor.attempt((c) =>
    c.peek().leads ? null : c.take("a", "p") !== null && c.atBoundary && c.peek().text !== "." ? true : null,
  );
  if (short !== null) return cursor.tokens[cursor.at - 1]?.text === "a" ? "am" : "pm";
  return cursor.attempt((c) => {
    const half = c.take("a", "p");
    if (half === null || c.peek().leads || c.mark(".") === null || c.peek().leads || c.take("m") === null) return null;
    if (!c.peek().leads) c.mark(".");
    return half === "a" ? "am" : "pm";
  });
}

/** Noon is 12 pm, midnight 12 am; null for 13 pm. */
function withMeridiem(hour: number, minute: number, half: "am" | "pm", seconds: number): TimeSaid | null {
  if (hour < 1 || hour > 12) return null;
  return time(((hour % 12) + (half === "pm" ? 12 : 0)) * 60 + minute, "meridiem", seconds);
}

/**
 * Where a part of the day puts an hour: `evening` makes 6 into 18.
 * @returns minutes since midnight, null when the hour does not lie in that part ("19:00 in the morning")
 */
export function inPart(said: TimeSaid, part: Part): number | null {
  const hour = Math.floor(said.minute / 60);
  const loose = said.half === "loose";
  const later = loose && hour < 12 ? said.minute + 720 : said.minute;
  const laterHour = Math.floor(later / 60);
  switch (part) {
    case "morning":
      return hour < 12 ? said.minute : null;
    case "lunch":
      if (hour === 11 || hour === 12) return said.minute;
      return laterHour >= 13 && laterHour <= 15 ? later : null;
    case "afternoon":
      return laterHour >= 12 && laterHour <= 18 ? later : null;
    case "evening":
      return laterHour >= 16 && laterHour <= 23 && !(loose && hour === 12) ? later : null;
    case "night":
      if (loose && hour === 12) return said.minute - 720;
      if (hour <= 5) return said.minute;
      return laterHour >= 18 ? later : null;
  }
}

/** `in the morning`, `at night`, after a time. */
function readPartAfter(cursor: Cursor): Part | null {
  return cursor.attempt((c) => {
    if (c.takeAll("at", "night")) return "night";
    if (!c.takeAll("in", "the")) return null;
    const part = c.word.endsWith("s") ? null : partNamed(c.word);
    if (part !== null) c.at += 1;
    return part;
  });
}

function finished(cursor: Cursor, said: TimeSaid): TimeSaid | null {
  if (cursor.take("sharp", "exactly") === null) cursor.takeAll("on", "the", "dot");
  const part = readPartAfter(cursor);
  if (part === null) return said;
  const minute = inPart(said, part);
  return minute === null ? null : time(minute, "meridiem", said.seconds);
}

function readNamed(cursor: Cursor): TimeSaid | null {
  if (cursor.take("noon", "midday", "noontime")) return time(720, "fixed");
  if (cursor.take("midnight")) return time(0, "fixed");
  return null;
}

/** "half eight in the evening" is British for half past eight; without the part of the day it may be half past seven. */
function readHalfHour(cursor: Cursor): TimeSaid | null {
  const hour = readWhole(cursor);
  if (hour === null || hour < 1 || hour > 12) return null;
  cursor.take("o'clock");
  const said = time(hour * 60 + 30, "loose");
  const settled = finished(cursor, said);
  return settled === said ? null : settled;
}

/** `half past six`, `quarter to eight`, `ten minutes past nine`. */
function readSpoken(cursor: Cursor): TimeSaid | null {
  cursor.take("a");
  let minutes: number | null = null;
  if (cursor.take("half")) {
    minutes = 30;
    if (!cursor.peek().leads) cursor.mark("-");
  } else if (cursor.take("quarter")) minutes = 15;
  else {
    minutes = readWhole(cursor);
    const unit = cursor.take("minutes", "minute", "mins", "min");
    // "at 9 to 10 people" is no 09:51.
    if (minutes === null || (unit === null && minutes % 5 !== 0)) return null;
  }
  const side = cursor.take("past", "after", "to", "before", "of");
  if (side === null && minutes === 30) return readHalfHour(cursor);
  if (minutes === null || side === null || minutes < 1 || minutes > 59) return null;
  // "quarter of seven" is American for 06:45.
  if (side === "of" && minutes !== 15) return null;
  const named = readNamed(cursor);
  const hour = named === null ? readWhole(cursor) : named.minute / 60;
  if (hour === null || hour > 23) return null;
  const half = readMeridiem(cursor);
  cursor.take("o'clock");
  const base =
    named ??
    (half === null ? time(hour * 60, hour >= 1 && hour <= 12 ? "loose" : "fixed") : withMeridiem(hour, 0, half, 0));
  if (base === null) return null;
  const early = side === "to" || side === "before" || side === "of";
  const minute = (base.minute + (early ? -minutes : minutes) + 1440) % 1440;
  // "quarter to one" is 00:45 or 12:45: its hour alone cannot say which half of the day.
  return finished(cursor, time(minute, base.half));
}

/** `0930`, `1730`. */
function readFourDigits(cursor: Cursor): TimeSaid | null {
  const token = cursor.peek();
  if (token.kind !== "number" || token.text.length < 3 || token.text.length > 4) return null;
  const hour = Number(token.text.slice(0, -2));
  const minute = Number(token.text.slice(-2));
  if (hour > 23 || minute > 59) return null;
  cursor.at += 1;
  cursor.take("hrs", "hours", "h");
  return time(hour * 60 + minute, "fixed");
}

/** The minutes behind an hour: `:30`, `.30`, `h30`; null when there are none, -1 when they are no minutes. */
function readMinutes(cursor: Cursor): { minute: number; seconds: number; mark: string } | null {
  return cursor.attempt((c) => {
    if (c.peek().leads) return null;
    const mark = c.mark(":", ".") ?? c.take("h");
    if (mark === null || c.peek().leads) return null;
    const digits = c.digits(2);
    if (digits === null || digits.length !== 2) return null;
    const seconds =
      mark === ":"
        ? c.attempt((d) => (!d.peek().leads && d.mark(":") !== null && !d.peek().leads ? d.digits(2) : null))
        : null;
    if (Number(digits) > 59 || Number(seconds ?? 0) > 59) return null;
    return { minute: Number(digits), seconds: Number(seconds ?? 0), mark };
  });
}

function readClock(cursor: Cursor): TimeSaid | null {
  const written = cursor.peek();
  const hour = written.kind === "number" ? Number(cursor.digits(2) ?? -1) : (readWhole(cursor) ?? -1);
  if (hour < 0 || hour > 23) return null;
  const minutes = written.kind === "number" ? readMinutes(cursor) : readSpokenMinutes(cursor);
  const seconds = minutes?.seconds ?? 0;
  const half = readMeridiem(cursor);
  if (half !== null) {
    const said = withMeridiem(hour, minutes?.minute ?? 0, half, seconds);
    return said === null ? null : finished(cursor, said);
  }
  if (cursor.take("noon")) return hour === 12 && minutes === null ? time(720, "fixed") : null;
  if (cursor.take("midnight")) return hour === 12 && minutes === null ? time(0, "fixed") : null;
  const clock24 =
    minutes?.mark === "h" ||
    (!cursor.peek().leads && cursor.take("h", "hrs") !== null) ||
    (written.kind === "number" && cursor.take("h") !== null);
  if (cursor.take("o'clock", "oclock") === null) cursor.takeAll("o", "clock");
  const fixed = clock24 || hour === 0 || hour > 12 || written.text.startsWith("0");
  return finished(cursor, time(hour * 60 + (minutes?.minute ?? 0), fixed ? "fixed" : "loose", seconds));
}

/** `nine thirty`. */
function readSpokenMinutes(cursor: Cursor): { minute: number; seconds: number; mark: string } | null {
  return cursor.attempt((c) => {
    if (!c.peek().leads) c.mark("-");
    if (c.take("oh", "o")) {
      const units = c.peek().kind === "word" ? readWhole(c) : null;
      return units !== null && units > 0 && units < 10 ? { minute: units, seconds: 0, mark: "" } : null;
    }
    const minute = c.peek().kind === "word" ? readWhole(c) : null;
    return minute !== null && minute >= 10 && minute <= 59 ? { minute, seconds: 0, mark: "" } : null;
  });
}

/** One time of day; null when none stands here or it is no time (25:00, 13 pm). */
export function readTime(cursor: Cursor): TimeSaid | null {
  return cursor.attempt(readSpoken) ?? readClockTime(cursor);
}

/** The same without `five to nine`, which between `from` and `to` is a window. */
export function readClockTime(cursor: Cursor): TimeSaid | null {
  return cursor.attempt((c) => {
    const said = c.attempt(readNamed) ?? c.attempt(readFourDigits) ?? c.attempt(readClock);
    return said !== null && c.peek().text !== "%" ? said : null;
  });
}

/** True when the time here cannot be mistaken for a count: `9am`, `9:30`, `21h`, `noon`. */
export function isPlainlyTime(cursor: Cursor): boolean {
  const { at } = cursor;
  const said = readTime(cursor);
  const bare = cursor.at === at + 1 && cursor.tokens[at]?.kind === "number" && cursor.tokens[at]?.text.length !== 4;
  const wordy = cursor.tokens[at]?.kind === "word" && said?.half === "loose" && cursor.at === at + 1;
  cursor.at = at;
  return said !== null && !bare && !wordy;
}

/** Times joined by commas, `and`, `&` or `/`: `9, 12 and 17:30`. */
export function readTimes(cursor: Cursor): TimeSaid[] | null {
  const first = readTime(cursor);
  if (first === null) return null;
  const times = [first];
  while (times.length < 200) {
    const next = cursor.attempt((c) => {
      const comma = c.mark(",") !== null;
      const and = c.take("and", "plus") ?? c.mark("&", "/");
      if (!comma && and === null) return null;
      c.take("at");
      c.mark("@");
      // "at 9, 5 PRs": after a comma alone a bare number is a time only when the list goes on.
      if (and === null && !isPlainlyTime(c) && !listGoesOn(c)) return null;
      return readTime(c);
    });
    if (next === null) return times;
    times.push(next);
  }
  return times;
}

/** From a bare number: is there an `and` with a time behind it, through commas and times only, or the end of the text? */
function listGoesOn(cursor: Cursor): boolean {
  const { at } = cursor;
  let goesOn = false;
  for (let steps = 0; steps < 30 && readTime(cursor) !== null; steps++) {
    cursor.mark(",");
    if (cursor.done) goesOn = true;
    if (cursor.take("and") ?? cursor.mark("&")) {
      goesOn = readTime(cursor) !== null;
      break;
    }
  }
  cursor.at = at;
  return goesOn;
}
