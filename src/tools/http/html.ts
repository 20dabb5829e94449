/** HTML as text that reads well and stays the same when only its markup changes. */
import type { FormatCallback, HtmlToTextOptions } from "html-to-text";
import { readingMarkup } from "./markup.ts";

const MAX_TITLE = 300;

/** Cells apart, rows on lines of their own. The library's table layout pads columns: one longer word would change every line. */
const cell: FormatCallback = (elem, walk, builder) => {
  walk(elem.children, builder);
  builder.addInline(" ");
};

const LINE = { leadingLineBreaks: 1, trailingLineBreaks: 1 };
const OPTIONS: HtmlToTextOptions = {
  wordwrap: false,
  formatters: { cell },
  selectors: [
    ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: "tr", format: "block", options: LINE },
    { selector: "td", format: "cell" },
    { selector: "th", format: "cell" },
  ],
};

export interface ReadableHtml {
  readonly title: string | null;
  readonly text: string;
  readonly truncated: boolean;
}

/** @param url what relative links are relative to */
export async function readableHtml(document: string, url: string): Promise<ReadableHtml> {
  // Loaded when first needed, like the HTTP client.
  const { convert } = await import("html-to-text");
  const links = { selector: "a", options: { baseUrl: url, hideLinkHrefIfSameAsText: true, noAnchorUrl: true } };
  const markup = readingMarkup(document);
  const text = convert(markup.html, { ...OPTIONS, selectors: [...(OPTIONS.selectors ?? []), links] });
  const title = convert((markup.title ?? "").replaceAll("<", "&lt;"), OPTIONS)
    .replace(/\s+/g, " ")
    .trim();
  return {
    title: title === "" ? null : title.slice(0, MAX_TITLE),
    text: text
      .split("\n")
      .map((line) => line.trimEnd())
      .join("\n")
      .replace(/\n{3,}/g, "\n\n")
      .trim(),
    truncated: markup.truncated,
  };
}
