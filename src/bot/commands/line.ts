/** A line as it arrives, made fit for reading: what cannot be seen or stored is gone, all else is as it was typed. Pure. */

/** Characters of an instruction, counted as people count them (an emoji of one code point is one). */
export const MAX_INSTRUCTION = 4_000;
/** Characters of a note or a reason. */
export const MAX_WORDS = 1_000;
/** A whole line: an instruction and its schedule. */
export const MAX_LINE = MAX_INSTRUCTION + 300;

const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/gu;
const BLANK = /[\s\u200B\u2060\uFEFF]/u;

/** Without control characters, halves of characters, blanks around it and `/claw` before it. */
export function cleanLine(text: string): string {
  const seen = text
    .replace(/\r\n?/gu, "\n")
    .replace(CONTROL, "")
    .replace(/\p{Surrogate}/gu, "\uFFFD");
  const line = trimmed(seen);
  const command = /^\/claw(?![^\s])/iu.exec(line);
  return command === null ? line : trimmed(line.slice(command[0].length));
}

export const lengthOf = (text: string): number => {
  let count = 0;
  for (const _ of text) count++;
  return count;
};

function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && BLANK.test(text.charAt(start))) start++;
  while (end > start && BLANK.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}
