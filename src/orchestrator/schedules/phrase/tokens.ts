/** A phrase cut into words, numbers and marks, each knowing where it stands, so that an instruction keeps its bytes. */

export type TokenKind = "word" | "number" | "mark" | "other";

export interface Token {
  /** `other` is what no schedule is made of: URLs, quoted text, other alphabets. It is never looked into. */
  readonly kind: TokenKind;
  /** Lower case, typographic marks as plain ones. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** True when white space or the beginning stands before it. */
  readonly leads: boolean;
}

const QUOTES: Readonly<Record<string, string>> = { '"': '"', "“": "”", "«": "»", "`": "`", "„": "“" };
const PLAIN_MARKS: Readonly<Record<string, string>> = {
  "–": "-",
  "—": "-",
  "−": "-",
  "‐": "-",
  "‑": "-",
  "’": "'",
  "‘": "'",
};
/** Marks that may end a phrase or part it, and mean nothing by themselves. */
export const ENDING_MARKS: ReadonlySet<string> = new Set([",", ".", ";", ":", "!", "?", ")"]);

const isSpace = (char: string): boolean =>
  char === " " || char === "\n" || char === "\t" || (char > "~" && /\s/.test(char)) || char === "\r";
const isDigit = (char: string): boolean => char >= "0" && char <= "9";
const isLetter = (char: string): boolean => (char >= "a" && char <= "z") || (char >= "A" && char <= "Z");

/** A chunk (text without white space) that holds anything else than letters, digits and these marks is opaque. */
const MARKS: ReadonlySet<string> = new Set([..."'.,:;/&+-()!?@*_", ...Object.keys(PLAIN_MARKS)]);

function isOpaque(chunk: string): boolean {
  if (chunk.includes("://")) return true;
  for (const char of chunk) if (!isLetter(char) && !isDigit(char) && !MARKS.has(char)) return true;
  return false;
}

function cutChunk(text: string, start: number, end: number, tokens: Token[]): void {
  let at = start;
  while (at < end) {
    const from = at;
    const char = text.charAt(at);
    let kind: TokenKind = "mark";
    at += 1;
    if (isDigit(char)) {
      kind = "number";
      while (at < end && isDigit(text.charAt(at))) at += 1;
    } else if (isLetter(char)) {
      kind = "word";
      const inWord = (here: number): boolean =>
        isLetter(text.charAt(here)) || (PLAIN_MARKS[text.charAt(here)] ?? text.charAt(here)) === "'";
      while (at < end && inWord(at)) at += 1;
    }
    const raw = text.slice(from, at).toLowerCase();
    const plain = kind === "word" ? raw.replaceAll("’", "'") : (PLAIN_MARKS[raw] ?? raw);
    tokens.push({ kind, text: plain, start: from, end: at, leads: from === start });
  }
}

/** Cuts a phrase; linear in its length. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const unclosed = new Set<string>();
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (isSpace(char)) {
      at += 1;
      continue;
    }
    const closing = QUOTES[char];
    if (closing !== undefined && !unclosed.has(char)) {
      const end = text.indexOf(closing, at + 1);
      if (end < 0) unclosed.add(char);
      else {
        tokens.push({ kind: "other", text: "", start: at, end: end + 1, leads: true });
        at = end + 1;
        continue;
      }
    }
    let end = at + 1;
    while (end < text.length && !isSpace(text.charAt(end))) end += 1;
    if (isOpaque(text.slice(at, end))) tokens.push({ kind: "other", text: "", start: at, end, leads: true });
    else cutChunk(text, at, end, tokens);
    at = end;
  }
  return tokens;
}
