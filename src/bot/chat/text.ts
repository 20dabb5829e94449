/** Text that every chat platform takes. Pure. */

/**
 * One line for where nothing is parsed, cut at a word.
 * @param most UTF-16 units
 * @returns never an empty text, which platforms refuse
 */
export function plainWithin(text: string, most: number, whenEmpty = "…"): string {
  const line = wellFormed(text).replace(/\s+/gu, " ").trim();
  if (line.length <= most) return line === "" ? whenEmpty : line;
  let end = 0;
  for (const letter of line) {
    if (end + letter.length > most - 1) break;
    end += letter.length;
  }
  const blank = line.lastIndexOf(" ", end);
  return `${line.slice(0, blank > end * 0.6 ? blank : end)}…`;
}

/** Without control characters (line ends stay, tabs become blanks) and halves of characters, which JSON cannot carry. */
export const wellFormed = (text: string): string =>
  text
    .replace(/\r\n?|[\u2028\u2029]/gu, "\n")
    .replace(/\t/gu, "    ")
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|\p{Cs}/gu, "");
