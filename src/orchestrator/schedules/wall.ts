/** Between instants and the wall clocks of zones, under the time-zone data of the JavaScript engine. */
import { DAY } from "./civil.ts";

/** A change of a zone's offset; offsets are milliseconds to add to an instant to get its wall clock. */
export interface ClockChange {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

/** Asking the engine costs a microsecond and more; between two changes the answer is the same for months. */
const SPAN = 8 * DAY;
const MAX_SPANS = 4096;

interface ZoneClock {
  readonly format: Intl.DateTimeFormat;
  readonly spans: Map<number, number | ClockChange>;
}

const clocks = new Map<string, ZoneClock>();

function clockOf(zone: string): ZoneClock {
  const known = clocks.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  const clock = { format, spans: new Map<number, number | ClockChange>() };
  clocks.set(zone, clock);
  return clock;
}

function askEngine(clock: ZoneClock, ms: number): number {
  const text = clock.format.format(ms);
  const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
  if (!match?.[1]) return 0;
  const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0);
  return (match[1] === "-" ? -seconds : seconds) * 1000;
}

function spanOf(clock: ZoneClock, index: number): number | ClockChange {
  const known = clock.spans.get(index);
  if (known !== undefined) return known;
  if (clock.spans.size >= MAX_SPANS) clock.spans.clear();
  let low = index * SPAN;
  let high = low + SPAN;
  const before = askEngine(clock, low);
  const after = askEngine(clock, high);
  let span: number | ClockChange = before;
  if (before !== after) {
    while (high - low > 1000) {
      const middle = low + Math.floor((high - low) / 2000) * 1000;
      if (askEngine(clock, middle) === before) low = middle;
      else high = middle;
    }
    span = { at: high, before, after };
  }
  clock.spans.set(index, span);
  return span;
}

/** Milliseconds to add to the instant to get the wall clock of the zone. Throws `RangeError` for a name that is none. */
export function offsetAt(zone: string, ms: number): number {
  const span = spanOf(clockOf(zone), Math.floor(ms / SPAN));
  if (typeof span === "number") return span;
  return ms < span.at ? span.before : span.after;
}

/** The wall clock of the zone at an instant. */
export const wallAt = (zone: string, ms: number): number => ms + offsetAt(zone, ms);

/** The changes of a zone's clock in (from, to], earliest first. */
export function clockChanges(zone: string, from: number, to: number): ClockChange[] {
  const clock = clockOf(zone);
  const found: ClockChange[] = [];
  for (let index = Math.floor(from / SPAN); index * SPAN <= to; index++) {
    const span = spanOf(clock, index);
    if (typeof span !== "number" && span.at > from && span.at <= to) found.push(span);
  }
  return found;
}

/**
 * The instant at which the zone's clock shows `wall`. A time that the clock change removes is placed right after the
 * gap; one that exists twice is the first of the two. Never decreases as `wall` grows.
 */
export function place(zone: string, wall: number): number {
  const before = offsetAt(zone, wall - DAY);
  const after = offsetAt(zone, wall + DAY);
  if (before === after) return wall - before;
  const early = wall - before;
  if (offsetAt(zone, early) === before) return early;
  const late = wall - after;
  if (offsetAt(zone, late) === after) return late;
  return clockChanges(zone, wall - 2 * DAY, wall + 2 * DAY)[0]?.at ?? late;
}
