/** PostgreSQL's text and jsonb take neither NUL nor halves of surrogate pairs; odd input must not undo a whole change. */
const UNSTORABLE = /\u0000|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
/** What may hold something of it: most texts are told apart at a glance. */
const SUSPECT = /[\u0000\uD800-\uDFFF]/;

export const storableText = (text: string): string => (SUSPECT.test(text) ? text.replace(UNSTORABLE, "\uFFFD") : text);

/**
 * A JSON value as it will be read back from a jsonb column: every string in it storable, what JSON cannot hold dropped,
 * undefined become null, and the keys of objects in jsonb's order. So what was just written need not be read back.
 * @throws TypeError for a BigInt, as `JSON.stringify` does
 */
export const storable = (value: unknown): unknown => kept(value, "") ?? null;

/** As `JSON.stringify` and `JSON.parse` would leave it, without a text in between. @returns undefined for what JSON drops */
function kept(value: unknown, key: string): unknown {
  switch (typeof value) {
    case "string":
      return storableText(value);
    case "number":
      return Number.isFinite(value) ? value + 0 : null;
    case "boolean":
      return value;
    case "bigint":
      throw new TypeError("a BigInt is no JSON");
    case "object":
      return value === null ? null : keptObject(value, key);
    default:
      return undefined;
  }
}

function keptObject(value: object, key: string): unknown {
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === "function") return kept(toJSON.call(value, key), key);
  if (Array.isArray(value)) return value.map((of: unknown, at) => kept(of, String(at)) ?? null);
  if (value instanceof String || value instanceof Number || value instanceof Boolean) return kept(value.valueOf(), key);
  const entries: (readonly [string, unknown])[] = [];
  for (const [name, of] of Object.entries(value)) {
    const one = kept(of, name);
    if (one !== undefined) entries.push([storableText(name), one]);
  }
  return Object.fromEntries(entries.sort(([a], [b]) => byJsonbOrder(a, b)));
}

const BEYOND_ASCII = /[^\u0000-\u007F]/;

/** Shorter keys first, then byte by byte (PostgreSQL, `lengthCompareJsonbString`). */
function byJsonbOrder(a: string, b: string): number {
  if (!BEYOND_ASCII.test(a) && !BEYOND_ASCII.test(b)) return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length - right.length || Buffer.compare(left, right);
}
