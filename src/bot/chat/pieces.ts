/** Formatted text before a chat platform's own writer makes its markup of it. Pure. */
import { mapInstants } from "../cards/instants.ts";
import { type InstantStyle, utcInstant } from "./dates.ts";

export interface Style {
  readonly bold: boolean;
  readonly italic: boolean;
  readonly strike: boolean;
}

export const PLAIN: Style = { bold: false, italic: false, strike: false };
export const BOLD: Style = { ...PLAIN, bold: true };

export type Span =
  | { readonly kind: "text" | "code"; readonly text: string; readonly style: Style }
  /** `url` is http or https. */
  | { readonly kind: "link"; readonly text: string; readonly url: string; readonly style: Style }
  | { readonly kind: "date"; readonly iso: string; readonly format: InstantStyle; readonly style: Style };

/** A line of text, or lines of code, which nothing in them can end. */
export type Piece =
  | { readonly kind: "line"; readonly prefix: string; readonly spans: readonly Span[] }
  | { readonly kind: "code"; readonly text: string };

/** Raw text with our instants, as spans. */
export function spansOf(text: string, style: Style = PLAIN): readonly Span[] {
  const spans: Span[] = [];
  mapInstants(
    text,
    (iso, format) => {
      spans.push({ kind: "date", iso, format, style });
      return "";
    },
    (between) => {
      if (between !== "") spans.push({ kind: "text", text: between, style });
      return "";
    },
  );
  return spans;
}

/** What a span says, without any format. */
export const wordsOf = (span: Span): string => (span.kind === "date" ? utcInstant(span.iso, span.format) : span.text);
