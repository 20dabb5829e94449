/** What to say to a line that cannot be done: what is wrong with it, and lines to try that keep the person's words. Pure. */
import { nearestZones } from "../../orchestrator/index.ts";
import { cut, plain } from "../cards/plain.ts";
import { isVerb, type Phrase, type Suggestion, type Unclear, USAGE, VERBS, type Verb } from "./command.ts";
import { readCommand, splitVerb } from "./grammar.ts";
import { type Known, nearest, otherWords, withNameLike, withNameMended } from "./meant.ts";

export const unclear = (reason: string, suggestions: readonly Suggestion[]): Unclear => ({
  kind: "unclear",
  reason,
  suggestions,
});

/**
 * The answer to a command about a workflow that there is not: the line with names like it, and as something to do when
 * it says when.
 */
export function noWorkflow(line: string, name: string, known: Known, phrase: Phrase | null): Unclear {
  const anew =
    phrase?.kind === "scheduled" || phrase?.kind === "triggered"
      ? [{ label: "A new workflow", line: `${phrase.words} ${phrase.instruction}` }]
      : [];
  const meant = withNameLike(line, name, known);
  return unclear(`There is no workflow "${name}".`, [...meant, ...anew, { label: "List", line: "list" }]);
}

/** The answer to a line that is neither a command nor a phrase with a schedule. */
export function refusal(line: string, phrase: Extract<Phrase, { kind: "refused" }>, known: Known): Unclear {
  const { word, rest } = splitVerb(line);
  const others = phrase.code === "no_schedule" || phrase.code === "not_understood" ? otherWords(line, known) : [];
  if (others.length > 0) return meantBy(isVerb(word) ? null : word, others);
  if (isVerb(word) && (phrase.code === "no_schedule" || !/\s/u.test(rest))) return wrongUsage(line, word, rest);
  if (phrase.code === "no_schedule" || phrase.code === "not_understood") {
    const meant = misspelt(word, rest, known);
    if (meant !== null) return meant;
  }
  if (phrase.code === "no_schedule") {
    return unclear('When should I do this? Put a time before or after it, or "now" before it.', inOwnWords(line));
  }
  const better = phrase.try.replace(/^\/claw\s+/iu, "").trim();
  return unclear(phrase.reason, better === "" ? [] : [{ label: better, line: better }]);
}

function misspelt(word: string, rest: string, known: Known): Unclear | null {
  const lineOf = (verb: string): string => (rest === "" ? verb : `${verb} ${rest}`);
  const verb = nearest(
    word,
    VERBS.filter((each) => readCommand(lineOf(each)) !== null && (each !== "help" || rest === "")),
  );
  if (verb === null) return null;
  const meant = lineOf(verb);
  const mended = withNameMended(meant, known);
  const lines = mended.length > 0 ? mended : [{ label: capital(shown(meant)), line: meant }];
  return meantBy(word, lines);
}

/** @param unknown the word that was typed for a command; null when it is one */
function meantBy(unknown: string | null, lines: readonly Suggestion[]): Unclear {
  const [first] = lines;
  const reason = `${unknown === null ? "" : `I don't know "${shown(unknown)}". `}Did you mean /claw ${shown(first?.line ?? "help")} ?`;
  return unclear(reason, first?.line === "help" ? lines : [...lines, { label: "Help", line: "help" }]);
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
    case "memories":
    case "memory":
    case "correct":
    case "forget":
    case "remember":
      return [line("memories")];
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
