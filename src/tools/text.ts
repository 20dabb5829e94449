/** Text as it may be stored, cut and shown. */

/** NUL, which PostgreSQL stores in no text, and halves of surrogate pairs, which its jsonb refuses. */
const NUL = /\u0000/g;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** A text without what PostgreSQL refuses. */
export const storableText = (text: string): string => text.replace(NUL, "").replace(LONE_SURROGATE, "\uFFFD");

/** A JSON-like value whose every text and key is storable. */
export function storable(value: unknown): unknown {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [storableText(key), storable(each)]));
}

/** Cuts a text to `max` UTF-16 units, never within a character. */
export function cut(text: string, max: number): { readonly text: string; readonly truncated: boolean } {
  if (text.length <= max) return { text, truncated: false };
  const last = text.charCodeAt(max - 1);
  return { text: text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max), truncated: true };
}

/** Controls, and characters that reorder or hide what stands beside them. */
const DECEPTIVE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A text as an approver must see it: what cannot be seen, or would reorder the rest, is written out as `\u{202e}`. */
export const visible = (text: string): string =>
  text.replace(DECEPTIVE, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);

/** The lines of a new text in a diff. */
export const addedLines = (text: string): readonly string[] =>
  text.split(/\r\n|\n/).map((line) => `+ ${visible(line)}`);
