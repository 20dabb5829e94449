/**
 * Cards as messages of Discord: the facts of the card in the order of the console, in components of the second version. A
 * message is valid by construction; what does not fit is cut at a word and stands whole in a file. Pure.
 */
import type { APIButtonComponentWithCustomId, APIContainerComponent } from "discord.js";
import type { Card } from "../cards/card.ts";
import { mapInstants } from "../cards/instants.ts";
import { cardText } from "../cards/text.ts";
import { utcInstant } from "../chat/dates.ts";
import { factPieces, markdownPieces } from "../chat/markdown.ts";
import { BOLD, type Piece, PLAIN, spansOf } from "../chat/pieces.ts";
import { signed } from "../chat/signs.ts";
import { readCustomId } from "./custom-ids.ts";
import type { Marker } from "./keys.ts";
import { LIMITS } from "./limits.ts";
import { type Markdown, markdownOf, smallPrint, writeCode } from "./markdown.ts";
import { fitted } from "./markdown-fit.ts";
import {
  buttonParts,
  EDGE_COLOURS,
  FLAG,
  filePart,
  type Part,
  rowCost,
  rowParts,
  TYPE,
  textPart,
} from "./render-parts.ts";
import { Room } from "./render-room.ts";
import { rowsOf } from "./render-rows.ts";

export interface RenderContext {
  /** By which the message is found again; null where that is not needed. */
  readonly marker: Marker | null;
  /** `none`: a file was refused here, or cannot be sent. */
  readonly files: "attached" | "none";
}

/** What a message had no room for, whole. */
export interface CardFile {
  readonly filename: string;
  readonly content: string;
}

export interface Rendered {
  readonly content?: string;
  readonly flags: number;
  readonly components: readonly unknown[];
  readonly files: readonly CardFile[];
}

/** Buttons that say yes to what the card shows. */
const CONSENTS = new Set(["approval.approve", "draft.create", "backfill.run"]);
export const isConsent = (action: string): boolean => CONSENTS.has(action);
/** The most that the title and the small print beside it take, and the small print at the end. */
const HEAD = 700;
const FOOT = 500;
/** Left to a text behind a long change. */
const TEXT_SHARE = 800;
/** What is far beyond a message is not even read. */
const MAX_SOURCE = 4 * LIMITS.text;

export function renderCard(card: Card, { marker, files }: RenderContext): Rendered {
  const head = textPart(headOf(card), marker?.[1]);
  const all = affordable(buttonParts(card.buttons, 0));
  const room = new Room(LIMITS.components, LIMITS.text);
  // What has to be there is reckoned first: the frame, the head, the buttons, the small print and two files.
  room.keep(5 + rowCost(all.length), head.content.length + FOOT);

  const facts = text(
    card.facts.flatMap((fact) => factPieces(fact.label, fact.value, fact.code === true)),
    room,
    0,
  );
  const change = diffOf(card, room);
  const source = card.text.slice(0, MAX_SOURCE);
  const body = text(markdownPieces(source), room, 0);
  const rows = rowsOf(card.rows, room, card.buttons.length);

  const isCut = { diff: change.cut, text: body.cut || source.length < card.text.length, rest: facts.cut || rows.cut };
  const whole = wholeOf(card, isCut);
  const attached = files === "attached" ? whole : [];
  // Who says yes has to be able to see all of it.
  const isHidden = whole.length > attached.length;
  const buttons = isHidden ? all.filter(({ custom_id }) => !isConsent(readCustomId(custom_id)?.action ?? "")) : all;
  const footer = footOf(card, rows.more, attached, isHidden);
  const parts: Part[] = [
    head,
    ...facts.parts,
    ...change.parts,
    ...body.parts,
    ...rows.parts,
    ...attached.map(({ filename }) => filePart(filename)),
    ...rowParts(buttons),
    ...(footer === null ? [] : [textPart(footer)]),
  ];
  const container: APIContainerComponent = {
    type: TYPE.container,
    ...(marker === null ? {} : { id: marker[0] }),
    ...(card.state === null ? {} : { accent_color: EDGE_COLOURS[card.state] }),
    components: parts,
  };
  return { flags: FLAG.v2, components: [container], files: attached };
}

/** Buttons that a message can hold beside what it says: the first ones, should there be more. */
const affordable = (buttons: APIButtonComponentWithCustomId[]): APIButtonComponentWithCustomId[] =>
  buttons.slice(0, 20);

interface Shown {
  readonly parts: readonly Part[];
  readonly cut: boolean;
}

/** @param spare characters that are left to what follows */
function text(pieces: readonly Piece[], room: Room, spare: number): Shown {
  if (pieces.length === 0) return { parts: [], cut: false };
  if (room.components < 1) return { parts: [], cut: true };
  const { text: content, cut } = fitted(pieces, Math.max(0, room.text - spare));
  if (content === "") return { parts: [], cut };
  room.keep(1, content.length);
  return { parts: [textPart(content)], cut };
}

function diffOf(card: Card, room: Room): Shown {
  const change = card.diff.join("\n");
  if (change === "") return { parts: [], cut: false };
  const spare = Math.min(TEXT_SHARE, card.text.length);
  const frame = "```diff\n\n```".length;
  const { text: plain, cut } = fitted(
    [{ kind: "code", text: change.slice(0, MAX_SOURCE) }],
    Math.max(0, room.text - spare - frame),
  );
  if (plain === "" || room.components < 1) return { parts: [], cut: true };
  const inner = plain.replace(/^```\n?/u, "").replace(/\n?```$/u, "");
  const content = writeCode(inner, "diff");
  room.keep(1, content.length);
  return { parts: [textPart(content)], cut: cut || change.length > MAX_SOURCE };
}

function headOf({ state, title, aside }: Card): Markdown {
  const line: Piece = { kind: "line", prefix: "", spans: spansOf(signed(state, title), BOLD) };
  const shown = fitted([line], HEAD - 200).text;
  const first = shown === "" ? markdownOf("Done", BOLD) : shown;
  return aside === "" ? first : (`${first}\n${smallPrint(plainFit(aside, 180))}` as Markdown);
}

const plainFit = (words: string, most: number): Markdown =>
  fitted([{ kind: "line", prefix: "", spans: spansOf(words, PLAIN) }], most).text;

function footOf(card: Card, more: number, files: readonly CardFile[], isHidden: boolean): Markdown | null {
  const note = isHidden
    ? "shortened; allow Claw to attach files here, then the whole is shown"
    : files.length === 0
      ? ""
      : `shortened; whole in ${files.map(({ filename }) => filename).join(", ")}`;
  const said = [card.footer, more === 0 ? "" : `${more} left out for want of room`, note].filter((part) => part !== "");
  return said.length === 0 ? null : smallPrint(plainFit(said.join(" · "), FOOT - 10));
}

/** Files with what was cut. */
function wholeOf(
  card: Card,
  cut: { readonly diff: boolean; readonly text: boolean; readonly rest: boolean },
): readonly CardFile[] {
  const file = (filename: string, content: string): CardFile => ({
    filename,
    content: content.slice(0, LIMITS.fileBytes / 4),
  });
  if (cut.rest) return [file("card.txt", cardText(card))];
  return [
    ...(cut.diff ? [file("change.diff", card.diff.join("\n"))] : []),
    ...(cut.text ? [file("report.md", mapInstants(card.text, utcInstant))] : []),
  ];
}
