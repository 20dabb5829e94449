/**
 * Patterns for tools, places and arguments: letters as they stand, and `*` for any of them. Pure.
 * There is nothing in them that could run away: a match costs at most length of pattern × length of text.
 */
import { canonicalJson } from "../ids.ts";

/** Characters of a pattern. */
export const MAX_PATTERN = 300;

/** Letters to match one by one; null for any number of them. `\\*` is a star, `\\n` a line's end. */
function tokensOf(pattern: string): (string | null)[] {
  const tokens: (string | null)[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern[at] ?? "";
    const next = pattern[at + 1];
    if (letter === "\\" && (next === "*" || next === "\\" || next === "n")) {
      tokens.push(next === "n" ? "\n" : next);
      at++;
    } else tokens.push(letter === "*" ? null : letter);
  }
  return tokens;
}

/** The pattern that fits this text alone. */
export const literal = (text: string): string =>
  text.replace(/[\\*\n]/g, (letter) => (letter === "\n" ? "\\n" : `\\${letter}`));

/** Whether the whole text fits the pattern. */
export function fits(pattern: string, text: string): boolean {
  const tokens = tokensOf(pattern);
  let at = 0;
  let from = 0;
  /** The last `*`, and what it has eaten up to. */
  let star = -1;
  let eaten = 0;
  while (at < text.length) {
    if (tokens[from] === null) {
      star = from++;
      eaten = at;
    } else if (tokens[from] === text[at]) {
      from++;
      at++;
    } else if (star >= 0) {
      from = star + 1;
      at = ++eaten;
    } else return false;
  }
  while (tokens[from] === null) from++;
  return from === tokens.length;
}

/** It fits one text alone. */
export const isFixed = (pattern: string): boolean => !tokensOf(pattern).includes(null);

/** One spelling of a place: hosts, channels and repositories do not tell capitals apart, `#ops` and `ops` are one channel. */
export const placeOf = (place: string): string =>
  place
    .trim()
    .toLowerCase()
    .replace(/^#/, "")
    .replace(/\.(?=:\d+$|$)/, "");

/** Whether a place is one of those that the patterns name. `strict`: with its port; else a pattern without one means any. */
export function isAt(patterns: readonly string[], place: string, strict: boolean): boolean {
  const known = placeOf(place);
  const spellings = strict ? [known] : [known, known.replace(/:\d+$/, "")];
  return patterns.some((pattern) => spellings.some((spelling) => fits(placeOf(pattern), spelling)));
}

/**
 * Whether a call's arguments fit patterns by their name. An argument that is not there fits `*` alone; of a list each entry
 * must fit; what is no text is compared as canonical JSON.
 * @param loose capitals do not count: for what is forbidden
 */
export function argumentsFit(patterns: Readonly<Record<string, string>>, input: unknown, loose: boolean): boolean {
  const given = typeof input === "object" && input !== null ? (input as Record<string, unknown>) : {};
  return Object.entries(patterns).every(([name, pattern]) => {
    if (!Object.hasOwn(given, name) || given[name] === undefined) return pattern === "*";
    const value = given[name];
    const texts =
      Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string")
        ? (value as string[])
        : [argumentText(value)];
    const one = (text: string) => (loose ? fits(pattern.toLowerCase(), text.toLowerCase()) : fits(pattern, text));
    // Forbidden is a list with one such entry; allowed only a list of nothing else.
    return loose ? texts.some(one) : texts.every(one);
  });
}

/** An argument as a pattern sees it. */
export const argumentText = (value: unknown): string => (typeof value === "string" ? value : canonicalJson(value));
