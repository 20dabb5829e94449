/** Whether a message is one that a trigger waits for. Pure, and linear in the message whatever the expression. */
import { RE2JS } from "re2js";
import type { Match } from "./trigger.ts";

/** Longer messages are looked at up to here; characters. */
const MOST = 20_000;

/** Compiles as {@link Match} says. @throws what re2js says of an expression that it cannot read */
const compile = ({ source, flags }: Extract<Match, { kind: "regex" }>): RE2JS =>
  RE2JS.compile(
    source,
    (flags.includes("i") ? RE2JS.CASE_INSENSITIVE : 0) |
      (flags.includes("s") ? RE2JS.DOTALL : 0) |
      (flags.includes("m") ? RE2JS.MULTILINE : 0),
  );

/** What is wrong with an expression, in words; null when it can be used. */
export function matchFault(match: Match): string | null {
  if (match.kind !== "regex") return null;
  const strange = match.flags.replace(/[ims]/gu, "");
  if (strange !== "") return `after /${match.source}/ I know the letters i, m and s, not ${strange}`;
  try {
    compile(match);
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^error parsing regexp:\s*/u, "") : "";
    return `/${match.source}/ cannot be used (${why}); expressions are RE2: no lookaround, no backreferences`;
  }
}

const plain = (text: string): string => text.normalize("NFKC").toLowerCase().replace(/\s+/gu, " ").trim();
const isWord = (char: string): boolean => /[\p{L}\p{N}_]/u.test(char);

/** Words stand for themselves, in any case, not inside of longer words. */
export function matches(match: Match, message: string): boolean {
  const text = message.slice(0, MOST);
  switch (match.kind) {
    case "any":
      return text.trim() !== "";
    case "regex":
      return compile(match).matcher(text).find();
    case "words": {
      const [words, within] = [plain(match.text), plain(text)];
      for (let at = within.indexOf(words); at >= 0; at = within.indexOf(words, at + 1)) {
        const [before, after] = [within.charAt(at - 1), within.charAt(at + words.length)];
        const begins = !isWord(words.charAt(0)) || !isWord(before);
        const ends = !isWord(words.charAt(words.length - 1)) || !isWord(after);
        if (begins && ends) return true;
      }
      return false;
    }
  }
}

/** An emoji as it is compared: without colons, skin tones and variation selectors. */
export const emojiName = (emoji: string): string =>
  emoji
    .trim()
    .replace(/^:|:$/gu, "")
    .replace(/::skin-tone-\d$/u, "")
    .replace(/[\u{1F3FB}-\u{1F3FF}\uFE0F]/gu, "")
    .toLowerCase();
