/** Amounts as people write them, and their zod types. Pure. */
import { z } from "zod";
import { LONGEST_MS, parseDuration } from "../orchestrator/workflows/amounts.ts";

/** A duration such as "5 min" to milliseconds, within bounds that `what` puts into words. */
export function duration(what: string, minMs = 1, maxMs = LONGEST_MS) {
  return z.string({ error: what }).transform((text, context) => {
    const ms = parseDuration(text, maxMs);
    if (ms !== null && ms >= minMs && ms <= maxMs) return ms;
    context.addIssue({ code: "custom", message: what });
    return z.NEVER;
  });
}

const DOLLARS = "must be an amount of dollars from 0 to 1000000, such as 0.5";
/** Dollars to millionths of a dollar, a whole number. */
export const dollars = z
  .number({ error: DOLLARS })
  .min(0, DOLLARS)
  .max(1_000_000, DOLLARS)
  .transform((amount) => Math.round(amount * 1_000_000));

/** A whole number within bounds. */
export function whole(min: number, max: number) {
  const what = `must be a whole number from ${min} to ${max}`;
  return z.int({ error: what }).min(min, what).max(max, what);
}

/** Minutes since midnight of `22:00`, `7:00` or `24:00`, which is midnight; null for any other text. */
export function minuteOfDay(text: string): number | null {
  const match = /^(\d{1,2}):([0-5]\d)$/.exec(text.trim());
  const minute = match ? Number(match[1]) * 60 + Number(match[2]) : Number.NaN;
  return minute <= 1440 ? minute % 1440 : null;
}

/** True for a day that exists, written `2026-12-25`. */
export function knownDate(text: string): boolean {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** The zone's usual spelling, or null when this machine knows no such IANA zone. */
export function knownZone(name: string): string | null {
  if (!/^[A-Za-z]/.test(name)) return null;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

export const parseUrl = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null);
