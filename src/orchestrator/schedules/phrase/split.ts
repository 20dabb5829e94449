/** Where the schedule of a phrase ends and the instruction begins, or the other way round. */
import { nearestZones } from "../zone.ts";
import type { Draft } from "./draft.ts";
import { FILLERS, readWhen, startsClause } from "./grammar.ts";
import { joinedDrafts } from "./merge.ts";
import { ENDING_MARKS, type Token } from "./tokens.ts";
import { numberNamed } from "./vocabulary.ts";

export interface Side {
  readonly draft: Draft;
  /** What is left for the instruction, byte for byte. */
  readonly instruction: string;
}

export type Split =
  | { readonly kind: "one"; readonly side: Side }
  /** Both ends say when. */
  | { readonly kind: "both"; readonly lead: Side; readonly trail: Side }
  /** The end says when, but may belong to the words before it: "PRs opened every night". */
  | { readonly kind: "attached"; readonly side: Side; readonly words: string }
  /** The schedule goes on with something that was not understood. */
  | { readonly kind: "leftover"; readonly rest: string }
  | { readonly kind: "strange_zone"; readonly name: string; readonly instruction: string }
  /** `reason` is null when nothing at all says when. */
  | { readonly kind: "none"; readonly reason: string | null };

/** A schedule at the end of a phrase is no longer than this many tokens. */
const LONGEST_TRAIL = 80;

const skipsAtEnd = (token: Token): boolean =>
  (token.kind === "mark" && ENDING_MARKS.has(token.text)) || (FILLERS as readonly string[]).includes(token.text);

interface Lead extends Side {
  readonly end: number;
  /** A mark says that the schedule ends here, so nothing behind it is looked at. */
  readonly closed: boolean;
  readonly comma: boolean;
}

function leadOf(text: string, tokens: readonly Token[]): Lead | null {
  const when = readWhen(text, tokens, 0);
  if (when === null) return null;
  // "Sun is shining": a weekday alone at the front is a word like others.
  if (tokens[0]?.text !== "on" && when.draft.days?.by === "weekday" && sayLittle(when.draft)) return null;
  let { end } = when;
  let closed = false;
  let comma = false;
  // One mark parts the two; a second one belongs to the instruction.
  const mark = tokens[end];
  if (mark?.kind === "mark" && (ENDING_MARKS.has(mark.text) || mark.text === "-")) {
    comma = mark.text === ",";
    closed = !comma && mark.text !== ")";
    end += 1;
  }
  while (!closed && (FILLERS as readonly string[]).includes(tokens[end]?.text ?? "")) end += 1;
  const rest = tokens[end];
  return {
    draft: when.draft,
    end,
    closed,
    comma,
    instruction: rest === undefined ? "" : text.slice(rest.start).trim(),
  };
}

const hasClock = (draft: Draft): boolean =>
  draft.times.length > 0 || draft.every !== null || draft.delay !== null || draft.cron !== null;

const hasTime = (draft: Draft): boolean => hasClock(draft) || draft.parts.length > 0;

/** "at 9" alone. */
const onlyTimes = (draft: Draft): boolean =>
  hasTime(draft) &&
  draft.days === null &&
  draft.date === null &&
  draft.every === null &&
  draft.delay === null &&
  draft.cron === null;

/** Without a time, these at the end of a text are more often part of what to do: "what changed today". */
function sayLittle(draft: Draft): boolean {
  if (hasTime(draft) || draft.choice !== null || draft.refusal !== null || draft.often !== null) return false;
  if (draft.date !== null) return draft.date.kind === "days" && draft.date.days === 0;
  return draft.days === null || draft.days.by === "weekday" || draft.days.by === "on";
}

/** After these words a time belongs to them: "changes since Monday at 9". */
const OWNERS: ReadonlySet<string> = new Set(
  "since of before after by until till for than to from per not never and or the a an this about between during within as with next last".split(
    " ",
  ),
);

