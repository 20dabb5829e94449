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
