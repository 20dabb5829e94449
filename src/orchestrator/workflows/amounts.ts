/** Amounts as people write and read them: durations and dollars. Pure. */

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  sec: 1_000,
  second: 1_000,
  seconds: 1_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
};

/** A duration above a year is a slip of the keyboard. */
export const LONGEST_MS = 366 * 86_400_000;

/**
 * Reads `30s`, `5 min`, `72h` or `1h 30m`. A number without a unit is refused: nobody should have to guess it.
 * @returns milliseconds, a whole number; null when the text is no duration of at most `longestMs`, a year when left out
 */
export function parseDuration(text: string, longestMs = LONGEST_MS): number | null {
  const whole = text.trim().toLowerCase();
  if (!/^(?:\d+(?:\.\d+)?\s*[a-z]+\s*)+$/.test(whole)) return null;
  let total = 0;
  for (const [, amount, unit] of whole.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const factor = Object.hasOwn(UNITS, unit ?? "") ? UNITS[unit ?? ""] : undefined;
    if (factor === undefined) return null;
    total += Number(amount) * factor;
  }
  return total <= longestMs ? Math.round(total) : null;
}

const WORDS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** `30 s`, `5 min`, `1 h 30 min`, `3 d`: what {@link parseDuration} reads as the same again. @param ms milliseconds */
export function durationWords(ms: number): string {
  const parts: string[] = [];
  let left = Math.round(ms);
  for (const [unit, length] of WORDS) {
    const count = Math.floor(left / length);
    if (count > 0) parts.push(`${count} ${unit}`);
    left -= count * length;
  }
  if (left > 0 || parts.length === 0) parts.push(left > 0 ? `${left} ms` : "0 s");
  return parts.join(" ");
}

/** `$0.50`, `$2`. @param micros millionths of a dollar */
export function dollarWords(micros: number): string {
  const digits = micros % 10_000 === 0 ? 2 : 6;
  return `$${(micros / 1e6)
    .toFixed(digits)
    .replace(/\.00$/, "")
    .replace(/(\.\d\d\d*?)0+$/, "$1")}`;
}

/** Reads `$0.50`, `0.5`, `2 dollars`. @returns millionths of a dollar; null when the text is none, or beyond a million */
export function parseDollars(text: string): number | null {
  const match = /^\$?\s*(\d{1,7}(?:\.\d{1,6})?)\s*(?:\$|dollars?|usd)?$/i.exec(text.trim());
  const micros = match ? Math.round(Number(match[1]) * 1e6) : Number.NaN;
  return micros <= 1e12 ? micros : null;
}
