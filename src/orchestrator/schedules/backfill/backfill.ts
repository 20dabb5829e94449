/** Which past slots a person wants run after all. Pure. */
import { ClawError } from "../../errors.ts";
import { DAY, dateOfDay, dayNumber, MINUTE } from "../civil.ts";
import type { FiringOutcome } from "../firing.ts";
import type { Schedule } from "../schedule.ts";
import { nextSlots } from "../slots.ts";
import { place, wallAt } from "../wall.ts";

/** Slots of one backfill at most. */
export const MOST_SLOTS = 500;
/** How far back it may reach: a year; milliseconds. */
const MOST_BACK_MS = 366 * DAY;

/** Whole minutes since the epoch; `until` is not in it any more. */
export interface Range {
  readonly from: number;
  readonly until: number;
}

interface Moment {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The first moment after it: the next day for a date, the next minute for a time. */
  readonly after: number;
}

const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d{1,2}):(\d\d)(Z|[+-]\d\d:\d\d)?)?$/iu;

/**
 * Reads `today`, `yesterday`, `now`, `2026-11-01`, `2026-11-01T09:00`, and the latter with `Z` or an offset.
 * @returns null for any other text and for days and times that do not exist
 */
export function momentOf(text: string, zone: string, now: number): Moment | null {
  const day = (number: number): Moment => ({ at: place(zone, number * DAY), after: place(zone, (number + 1) * DAY) });
  const today = Math.floor(wallAt(zone, now) / DAY);
  const word = text.toLowerCase();
  if (word === "today") return day(today);
  if (word === "yesterday") return day(today - 1);
  if (word === "now") return { at: now, after: now };
  const match = DATE.exec(text);
  if (!match) return null;
  const [year, month, date, hour, minute] = match.slice(1, 6).map(Number);
  if (year === undefined || month === undefined || date === undefined) return null;
  const number = dayNumber(year, month, date);
  const back = dateOfDay(number);
  if (back.month !== month || back.day !== date) return null;
  if (match[4] === undefined || hour === undefined || minute === undefined) return day(number);
  if (hour > 23 || minute > 59) return null;
  const wall = number * DAY + (hour * 60 + minute) * MINUTE;
  const offset = match[6];
  const at = offset === undefined ? place(zone, wall) : wall - offsetOf(offset);
  return { at, after: at + MINUTE };
}

function offsetOf(text: string): number {
  if (text.toUpperCase() === "Z") return 0;
  const [hours = 0, minutes = 0] = text.slice(1).split(":").map(Number);
  return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * MINUTE;
}

/**
 * The range between two moments, both in it, cut off before the present minute.
 * @param zone in which days and times without an offset are meant
 * @throws ClawError `invalid_input`: not a day or time, in the future, too long ago, the wrong way round
 */
export function rangeOf(from: string, to: string, zone: string, now: number): Range {
  const refuse = (why: string) => new ClawError("invalid_input", why);
  const [first, last] = [momentOf(from, zone, now), momentOf(to, zone, now)];
  if (!first || !last) {
    throw refuse(`There is no day or time "${first ? to : from}". Write them like 2026-11-01 or 2026-11-01T09:00.`);
  }
  if (first.at > now || last.at > now) throw refuse("A backfill is for times that have passed; these have not.");
  if (first.at >= last.after && first.at > last.at)
    throw refuse("It ends before it begins. The earlier time comes first.");
  if (first.at < now - MOST_BACK_MS) throw refuse("A backfill reaches at most one year back.");
  const range = {
    from: Math.ceil(first.at / MINUTE),
    until: Math.min(Math.ceil(last.after / MINUTE), Math.floor(now / MINUTE)),
  };
  if (range.from >= range.until) throw refuse("Nothing of this range has passed yet.");
  return range;
}

/** What a button carries: all that the question was about, to be checked again when it is pressed. */
export interface BackfillToken extends Range {
  readonly workflowId: string;
  /** The revision that the slots were counted by. */
  readonly revision: number;
  /** When it was asked, in milliseconds: makes two questions two messages. */
  readonly askedAt: number;
}

/** At most 80 characters. */
export const writeToken = (token: BackfillToken): string =>
  [
    token.workflowId,
    ...[token.from, token.until, token.revision, token.askedAt].map((number) => number.toString(36)),
  ].join("|");

const TOKEN =
  /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\|([0-9a-z]{1,7})\|([0-9a-z]{1,7})\|([0-9a-z]{1,6})\|([0-9a-z]{1,9})$/u;

/** @returns null for a value that no button of ours carries */
export function readToken(text: string): BackfillToken | null {
  const match = TOKEN.exec(text);
  if (!match) return null;
  const [from = 0, until = 0, revision = 0, askedAt = 0] = match.slice(2).map((part) => Number.parseInt(part, 36));
  return { workflowId: match[1] ?? "", from, until, revision, askedAt };
}

/** What is known of a slot already. */
export interface KnownFiring {
  readonly kind: "slot" | "backfill";
  readonly slot: Date;
  /** Null: it waits for its turn. */
  readonly outcome: FiringOutcome | null;
}

export interface BackfillSlots {
  /** To be run, oldest first, each with the key of its firing. */
  readonly slots: readonly { readonly slot: Date; readonly key: string }[];
  /** Left out: they ran, or their check found nothing to do. */
  readonly ran: number;
  /** Left out: they wait for their turn already. */
  readonly queued: number;
}

/** The slots of a schedule in a range; more than {@link MOST_SLOTS} when there are too many. */
export const slotsIn = (schedule: Schedule, range: Range, before: number): Date[] =>
  nextSlots(schedule, range.from * MINUTE - 1, MOST_SLOTS + 1).filter(
    (slot) => slot.getTime() < Math.min(range.until * MINUTE, before),
  );

/** Leaves out what needs no second run. A slot whose earlier backfill was dropped gets a key of its own. */
export function chooseSlots(slots: readonly Date[], known: readonly KnownFiring[]): BackfillSlots {
  const chosen: { slot: Date; key: string }[] = [];
  const left = { ran: 0, queued: 0 };
  for (const slot of slots) {
    const of = known.filter((firing) => firing.slot.getTime() === slot.getTime());
    if (of.some(({ outcome }) => outcome === "ran" || outcome === "nothing_to_do")) left.ran += 1;
    else if (of.some(({ outcome }) => outcome === null)) left.queued += 1;
    else {
      const before = of.filter(({ kind }) => kind === "backfill").length;
      chosen.push({ slot, key: slot.toISOString() + (before === 0 ? "" : `#${before + 1}`) });
    }
  }
  return { slots: chosen, ...left };
}

/** What the firing of a backfilled slot carries. */
export interface BackfillPayload {
  readonly backfill: string;
}

/** The slot a run was backfilled for, as an ISO instant; null for every other payload. */
export function backfilledSlot(payload: unknown): string | null {
  if (typeof payload !== "object" || payload === null || Object.keys(payload).length !== 1) return null;
  const { backfill } = payload as Partial<BackfillPayload>;
  return typeof backfill === "string" && /^\d{4}-\d\d-\d\dT[\d:.]{5,12}Z$/u.test(backfill) ? backfill : null;
}
