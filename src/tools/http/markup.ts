/**
 * The part of an HTML document that matters for reading, as flat and regular HTML. One pass, in time linear in the
 * document, because what comes next (a real parser) is quadratic in the depth of what strangers nest.
 */

export interface Markup {
  /** Regular HTML: known tags only, shallow, no comments, no scripts. */
  readonly html: string;
  /** As it stands, with its entities; null when there is none. */
  readonly title: string | null;
  /** There was more than `MAX_MARKUP`. */
  readonly truncated: boolean;
}

/** UTF-16 units kept; far more than a model is given as text. */
const MAX_MARKUP = 256 * 1024;
/** Deeper structure is dropped; its text stays. */
const MAX_DEPTH = 24;
const MAX_HREF = 1_000;

const names = (list: string): ReadonlySet<string> => new Set(list.split(" "));

/** Elements whose content nobody reads, or that holds no markup. */
const RAW = names("script style noscript template svg canvas iframe object select textarea xmp title");
/** Elements whose nesting means something. */
const STRUCTURE = names("a ul ol li table tr td th pre blockquote h1 h2 h3 h4 h5 h6");
const PARAGRAPHS = names("p dl figure hr");
const LINES = names(
  "address article aside body caption center dd details dialog div dt fieldset figcaption footer form header hgroup html legend main menu nav option section summary tbody tfoot thead",
);
/** Structure that does not begin a line. */
const INLINE = names("a td th");
/** What an opening tag closes when it is the innermost open element: people leave these end tags out. */
const CLOSES: Readonly<Record<string, ReadonlySet<string>>> = {
  li: names("li"),
  td: names("td th"),
  th: names("td th"),
  tr: names("td th tr"),
  a: names("a"),
};

export function readingMarkup(document: string): Markup {
  const out: string[] = [];
  const open: string[] = [];
  let size = 0;
  let title: string | null = null;
  let at = 0;
  // Line breaks at the end of what was put; structure brings its own.
  let breaks = 2;
  const put = (piece: string): void => {
    out.push(piece);
    size += piece.length;
  };
  const text = (piece: string): void => {
    put(piece);
    if (/\S/.test(piece)) breaks = 0;
  };
  const line = (wanted: number): void => {
    for (; breaks < wanted; breaks += 1) put("<br>");
  };
  const close = (name: string): void => {
    const found = open.lastIndexOf(name);
    if (found < 0) return;
    for (const each of open.splice(found).reverse()) {
      put(`</${each}>`);
      if (!INLINE.has(each)) breaks = 2;
    }
  };
  const start = (name: string, attributes: string): void => {
    while (CLOSES[name]?.has(open.at(-1) ?? "")) close(open.at(-1) ?? "");
    if (open.length >= MAX_DEPTH) {
      if (INLINE.has(name)) put(" ");
      else line(1);
      return;
    }
    open.push(name);
    if (!INLINE.has(name)) breaks = 2;
    put(name === "a" ? `<a${hrefOf(attributes)}>` : `<${name}>`);
  };

  while (at < document.length && size < MAX_MARKUP) {
    const tagAt = document.indexOf("<", at);
    const textEnd = tagAt < 0 ? document.length : tagAt;
    if (textEnd > at + MAX_MARKUP) {
      text(document.slice(at, at + MAX_MARKUP));
      break;
    }
    if (textEnd > at) text(document.slice(at, textEnd));
    at = textEnd;
    if (tagAt < 0) break;
    const tag = tagFrom(document, tagAt);
    at = tag.end;
    if (tag.kind === "text") text("&lt;");
    if (tag.kind !== "tag") continue;
    const { name } = tag;
    if (RAW.has(name)) {
      if (tag.closing) continue;
      const contentEnd = endOfRaw(document, name, tag.end);
      if (name === "title") title ??= document.slice(tag.end, Math.min(contentEnd, tag.end + MAX_HREF));
      at = contentEnd;
    } else if (STRUCTURE.has(name)) {
      if (tag.closing) close(name);
      else start(name, tag.attributes);
    } else if (name === "br") {
      if (breaks < 2) line(breaks + 1);
    } else if (PARAGRAPHS.has(name)) line(2);
    else if (LINES.has(name)) line(1);
  }
  return { html: out.join(""), title, truncated: at < document.length };
}

type Tag =
  | {
      readonly kind: "tag";
      readonly name: string;
      readonly closing: boolean;
      readonly attributes: string;
      readonly end: number;
    }
  /** A comment, a doctype, a processing instruction, or a tag that the end of the document cuts. */
  | { readonly kind: "nothing"; readonly end: number }
  /** A `<` that opens nothing. */
  | { readonly kind: "text"; readonly end: number };

const NAME = /(\/?)([a-zA-Z][^\s/>]{0,60})/y;

function tagFrom(document: string, at: number): Tag {
  if (document.startsWith("<!--", at)) return { kind: "nothing", end: after(document, "-->", at + 4) };
  const second = document.charAt(at + 1);
  if (second === "!" || second === "?") return { kind: "nothing", end: after(document, ">", at) };
  NAME.lastIndex = at + 1;
  const found = NAME.exec(document);
  if (!found) return { kind: "text", end: at + 1 };
  const [whole, slash, name = ""] = found;
  const attributesAt = at + 1 + whole.length;
  const end = tagEnd(document, attributesAt);
  if (end === null) return { kind: "nothing", end: document.length };
  const attributes = document.slice(attributesAt, Math.min(end - 1, attributesAt + 4 * MAX_HREF));
  return { kind: "tag", name: name.toLowerCase(), closing: slash === "/", attributes, end };
}

/** Past the `>` that ends a tag; a `>` within a quoted value does not. Null when the document ends first. */
function tagEnd(document: string, from: number): number | null {
  let value = false;
  for (let at = from; at < document.length; at += 1) {
    const character = document[at];
    if (character === ">") return at + 1;
    if (value && (character === '"' || character === "'")) {
      at = document.indexOf(character, at + 1);
      if (at < 0) return null;
    }
    value = character === "=" || (value && (character === " " || character === "\n" || character === "\t"));
  }
  return null;
}

function after(document: string, mark: string, from: number): number {
  const found = document.indexOf(mark, from);
  return found < 0 ? document.length : found + mark.length;
}

/** Where the content of a raw element ends: at its end tag, which is then read like any other. */
function endOfRaw(document: string, name: string, from: number): number {
  const end = new RegExp(`</${name}(?=[\\s/>])`, "gi");
  end.lastIndex = from;
  return end.exec(document)?.index ?? document.length;
}

function hrefOf(attributes: string): string {
  const found = /(?:^|\s)href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i.exec(attributes);
  const href = found?.[1] ?? found?.[2] ?? found?.[3] ?? "";
  if (href === "" || href.length > MAX_HREF || /^\s*(javascript|data|vbscript):/i.test(href)) return "";
  return ` href="${href.replaceAll('"', "&quot;")}"`;
}
