/** A line of text becomes a command, a question back, or an answer that helps. Never a guess. Pure. */
import type { SaidTrigger, Schedule } from "../../orchestrator/index.ts";
import { cut, plain } from "../cards/plain.ts";
import type { Command, ParsedLine, ParsePhrase, Phrase, Question, Unclear } from "./command.ts";
import { type Fit, readCommand } from "./grammar.ts";
import { cleanLine, lengthOf, MAX_INSTRUCTION, MAX_LINE, MAX_WORDS } from "./line.ts";
import type { Known } from "./meant.ts";
import { noWorkflow, refusal, unclear } from "./suggest.ts";

export interface ParseDeps {
  readonly parsePhrase: ParsePhrase;
  /** Names of the workspace's workflows. Without them, a name with a hyphen counts as one. */
  readonly workflows?: ReadonlySet<string>;
  /** The workflow whose thread it is; null or absent elsewhere. */
  readonly here?: string | null;
}

/**
 * Reads what stands after `/claw` or after a mention. An empty text is `help`.
 * A line that fits both a command and a phrase with a schedule is the command when its text was set off by a colon or
 * it names a workflow there is, a phrase when it names none, and otherwise a question.
 */
export function parseCommand(text: string, deps: ParseDeps): ParsedLine {
  const line = cleanLine(text);
  if (line === "") return { kind: "command", command: { kind: "help", topic: null } };
  const length = lengthOf(line);
  if (length > MAX_LINE) return tooLong("An instruction", length, MAX_INSTRUCTION);

  const found = readCommand(line);
  if (found?.command.kind === "edit" && deps.workflows && !deps.workflows.has(found.command.workflow)) {
    const { workflow } = found.command;
    // `edit the newsletter every friday` is something to do.
    if (found.free === null || found.explicit || !NO_NAMES.has(workflow)) {
      return noWorkflow(line, workflow, knownTo(deps), deps.parsePhrase(line));
    }
  }
  if (found !== null && (found.free === null || found.explicit)) return limited(found.command);
  const phrase = deps.parsePhrase(found?.command.kind === "createNow" ? found.command.instruction : line);
  if (found !== null) {
    if (hasNoTime(phrase) || isMeant(found.command, deps)) return limited(found.command);
    // `correct 3 deploys are on Mondays`: what would only be asked about as a schedule is meant as what it says.
    if (phrase.kind === "question" && isNumbered(found.command)) return limited(found.command);
    if (mayBeMeant(found.command)) {
      return phrase.kind === "refused" ? limited(found.command) : whichOne(line, found, phrase);
    }
  }
  switch (phrase.kind) {
    case "scheduled":
      return limited({
        kind: "create",
        schedule: phrase.schedule,
        words: phrase.words,
        instruction: phrase.instruction,
      });
    case "triggered":
      return limited({ ...phrase, kind: "createOn" });
    case "question":
      return { kind: "question", question: phrase.question, readings: phrase.readings };
    case "refused":
      return refusal(line, phrase, knownTo(deps));
  }
}

export const knownTo = ({ workflows, here }: Pick<ParseDeps, "workflows" | "here">): Known => ({
  workflows: [...(workflows ?? [])],
  here: here ?? null,
});

/** Words that nobody means as a workflow's name. */
const NO_NAMES = new Set(
  "the a an my our your their his her its this that these those all any every each some both it them".split(" "),
);

/** What an edit changes; what is null stays as it is. */
export type Edit = {
  readonly kind: "edit";
  readonly schedule: { readonly schedule: Schedule; readonly words: string } | null;
  /** What starts it, when that is not a schedule alone. */
  readonly trigger?: SaidTrigger;
  readonly instruction: string | null;
};

/**
 * Reads the new text of a workflow: a schedule and an instruction, only a schedule (`every day at 10`) or only an
 * instruction.
 */
export function parseEdit(text: string, deps: Pick<ParseDeps, "parsePhrase">): Edit | Question | Unclear {
  const line = cleanLine(text);
  if (line === "") return unclear("Say what to change: a new time, a new instruction, or both.", []);
  if (lengthOf(line) > MAX_LINE) return tooLong("An instruction", lengthOf(line), MAX_INSTRUCTION);
  const phrase = deps.parsePhrase(line);
  if (phrase.kind === "scheduled") {
    return editOf({ schedule: phrase.schedule, words: phrase.words }, phrase.instruction);
  }
  if (phrase.kind === "triggered") return editOf(null, phrase.instruction, phrase.trigger);
  if (phrase.kind === "refused" && phrase.code === "no_schedule") return editOf(null, line);
  if (phrase.kind === "refused" && phrase.code !== "no_instruction") return editRefusal(phrase);
  // A schedule alone has no reading of its own, so it is read together with something to do.
  const whole = deps.parsePhrase(`${line} ${STAND_IN}`);
  if (whole.kind === "scheduled" && whole.instruction === STAND_IN) {
    return editOf({ schedule: whole.schedule, words: whole.words }, null);
  }
  if (whole.kind === "triggered" && whole.instruction === STAND_IN) return editOf(null, null, whole.trigger);
  if (phrase.kind === "refused") return editRefusal(phrase);
  return { kind: "question", question: phrase.question, readings: phrase.readings };
}

