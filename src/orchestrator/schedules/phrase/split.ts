/** Where the schedule of a phrase ends and the instruction begins, or the other way round. */
import { nearestZones } from "../zone.ts";
import { boundBefore, isCountOfRuns } from "./bound-before.ts";
import { isAttached, isCutOff } from "./cut-off.ts";
import type { Draft } from "./draft.ts";
import { FILLERS, readWhen } from "./grammar.ts";
import { insideOf, middleOf, secondSchedule } from "./inside.ts";
import { goesOn, isAllTime, isTimeWord } from "./leftover.ts";
import { joinedDrafts } from "./merge.ts";
import { behindStarter, prefixOf } from "./prefix.ts";
import { hasClock, hasTime, OWNERS, type Side, sayLittle, withoutSeparator } from "./side.ts";
import { inPart } from "./time.ts";
import { ENDING_MARKS, type Token } from "./tokens.ts";
import { EVERY, partNamed } from "./vocabulary.ts";

export type Split =
  | { readonly kind: "one"; readonly side: Side }
  /** Both ends say when. */
  | { readonly kind: "both"; readonly lead: Side; readonly trail: Side }
  /** The end says when, but may belong to the words before it: "PRs opened every night". */
  | { readonly kind: "attached"; readonly side: Side; readonly words: string }
  /** Some words belong to when or to what to do. */
  | { readonly kind: "either"; readonly inside: Side; readonly outside: Side; readonly words: string }
  /** The schedule goes on with something that was not understood. */
  | { readonly kind: "leftover"; readonly rest: string }
  /** A second schedule stands behind the first. */
  | { readonly kind: "two"; readonly rest: string }
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

/** Marks between when and what: `->`, `=>`, `|`, `--`. */
const ARROWS: ReadonlySet<string> = new Set(["->", "=>", "|", "→", "⇒", "»", ">", "~"]);

/** Words that only lead from when to what: "at 9 to check", "at 9 and then check". */
const LINKS = ["to", "and", "then"] as const;

function leadOf(text: string, tokens: readonly Token[], start: number): Lead | null {
  const when = readWhen(text, tokens, start);
  if (when === null) return null;
  // "Sun is shining": a weekday alone at the front is a word like others.
  if (tokens[start]?.text !== "on" && when.draft.days?.by === "weekday" && sayLittle(when.draft)) return null;
  let { end } = when;
  let closed = false;
  let comma = false;
  // One mark parts the two; a second one belongs to the instruction.
  const mark = tokens[end];
  if (mark?.kind === "mark" && (ENDING_MARKS.has(mark.text) || mark.text === "-")) {
    comma = mark.text === ",";
    // "every day at 9 - Friday": a dash before a moment parts nothing.
    if (mark.text === "-" && isTimeWord(tokens[end + 1]))
      return { draft: when.draft, end, closed, comma, instruction: text.slice(mark.start).trim() };
    closed = !comma && mark.text !== ")";
    end += 1;
    if (mark.text === "-" && tokens[end]?.text === "-" && !tokens[end]?.leads) end += 1;
  } else if (mark?.kind === "other" && ARROWS.has(text.slice(mark.start, mark.end))) {
    closed = true;
    end += 1;
  }
  const before = end;
  while (!closed && (FILLERS as readonly string[]).includes(tokens[end]?.text ?? "")) end += 1;
  if (end > before && tokens[end]?.text === ",") end += 1;
  const rest = tokens[end];
  return {
    draft: when.draft,
    end,
    closed,
    comma,
    instruction: rest === undefined ? "" : text.slice(rest.start).trim(),
  };
}

/** "at 9 to check the site": what to do begins behind the link. */
function withoutLink(text: string, tokens: readonly Token[], lead: Lead): Lead {
  let { end } = lead;
  while ((LINKS as readonly string[]).includes(tokens[end]?.text ?? "") && tokens[end + 1]?.kind === "word") end += 1;
  const rest = tokens[end];
  return end === lead.end || rest === undefined ? lead : { ...lead, end, instruction: text.slice(rest.start).trim() };
}

/** "at 9" alone. */
const onlyTimes = (draft: Draft): boolean =>
  hasTime(draft) &&
  draft.days === null &&
  draft.date === null &&
  draft.every === null &&
  draft.delay === null &&
  draft.cron === null;

