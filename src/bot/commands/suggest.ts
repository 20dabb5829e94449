/** What to say to a line that cannot be done: what is wrong with it, and lines to try that keep the person's words. Pure. */
import { distance } from "fastest-levenshtein";
import { nearestZones } from "../../orchestrator/index.ts";
import { cut, plain } from "../cards/plain.ts";
import { isVerb, type Phrase, type Suggestion, type Unclear, USAGE, VERBS, type Verb } from "./command.ts";
import { readCommand, splitVerb } from "./grammar.ts";

export const unclear = (reason: string, suggestions: readonly Suggestion[]): Unclear => ({
  kind: "unclear",
  reason,
  suggestions,
});

/**
 * The word that was meant: at most one slip away for words of up to five letters, two for longer ones.
 * Two neighbouring letters in the wrong order are one slip.
 */
export function nearest(word: string, among: readonly string[]): string | null {
  if (word.length > 80) return null;
  const limit = word.length <= 5 ? 1 : 2;
  let best: { readonly word: string; readonly slips: number } | null = null;
  for (const candidate of among) {
    const slips = slipsBetween(word.toLowerCase(), candidate);
    if (slips <= limit && (best === null || slips < best.slips)) best = { word: candidate, slips };
  }
  return best?.word ?? null;
}

/** Damerau-Levenshtein distance with at most one pair of letters swapped, which is what fingers do. */
function slipsBetween(typed: string, meant: string): number {
  let least = distance(typed, meant);
  for (let at = 0; at + 1 < typed.length && least > 1; at++) {
    const swapped = typed.slice(0, at) + typed.charAt(at + 1) + typed.charAt(at) + typed.slice(at + 2);
    least = Math.min(least, 1 + distance(swapped, meant));
  }
  return least;
}

/** Names that are shown to choose from. */
const MOST_NAMES = 3;

/**
 * The answer to a command about a workflow that there is not: names like it with the same words, and the line as
 * something to do when it says when.
 */
export function noWorkflow(
  verb: Verb,
  name: string,
  words: string | null,
  workflows: readonly string[],
  phrase: Phrase,
): Unclear {
  const near = nearest(name, workflows);
  const alike = workflows.filter((known) => known !== near && known.split("-").includes(name));
  const suggestions = [...(near === null ? [] : [near]), ...alike].slice(0, MOST_NAMES).map((known) => {
    const line = words === null ? `${verb} ${known}` : `${verb} ${known} ${words}`;
    return { label: capital(shown(line)), line };
  });
  const anew =
    phrase.kind === "scheduled" || phrase.kind === "triggered"
      ? [{ label: "A new workflow", line: `${phrase.words} ${phrase.instruction}` }]
      : [];
  return unclear(`There is no workflow "${name}".`, [...suggestions, ...anew, { label: "List", line: "list" }]);
}

/** The answer to a line that is neither a command nor a phrase with a schedule. */
export function refusal(line: string, phrase: Extract<Phrase, { kind: "refused" }>): Unclear {
  const { word, rest } = splitVerb(line);
  if (isVerb(word) && (phrase.code === "no_schedule" || !/\s/u.test(rest))) return wrongUsage(line, word, rest);
  if (phrase.code === "no_schedule" || phrase.code === "not_understood") {
    const meant = misspelt(line, word, rest);
    if (meant !== null) return meant;
  }
  if (phrase.code === "no_schedule") {
    return unclear('When should I do this? Put a time before or after it, or "now" before it.', inOwnWords(line));
  }
  const better = phrase.try.replace(/^\/claw\s+/iu, "").trim();
  return unclear(phrase.reason, better === "" ? [] : [{ label: better, line: better }]);
}

function misspelt(line: string, word: string, rest: string): Unclear | null {
  const lineOf = (verb: string): string => (rest === "" ? verb : `${verb} ${rest}`);
  const verb = nearest(
    word,
    VERBS.filter((known) => readCommand(lineOf(known)) !== null && (known !== "help" || rest === "")),
  );
  if (verb === null) return null;
  const meant = lineOf(verb);
  return unclear(`I don't know "${shown(splitVerb(line).word)}". Did you mean /claw ${shown(meant)} ?`, [
    { label: capital(shown(meant)), line: meant },
    { label: "Help", line: "help" },
  ]);
}

function wrongUsage(line: string, verb: Verb, rest: string): Unclear {
  const { takes, example } = USAGE[verb];
  if (verb === "timezone" && rest !== "") {
    return unclear(
      `I know no time zone "${shown(rest)}". Zones have names such as Europe/Paris or America/New_York.`,
      nearestZones(rest).map((zone) => ({ label: zone, line: `timezone ${zone}` })),
    );
  }
  const usage =
    takes === "" ? `"${verb}" takes nothing after it.` : `"${verb}" takes ${takes}, for example /claw ${example}`;
  if (!/\s/u.test(rest)) return unclear(usage, instead(verb, rest));
  const dot = usage.endsWith(".") ? "" : " .";
  return unclear(`${usage}${dot} If this is something to do, say when.`, [...instead(verb, ""), ...inOwnWords(line)]);
}

/** Lines that only show something, or do to the named thing what the person may have meant. */
function instead(verb: Verb, rest: string): readonly Suggestion[] {
  const line = (text: string): Suggestion => ({ label: capital(text), line: text });
  const number = /^#?(\d{1,9})$/u.exec(rest)?.[1];
  switch (verb) {
    case "run":
      return number === undefined ? [line("list")] : [line(`status ${number}`), line(`retry ${number}`)];
    case "cancel":
      return [line("status")];
    case "replay":
      return [line("runs")];
    case "retry":
    case "discard":
      return [line("dead")];
    case "approve":
    case "deny":
      return [line("approvals")];
    case "cost":
      return [line("cost 7d")];
    case "now":
    case "timezone":
    case "help":
      return [line("help")];
    case "list":
    case "dead":
    case "tools":
    case "secrets":
    case "approvals":
    case "status":
    case "runs":
    case "audit":
      return [line(verb)];
    default:
      return [line("list")];
  }
}

function inOwnWords(line: string): readonly Suggestion[] {
  return [
    { label: "Every weekday at 9", line: `every weekday at 9 ${line}` },
    { label: "Once, now", line: `now ${line}` },
  ];
}

const shown = (text: string): string => cut(plain(text), 80);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
