/**
 * The markdown that models write, as the lines and code of a chat platform. Nested lists keep their depth; tables become
 * code. Pure.
 */
import { parseInline } from "./markdown-inline.ts";
import { BOLD, type Piece, PLAIN, type Span, spansOf, wordsOf } from "./pieces.ts";
import { wellFormed } from "./text.ts";

/** More than any message can show, in UTF-16 units; the rest is not even read. */
const MAX_SOURCE = 240_000;
const MAX_QUOTES = 8;
const MAX_DEPTH = 6;
const RULE = "──────────";
const GAP: Piece = { kind: "line", prefix: "", spans: [] };

const FENCE = /^\s{0,12}(`{3,}|~{3,})([^`]*)$/u;
/** The name of a language, which is not shown; other words behind a fence are. */
const LANGUAGE = /^\s*[\w+#.-]{0,30}\s*$/u;
const HEADING = /^ {0,3}#{1,6}(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/u;
const THEMATIC = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/u;
const QUOTE = /^ {0,3}>[ ]?(.*)$/u;
const ITEM = /^([ \t]{0,60})([-*+•]|\d{1,9}[.)])(?:[ \t]+(.*))?$/u;
const TASK = /^\[([ xX])\][ \t]+/u;
const TABLE_RULE = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*){0,60}\|?[ \t]*$/u;
const UNDERLINE = /^ {0,3}=+[ \t]*$/u;

export function markdownPieces(markdown: string): readonly Piece[] {
  const lines = wellFormed(markdown).slice(0, MAX_SOURCE).split("\n");
  // Gaps stand between things only, and one is enough.
  const pieces = blocks(lines, 0).filter((piece, at, all) => piece !== GAP || (at > 0 && all[at - 1] !== GAP));
  return pieces.at(-1) === GAP ? pieces.slice(0, -1) : pieces;
}

function blocks(lines: readonly string[], quotes: number): Piece[] {
  const pieces: Piece[] = [];
  /** Columns at which the open list items begin. */
  let columns: number[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? "";
    const fence = FENCE.exec(line);
    if (line.trim() === "") {
      pieces.push(GAP);
      if (!/^[ \t]/u.test(lines[at + 1] ?? "") && !ITEM.test(lines[at + 1] ?? "")) columns = [];
      at++;
    } else if (fence?.[1] !== undefined) {
      const end = fenceEnd(lines, at, fence[1]);
      const said = fence[2] ?? "";
      const code = undented(lines.slice(at + 1, end), line);
      pieces.push({ kind: "code", text: (LANGUAGE.test(said) ? code : [said.trim(), ...code]).join("\n") });
      at = end + 1;
    } else if (HEADING.test(line)) {
      columns = [];
      pieces.push(...paragraph(HEADING.exec(line)?.[1] ?? "", "", "", true));
      at++;
    } else if (THEMATIC.test(line)) {
      columns = [];
      pieces.push({ kind: "line", prefix: "", spans: [{ kind: "text", text: RULE, style: PLAIN }] });
      at++;
    } else if (QUOTE.test(line) && quotes < MAX_QUOTES) {
      const end = runOf(lines, at, (next) => QUOTE.test(next));
      const inner = blocks(
        lines.slice(at, end).map((quoted) => QUOTE.exec(quoted)?.[1] ?? ""),
        quotes + 1,
      );
      pieces.push(...inner.map(quoted));
      at = end;
    } else if (line.includes("|") && TABLE_RULE.test(lines[at + 1] ?? "") && (lines[at + 1] ?? "").includes("-")) {
      const end = runOf(lines, at + 2, (next) => next.includes("|"));
      pieces.push({ kind: "code", text: table([line, ...lines.slice(at + 2, end)]) });
      at = end;
    } else {
      const item = ITEM.exec(line);
      const end = runOf(lines, at + 1, (next) => !begins(next));
      const rest = lines.slice(at + 1, end);
      if (item === null) {
        const depth = /^[ \t]/u.test(line) ? columns.length : 0;
        if (depth === 0) columns = [];
        const underlined = UNDERLINE.test(rest[0] ?? "");
        const text = (underlined ? [line] : [line, ...rest]).map(unpadded).join("\n");
        pieces.push(...paragraph(text, indent(depth), indent(depth), underlined));
        at = underlined ? at + 2 : end;
      } else {
        const column = (item[1] ?? "").replace(/\t/gu, "    ").length;
        columns = [...columns.filter((open) => open < column), column].slice(0, MAX_DEPTH);
        const depth = columns.length - 1;
        const first = (item[3] ?? "").replace(TASK, (_, mark: string) => (mark === " " ? "☐ " : "☑ "));
        const text = [first, ...rest].map(unpadded).join("\n");
        pieces.push(...paragraph(text, `${indent(depth)}${bullet(item[2] ?? "-", depth)} `, indent(depth + 1), false));
        at = end;
      }
    }
  }
  return pieces;
}

