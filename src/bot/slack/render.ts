/**
 * Cards as messages of Slack: the facts of the card in the order of the console. A message is valid by construction; what
 * does not fit is cut at a word and offered whole. Pure.
 */
import type { types } from "@slack/bolt";
import type { Card } from "../cards/card.ts";
import { mapInstants } from "../cards/instants.ts";
import { cardText } from "../cards/text.ts";
import { utcInstant } from "../chat/dates.ts";
import { factPieces, markdownPieces } from "../chat/markdown.ts";
import { BOLD, type Piece, PLAIN, type Span, spansOf } from "../chat/pieces.ts";
import { signed } from "../chat/signs.ts";
import { LIMITS } from "./limits.ts";
import { joinLines, type Mrkdwn, mrkdwnOf } from "./mrkdwn.ts";
import { paginate } from "./mrkdwn-pages.ts";
import { actions, type Block, buttonElements, context, section, showAllElement } from "./render-blocks.ts";
import { Room } from "./render-room.ts";
import { rowBlocks } from "./render-rows.ts";

export interface RenderContext {
  /**
   * Opaque id under which the adapter finds this card again: what is cut gets a *Show all* button with it as its value.
   * Null: what is cut is to be uploaded at once.
   */
  readonly showAll: string | null;
  /**
   * `before` (as when absent): what people decide on and is cut is uploaded before the message. `none`: nothing can be,
   * *Show all* shows it. `failed`: it was tried.
   */
  readonly files?: "before" | "none" | "failed";
  /** A view has nowhere to upload to: it only says that it is shortened. */
  readonly surface?: "message" | "view";
  /** Number of the first button, where several cards share a view. */
  readonly firstButton?: number;
  /** Whom to notify, by `mentionUser` and `mentionGroup`: stands above the card. */
  readonly notify?: readonly Mrkdwn[];
}

/** What a message had no room for, whole. */
export interface Upload {
  readonly filename: string;
  readonly title: string;
  readonly content: string;
  /** `now`: with the message, since people decide on it; `asked`: when *Show all* is pressed. */
  readonly when: "now" | "asked";
}

export interface Rendered {
  /** For notifications and screen readers. mrkdwn too; send it with `link_names` off and `parse` none. */
  readonly text: Mrkdwn;
  readonly blocks: Block[];
  readonly uploads: readonly Upload[];
}

/** Buttons that say yes to what the card shows. */
const CONSENTS = new Set(["approval.approve", "draft.create", "backfill.run", "grant.give", "rule.save"]);
const asksConsent = (card: Card): boolean => card.buttons.some(({ action }) => CONSENTS.has(action));

/** @param json most characters of all blocks */
export function renderCard(
  card: Card,
  { showAll, notify = [], files = "before" }: RenderContext,
  json: number = LIMITS.messageJson,
): Rendered {
  const { blocks, uploads } = renderBlocks(card, { showAll, notify, files }, LIMITS.blocks, json);
  return { text: fallback(card, notify), blocks, uploads };
}

/** A card as blocks of a message or a view. @param json most characters of all of them */
export function renderBlocks(
  card: Card,
  { showAll, notify = [], files = "before", surface = "message", firstButton = 0 }: RenderContext,
  most: number,
  json: number,
): { readonly blocks: Block[]; readonly uploads: readonly Upload[] } {
  const head = [...notified(notify), ...headBlocks(card)];
  const buttons = affordable(buttonElements(card.buttons, firstButton), json / 2);
  const footer = (extra: string): Block[] => {
    const text = [card.footer, extra].filter((part) => part !== "").join(" · ");
    return text === "" ? [] : [context(small(text))];
  };
  // What has to be there is reckoned first; the rest gets what is left.
  const room = new Room(most, json);
  room.keep([...head, ...actions([...buttons, showAllElement(showAll ?? "x".repeat(40))]), ...footer("x".repeat(160))]);

  const facts = pages(
    card.facts.flatMap((fact) => factPieces(fact.label, fact.value, fact.code === true)),
    room,
  );
  // What is far beyond a message is not even read.
  const change = card.diff.join("\n");
  const diff = pages(change === "" ? [] : [{ kind: "code", text: change.slice(0, 2 * json) }], room);
  const source = card.text.slice(0, 2 * json);
  const text = pages(markdownPieces(source), room, true);
  const rows = rowBlocks(card.rows, room, firstButton + buttons.length);

  const uploads = uploadsOf(
    card,
    {
      diff: diff.cut || change.length > 2 * json,
      text: text.cut || source.length < card.text.length,
      rest: facts.cut || rows.cut,
    },
    showAll === null || (files === "before" && asksConsent(card)) ? "now" : "asked",
  );
  const asked = uploads.some(({ when }) => when === "asked");
  const names = uploads.map(({ filename }) => filename).join(", ");
  const short = files === "failed" ? "shortened; no file could be sent, Show all has the whole" : "shortened";
  const note = uploads.length === 0 ? "" : asked || surface === "view" ? short : `shortened; whole in ${names}`;
  const more = rows.more === 0 ? "" : `${rows.more} left out for want of room`;
  return {
    blocks: [
      ...head,
      ...facts.blocks,
      ...diff.blocks,
      ...text.blocks,
      ...rows.blocks,
      ...actions(asked && showAll !== null ? [...buttons, showAllElement(showAll)] : buttons),
      ...footer([more, note].filter((part) => part !== "").join(" · ")),
    ],
    uploads,
  };
}

