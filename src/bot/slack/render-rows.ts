/** A card's rows: each with its buttons; those without share a block. Pure. */
import type { types } from "@slack/bolt";
import type { CardRow } from "../cards/card.ts";
import { plainPieces } from "../chat/markdown.ts";
import { BOLD, type Piece, PLAIN, spansOf } from "../chat/pieces.ts";
import { signed } from "../chat/signs.ts";
import { LIMITS } from "./limits.ts";
import { joinLines, type Mrkdwn } from "./mrkdwn.ts";
import { paginate } from "./mrkdwn-pages.ts";
import { actions, type Block, buttonElements, section } from "./render-blocks.ts";
import type { Room } from "./render-room.ts";

export interface Rows {
  readonly blocks: Block[];
  /** Rows that did not fit. */
  readonly more: number;
  /** A row is missing, or is not whole. */
  readonly cut: boolean;
}

/** The most that one row's text takes. */
const MAX_ROW = 1_400;

/** @param from number of the first button */
export function rowBlocks(rows: readonly CardRow[], room: Room, from: number): Rows {
  const blocks: Block[] = [];
  /** Rows without buttons that are not in a block yet. */
  let open: Mrkdwn[] = [];
  let number = from;
  let cut = false;
  const flush = (): void => {
    if (open.length === 0) return;
    const block = section(joinLines(open));
    room.keep([block]);
    blocks.push(block);
    open = [];
  };
  for (const [at, row] of rows.entries()) {
    const { text, whole } = rowText(row);
    // Who says yes to a call has to see all of it.
    const usable = whole ? row.buttons : row.buttons.filter(({ action }) => action !== "approval.approve");
    const elements = buttonElements(usable, number);
    cut ||= !whole;
    const grown = [...open, text];
    if (elements.length === 0 && joinLines(grown).length <= LIMITS.text && room.fits([section(joinLines(grown))])) {
      open = grown;
      continue;
    }
    flush();
    const own: Block[] = elements.length === 0 ? [] : framed(text, elements);
    if (!room.fits(elements.length === 0 ? [section(text)] : own)) return { blocks, more: rows.length - at, cut: true };
    if (elements.length === 0) open = [text];
    room.keep(own);
    blocks.push(...own);
    number += elements.length;
  }
  flush();
  return { blocks, more: 0, cut };
}

const framed = (text: Mrkdwn, elements: types.Button[]): Block[] =>
  elements.length === 1 ? [section(text, elements[0])] : [section(text), ...actions(elements)];

/** Data, not markdown: what is to be approved has to be read letter by letter. */
function rowText(row: CardRow): { readonly text: Mrkdwn; readonly whole: boolean } {
  const bare = row.text === "" && row.buttons.length === 0;
  const title: Piece = { kind: "line", prefix: "", spans: spansOf(signed(row.state, row.title), bare ? PLAIN : BOLD) };
  const { pages, cut } = paginate([title, ...(row.text === "" ? [] : plainPieces(row.text))], MAX_ROW, MAX_ROW, 1);
  return { text: pages[0] ?? ("…" as Mrkdwn), whole: !cut };
}
