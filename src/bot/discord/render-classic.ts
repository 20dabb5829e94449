/** Cards where Discord takes no components of the second version: one text and rows of buttons, nothing else. Pure. */
import type { Card } from "../cards/card.ts";
import { cardText } from "../cards/text.ts";
import { factPieces, markdownPieces, plainPieces } from "../chat/markdown.ts";
import { BOLD, type Piece, PLAIN, spansOf } from "../chat/pieces.ts";
import { signed } from "../chat/signs.ts";
import { LIMITS } from "./limits.ts";
import { smallPrint } from "./markdown.ts";
import { fitted } from "./markdown-fit.ts";
import { isConsent, type RenderContext, type Rendered } from "./render.ts";
import { buttonParts, rowParts } from "./render-parts.ts";

const FOOT = 200;

export function renderClassic(card: Card, { files }: Pick<RenderContext, "files">): Rendered {
  const line = (text: string, style = PLAIN): Piece => ({ kind: "line", prefix: "", spans: spansOf(text, style) });
  const pieces: Piece[] = [
    line(`${signed(card.state, card.title)}`, BOLD),
    ...(card.aside === "" ? [] : [line(card.aside)]),
    ...card.facts.flatMap((fact) => factPieces(fact.label, fact.value, fact.code === true)),
    ...(card.diff.length === 0 ? [] : [{ kind: "code", text: card.diff.join("\n") } as const]),
    ...markdownPieces(card.text),
    ...card.rows.flatMap((row) => [
      line(signed(row.state, row.title), BOLD),
      ...(row.text === "" ? [] : plainPieces(row.text)),
    ]),
  ];
  const { text, cut } = fitted(pieces, LIMITS.content - FOOT);
  const all = [...card.buttons, ...card.rows.flatMap((row) => row.buttons)];
  const attached = cut && files === "attached" ? [{ filename: "card.txt", content: cardText(card) }] : [];
  const isHidden = cut && attached.length === 0;
  const said = [card.footer, attached.length === 0 ? "" : "shortened; whole in card.txt"].filter((part) => part !== "");
  const footer = said.length === 0 ? "" : `\n${smallPrint(fitted([line(said.join(" · "))], FOOT - 10).text)}`;
  // Who says yes has to be able to see all of it.
  const buttons = isHidden ? all.filter(({ action }) => !isConsent(action)) : all;
  const most = LIMITS.classicRows * LIMITS.rowButtons;
  return {
    content: `${text === "" ? "Done" : text}${footer}`,
    flags: 0,
    components: rowParts(buttonParts(buttons.slice(0, most), 0)),
    files: attached,
  };
}
