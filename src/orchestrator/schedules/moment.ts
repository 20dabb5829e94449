/** One time, as a run names it, on the clock of its workflow's zone. Pure. */
import { DAY, dayNumber, daysInMonth, MINUTE } from "./civil.ts";
import { parseScheduleWords } from "./phrase/phrase.ts";
import { place, wallAt } from "./wall.ts";
import { instantWords } from "./words.ts";

interface Here {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly zone: string;
}

const CLOCK = /^(?:at\s+)?([01]?\d|2[0-3]):([0-5]\d)$/i;
const LOCAL = /^(\d{4})-(\d\d)-(\d\d)(?:T|\s+(?:at\s+)?)([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d{1,9})?)?$/i;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/i;

/**
 * Reads `17:00` (the next time that clocks there show it), `2026-05-04 17:00`, an instant with its offset, or words that
 * mean one time (`tomorrow at 9`).
 * @returns milliseconds since the epoch, perhaps in the past; null for what is no time, or not clear
 */
export function readMoment(text: string, { now, zone }: Here): number | null {
  const said = text.trim();
  const clock = CLOCK.exec(said);
  if (clock) {
    const minutes = Number(clock[1]) * 60 + Number(clock[2]);
    const today = Math.floor(wallAt(zone, now) / DAY);
    const at = place(zone, today * DAY + minutes * MINUTE);
    return at > now ? at : place(zone, (today + 1) * DAY + minutes * MINUTE);
  }
  if (INSTANT.test(said)) {
    const at = Date.parse(said);
    return Number.isNaN(at) ? null : at;
  }
  const local = LOCAL.exec(said);
  if (local) {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = local
      .slice(1)
      .map((part) => Number(part ?? 0));
    if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
    return place(zone, dayNumber(year, month, day) * DAY + (hour * 60 + minute) * MINUTE + second * 1000);
  }
  const outcome = parseScheduleWords(said, { now, zone });
  // "Friday at 17:00" may be every Friday elsewhere; here it is one time.
  const meant = outcome.kind === "schedule" ? [outcome.schedule] : outcome.kind === "ask" ? outcome.options : [];
  const [once, ...others] = meant.flatMap((schedule) => (schedule.kind === "once" ? [Date.parse(schedule.at)] : []));
  return once === undefined || others.length > 0 ? null : once;
}

/** `Tue 24 Nov 2026 at 09:00, Europe/Paris`. */
export const momentWords = (at: number, zone: string): string => `${instantWords(zone, at)}, ${zone}`;
