/** What a line that cannot be done may have meant: another word for a command, half a name, the workflow of the thread. Pure. */
import { distance } from "fastest-levenshtein";
import type { Command, Suggestion, Verb } from "./command.ts";
import { readCommand, splitVerb } from "./grammar.ts";

/** What there is to be meant. */
export interface Known {
  readonly workflows: readonly string[];
  /** The workflow whose thread the line was typed in; null elsewhere. */
  readonly here: string | null;
}

/** Names that are shown to choose from. */
const MOST_NAMES = 3;
/** A shorter part of a name is part of too many. */
const SHORTEST_PART = 3;

const POINTING = new Set("it this that these those them here".split(" "));
const ALL = new Set(["all", "everything"]);

/** What people type for a command by another name; the first that fits the rest of the line is offered first. */
const OTHER_WORDS: Readonly<Record<string, readonly Verb[]>> = {
  stop: ["pause", "cancel"],
  halt: ["pause", "cancel"],
  abort: ["cancel", "pause"],
  kill: ["cancel", "pause"],
  disable: ["pause"],
  suspend: ["pause"],
  mute: ["pause"],
  start: ["run", "resume"],
  trigger: ["run"],
  execute: ["run"],
  enable: ["resume"],
  unpause: ["resume"],
  continue: ["resume"],
  restart: ["run", "retry"],
  remove: ["delete"],
  show: ["status", "inspect"],
  open: ["status", "inspect"],
  info: ["status", "inspect"],
  describe: ["status", "inspect"],
  log: ["inspect"],
  logs: ["inspect"],
  history: ["runs"],
  ls: ["list"],
  workflows: ["list"],
  change: ["edit"],
  update: ["edit"],
  test: ["dry-run"],
  try: ["dry-run"],
  simulate: ["dry-run"],
  memorise: ["remember"],
  memorize: ["remember"],
  yes: ["approve"],
  accept: ["approve"],
  no: ["deny"],
  reject: ["deny"],
  costs: ["cost"],
  spending: ["cost"],
  tz: ["timezone"],
  "?": ["help"],
  commands: ["help"],
};

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

/** The workflows that a name which is none may stand for: the thread's own for `it`, else a slip or a part away. */
export function namesLike(name: string, { workflows, here }: Known): readonly string[] {
  if (POINTING.has(name)) return here === null ? [] : [here];
  const near = nearest(name, workflows);
  const part = nearest(
    name.length >= SHORTEST_PART ? name : "",
    workflows.flatMap((known) => known.split("-")).filter((each) => each.length >= SHORTEST_PART),
  );
  const rank = (known: string) => (known === near ? 0 : part !== null && known.split("-").includes(part) ? 1 : 2);
  return workflows
    .filter((known) => rank(known) < 2 || (name.length >= SHORTEST_PART && known.includes(name)))
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, MOST_NAMES);
}

/** The line with names that there are in place of one that there is not. */
export function withNameLike(line: string, name: string, known: Known): readonly Suggestion[] {
  const { word, rest } = splitVerb(line);
  const named = new RegExp(`(?<![\\w-])${name}(?![\\w-])`, "iu");
  const lines = namesLike(name, known).map((each) => `${word} ${rest.replace(named, each)}`);
  if (ALL.has(name) && word === "pause") lines.push("stop everything");
  return lines.map(suggestion);
}

/** The commands that the line may be in other words, or in a thread without its workflow's name. */
export function otherWords(line: string, known: Known): readonly Suggestion[] {
  const { word, rest } = splitVerb(line);
  const bare = rest.replace(/[\s.!?]+$/u, "").toLowerCase();
  const target = (bare === "" || POINTING.has(bare)) && known.here !== null ? known.here : rest;
  const verbs = Object.hasOwn(OTHER_WORDS, word) ? (OTHER_WORDS[word] ?? []) : [word];
  const lines = verbs.map((verb) => (target === "" ? verb : `${verb} ${target}`));
  const fitting = lines.filter((each) => does(each, known) && each !== line).map(suggestion);
  if (rest === "" && known.workflows.includes(word)) return [suggestion(`status ${word}`)];
  return fitting.length > 0 ? fitting : lines.slice(0, 1).flatMap((each) => withNameMended(each, known));
}

/** A line that is a command but for its workflow's name. */
export function withNameMended(line: string, known: Known): readonly Suggestion[] {
  const command = readCommand(line)?.command;
  const name = command === undefined ? null : workflowIn(command);
  return name === null || known.workflows.includes(name) ? [] : withNameLike(line, name, known);
}

/** Whether the line is a command whose workflow there is. */
function does(line: string, known: Known): boolean {
  const command = readCommand(line)?.command;
  const name = command === undefined ? null : workflowIn(command);
  return command !== undefined && (name === null || known.workflows.includes(name));
}

/** The workflow that a command names, or null. */
export function workflowIn(command: Command): string | null {
  if ("workflow" in command) return command.workflow;
  if ("ref" in command) return command.ref?.kind === "workflow" ? command.ref.name : null;
  return command.kind === "rule" ? command.line.workflow : null;
}

const suggestion = (line: string): Suggestion => ({ label: line.charAt(0).toUpperCase() + line.slice(1), line });
