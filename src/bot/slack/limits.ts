/** What Slack refuses: measured in characters of what is sent, escapes included. Sources: docs.slack.dev/reference/block-kit. Pure. */
export const LIMITS = {
  blocks: 50,
  viewBlocks: 100,
  text: 3_000,
  buttonText: 75,
  buttonValue: 2_000,
  actionId: 255,
  actionsElements: 25,
  modalTitle: 24,
  modalButton: 24,
  privateMetadata: 3_000,
  inputLabel: 2_000,
  inputText: 3_000,
  placeholder: 150,
  options: 100,
  optionText: 75,
  /**
   * `msg_blocks_too_long` comes at about 13,200 characters of a message's blocks; Slack does not say how it counts
   * (slackapi/bolt-js #2509, #2867), so the whole JSON has to fit.
   */
  messageJson: 12_500,
  /** A view's JSON; Slack allows more, people do not read more. */
  viewJson: 60_000,
  /** The text of notifications and screen readers. Slack recommends at most 4,000. */
  fallback: 3_000,
} as const;

/** One line that Slack does not parse, at most so long, cut at a word. @returns never an empty text, which Slack refuses */
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
