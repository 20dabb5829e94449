/** People's own words for when and what, to a schedule and an instruction. Never a guess: what is unclear is asked. */
import { describeSchedule } from "../words.ts";
import { nearestZones, zoneFor } from "../zone.ts";
import { type Draft, EMPTY_DRAFT } from "./draft.ts";
import { alternatives } from "./either-or.ts";
import { readWhen } from "./grammar.ts";
import type { Here } from "./moments.ts";
import type { Outcome } from "./outcome.ts";
import type { PhraseResult, Reading } from "./result.ts";
import { settle } from "./settle.ts";
import { type Split, splitPhrase } from "./split.ts";
import { ENDING_MARKS, type Token, tokensOf } from "./tokens.ts";
import type { PartTimes } from "./vocabulary.ts";
import { unknownZone } from "./zone-clause.ts";

const MAX_READINGS = 3;

/** An instruction as a button's phrase carries it: behind a colon nothing is read as a schedule any more. */
const phraseOf = (words: string, instruction: string): string =>
  instruction === "" ? words : `${words}: ${instruction}`;

/** Whether a schedule without anything to do is a question (a workflow needs both) or an answer by itself. */
export type Needs = "instruction" | "schedule";

function asResult(outcome: Outcome, instruction: string, needs: Needs): PhraseResult {
  const bare = instruction === "" && needs === "instruction";
  switch (outcome.kind) {
    case "schedule":
      if (bare) {
        const words = describeSchedule(outcome.schedule);
        return { kind: "question", question: `What should I do? I understood when: ${words}.`, readings: [] };
      }
      return { kind: "scheduled", schedule: outcome.schedule, words: describeSchedule(outcome.schedule), instruction };
    case "ask": {
      if (bare) {
        return { kind: "question", question: `What should I do, and when exactly? ${outcome.question}`, readings: [] };
      }
      const readings = outcome.options.map((schedule): Reading => {
        const label = describeSchedule(schedule);
        return { label, phrase: phraseOf(label, instruction) };
      });
      return { kind: "question", question: outcome.question, readings };
    }
    case "refuse":
      return {
        kind: "refused",
        code: outcome.code,
        reason: outcome.reason,
        try: phraseOf(outcome.example, bare ? "summarise open PRs" : instruction),
      };
  }
}

const readingsOf = (result: PhraseResult): readonly Reading[] => {
  if (result.kind === "question") return result.readings;
  return result.kind === "scheduled"
    ? [{ label: result.words, phrase: phraseOf(result.words, result.instruction) }]
    : [];
};

/** Both ends may say when: one reading for each, with the other end as part of what to do. */
function askWhich(split: Extract<Split, { kind: "both" }>, here: Here, needs: Needs): PhraseResult {
  const lead = asResult(settle(split.lead.draft, here), split.lead.instruction, needs);
  const trail = asResult(settle(split.trail.draft, here), split.trail.instruction, needs);
  const readings = [...readingsOf(lead).slice(0, 2), ...readingsOf(trail)].slice(0, MAX_READINGS);
  if (readings.length === 0) return lead;
  return { kind: "question", question: "Both ends of that can say when. Which one is it?", readings };
}

/** Some words may say when, or belong to what to do: one reading for each. */
function askWhere(split: Extract<Split, { kind: "either" }>, here: Here, needs: Needs): PhraseResult {
  const inside = asResult(settle(split.inside.draft, here), split.inside.instruction, needs);
  const outside = asResult(settle(split.outside.draft, here), split.outside.instruction, needs);
  if (outside.kind === "refused") return outside;
  const readings = [...readingsOf(inside).slice(0, 2), ...readingsOf(outside)].slice(0, MAX_READINGS);
  return { kind: "question", question: `Does "${split.words}" say when, or is it part of what to do?`, readings };
}

/** What stands between the quotes of a text that was pasted with them; null when it has none. */
function unquoted(text: string): string | null {
  const inner = text.slice(1, -1);
  return text.length > 2 && /^["“«`„]/.test(text) && /["”»`“]$/.test(text) && !/["“”«»`„]/.test(inner) ? inner : null;
}

const WRAPS: Readonly<Record<string, string>> = {
  '"': '"',
  "“": "”",
  "«": "»",
  "`": "`",
  "'": "'",
  "*": "*",
  _: "_",
  "‘": "’",
};

/** `"every day at 9" check`, `*every day at 9* check`: the schedule alone in quotes or in bold; null for anything else. */
function unwrapped(text: string): string | null {
  const closing = WRAPS[text.charAt(0)];
  const end = closing === undefined ? -1 : text.indexOf(closing, 1);
  if (end < 4 || end > 200) return null;
  const inner = text.slice(1, end).trim();
  const tokens = tokensOf(inner);
  const when = readWhen(inner, tokens, 0);
  if (when === null || tokens.slice(when.end).some((token) => !ENDING_MARKS.has(token.text))) return null;
  const rest = text.slice(end + 1).replace(/^[\s:,–—-]+/, "");
  return rest === "" ? inner : `${inner}: ${rest}`;
}