/** The first ones, should there be more than a message can hold. */
function affordable(elements: readonly types.Button[], json: number): types.Button[] {
  let left = json;
  return elements.filter((element) => {
    left -= JSON.stringify(element).length + 1;
    return left > 0;
  });
}

const notified = (notify: readonly Mrkdwn[]): Block[] =>
  notify.length === 0 ? [] : [context(notify.slice(0, 40).join(" ") as Mrkdwn)];

function headBlocks(card: Card): Block[] {
  const title = paginate([{ kind: "line", prefix: "", spans: titleSpans(card) }], 1_500, 2_000, 1).pages[0];
  return [section(title ?? mrkdwnOf("Done", BOLD)), ...(card.aside === "" ? [] : [context(small(card.aside))])];
}

const titleSpans = ({ state, title }: Pick<Card, "state" | "title">): readonly Span[] =>
  spansOf(signed(state, title), BOLD);

/** Small print: at most what fits a line or two. */
const small = (text: string): Mrkdwn =>
  paginate([{ kind: "line", prefix: "", spans: spansOf(text) }], 1_000, 1_200, 1).pages[0] ?? mrkdwnOf("…");

function pages(
  pieces: readonly Piece[],
  room: Room,
  apart = false,
): { readonly blocks: Block[]; readonly cut: boolean } {
  if (pieces.length === 0) return { blocks: [], cut: false };
  const made = paginate(pieces, LIMITS.text, room.textLeft(apart), room.blocksLeft(), apart);
  const blocks = made.pages.map((page) => section(page));
  room.keep(blocks);
  return { blocks, cut: made.cut };
}

function uploadsOf(
  card: Card,
  cut: { readonly diff: boolean; readonly text: boolean; readonly rest: boolean },
  when: Upload["when"],
): readonly Upload[] {
  // Most are never asked for, and the whole of a card takes longer to write than its message.
  const file = (filename: string, title: string, write: () => string): Upload => ({
    filename,
    title,
    when,
    get content() {
      return write();
    },
  });
  if (cut.rest) return [file("card.txt", "All of it", () => cardText(card))];
  return [
    ...(cut.diff ? [file("change.diff", "The whole change", () => card.diff.join("\n"))] : []),
    ...(cut.text ? [file("report.md", "The whole text", () => mapInstants(card.text, utcInstant))] : []),
  ];
}

/** The card without any format: its title, facts and the beginning of its text. */
function fallback(card: Card, notify: readonly Mrkdwn[]): Mrkdwn {
  const line = (text: string): Piece => ({ kind: "line", prefix: "", spans: spansOf(text, PLAIN) });
  const lines = [
    `${signed(card.state, card.title)}${card.aside === "" ? "" : ` (${card.aside})`}`,
    ...card.facts.map(({ label, value }) => `${label}: ${value}`),
    ...card.diff,
    ...card.text.slice(0, LIMITS.fallback).split("\n"),
    ...card.rows.map((row) => `${signed(row.state, row.title)}${row.text === "" ? "" : `: ${row.text}`}`),
    card.footer,
  ].filter((text) => text.trim() !== "");
  const whole = paginate(lines.map(line), LIMITS.fallback - 1_000, 4_000, 1).pages[0] ?? mrkdwnOf("…");
  const who = notify.slice(0, 40).join(" ") as Mrkdwn;
  return who === "" ? whole : joinLines([who, whole]);
}
