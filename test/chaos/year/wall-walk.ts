/**
 * When something is due, found the slow way: every minute of a year is looked at on the zone's own clock. Knows nothing of
 * recurrence rules, cron or placing, so that it can judge what does.
 */
import { Temporal } from "temporal-polyfill";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** Offsets of today's zones change at whole quarters of an hour only. */
const QUARTER = 15;
const MINUTES_OF_DAY = 1_440;

/** A day on a wall clock. */
export interface Day {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly date: number;
  /** 0 is Monday. */
  readonly weekday: number;
  readonly daysInMonth: number;
  /** Days since 1970-01-01. */
  readonly index: number;
}

/** What is due when a clock shows it: these minutes of these days. */
export interface WallTimes {
  readonly zone: string;
  readonly times: ReadonlySet<number>;
  readonly on: (day: Day) => boolean;
}

const days = new Map<number, Day>();

function dayOf(index: number): Day {
  const known = days.get(index);
  if (known) return known;
  const at = new Date(index * DAY);
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  const day: Day = {
    year,
    month: month + 1,
    date: at.getUTCDate(),
    weekday: (at.getUTCDay() + 6) % 7,
    daysInMonth: new Date(Date.UTC(year, month + 1, 0)).getUTCDate(),
    index,
  };
  days.set(index, day);
  return day;
}

/** Milliseconds between the zone's clock and UTC. */
const offsetOf = (zone: string, at: number): number =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).offsetNanoseconds / 1e6;

export class Walk {
  readonly #from: number;
  readonly #minutes: number;
  readonly #clocks = new Map<string, Int32Array>();

  /** @param from milliseconds since the epoch, on a whole quarter of an hour */
  constructor(from: number, until: number) {
    this.#from = from;
    this.#minutes = (until - from) / MINUTE;
  }

  /** What the zone's clock shows at each minute: minutes since 1970-01-01T00:00, as if there were no zones. */
  #clock(zone: string): Int32Array {
    const known = this.#clocks.get(zone);
    if (known) return known;
    const shown = new Int32Array(this.#minutes);
    for (let n = 0; n < this.#minutes; n += QUARTER) {
      const at = this.#from + n * MINUTE;
      const first = (at + offsetOf(zone, at)) / MINUTE;
      for (let m = 0; m < QUARTER && n + m < this.#minutes; m++) shown[n + m] = first + m;
    }
    this.#clocks.set(zone, shown);
    return shown;
  }

  /** What a clock shows at an instant of the walk. */
  shownAt(zone: string, at: number): { readonly day: Day; readonly minute: number } {
    const shown = this.#clock(zone)[Math.floor((at - this.#from) / MINUTE)] ?? 0;
    return { day: dayOf(Math.floor(shown / MINUTES_OF_DAY)), minute: shown % MINUTES_OF_DAY };
  }

  /** Instants: a minute that the clock leaves out is due right after the gap, one that it shows twice the first time. */
  due({ zone, times, on }: WallTimes): number[] {
    const matches = (shown: number): boolean =>
      times.has(shown % MINUTES_OF_DAY) && on(dayOf(Math.floor(shown / MINUTES_OF_DAY)));
    const shown = this.#clock(zone);
    const due: number[] = [];
    let latest = (shown[0] ?? 0) - 1;
    for (let n = 0; n < this.#minutes; n++) {
      const now = shown[n] ?? 0;
      let is = false;
      for (let each = latest + 1; each <= now; each++) is = matches(each) || is;
      if (is) due.push(this.#from + n * MINUTE);
      latest = Math.max(latest, now);
    }
    return due;
  }
}
