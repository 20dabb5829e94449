/**
 * Days of the proleptic Gregorian calendar as whole numbers since 1970-01-01, and wall-clock time as milliseconds since
 * 1970-01-01T00:00 with no zone. Plain arithmetic: a million slots must not cost a million date objects.
 */
export const MINUTE = 60_000;
export const DAY = 86_400_000;

export interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

/** The number of a date; a day past the end of its month runs on into the next. */
export function dayNumber(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

export function dateOfDay(number: number): CivilDate {
  const z = number + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  };
}

/** 0 is Monday, 6 is Sunday. */
export function weekdayOfDay(number: number): number {
  return (((number + 3) % 7) + 7) % 7;
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** `09:05`, or `09:05:07` when the seconds are not zero. */
export function clockText(wall: number): string {
  const seconds = Math.floor((((wall % DAY) + DAY) % DAY) / 1000);
  const text = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}`;
  return seconds % 60 === 0 ? text : `${text}:${two(seconds % 60)}`;
}

/** `2026-11-24T09:05:00`, as a calendar schedule stores its start. */
export function wallText(wall: number): string {
  const { year, month, day } = dateOfDay(Math.floor(wall / DAY));
  const clock = clockText(wall);
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${clock.length === 5 ? `${clock}:00` : clock}`;
}

/** Reads `2026-11-24T09:05:00` or RFC 5545's `20261124T090500` (a final `Z` is ignored); null for anything else. */
export function wallOf(text: string): number | null {
  const digits = text.replace(/[-:TZ]/g, "");
  if (!/^\d{14}$/.test(digits)) return null;
  const part = (from: number, to: number): number => Number(digits.slice(from, to));
  const day = dayNumber(part(0, 4), part(4, 6), part(6, 8));
  return day * DAY + part(8, 10) * 3_600_000 + part(10, 12) * MINUTE + part(12, 14) * 1000;
}

/** An instant as schedules store it: whole seconds, UTC. */
export function instantText(ms: number): string {
  return `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
