/** "On the first Monday or Tuesday": two phrases, of which one is meant. */
import { isTimeWord } from "./leftover.ts";
import type { Token } from "./tokens.ts";
import { numberNamed, ordinalNamed } from "./vocabulary.ts";

/** What is joined by an `or` is at most this many words long. */
const LONGEST = 3;

const isOfTime = (token: Token | undefined): boolean =>
  token !== undefined &&
  (isTimeWord(token) ||
    numberNamed(token.text) !== null ||
    ordinalNamed(token.text) !== null ||
    ["every", "each", "on", "at", "in", "the", "am", "pm", "st", "nd", "rd", "th", "last"].includes(token.text));

/** Where the word of the token begins and where it ends; several tokens without white space are one word. */
function wordsFrom(tokens: readonly Token[], at: number, count: number, step: -1 | 1): number {
  let here = at;
  for (let left = count; left > 0; here += step) {
    const token = tokens[here];
    if (token === undefined) return -1;
    const ends = step === -1 ? token.leads : (tokens[here + 1]?.leads ?? true);
    if (ends) left -= 1;
    if (left === 0) return here;
  }
  return -1;
}

/** The phrase without one side of an `or` between two times, and without the other; several ways to cut them, if any. */
export function alternatives(text: string, tokens: readonly Token[]): readonly (readonly [string, string])[] {
  const joints = tokens.flatMap((token, at) =>
    token.text === "or" && isOfTime(tokens[at - 1]) && isOfTime(tokens[at + 1]) ? [at] : [],
  );
  const [at] = joints;
  // Two of them are more than one question.
  if (at === undefined || joints.length > 1) return [];
  const found: [string, string][] = [];
  for (let count = 1; count <= LONGEST; count++) {
    const from = wordsFrom(tokens, at - 1, count, -1);
    const to = wordsFrom(tokens, at + 1, count, 1);
    const [first, joint, last] = [tokens[from], tokens[at], tokens[to]];
    if (first === undefined || joint === undefined || last === undefined) continue;
    const plain = (kept: string): string => kept.replace(/ +/g, " ").trim();
    found.push([
      plain(text.slice(0, joint.start) + text.slice(last.end)),
      plain(text.slice(0, first.start) + text.slice(joint.end)),
    ]);
  }
  return found;
}
