/**
 * Markdown within a paragraph, as models write it: emphasis by CommonMark's rules, code, links, escapes. Takes time in
 * proportion to the text, whatever it is: every search has a bound. Pure.
 */
import { mapInstants } from "../cards/instants.ts";
import { PLAIN, type Span, type Style } from "./pieces.ts";

interface Delimiter {
  readonly mark: "*" | "_" | "~";
  readonly length: number;
  left: number;
  readonly opens: boolean;
  readonly closes: boolean;
  /** Styles that begin or end here. */
  readonly begins: (keyof Style)[];
  readonly ends: (keyof Style)[];
}

type Item = Exclude<Span, { kind: "text" }> | { kind: "text"; text: string } | { kind: "mark"; mark: Delimiter };

const INSTANT = /\{t:[^{}|]{1,40}\|[a-z_]{1,12}\}/uy;
const BARE_URL = /https?:\/\/[^\s<>"'`|\\]{1,1500}/iuy;
const AUTOLINK = /<(https?:\/\/[^\s<>]{1,1500})>/iuy;
const BREAK = /<br ?\/?>/iuy;
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos|nbsp));/iuy;
const ESCAPE = /\\([!-/:-@[-`{-~])/uy;
const TICKS = /`+/uy;
const MARKS = /\*+|_+|~~(?!~)/uy;
const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00A0" };
const PUNCTUATION = /[\p{P}\p{S}]/u;
const MAX_OPEN = 40;
const MAX_LABEL = 500;
const MAX_CODE = 2_000;

/** @param text one paragraph; its line ends stay in the spans' text */
export function parseInline(text: string): readonly Span[] {
  return styled(paired(itemsOf(text)));
}

function itemsOf(text: string): Item[] {
  const items: Item[] = [];
  let plain = "";
  const push = (item: Item): void => {
    if (plain !== "") items.push({ kind: "text", text: plain });
    plain = "";
    items.push(item);
  };
  const match = (form: RegExp, at: number): RegExpExecArray | null => {
    form.lastIndex = at;
    return form.exec(text);
  };
  for (let at = 0; at < text.length; ) {
    const found = special(text, at, match);
    if (found === null) {
      plain += text[at] ?? "";
      at++;
      continue;
    }
    if (found.item.kind === "text") plain += found.item.text;
    else push(found.item);
    at += found.length;
  }
  if (plain !== "") items.push({ kind: "text", text: plain });
  return items;
}

type Match = (form: RegExp, at: number) => RegExpExecArray | null;
interface Found {
  readonly item: Item;
  readonly length: number;
}

/** What begins at a place, or null for a letter like any other. */
function special(text: string, at: number, match: Match): Found | null {
  switch (text[at]) {
    case "\\": {
      const [whole, mark] = match(ESCAPE, at) ?? [];
      return whole === undefined ? null : { item: { kind: "text", text: mark ?? "" }, length: whole.length };
    }
    case "{":
      return instantAt(match(INSTANT, at)?.[0]);
    case "`":
      return codeAt(text, at, match(TICKS, at)?.[0].length ?? 1);
    case "&": {
      const entity = match(ENTITY, at);
      return entity === null ? null : { item: { kind: "text", text: decoded(entity) }, length: entity[0].length };
    }
    case "<": {
      const auto = match(AUTOLINK, at);
      if (auto?.[1] !== undefined) return linkTo(auto[1], auto[1], auto[0].length);
      const end = match(BREAK, at);
      return end === null ? null : { item: { kind: "text", text: "\n" }, length: end[0].length };
    }
    case "!":
      return text[at + 1] === "[" ? linkAt(text, at, at + 1) : null;
    case "[":
      return linkAt(text, at, at);
    case "h":
    case "H": {
      const url = trimmed(match(BARE_URL, at)?.[0] ?? "");
      return url.length < 10 ? null : linkTo(url, url, url.length);
    }
    case "*":
    case "_":
    case "~": {
      const run = match(MARKS, at)?.[0];
      return run === undefined ? null : { item: { kind: "mark", mark: delimiter(text, at, run) }, length: run.length };
    }
    default:
      return null;
  }
}

function instantAt(token: string | undefined): Found | null {
  if (token === undefined) return null;
  let item: Item | null = null;
  mapInstants(token, (iso, format) => {
    item = { kind: "date", iso, format, style: PLAIN };
    return "";
  });
  return item === null ? null : { item, length: token.length };
}

function codeAt(text: string, at: number, ticks: number): Found {
  const fence = "`".repeat(ticks);
  const within = text.slice(at + ticks, at + ticks + MAX_CODE);
  for (let end = within.indexOf(fence); end !== -1; ) {
    let after = end + ticks;
    while (within[after] === "`") after++;
    if (after - end === ticks && end > 0) {
      const code = within.slice(0, end).replace(/\n/gu, " ");
      const inner = /^ .*[^ ].* $/u.test(code) ? code.slice(1, -1) : code;
      return { item: { kind: "code", text: inner, style: PLAIN }, length: after + ticks };
    }
    end = within.indexOf(fence, after);
  }
  return { item: { kind: "text", text: fence }, length: ticks };
}

function decoded([whole, decimal, hexadecimal, name]: RegExpExecArray): string {
  if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
  const code = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
  return code > 31 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
}

/** A full stop after a URL ends the sentence, and a bracket that it did not open ends what it stands in. */
function trimmed(url: string): string {
  let end = url.length;
  for (; end > 0; end--) {
    const last = url[end - 1] ?? "";
    if (/[.,;:!?*_~…]/u.test(last)) continue;
    const closes = last === ")" ? "(" : last === "]" ? "[" : last === "}" ? "{" : null;
    if (closes === null || url.slice(0, end).split(closes).length >= url.slice(0, end).split(last).length) break;
  }
  return url.slice(0, end);
}

const HOST = /(?:^|[^\w.@-])((?:[\p{L}\p{N}-]+\.)+\p{L}{2,})/iu;

/** A label that names another place than the link goes to would deceive: the place itself is shown. */
function linkTo(url: string, label: string, length: number): Found {
  const said = HOST.exec(label)?.[1]?.toLowerCase();
  const host = /^https?:\/\/(?:[^/?#]*@)?([^/?#:]*)/iu.exec(url)?.[1]?.toLowerCase() ?? "";
  const honest =
    said === undefined || host === said || host.endsWith(`.${said}`) || host === said.replace(/^www\./u, "");
  const text = honest && label.trim() !== "" ? label : url;
  return { item: { kind: "link", text, url, style: PLAIN }, length };
}

/** `[label](url "title")`, or an image, which is a link to it. @param open where its bracket is */
function linkAt(text: string, at: number, open: number): Found | null {
  let depth = 0;
  let end = open;
  for (; end < text.length && end - open < MAX_LABEL; end++) {
    const letter = text[end];
    if (letter === "\\") end++;
    else if (letter === "[") depth++;
    else if (letter === "]" && --depth === 0) break;
    else if (letter === "\n" && text[end + 1] === "\n") return null;
  }
  if (text[end] !== "]" || text[end + 1] !== "(") return null;
  const target =
    /^\(\s{0,9}(?:<(https?:\/\/[^\s<>]{1,1500})>|(https?:\/\/(?:[^\s()<>]|\([^\s()<>]{0,200}\)){1,1500}))(?:\s{1,9}(?:"[^"\n]{0,300}"|'[^'\n]{0,300}'))?\s{0,9}\)/iu.exec(
      text.slice(end + 1, end + 2_200),
    );
  const url = target?.[1] ?? target?.[2];
  if (target === null || url === undefined) return null;
  const label = text
    .slice(open + 1, end)
    .replace(/\\([!-/:-@[-`{-~])/gu, "$1")
    .replace(/!?\[([^[\]]*)\]\([^()]*\)/gu, "$1")
    .replace(/\*\*|__|~~|`/gu, "")
    .replace(/\s+/gu, " ")
    .trim();
  return linkTo(url, label, end + 1 + target[0].length - at);
}

/** CommonMark 6.2: which side of a word a run of marks stands on. */
function delimiter(text: string, at: number, run: string): Delimiter {
  const before = text[at - 1] ?? " ";
  const after = text[at + run.length] ?? " ";
  const leftFlanking =
    !/\s/u.test(after) && (!PUNCTUATION.test(after) || /\s/u.test(before) || PUNCTUATION.test(before));
  const rightFlanking =
    !/\s/u.test(before) && (!PUNCTUATION.test(before) || /\s/u.test(after) || PUNCTUATION.test(after));
  const mark = run[0] as Delimiter["mark"];
  const word = mark === "_";
  return {
    mark,
    length: run.length,
    left: run.length,
    opens: leftFlanking && (!word || !rightFlanking || PUNCTUATION.test(before)),
    closes: rightFlanking && (!word || !leftFlanking || PUNCTUATION.test(after)),
    begins: [],
    ends: [],
  };
}

/** Finds which marks belong together; what is left over of them is text. */
function paired(items: Item[]): Item[] {
  const open: Delimiter[] = [];
  for (const item of items) {
    if (item.kind !== "mark") continue;
    const closer = item.mark;
    for (let back = open.length - 1; closer.closes && closer.left > 0 && back >= 0; back--) {
      const opener = open[back];
      if (opener === undefined || opener.mark !== closer.mark) continue;
      const both = opener.closes || closer.opens;
      if (both && (opener.length + closer.length) % 3 === 0 && (opener.length % 3 !== 0 || closer.length % 3 !== 0))
        continue;
      while (opener.left > 0 && closer.left > 0) {
        const strong = opener.left > 1 && closer.left > 1;
        const style = closer.mark === "~" ? "strike" : strong ? "bold" : "italic";
        opener.begins.push(style);
        closer.ends.push(style);
        opener.left -= strong ? 2 : 1;
        closer.left -= strong ? 2 : 1;
      }
      open.length = opener.left > 0 ? back + 1 : back;
    }
    if (closer.opens && closer.left > 0) {
      if (open.length === MAX_OPEN) open.shift();
      open.push(closer);
    }
  }
  return items;
}

function styled(items: readonly Item[]): readonly Span[] {
  const spans: Span[] = [];
  const depth: Record<keyof Style, number> = { bold: 0, italic: 0, strike: 0 };
  const style = (): Style => ({ bold: depth.bold > 0, italic: depth.italic > 0, strike: depth.strike > 0 });
  for (const item of items) {
    if (item.kind === "text") spans.push({ kind: "text", text: item.text, style: style() });
    else if (item.kind !== "mark") spans.push({ ...item, style: style() });
    else {
      const { mark, left, begins, ends } = item.mark;
      for (const name of ends) depth[name]--;
      if (left > 0) spans.push({ kind: "text", text: mark.repeat(left), style: style() });
      for (const name of begins) depth[name]++;
    }
  }
  return merged(spans);
}

/** Neighbours of one style are one. */
function merged(spans: readonly Span[]): readonly Span[] {
  const out: Span[] = [];
  for (const span of spans) {
    const last = out.at(-1);
    const same =
      last?.kind === "text" &&
      span.kind === "text" &&
      last.style.bold === span.style.bold &&
      last.style.italic === span.style.italic &&
      last.style.strike === span.style.strike;
    if (same) out[out.length - 1] = { ...last, text: last.text + span.text };
    else out.push(span);
  }
  return out;
}