interface Trail extends Side {
  readonly start: number;
  readonly attached: boolean;
  readonly words: string;
}

/** "check prices starting Monday, every day at 9": the start belongs to it. */
const BEGINNINGS: ReadonlySet<string> = new Set(["starting", "beginning", "commencing"]);

/** "check prices just once, tomorrow at 9" */
function onceBefore(tokens: readonly Token[], start: number): number {
  let at = start;
  if (tokens[at - 1]?.text === ",") at -= 1;
  if (tokens[at - 1]?.text === "once") at -= 1;
  else if (tokens[at - 1]?.text === "time" && tokens[at - 2]?.text === "one") at -= 2;
  else return start;
  return tokens[at - 1]?.text === "just" || tokens[at - 1]?.text === "only" ? at - 1 : at;
}

/** What the end of a text says: when, or a time that belongs to the word before it. */
type End = Trail | "owned" | null;

function trailOf(text: string, tokens: readonly Token[], first: number): End {
  let last = tokens.length;
  while (last > first && skipsAtEnd(tokens[last - 1] as Token)) last -= 1;
  let little: Trail | null = null;
  for (let at = Math.max(first + 1, last - LONGEST_TRAIL); at < last; at++) {
    const token = tokens[at];
    const before = tokens[at - 1];
    if (token === undefined || before === undefined || token.kind === "other") continue;
    const bracket = before.text === "(" && before.leads;
    if (!token.leads && !bracket) continue;
    const when = readWhen(text, tokens, at, !BEGINNINGS.has(token.text));
    if (when === null || when.end < last || isCountOfRuns(when.draft)) continue;
    const { draft } = when;
    // What belongs to the word before it does so as a whole: no part of "since Monday at 9" says when.
    const owned = before.kind === "word" && OWNERS.has(before.text);
    const strong = (EVERY as readonly string[]).includes(token.text) && hasClock(draft);
    if (owned && !(before.text === "for" && strong)) return little ?? "owned";
    // "between 9 and 17 every weekday at 18": the window belongs to what to do.
    if (draft.window !== null && draft.times.length > 0 && draft.every === null) continue;
    const from = draft.date === null || draft.delay !== null ? at : onceBefore(tokens, at);
    const weak = !hasClock(draft) || draft.date !== null;
    const trail: Trail = {
      draft,
      start: at,
      attached: owned || (weak && before.kind === "word" && isAttached(before.text)),
      words: text.slice(token.start, tokens[last - 1]?.end),
      instruction: withoutSeparator(text.slice(0, bracket ? before.start : tokens[from]?.start)),
    };
    if (!sayLittle(draft)) return trail;
    if (["on", "next", "this"].includes(token.text)) little ??= { ...trail, attached: true };
  }
  return little;
}

/** "in Berlim check …": nearly a city, right where a zone may stand. */
function strangeZone(text: string, tokens: readonly Token[], at: number): string | null {
  const word = tokens[at]?.text === "in" ? tokens[at + 1] : undefined;
  if (word?.kind !== "word" || word.text.length < 5) return null;
  const name = text.slice(word.start, word.end);
  return /^[A-Z]/.test(name) && nearestZones(name).length > 0 ? name : null;
}

