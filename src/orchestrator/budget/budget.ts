/** Money with a ceiling: what is refused, what is offered, when to warn. Whole millionths of a dollar throughout. Pure. */

/** Whose ceiling: the run's own, or the workspace's for one day in its zone. */
export type BudgetScope = "run" | "workspace_day";

/** A ceiling and what is used of it. */
export interface Budget {
  readonly limitMicros: number;
  readonly spentMicros: number;
  readonly reservedMicros: number;
}

/** Why a reservation was refused, with all that {@link Refusal.scope}'s ceiling says; the day's figures come along for the card. */
export interface Refusal extends Budget {
  /** The run's own ceiling is named first when both are too low. */
  readonly scope: BudgetScope;
  /** The most the call may cost. */
  readonly neededMicros: number;
  /** Spent and reserved by the whole workspace that day. */
  readonly dayMicros: number;
  readonly dayLimitMicros: number;
}

const NOTHING: Budget = { limitMicros: 0, spentMicros: 0, reservedMicros: 0 };
const CENT_MICROS = 10_000;
const WARN_AT = 0.75;

const usedMicros = (budget: Budget): number => budget.spentMicros + budget.reservedMicros;

/** What a call would still need below the ceiling; 0 when it fits. */
export const missingMicros = (budget: Budget, neededMicros: number): number =>
  Math.max(0, usedMicros(budget) + neededMicros - budget.limitMicros);

/** @param run null, as `day`: there is no such budget, and nothing may be spent */
export function refusalOf(run: Budget | null, day: Budget | null, neededMicros: number): Refusal {
  const runRefuses = run === null || (neededMicros > 0 && missingMicros(run, neededMicros) > 0);
  return {
    ...((runRefuses ? run : day) ?? NOTHING),
    scope: runRefuses ? "run" : "workspace_day",
    neededMicros,
    dayMicros: usedMicros(day ?? NOTHING),
    dayLimitMicros: day?.limitMicros ?? 0,
  };
}

/**
 * What *Allow $x more* adds: half of the configured ceiling, but at least what the refused call is short of, in whole cents.
 * @param ceilingMicros the ceiling as configured (the run's policy, or the workspace's day), before anybody raised it
 */
export function offerMicros(refusal: Refusal, ceilingMicros: number): number {
  const least = Math.max(ceilingMicros / 2, missingMicros(refusal, refusal.neededMicros));
  return Math.ceil(least / CENT_MICROS) * CENT_MICROS;
}

/** Three quarters of the ceiling are used: time to tell somebody. A ceiling of 0 is always reached. */
export const nearCeiling = (budget: Budget): boolean => usedMicros(budget) >= budget.limitMicros * WARN_AT;

/**
 * The day an instant belongs to, as `YYYY-MM-DD`.
 * @param now milliseconds since the epoch
 * @param zone IANA name; an unknown one throws a RangeError
 */
export function dayKey(now: number, zone: string): string {
  const minute = Math.floor(now / 60_000);
  const last = LAST.get(zone);
  if (last?.minute === minute) return last.day;
  const parts = dayFormat(zone).formatToParts(now);
  const part = (type: "year" | "month" | "day") => parts.find((each) => each.type === type)?.value ?? "";
  const day = `${part("year")}-${part("month")}-${part("day")}`;
  LAST.set(zone, { minute, day });
  return day;
}

/** What was asked last of each zone: many calls of many runs ask it, and no day begins within a minute. */
const LAST = new Map<string, { readonly minute: number; readonly day: string }>();

/** One a zone: making it takes a hundred times as long as using it. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

function dayFormat(zone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  FORMATS.set(zone, made);
  return made;
}

/** The last `count` days up to and including `day`, oldest first. Calendar days: no zone, no clock change. */
export function daysUpTo(day: string, count: number): string[] {
  const last = Date.parse(`${day}T00:00:00Z`);
  return Array.from({ length: count }, (_, i) =>
    new Date(last - (count - 1 - i) * 86_400_000).toISOString().slice(0, 10),
  );
}
