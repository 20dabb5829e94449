/** A message of the console, as a reader of the page may see it. Pure. */
import type { Card } from "../cards/card.ts";

/** Who wrote what no person did. */
export const CLAW_AUTHOR = { id: "claw", name: "Claw" } as const;

export interface ConsoleMessage {
  readonly id: string;
  /** Order on the page. */
  readonly seq: number;
  /** Order of changes. */
  readonly version: number;
  readonly channelId: string;
  /** Null in the channel itself. */
  readonly threadId: string | null;
  readonly authorId: string;
  readonly authorName: string;
  /** What a person typed; null for a card. */
  readonly text: string | null;
  readonly card: Card | null;
  readonly privateTo: string | null;
  readonly at: Date;
  readonly editedAt: Date | null;
  /** Null: it is not pinned. */
  readonly pinnedAt: Date | null;
  /** Emoji that Claw put to it. */
  readonly reactions: readonly string[];
  /** Messages in its thread that the reader may see. */
  readonly replies: number;
}
