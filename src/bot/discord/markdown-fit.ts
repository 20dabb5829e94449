/** Lines and code in a text of a bounded length, cut at a word and never within a mark, an escape or a date. Pure. */
import type { Piece, Span } from "../chat/pieces.ts";
import { joinLines, type Markdown, writePiece } from "./markdown.ts";

export interface Fitted {
  /** Empty when there is nothing to show. */
  readonly text: Markdown;
  /** Something did not fit. */
  readonly cut: boolean;
}

const ELLIPSIS: Span = { kind: "text", text: "…", style: { bold: false, italic: false, strike: false } };
/** Less is no text. */
const LEAST = 12;

/** As much of the pieces as takes at most so many characters when it is written. */
export function fitted(pieces: readonly Piece[], most: number): Fitted {
  const lines: Markdown[] = [];
  let left = most;
  for (const [at, piece] of pieces.entries()) {
    const text = writePiece(piece);
    const isLast = at === pieces.length - 1;
    // The sign that something is missing needs a place, unless nothing is.
    if (text.length + 1 <= left - (isLast ? 0 : 2)) {
      lines.push(text);
      left -= text.length + 1;
      continue;
    }
    const head = left < LEAST ? null : shortened(piece, left - 1);
    lines.push(...(head === null ? (left >= 2 ? ["…" as Markdown] : []) : [head]));
    return { text: trimmed(lines), cut: true };
  }
  return { text: trimmed(lines), cut: false };
}

/** Without empty lines at its ends. */
function trimmed(lines: Markdown[]): Markdown {
  const first = lines.findIndex((line) => line.trim() !== "");
  const last = lines.findLastIndex((line) => line.trim() !== "");
  return joinLines(first === -1 ? [] : lines.slice(first, last + 1));
}

/** The beginning of a piece with a sign that it goes on; null when not even a word of it fits. */
function shortened(piece: Piece, most: number): Markdown | null {
  if (piece.kind === "code") {
    const text = longest(piece.text, (part) => writePiece({ kind: "code", text: `${part}\n…` }).length <= most, "\n");
    return text === "" ? null : writePiece({ kind: "code", text: `${text}\n…` });
  }
  const fits = (spans: readonly Span[]): boolean =>
    writePiece({ ...piece, spans: [...spans, ELLIPSIS] }).length <= most;
  const kept: Span[] = [];
  for (const span of piece.spans) {
    if (fits([...kept, span])) {
      kept.push(span);
      continue;
    }
    if (span.kind === "date" || span.kind === "link") break;
    const text = longest(span.text, (part) => fits([...kept, { ...span, text: part }]), " ");
    if (text !== "") kept.push({ ...span, text });
    break;
  }
  return kept.length === 0 || !fits(kept) ? null : writePiece({ ...piece, spans: [...kept, ELLIPSIS] });
}

/** Of any language; what is longer is a hash, an address or noise, and is cut within. */
const LONGEST_WORD = 60;

/** The longest beginning that fits, cut at a blank where there is one nearby. */
function longest(text: string, fits: (part: string) => boolean, blank: string): string {
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(text.slice(0, middle))) low = middle;
    else high = middle - 1;
  }
  // Not within a pair of halves.
  const end = /[\uD800-\uDBFF]$/u.test(text.slice(0, low)) ? low - 1 : low;
  const word = text.lastIndexOf(blank, end);
  return text.slice(0, word > 0 && (blank === "\n" || end - word <= LONGEST_WORD) ? word : end);
}
