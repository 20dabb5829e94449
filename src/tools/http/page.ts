/** From a response's bytes to text that a model can read. */
import { createHash } from "node:crypto";
import { cutWithoutSecrets, withoutSecrets } from "../secret-text.ts";
import { cut, storableText } from "../text.ts";
import { readableHtml } from "./html.ts";

/** Characters of text a model is given. */
export const MAX_TEXT = 20_000;
/** How far into a document its own word on its charset is looked for. */
const CHARSET_WITHIN = 1024;

export interface Page {
  readonly title: string | null;
  readonly text: string;
  readonly truncated: boolean;
  /** Of its whole readable text, also where `text` was cut. */
  readonly digest: string;
}

export const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * Null when the bytes are no text.
 * @param hidden secrets that the request carried: a page that repeats them is read without
 */
export async function readPage(
  bytes: Buffer,
  contentType: string | null,
  url: string,
  truncated: boolean,
  hidden: readonly string[] = [],
): Promise<Page | null> {
  if (bytes.length === 0) return { title: null, text: "", truncated, digest: digestOf("") };
  const kind = kindOf(contentType, bytes);
  if (kind === "binary") return null;
  const whole = decode(bytes, contentType, truncated);
  const read = kind === "html" ? await readableHtml(whole, url) : { title: null, text: whole, truncated: false };
  const cutOff = truncated || read.truncated;
  const text = storableText(cutOff ? cutWithoutSecrets(read.text, hidden) : withoutSecrets(read.text, hidden));
  const title = read.title && storableText(cutWithoutSecrets(read.title, hidden));
  const short = cut(text, MAX_TEXT);
  return {
    title,
    text: short.text,
    truncated: cutOff || short.truncated,
    digest: digestOf(`${title ?? ""}\n${text}`),
  };
}

function kindOf(contentType: string | null, bytes: Buffer): "html" | "text" | "binary" {
  const type = (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const start = bytes.subarray(0, CHARSET_WITHIN);
  // A wrong label must not hand bytes to a model as if they were words; UTF-16 is text with many zeros.
  if (start.includes(0) && !/charset="?utf-?(16|32)/i.test(contentType ?? "") && !hasUtf16Mark(bytes)) return "binary";
  if (type === "text/html" || type === "application/xhtml+xml") return "html";
  if (type.startsWith("text/") || /[/+](json|xml|yaml|x-yaml|javascript|x-ndjson|ndjson|toml|csv)$/.test(type))
    return "text";
  if (type === "application/x-www-form-urlencoded" || type === "application/graphql") return "text";
  if (type !== "") return "binary";
  return /^\s*<(!doctype html|html)/i.test(start.toString("latin1")) ? "html" : "text";
}

const hasUtf16Mark = (bytes: Buffer): boolean =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);

/** Decodes by byte order mark, header, or the document's own word, in this order; UTF-8 that is none is read as Windows-1252. */
export function decode(bytes: Buffer, contentType: string | null, truncated: boolean): string {
  const label = markOf(bytes) ?? charsetIn(contentType) ?? charsetOf(bytes) ?? "utf-8";
  const decoder = decoderFor(label) ?? new TextDecoder("utf-8", { fatal: true });
  try {
    // A cut may fall within a character, which `stream` waits for instead of refusing.
    return decoder.decode(bytes, { stream: truncated });
  } catch {
    return new TextDecoder(decoder.encoding === "utf-8" ? "windows-1252" : decoder.encoding).decode(bytes);
  }
}

function decoderFor(label: string): TextDecoder | null {
  try {
    return new TextDecoder(label, { fatal: true });
  } catch {
    return null;
  }
}

function markOf(bytes: Buffer): string | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (!hasUtf16Mark(bytes)) return null;
  return bytes[0] === 0xff ? "utf-16le" : "utf-16be";
}

const charsetIn = (text: string | null): string | null =>
  /charset\s*=\s*["']?([\w:.-]+)/i.exec(text ?? "")?.[1] ?? null;

function charsetOf(bytes: Buffer): string | null {
  const start = bytes.subarray(0, CHARSET_WITHIN).toString("latin1");
  const said = /<meta[^>]{0,200}>/gi;
  for (const [tag] of start.matchAll(said)) {
    const charset = charsetIn(tag);
    if (charset) return charset;
  }
  return /^<\?xml[^>]{0,200}encoding\s*=\s*["']([\w:.-]+)/i.exec(start)?.[1] ?? null;
}