/** After these it may: "PRs that are opened every night". */
const VERBS: ReadonlySet<string> = new Set(
  "that which who is are was were be been made run runs sent done built held due happen happens happening occurs comes starts ends opens closes".split(
    " ",
  ),
);

const isAttached = (word: string): boolean => VERBS.has(word) || (word.length > 4 && word.endsWith("ed"));

interface Trail extends Side {
  readonly start: number;
  readonly attached: boolean;
  readonly words: string;
}

function trailOf(text: string, tokens: readonly Token[]): Trail | null {
  let last = tokens.length;
  while (last > 0 && skipsAtEnd(tokens[last - 1] as Token)) last -= 1;
  for (let at = Math.max(1, last - LONGEST_TRAIL); at < last; at++) {
    const token = tokens[at];
    const before = tokens[at - 1];
    if (token === undefined || before === undefined || !token.leads || token.kind === "other") continue;
    const when = readWhen(text, tokens, at, true);
    if (when === null || when.end < last) continue;
    // What belongs to the word before it does so as a whole: no part of "since Monday at 9" says when.
    if (before.kind === "word" && OWNERS.has(before.text)) return null;
    if (sayLittle(when.draft)) continue;
    const weak = !hasClock(when.draft) || when.draft.date !== null;
    return {
      draft: when.draft,
      start: at,
      attached: weak && before.kind === "word" && isAttached(before.text),
      words: text.slice(token.start, tokens[last - 1]?.end),
      instruction: withoutSeparator(text.slice(0, token.start)),
    };
  }
  return null;
}

/** "check x, every day" and "check x - every day": the mark parted the two. */
function withoutSeparator(text: string): string {
  const trimmed = text.trim();
  const mark = trimmed.at(-1) ?? "";
  if (mark === "," || mark === ";") return trimmed.slice(0, -1).trimEnd();
  return /\s[-–—]$/.test(trimmed.slice(-2)) ? trimmed.slice(0, -1).trimEnd() : trimmed;
}

const BOUNDS: ReadonlySet<string> = new Set("until till except excluding starting beginning or unless".split(" "));
const OPENERS: ReadonlySet<string> = new Set(
  "every each at on in between from for tomorrow today tonight twice once but ending up as".split(" "),
);

/** True when the text behind a schedule goes on about when, so that to take it for the instruction would be a guess. */
function goesOn(text: string, tokens: readonly Token[], lead: Lead): boolean {
  const token = tokens[lead.end];
  const next = tokens[lead.end + 1];
  if (token === undefined) return false;
  if (token.kind === "mark") return token.text === "@" || (token.text === "-" && !token.leads);
  if (token.kind === "number") return lead.comma && lead.draft.times.length > 0 && Number(token.text) < 24;
  if (["am", "pm", "o'clock", "ish"].includes(token.text)) return true;
  if (BOUNDS.has(token.text)) return true;
  if (token.text === "and" || token.text === "then")
    return startsClause(text, tokens, lead.end + 1) && next?.text !== "then";
  if (token.text === "past" || (token.text === "of" && ["every", "each", "the"].includes(next?.text ?? "")))
    return true;
  if (token.text === "at" && next?.text === "-") return true;
  const rank =
    tokens[lead.end + 2]?.leads === false && ["st", "nd", "rd", "th"].includes(tokens[lead.end + 2]?.text ?? "");
  if (token.text === "the" && next?.kind === "number" && rank) return true;
  if (token.text === "between") return true;
  const number = next?.kind === "number" || (next !== undefined && numberNamed(next.text) !== null);
  if (["at", "from", "between"].includes(token.text) && number) return true;
  if (token.text === "not" && next?.text === "on") return true;
  return OPENERS.has(token.text) && startsClause(text, tokens, lead.end);
}

/** "in Berlim check …": nearly a city, right where a zone may stand. */
function strangeZone(text: string, tokens: readonly Token[], at: number): string | null {
  const word = tokens[at]?.text === "in" ? tokens[at + 1] : undefined;
  if (word?.kind !== "word" || word.text.length < 5) return null;
  const name = text.slice(word.start, word.end);
  return /^[A-Z]/.test(name) && nearestZones(name).length > 0 ? name : null;
}

