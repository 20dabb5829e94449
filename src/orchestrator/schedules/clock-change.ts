/** What a coming clock change does to a schedule, in one sentence for the preview. */
import { clockText, DAY } from "./civil.ts";
import type { Schedule } from "./schedule.ts";
import { MONTH_AHEAD, nextSlots, wallSlots } from "./slots.ts";
import { type ClockChange, clockChanges, place } from "./wall.ts";
import { dayText } from "./words.ts";

/** The schedule's wall-clock times in [from, to). */
function timesWithin(schedule: Extract<Schedule, { kind: "calendar" | "cron" }>, from: number, to: number): number[] {
  const found: number[] = [];
  for (const wall of wallSlots(schedule, from - 1)) {
    if (wall >= to) break;
    found.push(wall);
  }
  return found;
}

function listed(walls: readonly number[]): string {
  const clocks = walls.map(clockText);
  const first = clocks[0] ?? "";
  return clocks.length === 1 ? `the ${first} slot` : `the slots from ${first} to ${clocks.at(-1)}`;
}

function noteOf(schedule: Schedule, change: ClockChange): string {
  const wallBefore = change.at + change.before;
  const wallAfter = change.at + change.after;
  const forward = wallAfter > wallBefore;
  const minutes = Math.abs(wallAfter - wallBefore) / 60_000;
  const by = minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
  const opening = `On ${dayText(Math.floor(wallBefore / DAY))} clocks go ${forward ? "forward" : "back"} ${by}`;
  if (schedule.kind === "interval") return `${opening}; this schedule counts elapsed time and keeps its distance.`;
  if (schedule.kind === "once") return `${opening}; the time given is the one after the change.`;
  const touched = timesWithin(schedule, Math.min(wallBefore, wallAfter), Math.max(wallBefore, wallAfter));
  if (touched.length === 0) return `${opening}; the times on the clock stay the same.`;
  const verb = touched.length === 1 ? "runs" : "run";
  if (!forward) return `${opening}; ${listed(touched)} ${verb} once, the first time round.`;
  const runsAt = place(schedule.zone, touched[0] ?? wallBefore) + change.after;
  return `${opening}; ${listed(touched)} ${verb} ${touched.length === 1 ? "" : "once, "}at ${clockText(runsAt)}.`;
}

/**
 * One sentence when the zone's clock changes within the next five slots or the next 31 days; null when it does not, and
 * for an interval of an hour or less, which nobody would see change.
 * @param afterMs milliseconds since the epoch
 */
export function clockChangeNote(schedule: Schedule, afterMs: number): string | null {
  if (schedule.kind === "interval" && schedule.everySeconds <= 3600) return null;
  const next = nextSlots(schedule, afterMs, 5);
  const last = next.at(-1)?.getTime();
  if (last === undefined) return null;
  const horizon = schedule.kind === "once" ? last : Math.max(last, afterMs + MONTH_AHEAD);
  const change = clockChanges(schedule.zone, afterMs, horizon)[0];
  return change === undefined ? null : noteOf(schedule, change);
}
