/**
 * Slack's mrkdwn, written only here: whatever a text contains, it cannot become a mention, a link or a format of its own.
 * Pure.
 */
import { type Piece, PLAIN, type Span, type Style, spansOf } from "../chat/pieces.ts";
import { wellFormed } from "../chat/text.ts";
import { dateToken } from "./dates.ts";

declare const written: unique symbol;
/** Text that Slack may parse. Only the functions of this file make it. */
export type Mrkdwn = string & { readonly [written]: true };

/** Entities that Slack knows, and no others. */
const escaped = (text: string): string => text.replace(/&/gu, "&amp;").replace(/</gu, "&lt;").replace(/>/gu, "&gt;");

/** Old clients and `link_names` make these of plain words: an invisible joiner keeps the words and loses the ping. */
const unpinged = (text: string): string =>
  text.replace(/(?<![\p{L}\p{N}_.+-])@(?=(?:channel|here|everyone|group)\b)/giu, "@\u2060");

const LOOKALIKE: Readonly<Record<string, string>> = { "*": "∗", _: "ˍ", "~": "∼", "`": "ˋ" };
const MARK = /[*_~`]/gu;
const WORD = /[\p{L}\p{N}]/u;

/** Slack has no escape for its marks. Whether one could open or close a format where it stands. */
function sidesOf(line: string, at: number): { readonly opens: boolean; readonly closes: boolean } {
  const before = line[at - 1] ?? " ";
  const after = line[at + 1] ?? " ";
  return { opens: !WORD.test(before) && after !== " ", closes: before !== " " && !WORD.test(after) };
}

interface Halves {
  readonly opens: number;
  readonly closes: number;
  readonly all: number;
}

/** What stands in the place of what is not words. */
const OBJECT = "\uFFFC";

/**
 * The words of each span: marks that would change how the line looks become letters that look the same; those that would
 * not stay.
 */
function literal(spans: readonly Span[]): readonly string[] {
  const words = spans.map((span) => (span.kind === "text" || span.kind === "link" ? span.text : OBJECT));
  const line = words.join("");
  const halves: Record<string, Halves> = {};
  const count = (mark: string, opens: boolean, closes: boolean): void => {
    const found = halves[mark] ?? { opens: 0, closes: 0, all: 0 };
    halves[mark] = {
      opens: found.opens + (opens ? 1 : 0),
      closes: found.closes + (closes ? 1 : 0),
      all: found.all + (opens || closes ? 1 : 0),
    };
  };
  for (const span of spans) {
    for (const mark of [...styleKey(span.style), ...(span.kind === "code" ? ["`"] : [])]) {
      count(mark, true, false);
      count(mark, false, true);
    }
  }
  for (const { 0: mark, index } of line.matchAll(MARK)) {
    const { opens, closes } = sidesOf(line, index);
    count(mark, opens, closes);
  }
  const pairs = (mark: string): boolean => {
    const found = halves[mark];
    return found !== undefined && found.opens > 0 && found.closes > 0 && found.all > 1;
  };
  const safe = line.replace(MARK, (mark, at: number) => {
    const { opens, closes } = sidesOf(line, at);
    return (opens || closes) && pairs(mark) ? (LOOKALIKE[mark] ?? mark) : mark;
  });
  let from = 0;
  return words.map((word) => {
    from += word.length;
    return safe.slice(from - word.length, from);
  });
}

/** Only these bytes are in a URL of ours, so that nothing in it ends it. */
const urlOf = (url: string): string => escaped(url.replace(/[<>|\s"`\\^{}]/gu, (found) => encodeURIComponent(found)));

function bodyOf(span: Span, words: string): string {
  switch (span.kind) {
    case "text":
      return unpinged(escaped(words));
    case "code":
      return `\`${escaped(span.text.replace(/`/gu, "ˋ"))}\``;
    case "link":
      return span.text === span.url ? `<${urlOf(span.url)}>` : `<${urlOf(span.url)}|${unpinged(escaped(words))}>`;
    case "date":
      return dateToken(span.iso, span.format);
  }
}

