/** Text of models, tools and people on cards: data that can neither hide something nor look like something else. Pure. */
import { instant } from "./card.ts";
import { mapInstants } from "./instants.ts";

const COMPLEX = "[\\p{Script=Arabic}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Malayalam}\\p{Script=Sinhala}]";
/** Invisible characters that a script or an emoji needs to look right. */
const NEEDED = [
  "(?<=\\p{Emoji})\\uFE0F",
  "(?<=[\\p{Extended_Pictographic}\\uFE0F\\u{1F3FB}-\\u{1F3FF}])\\u200D(?=\\p{Extended_Pictographic})",
  `(?<=${COMPLEX})[\\u200C\\u200D](?=${COMPLEX})`,
].join("|");
const CONTROL = "[\\p{Cc}\\u2028\\u2029]";
/** Zero-width characters, bidi overrides, fillers, tags (all ignorable by UAX #44), and halves of characters. */
const INVISIBLE = new RegExp(`(${NEEDED})|\\p{Default_Ignorable_Code_Point}|\\p{Cs}`, "gu");
const HIDDEN = new RegExp(`(${NEEDED})|${CONTROL}|\\p{Default_Ignorable_Code_Point}|\\p{Cs}`, "gu");
const INSTANT = /\{(?=t:)/gu;
const ISO = /(?<!t:)\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)(?!:?\d)/gu;

/** Columns an instant takes when it is shown; more or less. */
const INSTANT_WIDTH = 16;

const visible = (text: string): string => text.replace(INVISIBLE, (_, needed: string | undefined) => needed ?? "");

/** One line of data: what cannot be seen is gone, runs of blanks are one, and it holds no instant of ours. */
export function plain(text: string): string {
  return visible(text)
    .replace(/\s+/gu, " ")
    .replace(/\p{Cc}/gu, "")
    .trim()
    .replace(INSTANT, "{ ");
}

/** Data of several lines, for a card's text: as {@link plain}, with its lines kept. */
export function prose(text: string): string {
  return visible(text)
    .replace(/\r\n?|[\u2028\u2029]/gu, "\n")
    .replace(/[^\P{Cc}\n\t]/gu, "")
    .replace(/\n{3,}/gu, "\n\n")
    .trim()
    .replace(INSTANT, "{ ");
}

/** A line of a diff: its sign and its indentation stay. */
export function diffLine(line: string): string {
  const text = visible(line)
    .replace(/[\s\p{Cc}]/gu, " ")
    .replace(INSTANT, "{ ");
  return (/^(?:[+-](?: |$)| {2})/u.test(text) ? text : `  ${text}`).trimEnd();
}

/** A line of a diff that people decide on: its sign and its indentation stay, what cannot be seen is written out. */
export function markedLine(line: string): string {
  const text = line
    .replace(HIDDEN, (found, needed: string | undefined) => needed ?? (found === "\t" ? "  " : codePoints(found)))
    .replace(INSTANT, "{ ");
  return (/^(?:[+-](?: |$)| {2})/u.test(text) ? text : `  ${text}`).trimEnd();
}

/** JSON as it is, with everything that cannot be seen written as an escape: for what people are asked to approve. */
export function exact(json: string): string {
  return json
    .replace(HIDDEN, (found, needed: string | undefined) => needed ?? escaped(found))
    .replace(INSTANT, "\\u007b");
}

/** One line of data with everything that cannot be seen written as ‹U+202E›: what people decide on hides nothing. */
export function marked(text: string): string {
  return text
    .replace(
      HIDDEN,
      (found, needed: string | undefined) => needed ?? (/^[\t\n\r]$/u.test(found) ? " " : codePoints(found)),
    )
    .replace(/ {2,}/gu, " ")
    .trim()
    .replace(INSTANT, "{ ");
}

/** JSON as it is, likewise: nothing in it is cut, folded or hidden. */
export const markedJson = (json: string): string =>
  json.replace(HIDDEN, (found, needed: string | undefined) => needed ?? codePoints(found)).replace(INSTANT, "\\u007b");

const codePoints = (text: string): string =>
  Array.from(text, (letter) => `‹U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}›`).join(
    "",
  );

function escaped(character: string): string {
  let out = "";
  for (let at = 0; at < character.length; at++) {
    out += `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`;
  }
  return out;
}

/** At most so many characters, cut at a word and never within an instant, a character or a pair of them. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const units: { readonly text: string; readonly width: number }[] = [];
  mapInstants(
    text,
    (iso, style) => {
      units.push({ text: instant(iso, style), width: INSTANT_WIDTH });
      return "";
    },
    (between) => {
      for (const character of between) units.push({ text: character, width: 1 });
      return "";
    },
  );
  let width = 0;
  let keep = 0;
  for (const unit of units) {
    if (width + unit.width > most - 1) break;
    width += unit.width;
    keep++;
  }
  const whole = units.reduce((sum, unit) => sum + unit.width, 0);
  if (whole <= most) return text;
  const kept = units.slice(0, keep).map((unit) => unit.text);
  const blank = kept.lastIndexOf(" ");
  const atWord = units[keep]?.text === " " || blank < keep * 0.6 ? keep : blank;
  return `${kept.slice(0, atWord).join("").trimEnd()}…`;
}

/** ISO instants in a sentence of the orchestrator become instants of the reader's zone. */
export const withInstants = (text: string): string => text.replace(ISO, (iso) => instant(iso));

/** A person's name as cards show it. */
export function person(name: string): string {
  const shown = cut(plain(name), 60);
  if (shown.toLowerCase() === "claw") return "Claw";
  return shown.startsWith("@") ? shown : `@${shown === "" ? "somebody" : shown}`;
}
