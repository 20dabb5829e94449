/** What must come of every slot, reckoned beside Claw: one workflow at a time, with nothing but lists and a clock. */
import { CLOSED, type Happening, OUTAGES } from "./script.ts";
import type { Spec } from "./specs.ts";
import { HOME, UNTIL } from "./timing.ts";
import { MINUTE, type Walk } from "./wall-walk.ts";

export type ExpectedOutcome = "ran" | "skipped" | "missed" | "collapsed" | "undecided";

/** A row for a slot, or for several of which it is the last. */
export interface ExpectedFiring {
  readonly slot: number;
  outcome: ExpectedOutcome;
  /** How the reason begins; null: there is none. */
  reason: string | null;
  readonly count: number;
}

/** How a run begins and ends; the player ends runs at the same times. */
export const endOf = (spec: Spec, slot: number, began: number): number => began + (spec.runs?.(slot) ?? 0);

/** When something that is due at an instant is looked at: later, when Claw is not running then. */
export const lookedAt = (at: number): number =>
  OUTAGES.find(({ from, until }) => from <= at && at < until)?.until ?? at;

/** Why nothing runs at that time in the workspace's calendar. */
function closedAt(walk: Walk, slot: number): string | null {
  const { day, minute } = walk.shownAt(HOME, slot);
  const date = new Date(Date.UTC(day.year, day.month - 1, day.date)).toISOString().slice(0, 10);
  if (Object.keys(CLOSED.holidays).includes(date)) return "holiday";
  return minute >= 22 * 60 || minute < 6 * 60 ? "quiet hours" : null;
}

export function expectedOf(spec: Spec, walk: Walk, happenings: readonly Happening[]): ExpectedFiring[] {
  const firings: ExpectedFiring[] = [];
  const known = new Set<number>();
  let open: { readonly until: number }[] = [];
  let queue: ExpectedFiring[] = [];
  let slots = spec.timing.due(walk).filter((slot) => slot < UNTIL);
  let single = spec.timing.schedule.kind === "once";
  let seen = Number.NEGATIVE_INFINITY;
  let [active, skips, now] = [true, 0, Number.NEGATIVE_INFINITY];

  const note = (slot: number, outcome: ExpectedOutcome, reason: string | null, count = 1): ExpectedFiring | null => {
    if (known.has(slot)) return null;
    known.add(slot);
    const firing = { slot, outcome, reason, count };
    firings.push(firing);
    return firing;
  };
  const begin = (slot: number, at: number) => {
    const until = endOf(spec, slot, at);
    open.push({ until });
    if (until <= at) end(at);
  };
  /** Runs that are over by then make room for what waits. */
  const end = (at: number) => {
    open = open.filter(({ until }) => until > at);
    const next = open.length === 0 ? queue.shift() : undefined;
    if (!next) return;
    next.outcome = "ran";
    begin(next.slot, at);
  };
  /** Claw looks: these have come. */
  const come = (due: readonly number[], at: number) => {
    const missed: number[] = [];
    const shut = new Map<string, number[]>();
    const inside: number[] = [];
    for (const slot of due) {
      let reason = spec.respects && !single ? closedAt(walk, slot) : null;
      if (reason === null && skips > 0) {
        skips -= 1;
        reason = "a person asked to skip it";
      }
      const late = slot < at - spec.reach;
      if (reason === null) (late ? missed : inside).push(slot);
      else if (!late) note(slot, "skipped", reason);
      else {
        const { day } = walk.shownAt(HOME, slot);
        // Each holiday is a reason of its own.
        const key = reason === "holiday" ? `holiday ${day.index}` : reason;
        shut.set(key, [...(shut.get(key) ?? []), slot]);
      }
    }
    for (const [key, each] of shut)
      note(each.at(-1) ?? 0, "skipped", key.startsWith("holiday") ? "holiday" : key, each.length);
    const lastMissed = missed.at(-1);
    if (lastMissed !== undefined) note(lastMissed, "missed", "Claw was not running", missed.length);
    const all = spec.catchUp?.mode === "all";
    const run = all ? inside : inside.slice(-1);
    const collapsed = all ? [] : inside.slice(0, -1);
    const lastCollapsed = collapsed.at(-1);
    if (lastCollapsed !== undefined) note(lastCollapsed, "collapsed", "into ", collapsed.length);
    const [first, ...rest] = run;
    if (first === undefined) return;
    const overlap = spec.overlap ?? "skip";
    if (open.length > 0 && (overlap === "skip" || (overlap === "queue_one" && queue.length > 0))) {
      for (const slot of run) note(slot, "skipped", "overlap");
      return;
    }
    if (overlap === "cancel_running") open = [];
    const waits = open.length > 0 && overlap === "queue_one";
    const firing = note(first, waits ? "undecided" : "ran", null);
    for (const slot of rest) queue.push(note(slot, "undecided", null) as ExpectedFiring);
    if (!firing) return;
    if (waits) queue.unshift(firing);
    else begin(first, at);
  };
  const pass = (until: number) => {
    while (true) {
      const slot = active ? slots.find((each) => each > seen) : undefined;
      const slotAt = slot === undefined ? Number.POSITIVE_INFINITY : Math.max(lookedAt(slot), now);
      const endAt = Math.min(...open.map((each) => lookedAt(each.until)), Number.POSITIVE_INFINITY);
      const at = Math.max(Math.min(slotAt, endAt), now);
      if (at > until) break;
      now = at;
      if (endAt < slotAt) {
        end(at);
        continue;
      }
      const due = slots.filter((each) => each > seen && each <= at);
      seen = due.at(-1) ?? seen;
      come(due, at);
    }
  };

  for (const { at, act } of happenings) {
    pass(at);
    now = at;
    if (act.kind === "clock_back") now = at - act.by;
    else if (act.name !== spec.name) continue;
    else if (act.kind === "skip") skips = act.count;
    else if (act.kind === "pause") {
      active = false;
      for (const firing of queue) Object.assign(firing, { outcome: "skipped", reason: "paused" });
      queue = [];
    } else {
      const leftOut = active ? [] : slots.filter((slot) => slot > seen && slot <= at);
      const lastLeftOut = leftOut.at(-1);
      if (lastLeftOut !== undefined) note(lastLeftOut, "skipped", "paused", leftOut.length);
      // What comes next is what comes after now.
      active = true;
      skips = 0;
      seen = at;
      if (act.kind === "edit") {
        slots = act.timing.due(walk).filter((slot) => slot < UNTIL);
        single = act.timing.schedule.kind === "once";
      }
    }
  }
  pass(UNTIL - MINUTE);
  return firings.sort((a, b) => a.slot - b.slot);
}
