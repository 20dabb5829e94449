/** A card's rows: each with its buttons; those without share a text. Pure. */
import type { CardRow } from "../cards/card.ts";
import { plainPieces } from "../chat/markdown.ts";
import { BOLD, type Piece, PLAIN, spansOf } from "../chat/pieces.ts";
import { signed } from "../chat/signs.ts";
import { joinLines, type Markdown } from "./markdown.ts";
import { fitted } from "./markdown-fit.ts";
import { buttonParts, type Part, rowCost, rowParts, sectionPart, textPart } from "./render-parts.ts";
import type { Room } from "./render-room.ts";

export interface Rows {
  readonly parts: readonly Part[];
  /** Rows that did not fit. */
  readonly more: number;
  /** A row is missing, or is not whole. */
  readonly cut: boolean;
}

/** The most that one row's text takes. */
const MAX_ROW = 900;

/** @param from number of the first button */
export function rowsOf(rows: readonly CardRow[], room: Room, from: number): Rows {
  const parts: Part[] = [];
  /** Rows without buttons that are not in a part yet. */
  let open: Markdown[] = [];
  let number = from;
  let cut = false;
  const flush = (): void => {
    if (open.length > 0) parts.push(textPart(joinLines(open)));
    open = [];
  };
  for (const [at, row] of rows.entries()) {
    const { text, whole } = rowText(row);
    // Who says yes to a call has to see all of it.
    const usable = whole ? row.buttons : row.buttons.filter(({ action }) => action !== "approval.approve");
    const buttons = buttonParts(usable, number).slice(0, 5);
    cut ||= !whole;
    const cost =
      buttons.length === 0 ? (open.length === 0 ? 1 : 0) : buttons.length === 1 ? 3 : 1 + rowCost(buttons.length);
    if (!room.fits(cost, text.length + 1)) {
      flush();
      return { parts, more: rows.length - at, cut: true };
    }
    room.keep(cost, text.length + 1);
    if (buttons.length === 0) {
      open.push(text);
      continue;
    }
    flush();
    const [only, ...others] = buttons;
    if (only !== undefined && others.length === 0) parts.push(sectionPart(text, only));
    else parts.push(textPart(text), ...rowParts(buttons));
    number += usable.length;
  }
  flush();
  return { parts, more: 0, cut };
}

/** Data, not markdown: what is to be approved has to be read letter by letter. */
function rowText(row: CardRow): { readonly text: Markdown; readonly whole: boolean } {
  const bare = row.text === "" && row.buttons.length === 0;
  const title: Piece = { kind: "line", prefix: "", spans: spansOf(signed(row.state, row.title), bare ? PLAIN : BOLD) };
  const { text, cut } = fitted([title, ...(row.text === "" ? [] : plainPieces(row.text))], MAX_ROW);
  return { text: text === "" ? ("…" as Markdown) : text, whole: !cut };
}