const styleKey = ({ bold, italic, strike }: Style): string =>
  `${bold ? "*" : ""}${italic ? "_" : ""}${strike ? "~" : ""}`;
/** Slack sees a mark only at the edge of a word; this makes an edge that nobody sees. */
const EDGE = "\u200B";

/** One line. Line ends in spans are blanks. */
export function writeLine(given: readonly Span[]): Mrkdwn {
  const spans = given.map(
    (span): Span => (span.kind === "date" ? span : { ...span, text: wellFormed(span.text).replace(/\n/gu, " ") }),
  );
  const safe = literal(spans);
  let out = "";
  let formatted = false;
  const add = (text: string, marks: boolean): void => {
    if (text === "") return;
    const edge = (formatted && !/^[\s.,;:!?)\]]/u.test(text)) || (marks && /[^\s([]$/u.test(out));
    out += `${edge ? EDGE : ""}${text}`;
    formatted = marks;
  };
  for (let at = 0; at < spans.length; ) {
    const style = spans[at]?.style ?? PLAIN;
    const key = styleKey(style);
    let body = "";
    let code = false;
    for (; at < spans.length; at++) {
      const span = spans[at];
      if (
        span === undefined ||
        styleKey(span.style) !== key ||
        (key === "" && code !== (span.kind === "code") && body !== "")
      )
        break;
      code = span.kind === "code";
      body += bodyOf(span, safe[at] ?? "");
    }
    if (key === "") {
      add(body, code);
      continue;
    }
    const [, lead = "", inner = "", trail = ""] = /^(\s*)(.*?)(\s*)$/su.exec(body) ?? [];
    add(lead, false);
    if (inner !== "") add(`${key}${inner}${[...key].reverse().join("")}`, true);
    add(trail, false);
  }
  // At the start of a line this is a quote, however it is written.
  return (/^\s*(?:&gt;|＞)/u.test(out) ? `\u2060${out}` : out) as Mrkdwn;
}

/** Code, in which no run of ticks is long enough to end it. */
export function writeCode(text: string): Mrkdwn {
  const code = escaped(wellFormed(text).replace(/`{3,}/gu, (ticks) => [...ticks].join("\u2060")));
  // A tick at its edge would make the fence another one, and an empty fence is none.
  const edged = code.replace(/^(?=`)/u, "\u2060").replace(/(?<=`)$/u, "\u2060");
  return `\`\`\`${edged.trim() === "" ? "\u2060" : edged}\`\`\`` as Mrkdwn;
}

export const writePiece = (piece: Piece): Mrkdwn =>
  piece.kind === "code" ? writeCode(piece.text) : (`${piece.prefix}${writeLine(piece.spans)}` as Mrkdwn);

/** Lines of mrkdwn under each other. */
export const joinLines = (lines: readonly Mrkdwn[]): Mrkdwn => lines.join("\n") as Mrkdwn;

/** Text of ours or data, with its instants and nothing else that Slack would parse. */
export const mrkdwnOf = (text: string, style: Style = PLAIN): Mrkdwn => writeLine(spansOf(text, style));

/** Notifies that person. @throws RangeError when it is not the id of a Slack user */
export const mentionUser = (id: string): Mrkdwn => mention("@", /^[UW][A-Z0-9]{2,20}$/u, id);
/** Notifies that user group. @throws RangeError when it is not the id of a Slack user group */
export const mentionGroup = (id: string): Mrkdwn => mention("!subteam^", /^S[A-Z0-9]{2,20}$/u, id);
/** Links to that channel; notifies nobody. @throws RangeError when it is not the id of a Slack channel */
export const linkChannel = (id: string): Mrkdwn => mention("#", /^[CG][A-Z0-9]{2,20}$/u, id);

function mention(sign: string, form: RegExp, id: string): Mrkdwn {
  if (!form.test(id)) throw new RangeError("That is not the id of somebody or something in Slack.");
  return `<${sign}${id}>` as Mrkdwn;
}
