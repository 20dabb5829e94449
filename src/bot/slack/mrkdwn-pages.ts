/** Lines and code in texts of a bounded length, cut at a word and never within a mark, an escape or a date. Pure. */

import { type Piece, type Span, wordsOf } from "../chat/pieces.ts";
import { joinLines, type Mrkdwn, writePiece } from "./mrkdwn.ts";

export interface Pages {
  /** None is empty. */
  readonly pages: readonly Mrkdwn[];
  /** Something did not fit. */
  readonly cut: boolean;
}

/** What a text takes in a message's JSON, which is never less than its length. */
export const sizeOf = (text: string): number => JSON.stringify(text).length - 2;

/** Room for the sign that something was left out. */
const END = 8;
/** Of any language; what is longer is a hash, an address or noise. */
const LONGEST_WORD = 60;
/** Beyond so many texts, code stands among the lines. */
const MAX_APART = 12;
/** Less is no text. */
const LEAST = 60;
/** The most that a date takes, and that stands around any span. */
const DATE = 90;
const MARKS = 12;

function costOf(text: string): number {
  let cost = 0;
  for (const letter of text) {
    cost +=
      letter === "&"
        ? 5
        : letter === "<" || letter === ">"
          ? 4
          : letter === "@" || letter === '"' || letter === "\\"
            ? 2
            : letter.length;
  }
  return cost;
}

const spanCost = (span: Span): number =>
  MARKS +
  (span.kind === "date" ? DATE : span.kind === "link" ? costOf(span.text) + 3 * costOf(span.url) : costOf(span.text));

/** A span that takes no more than `most`; the rest of it is what follows. */
function splitSpan(span: Span, most: number): readonly [Span | null, Span | null] {
  if (span.kind === "date") return [null, span];
  if (span.kind === "link") {
    // A link that is longer than a text can be is shown as words.
    return spanCost(span) > 2_500
      ? splitSpan({ kind: "text", text: wordsOf(span), style: span.style }, most)
      : [null, span];
  }
  let room = most - MARKS;
  let end = 0;
  for (const letter of span.text) {
    room -= costOf(letter);
    if (room < 0) break;
    end += letter.length;
  }
  const blank = span.text.lastIndexOf(" ", end);
  // Only what is longer than words are is cut within one.
  const at = end - blank <= LONGEST_WORD ? blank : end;
  if (at <= 0) return [null, span];
  const rest = span.text.slice(at).replace(/^ /u, "");
  return [{ ...span, text: span.text.slice(0, at) }, rest === "" ? null : { ...span, text: rest }];
}

/** The part of a piece that takes no more than `most` when it is written, and the rest. */
function splitPiece(piece: Piece, most: number): readonly [Piece | null, Piece | null] {
  if (piece.kind === "code") return splitCode(piece.text, most);
  let room = most - piece.prefix.length - 2;
  const spans: Span[] = [];
  for (const [at, span] of piece.spans.entries()) {
    const cost = spanCost(span);
    if (cost <= room) {
      spans.push(span);
      room -= cost;
      continue;
    }
    const [head, tail] = splitSpan(span, room);
    if (head !== null) spans.push(head);
    const rest = [...(tail === null ? [] : [tail]), ...piece.spans.slice(at + 1)];
    const prefix = piece.prefix.startsWith("> ") ? "> " : "";
    return [
      spans.length === 0 ? null : { ...piece, spans },
      rest.length === 0 ? null : { kind: "line", prefix, spans: rest },
    ];
  }
  return [piece, null];
}

function splitCode(text: string, most: number): readonly [Piece | null, Piece | null] {
  // A run of ticks is written with joiners between them: twice as long.
  const cost = (part: string): number => costOf(part) + (part.match(/[`\n]/gu)?.length ?? 0);
  const room = most - 12;
  if (cost(text) <= room) return [{ kind: "code", text }, null];
  const lines = text.split("\n");
  let used = 0;
  let count = 0;
  for (const line of lines) {
    used += cost(line) + 2;
    if (used > room) break;
    count++;
  }
  if (count > 0) {
    return [
      { kind: "code", text: lines.slice(0, count).join("\n") },
      { kind: "code", text: lines.slice(count).join("\n") },
    ];
  }
  let end = 0;
  let left = room;
  for (const letter of text) {
    left -= cost(letter);
    if (left < 0) break;
    end += letter.length;
  }
  return end === 0
    ? [null, { kind: "code", text }]
    : [
        { kind: "code", text: text.slice(0, end) },
        { kind: "code", text: text.slice(end) },
      ];
}

const ELLIPSIS: Piece = {
  kind: "line",
  prefix: "",
  spans: [{ kind: "text", text: "…", style: { bold: false, italic: false, strike: false } }],
};

function shortened(piece: Piece): readonly Piece[] {
  const last = piece.kind === "line" ? piece.spans.at(-1) : undefined;
  if (piece.kind !== "line" || last?.kind !== "text") return [piece, ELLIPSIS];
  return [{ ...piece, spans: [...piece.spans.slice(0, -1), { ...last, text: `${last.text.trimEnd()}…` }] }];
}

/**
 * @param page most characters of one text
 * @param total most characters of all of them in JSON
 * @param most how many texts there may be
 * @param apart code stands in a text of its own, as long as there may be more of them
 */
export function paginate(pieces: readonly Piece[], page: number, total: number, most: number, apart = false): Pages {
  const pages: Mrkdwn[] = [];
  if (most < 1 || total < LEAST) return { pages, cut: pieces.length > 0 };
  let lines: Mrkdwn[] = [];
  let length = 0;
  let left = total - END;
  /** What the last line of the open text was made of. */
  let last: Piece | null = null;
  const flush = (): void => {
    while (lines[0]?.trim() === "") lines.shift();
    while (lines.at(-1)?.trim() === "") lines.pop();
    if (lines.length > 0) pages.push(joinLines(lines));
    lines = [];
    length = 0;
    last = null;
  };
  const put = (text: Mrkdwn): void => {
    lines.push(text);
    length += text.length + 1;
    left -= sizeOf(text) + 2;
  };
  const end = (head: Piece | null): Pages => {
    const kept = head ?? last;
    const page = pages.at(-1);
    if (kept === null && lines.length === 0 && page !== undefined) {
      pages[pages.length - 1] = `${page}${page.endsWith("`") ? "\n" : ""}…` as Mrkdwn;
      return { pages, cut: true };
    }
    if (head === null && last !== null) lines.pop();
    for (const piece of kept === null ? [ELLIPSIS] : shortened(kept)) put(writePiece(piece));
    flush();
    return { pages, cut: true };
  };
  const queue = [...pieces].reverse();
  for (let piece = queue.pop(); piece !== undefined; piece = queue.pop()) {
    const text = writePiece(piece);
    if (
      apart &&
      length > 0 &&
      pages.length < Math.min(MAX_APART, most - 2) &&
      (piece.kind === "code" || last?.kind === "code")
    )
      flush();
    const room = page - END - length;
    const affordable = sizeOf(text) + 2 <= left;
    if (affordable && text.length <= room) {
      put(text);
      last = piece;
    } else if (!affordable || pages.length + 1 >= most) {
      return end(splitPiece(piece, Math.min(room, left))[0]);
    } else if (length > page / 2 && text.length <= page - END) {
      flush();
      queue.push(piece);
    } else {
      const [head, rest] = splitPiece(piece, room);
      if (head === null && length === 0) return end(null);
      if (head !== null) put(writePiece(head));
      if (rest !== null) queue.push(rest);
      flush();
    }
  }
  flush();
  return { pages, cut: false };
}