/** Blanks that no client drops at the head of a line. */
const indent = (depth: number): string => "\u00A0".repeat(4 * depth);
const bullet = (mark: string, depth: number): string => (/\d/u.test(mark) ? mark : depth % 2 === 0 ? "•" : "◦");
const unpadded = (line: string): string => line.trim().replace(/\\$/u, "");

/** Ends a paragraph: anything that begins something else. */
const begins = (line: string): boolean =>
  line.trim() === "" ||
  FENCE.test(line) ||
  HEADING.test(line) ||
  THEMATIC.test(line) ||
  QUOTE.test(line) ||
  ITEM.test(line) ||
  /^\s*\|/u.test(line);

function runOf(lines: readonly string[], from: number, goesOn: (line: string) => boolean): number {
  let end = from;
  while (end < lines.length && goesOn(lines[end] ?? "")) end++;
  return Math.max(end, from);
}

/** A fence that is never closed holds the rest of the text. */
function fenceEnd(lines: readonly string[], at: number, fence: string): number {
  for (let end = at + 1; end < lines.length; end++) {
    const line = (lines[end] ?? "").trim();
    if (line.length >= fence.length && line === (fence[0] ?? "`").repeat(line.length)) return end;
  }
  return lines.length;
}

function undented(lines: readonly string[], opening: string): readonly string[] {
  const padding = /^\s*/u.exec(opening)?.[0].length ?? 0;
  return lines.map((line) => line.slice(Math.min(padding, /^\s*/u.exec(line)?.[0].length ?? 0)));
}

const quoted = (piece: Piece): Piece =>
  piece.kind === "code" ? piece : { kind: "line", prefix: `> ${piece.prefix.replace(/^> /u, "")}`, spans: piece.spans };

function paragraph(text: string, first: string, others: string, bold: boolean): Piece[] {
  const lines: Span[][] = [[]];
  for (const span of parseInline(text)) {
    const shown: Span = bold ? { ...span, style: { ...span.style, bold: true } } : span;
    if (shown.kind !== "text") {
      lines.at(-1)?.push(shown);
      continue;
    }
    for (const [n, part] of shown.text.split("\n").entries()) {
      if (n > 0) lines.push([]);
      if (part !== "") lines.at(-1)?.push({ ...shown, text: part });
    }
  }
  return lines.map((spans, n) => ({ kind: "line", prefix: n === 0 ? first : others, spans }));
}

function cells(row: string): readonly string[] {
  const inner = row
    .trim()
    .replace(/^\|/u, "")
    .replace(/(?<!\\)\|$/u, "");
  return inner.split(/(?<!\\)\|/u).map((cell) =>
    parseInline(cell.replace(/\\\|/gu, "|").trim())
      .map((span) => (span.kind === "link" && span.text !== span.url ? `${span.text} (${span.url})` : wordsOf(span)))
      .join("")
      .replace(/\s+/gu, " "),
  );
}

/** Columns that wide letters take; more or less. */
const widthOf = (text: string): number => {
  let width = 0;
  for (const letter of text)
    width +=
      /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\p{Extended_Pictographic}]/u.test(
        letter,
      )
        ? 2
        : 1;
  return width;
};
/** A wider cell is shown whole, out of line. */
const MAX_CELL = 48;

function table(rows: readonly string[]): string {
  const grid = rows.map(cells);
  const columns = Math.max(...grid.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.min(MAX_CELL, Math.max(0, ...grid.map((row) => widthOf(row[column] ?? "")))),
  );
  const lines = grid.map((row) =>
    widths
      .map((width, column) => `${row[column] ?? ""}${" ".repeat(Math.max(0, width - widthOf(row[column] ?? "")))}`)
      .join("  ")
      .trimEnd(),
  );
  return [lines[0] ?? "", widths.map((width) => "─".repeat(width)).join("  "), ...lines.slice(1)].join("\n");
}

/** Lines of plain text with our instants, each on its own. */
export const plainPieces = (text: string): readonly Piece[] =>
  wellFormed(text)
    .split("\n")
    .map((line) => ({ kind: "line", prefix: "", spans: spansOf(line) }));

/** `label  value`, as a card's facts are shown. */
export function factPieces(label: string, value: string, code: boolean): readonly Piece[] {
  const head: Span = { kind: "text", text: label, style: BOLD };
  if (code)
    return [
      { kind: "line", prefix: "", spans: [head] },
      { kind: "code", text: value },
    ];
  return [{ kind: "line", prefix: "", spans: [head, { kind: "text", text: "  ", style: PLAIN }, ...spansOf(value)] }];
}
