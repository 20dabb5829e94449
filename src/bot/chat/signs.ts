/** The signs of states on a chat platform, which only the card may give. Pure. */
import type { CardState } from "../cards/card.ts";

const SIGNS = { running: "●", done: "✓", failed: "✕", paused: "‖", asks: "?" } as const satisfies Record<
  NonNullable<CardState>,
  string
>;

/** A title with the sign of its state. An emoji's name at its head would look like one, so it stays a word. */
export const signed = (state: CardState, title: string): string =>
  `${state === null ? "" : `${SIGNS[state]} `}${title.replace(/^(\s*:)(?=[a-z0-9_+-]+:)/iu, "$1\u2060")}`;
