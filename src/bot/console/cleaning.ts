/** What PostgreSQL and a page can hold. Pure. */

/**
 * Without NUL and half surrogates, which neither `text` nor `jsonb` can store, and without the other control
 * characters, which nobody can see. Tabs and line ends stay.
 */
export const clean = (text: string): string =>
  text
    .replace(/\r\n?/g, "\n")
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "")
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");

/** The same for every string in a JSON value. */
export function storable<T>(value: T): T {
  const walk = (v: unknown): unknown => {
    if (typeof v === "string") return clean(v);
    if (Array.isArray(v)) return v.map(walk);
    if (v === null || typeof v !== "object") return v;
    return Object.fromEntries(Object.entries(v).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(value) as T;
}