const STAND_IN = "unchanged";

const editRefusal = (phrase: Extract<Phrase, { kind: "refused" }>): Unclear => unclear(phrase.reason, []);

function editOf(schedule: Edit["schedule"], instruction: string | null, trigger?: SaidTrigger): Edit | Unclear {
  const length = instruction === null ? 0 : lengthOf(instruction);
  if (length > MAX_INSTRUCTION) return tooLong("An instruction", length, MAX_INSTRUCTION);
  return { kind: "edit", schedule, instruction, ...(trigger ? { trigger } : {}) };
}

/** Not even one that is refused: `every second` is a time, though too often. */
const hasNoTime = (phrase: Phrase): boolean =>
  phrase.kind === "refused" && ["no_schedule", "no_instruction", "not_understood"].includes(phrase.code);

/** The workflow that a command with words of the person's own is about, or null. */
function workflowOf(command: Command): string | null {
  switch (command.kind) {
    case "pause":
    case "edit":
    case "set":
    case "rename":
      return command.workflow;
    default:
      return null;
  }
}

function isMeant(command: Command, deps: ParseDeps): boolean {
  const name = workflowOf(command);
  if (name === null) return false;
  return deps.workflows === undefined ? name.includes("-") : deps.workflows.has(name);
}

/** Not with a plain word where a workflow's name would stand: `pause all the music every day at 9`. */
function mayBeMeant(command: Command): boolean {
  const name = workflowOf(command);
  return name === null || name.includes("-");
}

/** It names by number what somebody was shown. */
const isNumbered = ({ kind }: Command): boolean => ["answer", "approve", "correct", "deny", "discard"].includes(kind);

function whichOne(line: string, found: Fit, phrase: Exclude<Phrase, { kind: "refused" }>): Question {
  const asPhrases =
    phrase.kind === "question"
      ? phrase.readings
      : [
          {
            label: `A new workflow, ${phrase.words}: ${phrase.instruction}`,
            phrase: `${phrase.words} ${phrase.instruction}`,
          },
        ];
  return {
    kind: "question",
    question: `"${cut(plain(line), 90)}" can mean two things`,
    readings: [...setOff(found), ...asPhrases],
  };
}

/** The command in the form that means nothing else. */
function setOff({ command, free }: Fit): Question["readings"] {
  switch (command.kind) {
    case "createNow":
      return [{ label: `Once, now: ${free}`, phrase: `now: ${free}` }];
    case "approve":
    case "deny":
      return [
        {
          label: `${command.kind} approval ${command.approval}: ${free}`,
          phrase: `${command.kind} #${command.approval}: ${free}`,
        },
      ];
    case "answer":
      return [
        { label: `Answer question ${command.question}: ${free}`, phrase: `answer #${command.question}: ${free}` },
      ];
    case "remember":
      return [{ label: `Remember it: ${free}`, phrase: `remember: ${free}` }];
    case "correct":
      return [{ label: `Memory ${command.memory} says: ${free}`, phrase: `correct ${command.memory}: ${free}` }];
    case "discard":
      return [{ label: `Discard run ${command.run}: ${free}`, phrase: `discard ${command.run}: ${free}` }];
    case "pause":
    case "edit":
    case "set":
    case "rename":
      return [
        {
          label: `${command.kind} ${command.workflow}: ${free}`,
          phrase: `${command.kind} ${command.workflow}: ${free}`,
        },
      ];
    default:
      return [];
  }
}

function limited(command: Command): ParsedLine {
  const instruction = "instruction" in command ? command.instruction : "";
  if (lengthOf(instruction) > MAX_INSTRUCTION) {
    return tooLong("An instruction", lengthOf(instruction), MAX_INSTRUCTION);
  }
  const words = "note" in command ? command.note : "reason" in command ? command.reason : null;
  const length = words === null ? 0 : lengthOf(words);
  if (length > MAX_WORDS) return tooLong(command.kind === "pause" ? "A note" : "A reason", length, MAX_WORDS);
  return { kind: "command", command };
}

function tooLong(what: string, length: number, most: number): Unclear {
  const figure = (count: number) => count.toLocaleString("en-US");
  return unclear(
    `${what} may have at most ${figure(most)} characters; this has ${figure(length)}. ` +
      "Shorten it, or put the long part on a page and give its address.",
    [],
  );
}