const TELLING: ReadonlySet<string> = new Set("remind ping tell alert notify message nudge ask warn".split(" "));
const TOLD: ReadonlySet<string> = new Set("me us him her them everyone everybody all".split(" "));
const TOPICS: ReadonlySet<string> = new Set("to that about of if when whenever whether what how".split(" "));

/** "remind me every day at 9 to drink water": the one place where a schedule in the middle is plain. */
function middleOf(text: string, tokens: readonly Token[]): Side | null {
  const first = tokens[0]?.text === "please" ? 1 : 0;
  if (!TELLING.has(tokens[first]?.text ?? "") || !TOLD.has(tokens[first + 1]?.text ?? "")) return null;
  const start = tokens[first + 2];
  const when = start === undefined ? null : readWhen(text, tokens, first + 2, true);
  let end = when?.end ?? 0;
  if (tokens[end]?.text === ",") end += 1;
  const rest = tokens[end];
  if (when === null || start === undefined || rest === undefined || !TOPICS.has(rest.text)) return null;
  return { draft: when.draft, instruction: `${text.slice(0, start.start).trim()} ${text.slice(rest.start).trim()}` };
}

function withBothEnds(text: string, lead: Lead, trail: Trail, tokens: readonly Token[]): Split {
  const one = (side: Side): Split => ({ kind: "one", side });
  const between = withoutSeparator(text.slice(tokens[lead.end]?.start, tokens[trail.start]?.start));
  const partial = (onlyTimes(lead.draft) && !hasTime(trail.draft)) || (onlyTimes(trail.draft) && !hasTime(lead.draft));
  const joined = partial && !trail.attached && trail.start > lead.end ? joinedDrafts(lead.draft, trail.draft) : null;
  if (joined !== null && between !== "") return one({ draft: joined, instruction: between });
  // "Weekly report every Friday at 16", "noon summary every day at 12": one word in front names the thing.
  const adjective = lead.end === 1 && !lead.comma;
  if (adjective && hasClock(trail.draft) && !onlyTimes(trail.draft)) return one(trail);
  // A time of its own at the front, none at the back: the back describes the thing.
  if (!hasClock(trail.draft) && !(trail.draft.choice !== null && !hasTime(lead.draft))) return one(lead);
  if (onlyTimes(trail.draft) && hasTime(lead.draft)) return one(lead);
  return { kind: "both", lead, trail };
}

/** Parts a phrase in two; everything that cannot be parted without a guess says so. */
export function splitPhrase(text: string, tokens: readonly Token[]): Split {
  const middle = middleOf(text, tokens);
  if (middle !== null) return { kind: "one", side: middle };
  const lead = leadOf(text, tokens);
  if (lead !== null && (lead.instruction === "" || lead.closed || lead.draft.refusal !== null))
    return { kind: "one", side: lead };
  const trail = trailOf(text, tokens);
  if (lead !== null) {
    if (goesOn(text, tokens, lead)) return { kind: "leftover", rest: shortened(lead.instruction) };
    const zone = strangeZone(text, tokens, lead.end);
    if (zone !== null) {
      const behind = tokens[lead.end + 2];
      return {
        kind: "strange_zone",
        name: zone,
        instruction: behind === undefined ? "" : text.slice(behind.start).trim(),
      };
    }
    return trail === null ? { kind: "one", side: lead } : withBothEnds(text, lead, trail, tokens);
  }
  if (trail !== null)
    return trail.attached ? { kind: "attached", side: trail, words: trail.words } : { kind: "one", side: trail };
  const [first] = tokens;
  const tried = first !== undefined && ["every", "each", "cron"].includes(first.text);
  return { kind: "none", reason: tried ? `I do not understand when "${shortened(text.trim())}" is` : null };
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
