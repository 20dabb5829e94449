/**
 * What people see, free of any platform. A card leads with the fact. Adapters render it; nobody else builds blocks,
 * embeds or HTML. Text is plain: a renderer escapes it. Times are ISO instants in `{t:…}` tokens, shown in the reader's zone.
 */

/** `●` running, `✓` done, `✕` failed, `‖` paused or waiting, `?` asks; null for plain answers. */
export type CardState = "running" | "done" | "failed" | "paused" | "asks" | null;

export interface Fact {
  /** One or two words: `next`, `does`, `why`. */
  readonly label: string;
  readonly value: string;
  /** Its value is code, to be read letter by letter. */
  readonly code?: true;
}

export interface Button {
  /** Short; cut by renderers to the platform's limit (75 in Slack, 80 in Discord). */
  readonly label: string;
  /** What a press means, e.g. `approval.approve`. */
  readonly action: string;
  /** Opaque id of what it is about; never arguments. At most 80 characters. */
  readonly value: string;
  readonly style: "primary" | "danger" | "plain";
  /** Asks for a line of text first (deny with a reason, edit an instruction). */
  readonly input?: { readonly label: string; readonly initial: string; readonly required: boolean };
}

export interface CardRow {
  readonly state: CardState;
  readonly title: string;
  readonly text: string;
  readonly buttons: readonly Button[];
}

export interface Card {
  readonly state: CardState;
  /** The fact. One line, at most 150 characters. */
  readonly title: string;
  /** Small text beside the title: `run 41 · 18 s · $0.03`. Empty when none. */
  readonly aside: string;
  /** Markdown as models write it (paragraphs, lists, links, code); renderers convert and escape. Empty when none. */
  readonly text: string;
  readonly facts: readonly Fact[];
  /** Diff lines beginning with `+ `, `- ` or two spaces. */
  readonly diff: readonly string[];
  /** A list of things, each with its own buttons. */
  readonly rows: readonly CardRow[];
  readonly buttons: readonly Button[];
  /** Small text at the end: what it costs, how long it is kept. Empty when none. */
  readonly footer: string;
}

/** A card from its parts; what is left out is empty. */
export const card = (parts: Partial<Card> & { readonly title: string }): Card => ({
  state: null,
  aside: "",
  text: "",
  facts: [],
  diff: [],
  rows: [],
  buttons: [],
  footer: "",
  ...parts,
});

/** An instant as renderers know it: shown in the reader's own zone. `style` says how much of it. */
export const instant = (iso: string, style: "time" | "date_time" | "day_time" = "date_time"): string =>
  `{t:${iso}|${style}}`;
