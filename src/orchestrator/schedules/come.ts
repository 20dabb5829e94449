/** The slots that have come while nobody looked. Pure. */
import type { Schedule } from "./schedule.ts";
import { nextSlots, periodMs } from "./slots.ts";

export interface ComeSlots {
  /** Out of reach: how many, the first and the last of them. `exact` is false when their number was reckoned. */
  readonly missed: {
    readonly count: number;
    readonly first: Date;
    readonly last: Date;
    readonly exact: boolean;
  } | null;
  /** In order. */
  readonly inside: readonly Date[];
}

/** Slots out of reach that are counted one by one (a week of minutes); the rest of a longer outage is reckoned. */
const MOST_COUNTED = 10_000;
/** Slots within reach that are kept; with a window for more, the oldest count as missed. */
const MOST_INSIDE = 500;
/** Slots looked up at a time. */
const CHUNK = 250;

/**
 * @param from a slot, the first that nobody has accounted for
 * @param now milliseconds since the epoch
 * @param reach how far back a slot may lie to be run, in milliseconds
 */
export function slotsCome(schedule: Schedule, from: Date, now: number, reach: number): ComeSlots {
  const edge = now - reach;
  const missed = { count: 0, first: from, last: from, exact: true };
  const miss = (slot: Date) => {
    missed.count += 1;
    missed.last = slot;
  };
  const inside: Date[] = [];
  for (const slot of slotsFrom(schedule, from)) {
    if (slot.getTime() > now) break;
    if (slot.getTime() < edge) miss(slot);
    else inside.push(slot);
    if (inside.length > MOST_INSIDE) miss(inside.shift() ?? slot);
    if (missed.count === MOST_COUNTED && inside.length === 0) return reckoned(schedule, missed, now, reach);
  }
  return { missed: missed.count === 0 ? null : missed, inside };
}

function* slotsFrom(schedule: Schedule, from: Date): Generator<Date, void> {
  yield from;
  let last = from;
  while (true) {
    const next = nextSlots(schedule, last.getTime(), CHUNK);
    yield* next;
    if (next.length < CHUNK) return;
    last = next.at(-1) ?? last;
  }
}

/** Skips to the edge of the reach: what lies between is about as dense as what was counted. */
function reckoned(
  schedule: Schedule,
  counted: NonNullable<ComeSlots["missed"]>,
  now: number,
  reach: number,
): ComeSlots {
  const edge = now - reach;
  const pace = (counted.last.getTime() - counted.first.getTime()) / (counted.count - 1);
  const last = counted.last.getTime();
  let near = edge;
  let start: Date | undefined;
  // Further and further back, over nights and weekends, until there is a slot between there and now.
  for (let back = 3 * Math.max(pace, periodMs(schedule, edge) ?? 0); near > last; back *= 2) {
    near = Math.max(last, edge - back);
    start = nextSlots(schedule, near, 1)[0];
    if (start && start.getTime() <= now) break;
  }
  if (!start || start.getTime() > now) return { missed: counted, inside: [] };
  const between = Math.round((near - last) / pace);
  const rest = slotsCome(schedule, start, now, reach);
  return {
    missed: {
      count: counted.count + between + (rest.missed?.count ?? 0),
      first: counted.first,
      last: rest.missed?.last ?? counted.last,
      exact: between === 0,
    },
    inside: rest.inside,
  };
}
