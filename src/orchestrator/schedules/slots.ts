/** When a schedule is due: pure functions of (schedule, instant). */
import { assertNever, ClawError } from "../errors.ts";
import { DAY, wallOf } from "./civil.ts";
import { cronOccurrences } from "./cron.ts";
import { occurrences } from "./occurrences.ts";
import { parseRule, type Rule } from "./rule.ts";
import type { Schedule } from "./schedule.ts";
import { place, wallAt } from "./wall.ts";

type Calendar = Extract<Schedule, { kind: "calendar" }>;

/** The same few thousand rules are asked again and again. */
const rules = new Map<string, { readonly rule: Rule; readonly start: number }>();
const MAX_RULES = 10_000;

/** A calendar schedule's rule and start (wall-clock milliseconds). Throws `bug` for a stored rule that is none. */
export function ruleOf(schedule: Calendar): { readonly rule: Rule; readonly start: number } {
  const key = `${schedule.start} ${schedule.rrule}`;
  const known = rules.get(key);
  if (known) return known;
  const start = wallOf(schedule.start);
  const rule = start === null ? null : parseRule(schedule.rrule, start);
  if (rule === null || start === null)
    throw new ClawError("bug", `not a rule: ${schedule.rrule} from ${schedule.start}`);
  if (rules.size >= MAX_RULES) rules.clear();
  const read = { rule, start };
  rules.set(key, read);
  return read;
}

/** The wall-clock times of a calendar or cron schedule after `after` (wall-clock milliseconds), before any placing. */
export function wallSlots(
  schedule: Extract<Schedule, { kind: "calendar" | "cron" }>,
  after: number,
): Generator<number, void> {
  if (schedule.kind === "cron") return cronOccurrences(schedule.expression, after);
  const { rule, start } = ruleOf(schedule);
  return occurrences(rule, start, after);
}

function* placed(schedule: Extract<Schedule, { kind: "calendar" | "cron" }>, afterMs: number): Generator<number, void> {
  const { zone } = schedule;
  const from =
    schedule.kind === "cron" && schedule.from !== null ? Date.parse(schedule.from) : Number.NEGATIVE_INFINITY;
  const until =
    schedule.kind === "cron" && schedule.until !== null ? Date.parse(schedule.until) : Number.POSITIVE_INFINITY;
  // `from` is itself a slot when it falls on one.
  let last = Math.max(afterMs, from - 1);
  for (const wall of wallSlots(schedule, wallAt(zone, last))) {
    const at = place(zone, wall);
    if (at > until) return;
    // Several times removed by one gap are one slot, and the second pass of a doubled hour has none.
    if (at <= last) continue;
    last = at;
    yield at;
  }
}

function* interval(schedule: Extract<Schedule, { kind: "interval" }>, afterMs: number): Generator<number, void> {
  const anchor = Date.parse(schedule.anchor);
  const every = schedule.everySeconds * 1000;
  const until = schedule.until === null ? Number.POSITIVE_INFINITY : Date.parse(schedule.until);
  const first = anchor > afterMs ? anchor : anchor + (Math.floor((afterMs - anchor) / every) + 1) * every;
  for (let at = first; at <= until; at += every) yield at;
}

function* once(at: number, afterMs: number): Generator<number, void> {
  if (at > afterMs) yield at;
}

function slots(schedule: Schedule, afterMs: number): Generator<number, void> {
  switch (schedule.kind) {
    case "calendar":
    case "cron":
      return placed(schedule, afterMs);
    case "interval":
      return interval(schedule, afterMs);
    case "once":
      return once(Date.parse(schedule.at), afterMs);
    default:
      return assertNever(schedule, "schedule");
  }
}

/**
 * The next slots, ascending, strictly after `afterMs` (milliseconds since the epoch); fewer than `count` when the
 * schedule ends. A time that the clock change removes is due right after the gap, a doubled one once, the first.
 * Throws `bug` for a stored rule that cannot be read.
 */
export function nextSlots(schedule: Schedule, afterMs: number, count: number): Date[] {
  const found: Date[] = [];
  if (count <= 0) return found;
  for (const at of slots(schedule, afterMs)) {
    found.push(new Date(at));
    if (found.length >= count) break;
  }
  return found;
}

/** The typical distance between the coming slots in milliseconds (their lower median); null when fewer than two are left. */
export function periodMs(schedule: Schedule, afterMs: number): number | null {
  if (schedule.kind === "interval") return schedule.everySeconds * 1000;
  const next = nextSlots(schedule, afterMs, 8);
  const distances = next.slice(1).map((slot, at) => slot.getTime() - (next[at]?.getTime() ?? 0));
  distances.sort((a, b) => a - b);
  return distances[Math.floor((distances.length - 1) / 2)] ?? null;
}

/** How far ahead a clock change is worth telling, besides the next five slots. */
export const MONTH_AHEAD = 31 * DAY;
