/**
 * Discord's markdown, written only here: whatever a text contains, it cannot become a mention, a link or a format of its
 * own. Pure.
 */

import { type Piece, PLAIN, type Span, type Style, spansOf } from "../chat/pieces.ts";
import { wellFormed } from "../chat/text.ts";
import { dateToken } from "./dates.ts";

declare const written: unique symbol;
/** Text that Discord may parse. Only the functions of this file make it. */
export type Markdown = string & { readonly [written]: true };

/** A backslash before any of these is not shown, and neither is what they would do. */
const MARKS = /[\\*_~`|<>[\]]/gu;
/** Clients show these as if they rang: an invisible joiner keeps the words and loses the look. */
const PINGS = /@(?=everyone|here)/giu;
/** An address in data is words: what it would link to is not said by whoever wrote the card. */
const ADDRESS = /(https?|steam|discord|ftp|tel|sms|mailto):(?=\S)/giu;

const escaped = (text: string): string =>
  text.replace(MARKS, "\\$&").replace(PINGS, "@\u2060").replace(ADDRESS, "$1\\:");

/** What makes a heading, a list, a quote or small print of a line. */
const escapedHead = (line: string): string => line.replace(/^(\s*)(#|-|\+|(?<number>\d{1,9})(?=[.)]))/u, head);

const head = (_: string, blank: string, mark: string, number: string | undefined): string =>
  number === undefined ? `${blank}\\${mark}` : `${blank}${mark}\u2060`;

/** Only these bytes are in a URL of ours, so that nothing in it ends it. */
const urlOf = (url: string): string => url.replace(/[<>()\s"`\\^{}|*[\]]/gu, percent);

function percent(found: string): string {
  const coded = encodeURIComponent(found);
  return coded === found ? `%${found.charCodeAt(0).toString(16).toUpperCase()}` : coded;
}

function bodyOf(span: Span): string {
  switch (span.kind) {
    case "text":
      return escaped(oneLine(span.text));
    case "code":
      return codeOf(oneLine(span.text));
    case "link":
      return span.text === span.url ? `<${urlOf(span.url)}>` : `[${escaped(oneLine(span.text))}](<${urlOf(span.url)}>)`;
    case "date":
      return dateToken(span.iso, span.format);
  }
}

const oneLine = (text: string): string => wellFormed(text).replace(/\n/gu, " ");

/** Ticks in it become letters that look the same: Discord has no escape for them there. */
function codeOf(text: string): string {
  const code = text.replace(/`/gu, "ˋ");
  return `\`${code.trim() === "" ? " " : code}\``;
}

const marksOf = ({ bold, italic, strike }: Style): string =>
  `${strike ? "~~" : ""}${bold ? "**" : ""}${italic ? "_" : ""}`;
/** Keeps neighbouring marks apart; nobody sees it. */
const EDGE = "\u200B";

/** One line. Line ends in spans are blanks. */
export function writeLine(spans: readonly Span[]): Markdown {
  let out = "";
  for (let at = 0; at < spans.length; ) {
    const marks = marksOf(spans[at]?.style ?? PLAIN);
    let body = "";
    for (; at < spans.length; at++) {
      const span = spans[at];
      if (span === undefined || marksOf(span.style) !== marks) break;
      body += bodyOf(span);
    }
    const [, lead = "", inner = "", trail = ""] = /^(\s*)(.*?)(\s*)$/su.exec(body) ?? [];
    const edge = marks !== "" && inner !== "" && /[*_~\p{L}\p{N}]$/u.test(`${out}${lead}`) ? EDGE : "";
    out += inner === "" ? body : `${lead}${edge}${marks}${inner}${[...splitMarks(marks)].reverse().join("")}${trail}`;
    const next = spans[at];
    if (marks !== "" && inner !== "" && trail === "" && next !== undefined && marksOf(next.style) === "") {
      const follows = next.kind === "text" ? next.text : "x";
      if (/^[*_~\p{L}\p{N}]/u.test(follows)) out += EDGE;
    }
  }
  return escapedHead(out) as Markdown;
}

const splitMarks = (marks: string): readonly string[] => marks.match(/~~|\*\*|_/gu) ?? [];

/** Code, in which no run of ticks is long enough to end it. */
export function writeCode(text: string, language = ""): Markdown {
  const code = wellFormed(text).replace(/`{2,}/gu, (ticks) => [...ticks].join("\u2060"));
  const edged = code.replace(/^(?=`)/u, "\u2060").replace(/(?<=`)$/u, "\u2060");
  return `\`\`\`${language}\n${edged.trim() === "" ? "\u2060" : edged}\n\`\`\`` as Markdown;
}

/** Ours alone; nothing that a text contains can begin a line with them. */
const PREFIX = /^(?:> )?(?:\u00A0*(?:[•◦]|\d{1,9}[.)]) |\u00A0*)$/u;

export function writePiece(piece: Piece): Markdown {
  if (piece.kind === "code") return writeCode(piece.text);
  const line = writeLine(piece.spans);
  const prefix = PREFIX.test(piece.prefix) ? piece.prefix.replace(/(\d)([.)]) $/u, "$1\u2060$2 ") : "";
  return `${prefix}${line}` as Markdown;
}

/** Lines under each other. */
export const joinLines = (lines: readonly Markdown[]): Markdown => lines.join("\n") as Markdown;

/** Text of ours or data, with its instants and nothing else that Discord would parse. */
export const markdownOf = (text: string, style: Style = PLAIN): Markdown => writeLine(spansOf(text, style));

/** Small print. */
export const smallPrint = (text: Markdown): Markdown => `-# ${text}` as Markdown;

/** Notifies that person where the message allows it. @throws RangeError when it is not the id of a user */
export function mentionUser(id: string): Markdown {
  if (!/^\d{15,20}$/u.test(id)) throw new RangeError("That is not the id of somebody in Discord.");
  return `<@${id}>` as Markdown;
}
