/** Numbers and ranks in digits and words. */
import type { Cursor } from "./cursor.ts";
import { numberNamed, ordinalNamed } from "./vocabulary.ts";

function wordNumber(cursor: Cursor): number | null {
  const first = numberNamed(cursor.word);
  if (first === null) return null;
  cursor.at += 1;
  if (first < 20 || first > 90) return first;
  const units = cursor.attempt((c) => {
    c.mark("-");
    const value = numberNamed(c.word);
    if (value === null || value === 0 || value > 9) return null;
    c.at += 1;
    return value;
  });
  return first + (units ?? 0);
}

/** `15`, `fifteen`, `forty-five`; at most six digits. */
export function readWhole(cursor: Cursor): number | null {
  const digits = cursor.digits(6);
  if (digits !== null) return Number(digits);
  return cursor.attempt(wordNumber);
}

const long = (digits: string | null): number | null => (digits === null ? null : Number(digits));

/** Also `1.5`, and up to ten digits. */
export function readAmount(cursor: Cursor): number | null {
  const whole = readWhole(cursor) ?? long(cursor.digits(10));
  if (whole === null) return null;
  if (cursor.takeAll("and", "a", "half")) return whole + 0.5;
  if (whole === 3 && cursor.takeAll("quarters", "of", "an")) return 0.75;
  const tenths = cursor.attempt((c) => {
    if (c.peek().leads || c.mark(".") === null || c.peek().leads) return null;
    return c.digits(2);
  });
  return tenths === null ? whole : whole + Number(`0.${tenths}`);
}

/** `1st`, `22nd`, `third`, `twenty-first`. */
export function readOrdinal(cursor: Cursor): number | null {
  return cursor.attempt((c) => {
    const digits = c.digits(2);
    if (digits !== null) return !c.peek().leads && c.take("st", "nd", "rd", "th") !== null ? Number(digits) : null;
    const plain = ordinalNamed(c.word);
    if (plain !== null) {
      c.at += 1;
      return plain;
    }
    const tens = c.take("twenty", "thirty");
    if (tens === null) return null;
    c.mark("-");
    const units = ordinalNamed(c.word);
    if (units === null || units > 9) return null;
    c.at += 1;
    return (tens === "twenty" ? 20 : 30) + units;
  });
}