function noSchedule(instruction: string, reason: string): PhraseResult {
  return {
    kind: "refused",
    code: "no_schedule",
    reason,
    try: phraseOf("every weekday at 9:00", instruction === "" ? "summarise open PRs" : instruction),
  };
}

export interface PhraseOptions {
  /** Milliseconds since the epoch, for what counts from now. */
  readonly now: number;
  /** The zone that holds where the phrase names none; an unknown one is refused as `unknown_zone`. */
  readonly zone: string;
  /** Without it a phrase that only says when asks what to do; `schedule` takes it as it is, its instruction empty. */
  readonly needs?: Needs;
  /** What `morning` and the other parts of the day stand for without an hour, in minutes. Absent: the usual times. */
  readonly partsOfDay?: Partial<PartTimes>;
}

/** "On the first Monday or Tuesday": a question instead of a refusal, when either of them alone is understood. */
function askOr(text: string, options: PhraseOptions): PhraseResult | null {
  for (const pair of alternatives(text, tokensOf(text))) {
    const [one, two] = pair.map((phrase) => parseOne(phrase, options));
    if (one?.kind !== "scheduled" || two?.kind !== "scheduled" || one.instruction !== two.instruction) continue;
    if (one.words !== two.words)
      return { kind: "question", question: "Which of the two?", readings: [one, two].flatMap(readingsOf) };
  }
  return null;
}

/**
 * Reads a phrase such as `every weekday at 9 summarise open PRs`, the schedule first or last. Pure and linear in the
 * length of the text; never throws for any text.
 */
export function parsePhrase(text: string, options: PhraseOptions): PhraseResult {
  const result = parseOne(text, options);
  return (result.kind === "refused" ? askOr(text, options) : null) ?? result;
}

function parseOne(text: string, options: PhraseOptions): PhraseResult {
  const needs = options.needs ?? "instruction";
  const zone = zoneFor(options.zone);
  if (zone === null) {
    const near = nearestZones(options.zone);
    return {
      kind: "refused",
      code: "unknown_zone",
      reason: `I do not know the time zone "${options.zone}"${near.length > 0 ? `; did you mean ${near.join(" or ")}?` : ""}`,
      try: phraseOf(`every weekday at 9:00 ${near[0] ?? "Europe/Paris"}`, "summarise open PRs"),
    };
  }
  const { now, partsOfDay = {} } = options;
  const here: Here = { now, zone, partsOfDay };
  const tokens = tokensOf(text);
  const whole = tokens.length === 1 ? unquoted(text.trim()) : unwrapped(text.trim());
  if (whole !== null) return parseOne(whole, options);
  const split = splitPhrase(text, tokens);
  switch (split.kind) {
    case "one":
      return asResult(settle(split.side.draft, here), split.side.instruction, needs);
    case "both":
      return askWhich(split, here, needs);
    case "attached": {
      const outcome = settle(split.side.draft, here);
      const result = asResult(outcome, split.side.instruction, needs);
      const readings = readingsOf(result);
      if (readings.length === 0) return noSchedule(text.trim(), "nothing in that says when; put it first");
      return { kind: "question", question: `Is "${split.words}" when I should do it?`, readings };
    }
    case "either":
      return askWhere(split, here, needs);
    case "leftover":
      return {
        kind: "refused",
        code: "not_understood",
        reason: `I understood when up to "${split.rest}", and that looks like more of it; put a colon where what to do begins`,
        try: phraseOf("every weekday at 9:00", "summarise open PRs"),
      };
    case "two":
      return {
        kind: "refused",
        code: "not_understood",
        reason: `"${split.rest}" is a second schedule; make one request for each`,
        try: phraseOf("every weekday at 9:00", "summarise open PRs"),
      };
    case "strange_zone":
      return asResult(settle({ ...EMPTY_DRAFT, refusal: unknownZone(split.name) }, here), split.instruction, needs);
    case "none":
      return split.reason === null
        ? noSchedule(text.trim(), "nothing at the beginning or the end of that says when")
        : asResult(
            { kind: "refuse", code: "not_understood", reason: split.reason, example: "every weekday at 9:00" },
            "",
            needs,
          );
  }
}

/**
 * Reads a text that is all schedule, such as the sentence {@link describeSchedule} writes; `instruction` is empty.
 * Anything beside it is refused as `not_understood`.
 */
export function parseScheduleWords(text: string, options: Omit<PhraseOptions, "needs">): Outcome {
  const tokens = tokensOf(text);
  const when = readWhen(text, tokens, 0);
  const rest = when === null ? tokens : tokens.slice(when.end);
  if (when === null || rest.some((token: Token) => !ENDING_MARKS.has(token.text))) {
    return {
      kind: "refuse",
      code: "not_understood",
      reason: "not all of that says when",
      example: "every weekday at 9:00",
    };
  }
  const { now, partsOfDay = {} } = options;
  return settle(when.draft satisfies Draft, { now, zone: zoneFor(options.zone) ?? "UTC", partsOfDay });
}
