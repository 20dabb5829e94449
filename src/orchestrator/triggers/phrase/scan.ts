/** Reading a phrase from left to right, never back: linear in its length. Pure. */

const CLOSING: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "`": "`",
  "“": '”"',
  "”": '”"',
  "„": "“”",
  "«": "»",
  "‘": "’'",
};

/** A place in a text. */
export interface Cursor {
  readonly text: string;
  at: number;
}

/** Takes what matches here. @param pattern sticky */
export function take(cursor: Cursor, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = cursor.at;
  const match = pattern.exec(cursor.text);
  if (match) cursor.at = pattern.lastIndex;
  return match;
}

/** Takes what stands between quotes, whichever they are; `\` before a sign takes it as it is. Null when there is none. */
export function takeQuoted(cursor: Cursor): string | null {
  const { text } = cursor;
  const closing = CLOSING[text.charAt(cursor.at)];
  if (closing === undefined) return null;
  let said = "";
  for (let at = cursor.at + 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (closing.includes(char)) {
      cursor.at = at + 1;
      return said;
    }
    const next = text.charAt(at + 1);
    if (char === "\\" && (next === "\\" || closing.includes(next))) {
      said += next;
      at += 1;
    } else said += char;
  }
  return null;
}

/** Takes `/…/ims`. Null when it is none. */
export function takeRegex(cursor: Cursor): { readonly source: string; readonly flags: string } | null {
  const { text } = cursor;
  if (text.charAt(cursor.at) !== "/") return null;
  for (let at = cursor.at + 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === "\\") at += 1;
    else if (char === "/") {
      const flags = /[a-z]*(?![^\s,.;:])/y;
      flags.lastIndex = at + 1;
      const found = flags.exec(text);
      const source = text.slice(cursor.at + 1, at);
      if (!found || source === "") return null;
      cursor.at = flags.lastIndex;
      return { source, flags: found[0] };
    }
  }
  return null;
}

/** Takes a JSON object, typographic quotes allowed. Null when it is none. */
export function takeObject(cursor: Cursor): Record<string, unknown> | null {
  const { text } = cursor;
  if (text.charAt(cursor.at) !== "{") return null;
  let depth = 0;
  let inText = false;
  for (let at = cursor.at; at < text.length; at++) {
    const char = text.charAt(at);
    if (inText) {
      if (char === "\\") at += 1;
      else if (char === '"' || char === "”" || char === "“") inText = false;
    } else if (char === '"' || char === "“" || char === "”") inText = true;
    else if (char === "{") depth += 1;
    else if (char === "}") depth -= 1;
    if (depth > 0) continue;
    try {
      const value: unknown = JSON.parse(text.slice(cursor.at, at + 1).replace(/[“”]/gu, '"'));
      if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
      cursor.at = at + 1;
      return value as Record<string, unknown>;
    } catch {
      return null;
    }
  }
  return null;
}

/** Takes `$…` up to a blank that is in no brackets and no quotes. Null when it is none. */
export function takePath(cursor: Cursor): string | null {
  const { text } = cursor;
  if (text.charAt(cursor.at) !== "$") return null;
  let depth = 0;
  let quote = "";
  let at = cursor.at;
  for (; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote !== "") {
      if (char === "\\") at += 1;
      else if (char === quote) quote = "";
    } else if (depth > 0 && (char === '"' || char === "'")) quote = char;
    else if (char === "[") depth += 1;
    else if (char === "]") depth -= 1;
    else if (depth <= 0 && /\s/u.test(char)) break;
  }
  const path = text.slice(cursor.at, at).replace(/[,;:]+$/u, "");
  cursor.at += path.length;
  return path;
}

/** Text between quotes as it is read again. */
export const quoted = (text: string): string => `"${text.replace(/[\\"”]/gu, (char) => `\\${char}`)}"`;
