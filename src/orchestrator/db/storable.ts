/** PostgreSQL's text and jsonb take neither NUL nor halves of surrogate pairs; odd input must not undo a whole change. */
const UNSTORABLE = /\u0000|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

export const storableText = (text: string): string => text.replace(UNSTORABLE, "\uFFFD");

/**
 * A JSON value as it will be read back from a jsonb column: every string in it storable, what JSON cannot hold dropped,
 * undefined become null, and the keys of objects in jsonb's order. So what was just written need not be read back.
 */
export function storable(value: unknown): unknown {
  if (value === undefined) return null;
  return inOrder(
    JSON.parse(JSON.stringify(value, (_key, at: unknown) => (typeof at === "string" ? storableText(at) : at))),
  );
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, of]) => [storableText(key), inOrder(of)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => byJsonbOrder(a, b)));
}

/** Shorter keys first, then byte by byte (PostgreSQL, `lengthCompareJsonbString`). */
function byJsonbOrder(a: string, b: string): number {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length - right.length || Buffer.compare(left, right);
}
