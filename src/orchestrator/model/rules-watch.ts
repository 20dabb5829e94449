/** How the rules model sees that a page changed: what it noted last time against what it reads now. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { parseJson } from "./rules-instruction.ts";

/** A page as `http_get` gives it. */
export const Page = z.object({ status: z.number(), title: z.string().nullish(), text: z.string() });
export type Page = z.infer<typeof Page>;

const PageState = z.object({
  status: z.number(),
  title: z.string().nullable(),
  /** Of the whole text. */
  hash: z.string(),
  text: z.string(),
  /** `text` holds only the beginning. */
  more: z.boolean().optional(),
});
export type PageState = z.infer<typeof PageState>;

/** By URL as the instruction has it. */
export type States = ReadonlyMap<string, PageState>;

/** What `finish` takes, less a margin. */
const NOTES_LIMIT = 3_900;
const TEXT_LIMITS = [1_500, 1_000, 700, 500, 300, 200, 100, 0];
const TITLE_LIMIT = 100;
const KEY_LIMIT = 200;

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
const keyOf = (url: string): string => (url.length <= KEY_LIMIT ? url : `sha256:${digest(url)}`);

/** Notes that cannot be read, such as another model's, are no notes: the page is then seen for the first time. */
export function readNotes(notes: string | null, urls: readonly string[]): States {
  const parsed = z.record(z.string(), z.unknown()).safeParse(notes === null ? null : parseJson(notes));
  if (!parsed.success) return new Map();
  return new Map(
    urls.flatMap((url) => {
      const state = PageState.safeParse(parsed.data[keyOf(url)]);
      return state.success ? [[url, state.data] as const] : [];
    }),
  );
}

/** As much of each text as fits; a page that stays the same keeps its notes to the letter. */
export function writeNotes(states: States): string {
  const written = TEXT_LIMITS.map((limit) =>
    JSON.stringify(Object.fromEntries([...states].map(([url, state]) => [keyOf(url), shortened(state, limit)]))),
  );
  return written.find((notes) => notes.length <= NOTES_LIMIT) ?? "{}";
}

const shortened = (state: PageState, limit: number): PageState =>
  state.text.length <= limit ? state : { ...state, text: whole(state.text.slice(0, limit)), more: true };

/** Not half of a character. */
const whole = (text: string): string => text.replace(/[\uD800-\uDBFF]$/, "");

export const titleOf = (page: Page): string | null =>
  page.title?.replaceAll(/\s+/g, " ").trim().slice(0, TITLE_LIMIT) || null;

export function stateOf(page: Page): PageState {
  const text = clean(page.text);
  return { status: page.status, title: titleOf(page), hash: digest(text), text };
}

/** Lines without the white space that layout leaves. */
const clean = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.replaceAll(/\s+/g, " ").trim())
    .filter((line) => line !== "")
    .join("\n");

export const isSame = (before: PageState, now: PageState): boolean =>
  before.status === now.status && before.title === now.title && before.hash === now.hash;

/** Of a page whose old text is known whole. */
const COMPARED_CHARACTERS = 4_000;
const SHOWN_LINES = 10;
const SHOWN_CHARACTERS = 160;

/** What changed in the text, as lines of a diff; empty when the text is the same. */
export function changedLines(before: PageState, now: PageState): string[] {
  if (before.hash === now.hash) return [];
  const window = before.more ? before.text.length : COMPARED_CHARACTERS;
  const old = beginning(before.text, before.more === true);
  const edits = diff(old, beginning(now.text.slice(0, window), now.text.length > window));
  const shown = before.more ? withoutTail(edits, new Set(now.text.split("\n"))) : edits;
  if (shown.every(({ sign }) => sign === " "))
    return [`(further down than the first ${before.text.length} characters)`];
  const lines = excerpts(shown.filter(({ sign }) => sign !== " "));
  const left = lines.length - SHOWN_LINES;
  return left > 0 ? [...lines.slice(0, SHOWN_LINES), `(and ${left} more lines)`] : lines;
}

/** The last line of a cut text may be half of one. */
function beginning(text: string, isCut: boolean): string[] {
  const lines = text.split("\n");
  return isCut && lines.length > 1 ? lines.slice(0, -1) : lines;
}

interface Edit {
  readonly sign: "-" | "+" | " ";
  readonly line: string;
}

/** By the longest common subsequence; both sides hold some hundred lines at most. */
function diff(old: readonly string[], now: readonly string[]): Edit[] {
  const common: number[][] = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    const row = common[i] ?? [];
    for (let j = now.length - 1; j >= 0; j--) {
      row[j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const edits: Edit[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    const [gone, come] = [old[i], now[j]];
    if (gone !== undefined && gone === come) {
      edits.push({ sign: " ", line: gone });
      i++;
      j++;
    } else if (gone !== undefined && (come === undefined || at(i + 1, j) >= at(i, j + 1))) {
      edits.push({ sign: "-", line: gone });
      i++;
    } else {
      edits.push({ sign: "+", line: come ?? "" });
      j++;
    }
  }
  return edits;
}

/** Of a text that was noted in part, what an insertion pushed out at the end, or a deletion drew in, is no change. */
function withoutTail(edits: readonly Edit[], now: ReadonlySet<string>): readonly Edit[] {
  const last = edits.findLastIndex(({ sign }) => sign === " ");
  if (last < 0) return edits;
  const tail = edits.slice(last + 1).filter(({ sign, line }) => sign === "-" && !now.has(line));
  return [...edits.slice(0, last + 1), ...tail];
}

/** Lines cut to what is read at a glance; of one that replaces another, the part where they differ. */
function excerpts(edits: readonly Edit[]): string[] {
  return edits.map(({ sign, line }, index) => {
    const [before, after] = [edits[index - 1], edits[index + 1]];
    const other = sign === "-" ? (after?.sign === "+" ? after : null) : before?.sign === "-" ? before : null;
    const from = other ? Math.max(firstDifference(line, other.line) - 40, 0) : 0;
    const start = line.length <= SHOWN_CHARACTERS ? 0 : from;
    const end = start + SHOWN_CHARACTERS;
    return `${sign} ${start > 0 ? "…" : ""}${line.slice(start, end)}${end < line.length ? "…" : ""}`;
  });
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}
