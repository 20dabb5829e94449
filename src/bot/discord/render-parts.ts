/** Components that Discord takes: each is within its limits, whatever it is made of. Pure. */
import type {
  APIActionRowComponent,
  APIButtonComponentWithCustomId,
  APIFileComponent,
  APISectionComponent,
  APITextDisplayComponent,
} from "discord.js";
import type { Button, CardState } from "../cards/card.ts";
import { plainWithin } from "../chat/text.ts";
import { customIdOf } from "./custom-ids.ts";
import { LIMITS } from "./limits.ts";
import type { Markdown } from "./markdown.ts";

/** Numbers of Discord's component types. */
export const TYPE = { row: 1, button: 2, section: 9, text: 10, file: 13, separator: 14, container: 17 } as const;
/** Flags of messages: components of the second version; seen by one person only. */
export const FLAG = { v2: 1 << 15, ephemeral: 1 << 6, loading: 1 << 7 } as const;

export type Row = APIActionRowComponent<APIButtonComponentWithCustomId>;
export type Part = APITextDisplayComponent | APISectionComponent | APIFileComponent | Row;

/** The edge of a card, by its state; plain answers have none. */
export const EDGE_COLOURS = {
  running: 0x3b82f6,
  done: 0x2ea043,
  failed: 0xda3633,
  paused: 0x8b949e,
  asks: 0xd29922,
} as const satisfies Record<NonNullable<CardState>, number>;

const STYLES = { primary: 1, plain: 2, danger: 4 } as const satisfies Record<Button["style"], number>;

export const textPart = (content: Markdown, id?: number): APITextDisplayComponent => ({
  type: TYPE.text,
  content,
  ...(id === undefined ? {} : { id }),
});

/** @param from number of the first in its message, since ids may not repeat */
export function buttonParts(buttons: readonly Button[], from: number): APIButtonComponentWithCustomId[] {
  return buttons.flatMap((button, n) => {
    const custom_id = customIdOf(button, from + n);
    if (custom_id === null) return [];
    const label = plainWithin(labelOf(button), LIMITS.buttonLabel, button.action);
    return [{ type: TYPE.button, style: STYLES[button.style], label, custom_id }];
  });
}

const labelOf = ({ label, input }: Button): string => (input && !label.endsWith("…") ? `${label}…` : label);

/** As many rows as that many buttons need. */
export function rowParts(buttons: readonly APIButtonComponentWithCustomId[]): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < buttons.length; at += LIMITS.rowButtons) {
    rows.push({ type: TYPE.row, components: buttons.slice(at, at + LIMITS.rowButtons) });
  }
  return rows;
}

/** Components that so many buttons in rows take. */
export const rowCost = (buttons: number): number => buttons + Math.ceil(buttons / LIMITS.rowButtons);

export const filePart = (filename: string): APIFileComponent => ({
  type: TYPE.file,
  file: { url: `attachment://${filename}` },
});

/** A line of text with the one button that belongs to it. */
export const sectionPart = (text: Markdown, accessory: APIButtonComponentWithCustomId): APISectionComponent => ({
  type: TYPE.section,
  components: [textPart(text)],
  accessory,
});
