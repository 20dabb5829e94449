/** What Discord refuses, in UTF-16 units of what is sent. Sources: docs.discord.com, components reference and message resource. Pure. */
export const LIMITS = {
  /** Without components of the second version. */
  content: 2_000,
  /** All text of a message of the second version together. */
  text: 4_000,
  /** Nested ones included. */
  components: 40,
  rowButtons: 5,
  classicRows: 5,
  customId: 100,
  buttonLabel: 80,
  nonce: 25,
  threadName: 100,
  choices: 25,
  choiceName: 100,
  choiceValue: 100,
  /** Of a modal. */
  modalTitle: 45,
  modalParts: 5,
  label: 45,
  labelDescription: 100,
  inputText: 4_000,
  options: 25,
  optionLabel: 100,
  /** Of a file; Discord takes more, people do not read more. */
  fileBytes: 4_000_000,
  /** Messages that one look at a channel returns. */
  page: 100,
} as const;
