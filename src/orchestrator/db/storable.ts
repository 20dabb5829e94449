/** PostgreSQL's text and jsonb take neither NUL nor halves of surrogate pairs; odd input must not undo a whole change. */
const UNSTORABLE = /\u0000|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

export const storableText = (text: string): string => text.replace(UNSTORABLE, "\uFFFD");

/** A JSON value with every string in it storable; what JSON cannot hold is dropped, undefined becomes null. */
export function storable(value: unknown): unknown {
  if (value === undefined) return null;
  return JSON.parse(JSON.stringify(value, (_key, at: unknown) => (typeof at === "string" ? storableText(at) : at)));
}
