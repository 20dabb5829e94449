/** Quiet hours and holidays: slots that lie in them are left out. Pure. */
import { clockText, DAY, MINUTE, wallText } from "./civil.ts";
import type { ComeSlots } from "./come.ts";
import type { Schedule } from "./schedule.ts";
import { nextSlots } from "./slots.ts";
import { wallAt } from "./wall.ts";

export interface ClosedTimes {
  /** Minutes since midnight; `until` is open again. Over midnight when `from` is the later one. */
  readonly quietHours: { readonly from: number; readonly until: number } | null;
  /** IANA zone in which hours and days are meant; null: the workspace's. */
  readonly zone: string | null;
  /** Names by day, `2026-12-25`; a day without a name has an empty one. */
  readonly holidays: Readonly<Record<string, string>>;
}

/** What the firing of a slot says that somebody wanted left out. */
export const ASKED_TO_SKIP = "a person asked to skip it";

/**
 * Why nothing runs at a slot, in a few words for people; null when it is an ordinary time.
 * @param workspaceZone what counts when the calendar names no zone
 */
export function closedReason(slot: Date, closed: ClosedTimes, workspaceZone: string): string | null {
  const wall = wallAt(closed.zone ?? workspaceZone, slot.getTime());
  const day = wallText(wall).slice(0, 10);
  const holiday = Object.hasOwn(closed.holidays, day) ? closed.holidays[day] : undefined;
  if (holiday !== undefined) return `holiday: ${holiday === "" ? day : holiday}`;
  if (!closed.quietHours) return null;
  const { from, until } = closed.quietHours;
  const minute = Math.floor((((wall % DAY) + DAY) % DAY) / MINUTE);
  const quiet = from < until ? minute >= from && minute < until : minute >= from || minute < until;
  return quiet ? `quiet hours ${clockText(from * MINUTE)}–${clockText(until * MINUTE)}` : null;
}

/** Slots that are accounted for together: `count` of them, of which `last` is the last. */
export interface LeftOut {
  readonly reason: string;
  readonly last: Date;
  readonly count: number;
}

export interface Sifted extends ComeSlots {
  readonly leftOut: readonly LeftOut[];
  /** How many of the slots that a person asked to skip are used up. */
  readonly skipped: number;
}

export interface Sieve {
  /** See {@link closedReason}; null: no slot is closed. A single time that a person named is never closed. */
  readonly closed: ((slot: Date) => string | null) | null;
  /** So many of the next open slots a person asked to skip. */
  readonly skips: number;
}

/**
 * Takes what is closed or to be skipped out of the slots that have come, in their order: a slot that was missed uses up
 * a skip as well, for that is the time the person meant. Missed slots whose number was only reckoned stay missed.
 */
export function sift(schedule: Schedule, come: ComeSlots, sieve: Sieve): Sifted {
  const closedAt = closedFor(schedule, sieve);
  if (!closedAt && sieve.skips === 0) return { ...come, leftOut: [], skipped: 0 };
  const state = { skipped: 0 };
  const reasonFor = (slot: Date): string | null => {
    const closed = closedAt?.(slot) ?? null;
    if (closed !== null || state.skipped >= sieve.skips) return closed;
    state.skipped += 1;
    return ASKED_TO_SKIP;
  };
  const { missed, leftOut } = siftMissed(schedule, come.missed, reasonFor);
  const inside: Date[] = [];
  for (const slot of come.inside) {
    const reason = reasonFor(slot);
    if (reason === null) inside.push(slot);
    else leftOut.push({ reason, last: slot, count: 1 });
  }
  return { missed, inside, leftOut, skipped: state.skipped };
}

const closedFor = (schedule: Schedule, sieve: Sieve): Sieve["closed"] =>
  schedule.kind === "once" ? null : sieve.closed;

/** A long outage is one row a reason, as it is one row when nothing is closed. */
function siftMissed(
  schedule: Schedule,
  missed: ComeSlots["missed"],
  reasonFor: (slot: Date) => string | null,
): { readonly missed: ComeSlots["missed"]; readonly leftOut: LeftOut[] } {
  if (!missed?.exact) return { missed, leftOut: [] };
  const closed = new Map<string, LeftOut>();
  const open: Date[] = [];
  for (const slot of [missed.first, ...nextSlots(schedule, missed.first.getTime(), missed.count - 1)]) {
    const reason = reasonFor(slot);
    if (reason === null) open.push(slot);
    else closed.set(reason, { reason, last: slot, count: (closed.get(reason)?.count ?? 0) + 1 });
  }
  const [first, last] = [open[0], open.at(-1)];
  return {
    missed: first && last ? { count: open.length, first, last, exact: true } : null,
    leftOut: [...closed.values()],
  };
}

/**
 * The slots after `afterMs` that are to be skipped, and the first that will run; closed times are passed over.
 * @returns `next` null when the schedule ends before, or nothing open is found among the next 20,000 slots
 */
export function aheadOf(
  schedule: Schedule,
  afterMs: number,
  sieve: Sieve,
): { readonly skipped: readonly Date[]; readonly next: Date | null } {
  const closedAt = closedFor(schedule, sieve);
  const skipped: Date[] = [];
  let last = afterMs;
  for (let looked = 0; looked < MOST_AHEAD; looked += CHUNK) {
    const slots = nextSlots(schedule, last, CHUNK);
    for (const slot of slots) {
      if (closedAt?.(slot)) continue;
      if (skipped.length >= sieve.skips) return { skipped, next: slot };
      skipped.push(slot);
    }
    const end = slots.at(-1);
    if (!end || slots.length < CHUNK) break;
    last = end.getTime();
  }
  return { skipped, next: null };
}

/** Two weeks of minutes: a long holiday is no end of the schedule. */
const MOST_AHEAD = 20_000;
/** Looked up at a time: the answer is among the first few nearly always. */
const CHUNK = 25;
