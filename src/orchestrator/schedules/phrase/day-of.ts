/** The day that a date means, seen from today. */
import { dateOfDay, dayNumber, daysInMonth, weekdayOfDay } from "../civil.ts";
import type { DateSaid } from "./date.ts";

/** A date that has one reading. */
export type SingleDate = Exclude<DateSaid, { kind: "either" | "options" }>;

export type DayFound =
  | {
      readonly kind: "day";
      readonly day: number;
      /** A year was said, or it follows from today. */
      readonly certain: boolean;
    }
  | { readonly kind: "none"; readonly reason: string };

const certainly = (day: number): DayFound => ({ kind: "day", day, certain: true });

function monthFrom(today: number, months: number): { readonly year: number; readonly month: number } {
  const date = dateOfDay(today);
  const total = date.year * 12 + date.month - 1 + months;
  return { year: Math.floor(total / 12), month: (total % 12) + 1 };
}

/** "the 15th": of this month when it is still to come, otherwise of the next month that has one. */
function dayOfMonth(day: number, months: number | undefined, today: number): DayFound {
  const tries = months === undefined ? [0, 1, 2, 3] : [months];
  for (const ahead of tries) {
    const { year, month } = monthFrom(today, ahead);
    if (day > daysInMonth(year, month)) continue;
    const found = dayNumber(year, month, day);
    if (found >= today) return certainly(found);
  }
  return { kind: "none", reason: `there is no day ${day} in that month` };
}

function edgeOf(said: Extract<DateSaid, { kind: "edge" }>, today: number): number {
  const { of, ahead, last } = said;
  if (of === "week") return today - weekdayOfDay(today) + ahead * 7 + (last ? 6 : 0);
  const date = dateOfDay(today);
  const length = of === "month" ? 1 : of === "quarter" ? 3 : 12;
  const first = date.year * 12 + date.month - 1 - ((date.month - 1) % length) + ahead * length;
  const total = first + (last ? length : 0);
  return dayNumber(Math.floor(total / 12), (total % 12) + 1, 1) - (last ? 1 : 0);
}

const NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** The day a date means, seen from `today` (a day number); without a year it is the next such day, today included. */
export function dayOf(said: SingleDate, today: number): DayFound {
  switch (said.kind) {
    case "days":
      return certainly(today + said.days);
    case "weekday": {
      if (said.weeks !== undefined) return certainly(today - weekdayOfDay(today) + said.weeks * 7 + said.weekday);
      return certainly(today + 1 + ((said.weekday - weekdayOfDay(today + 1) + 7) % 7) + 7 * (said.later ?? 0));
    }
    case "months": {
      const { year, month } = monthFrom(today, said.months);
      return certainly(dayNumber(year, month, Math.min(dateOfDay(today).day, daysInMonth(year, month))));
    }
    case "monthday":
      return dayOfMonth(said.day, said.months, today);
    case "edge":
      return certainly(edgeOf(said, today));
    case "monthStart":
      return dayOf({ kind: "date", year: said.year, month: said.month, day: 1, weekday: null }, today);
    case "monthEnd": {
      const now = dateOfDay(today);
      const year = said.year ?? now.year + (said.month < now.month ? 1 : 0);
      return certainly(dayNumber(year, said.month, daysInMonth(year, said.month)));
    }
    case "date": {
      const { month, day, weekday } = said;
      if (month < 1 || month > 12 || day < 1) return { kind: "none", reason: "that date does not exist" };
      const thisYear = dateOfDay(today).year;
      const years = said.year === null ? Array.from({ length: 9 }, (_, n) => thisYear + n) : [said.year];
      const days = years.flatMap((year) => (day <= daysInMonth(year, month) ? [dayNumber(year, month, day)] : []));
      const found = said.year === null ? days.find((n) => n >= today) : days[0];
      if (found === undefined) return { kind: "none", reason: `there is no day ${day} in that month` };
      if (weekday !== null && weekdayOfDay(found) !== weekday) {
        return { kind: "none", reason: `that date is a ${NAMES[weekdayOfDay(found)]}, not a ${NAMES[weekday]}` };
      }
      return { kind: "day", day: found, certain: said.year !== null };
    }
  }
}