function withBothEnds(text: string, lead: Lead, trail: Trail, tokens: readonly Token[]): Split {
  const one = (side: Side): Split => ({ kind: "one", side });
  const between = withoutSeparator(text.slice(tokens[lead.end]?.start, tokens[trail.start]?.start));
  const partial = (onlyTimes(lead.draft) && !hasTime(trail.draft)) || (onlyTimes(trail.draft) && !hasClock(lead.draft));
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

const leftover = (rest: string): Split => ({ kind: "leftover", rest: shortened(rest) });

/** "at 9 evening news": nine in the evening, or the evening news at nine? */
function partBehind(text: string, tokens: readonly Token[], lead: Lead): Split | null {
  const [token, next] = [tokens[lead.end], tokens[lead.end + 1]];
  const part = token?.kind === "word" && !token.text.endsWith("s") ? partNamed(token.text) : null;
  const { times, parts } = lead.draft;
  if (part === null || token === undefined || next === undefined || lead.comma || times.length === 0) return null;
  const moved = parts.length > 0 ? [] : times.map((time) => inPart(time, part));
  if (moved.includes(null) || moved.every((minute, at) => minute === times[at]?.minute)) return null;
  const inside: Side = { draft: { ...lead.draft, parts: [part] }, instruction: text.slice(next.start).trim() };
  return { kind: "either", inside, outside: lead, words: text.slice(token.start, token.end) };
}

function withLead(text: string, tokens: readonly Token[], first: number, lead: Lead): Split {
  const said = {
    timed: hasTime(lead.draft),
    comma: lead.comma,
    zoned: lead.draft.zone !== null,
    distance: lead.draft.every !== null || lead.draft.cron !== null,
  };
  const zone = strangeZone(text, tokens, lead.end);
  if (zone !== null) {
    const behind = tokens[lead.end + 2];
    return {
      kind: "strange_zone",
      name: zone,
      instruction: behind === undefined ? "" : text.slice(behind.start).trim(),
    };
  }
  const part = partBehind(text, tokens, lead);
  if (part !== null) return part;
  if (goesOn(text, tokens, lead.end, said) || isAllTime(tokens, lead.end, tokens.length))
    return leftover(lead.instruction);
  const trail = trailOf(text, tokens, first);
  const plain = withoutLink(text, tokens, lead);
  if (trail === null || trail === "owned") {
    const second = secondSchedule(text, tokens, lead.end);
    if (second !== null) return { kind: "two", rest: shortened(second) };
    // "every Monday summarise PRs by 9am": that is a time, and not one to leave out.
    return trail === "owned" && !hasTime(lead.draft) ? leftover(lead.instruction) : { kind: "one", side: plain };
  }
  return withBothEnds(text, plain, trail, tokens);
}

const unclear = (text: string): Split => ({
  kind: "none",
  reason: `I do not understand when "${shortened(text.trim())}" is`,
});

function withTrail(text: string, tokens: readonly Token[], greeted: number, trail: Trail): Split {
  const bound = trail.attached ? null : boundBefore(text, tokens, greeted, trail);
  if (isCutOff(text, tokens, greeted, bound?.start ?? trail.start)) return unclear(text);
  const instruction = (end: number): string => withoutSeparator(text.slice(tokens[greeted]?.start, tokens[end]?.start));
  const side: Side = greeted === 0 ? trail : { ...trail, instruction: instruction(trail.start) };
  if (bound !== null) {
    const second = boundBefore(text, tokens, greeted, { draft: trail.draft, start: bound.start });
    if (bound.draft === null || second !== null) return unclear(text);
    const inside: Side = { draft: bound.draft, instruction: instruction(bound.start) };
    return bound.parted ? { kind: "one", side: inside } : { kind: "either", inside, outside: side, words: bound.words };
  }
  return trail.attached ? { kind: "attached", side, words: trail.words } : { kind: "one", side };
}

/** Parts a phrase in two; everything that cannot be parted without a guess says so. */
export function splitPhrase(text: string, tokens: readonly Token[]): Split {
  const greeted = prefixOf(tokens);
  const middle = middleOf(text, tokens, tokens[greeted]?.text === "please" ? greeted + 1 : greeted);
  if (middle !== null) return { kind: "one", side: middle };
  const first = behindStarter(text, tokens, greeted);
  const lead = leadOf(text, tokens, first);
  if (lead !== null && (lead.instruction === "" || lead.closed || lead.draft.refusal !== null))
    return { kind: "one", side: lead };
  if (lead !== null) return withLead(text, tokens, first, lead);
  const trail = trailOf(text, tokens, greeted);
  const start = tokens[greeted];
  const begins = start?.text === "on" || start?.text === "at" ? tokens[greeted + 1] : start;
  const tried = (EVERY as readonly string[]).includes(begins?.text ?? "") || start?.text === "cron";
  if (trail !== null && trail !== "owned" && !tried) {
    return withTrail(text, tokens, greeted, trail);
  }
  if (tried) return unclear(text);
  return insideOf(text, tokens, greeted) ?? { kind: "none", reason: null };
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
