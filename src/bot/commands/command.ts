/** What a person can ask of Claw in a line of text: the same on every platform. Pure. */
import type { RuleLine, SaidTrigger, Schedule } from "../../orchestrator/index.ts";
import { MEMORY_USAGE, type MemoryCommand } from "./memory-command.ts";

/** A workflow by its name, or a run by its number: `open-prs-acme-api`, `41`, `#41`, `run 41`. */
export type Ref =
  | { readonly kind: "workflow"; readonly name: string }
  | { readonly kind: "run"; readonly number: number };

export type Command =
  | {
      readonly kind: "create";
      readonly schedule: Schedule;
      /** The schedule as the person wrote it. */
      readonly words: string;
      readonly instruction: string;
    }
  /** Started by something else than a schedule alone: `words` says what. */
  | {
      readonly kind: "createOn";
      readonly trigger: SaidTrigger;
      readonly words: string;
      readonly instruction: string;
    }
  | { readonly kind: "createNow"; readonly instruction: string }
  | { readonly kind: "list" }
  /** Null: everything in the workspace. */
  | { readonly kind: "status"; readonly ref: Ref | null }
  | { readonly kind: "runs"; readonly workflow: string | null }
  | { readonly kind: "inspect"; readonly ref: Ref }
  | { readonly kind: "run"; readonly workflow: string }
  | { readonly kind: "pause"; readonly workflow: string; readonly note: string | null }
  | { readonly kind: "resume"; readonly workflow: string }
  /** The next so many times are left out; 0: none. */
  | { readonly kind: "skip"; readonly workflow: string; readonly count: number }
  /** Days or times as the person wrote them, both included. */
  | { readonly kind: "backfill"; readonly workflow: string; readonly from: string; readonly to: string }
  /** `text` is what it should be from now on, see `parseEdit`; null: show how it is and ask. */
  | { readonly kind: "edit"; readonly workflow: string; readonly text: string | null }
  /** `text` is a policy and its value; null: show all. */
  | { readonly kind: "set"; readonly workflow: string; readonly text: string | null }
  | { readonly kind: "policies"; readonly workflow: string }
  | { readonly kind: "rename"; readonly workflow: string; readonly name: string }
  | { readonly kind: "delete"; readonly workflow: string }
  /** Its webhook gets a new secret. */
  | { readonly kind: "rotate"; readonly workflow: string }
  | { readonly kind: "cancel"; readonly run: number }
  /** `anew`: from the start, as a run of its own; else from its journal. */
  | { readonly kind: "retry"; readonly run: number; readonly anew: boolean }
  | { readonly kind: "ack"; readonly ref: Ref }
  | { readonly kind: "discard"; readonly run: number; readonly reason: string | null }
  /** `present`: on the revision that is current; else on the one the run had. */
  | { readonly kind: "replay"; readonly run: number; readonly present: boolean }
  | { readonly kind: "dryRun"; readonly workflow: string }
  | { readonly kind: "dead" }
  | { readonly kind: "tools" }
  /** `pasted`: the line had a value, which was taken out before it was kept. */
  | { readonly kind: "secrets"; readonly pasted: boolean }
  | { readonly kind: "approvals" }
  | { readonly kind: "approve"; readonly approval: number; readonly reason: string | null }
  /** With other arguments, as JSON. */
  | { readonly kind: "approveWith"; readonly approval: number; readonly arguments: string }
  | { readonly kind: "deny"; readonly approval: number; readonly reason: string | null }
  | { readonly kind: "answer"; readonly question: number; readonly text: string }
  /** The last so many days, today included. */
  | { readonly kind: "cost"; readonly days: number }
  | { readonly kind: "audit"; readonly ref: Ref | null }
  | { readonly kind: "why"; readonly ref: Ref }
  /** What may be called and who is asked; null: in the whole workspace. */
  | { readonly kind: "permissions"; readonly workflow: string | null }
  | { readonly kind: "rule"; readonly line: RuleLine }
  | { readonly kind: "removeRule"; readonly number: number }
  /** What would become of a call; its input is JSON. */
  | { readonly kind: "check"; readonly tool: string; readonly input: string; readonly workflow: string | null }
  | { readonly kind: "grants" }
  | { readonly kind: "grant"; readonly workflow: string; readonly tool: string; readonly json: string }
  | { readonly kind: "revoke"; readonly number: number }
  | MemoryCommand
  | { readonly kind: "stopEverything" }
  | { readonly kind: "resumeEverything" }
  /** An IANA zone that exists. */
  | { readonly kind: "timezone"; readonly zone: string }
  | { readonly kind: "help"; readonly topic: string | null };

export interface Usage {
  /** What follows the verb: `<workflow> [note]`; empty when nothing does. */
  readonly takes: string;
  readonly does: string;
  /** A whole line after `/claw`. */
  readonly example: string;
}

export const USAGE = {
  now: { takes: "<instruction>", does: "does it once, now", example: "now check https://example.com" },
  list: { takes: "", does: "all workflows", example: "list" },
  status: { takes: "[workflow or run]", does: "what runs, waits or failed", example: "status" },
  runs: { takes: "[workflow]", does: "the latest runs", example: "runs open-prs-acme-api" },
  inspect: { takes: "<workflow or run>", does: "every step, cost and message", example: "inspect 41" },
  run: { takes: "<workflow>", does: "runs it now", example: "run open-prs-acme-api" },
  pause: { takes: "<workflow> [note]", does: "no more runs until resumed", example: "pause open-prs-acme-api" },
  resume: { takes: "<workflow>", does: "goes on", example: "resume open-prs-acme-api" },
  skip: { takes: "<workflow> [how many]", does: "leaves out its next times", example: "skip open-prs-acme-api 2" },
  unskip: { takes: "<workflow>", does: "takes a skip back", example: "unskip open-prs-acme-api" },
  backfill: {
    takes: "<workflow> <from> <to>",
    does: "runs past times that did not run",
    example: "backfill open-prs-acme-api 2026-11-02 2026-11-06",
  },
  edit: {
    takes: "<workflow> [new text]",
    does: "changes when or what",
    example: "edit open-prs-acme-api every day at 10",
  },
  set: {
    takes: "<workflow> <policy> <value>",
    does: "changes how it runs, once you have seen before and after",
    example: "set open-prs-acme-api overlap queue one",
  },
  policies: { takes: "<workflow>", does: "how it runs, and what can be set", example: "policies open-prs-acme-api" },
  rename: { takes: "<workflow> <name>", does: "gives it another name", example: "rename open-prs-acme-api prs" },
  delete: {
    takes: "<workflow>",
    does: "ends it for good, once you have said so twice",
    example: "delete open-prs-acme-api",
  },
  rotate: { takes: "<workflow>", does: "gives its webhook a new secret", example: "rotate deploys" },
  cancel: { takes: "<run>", does: "stops a run", example: "cancel 41" },
  retry: {
    takes: "<run> [from the start]",
    does: "goes on with a dead run, or begins it anew",
    example: "retry 41",
  },
  ack: { takes: "<workflow or run>", does: "says that you have seen its failures", example: "ack open-prs-acme-api" },
  discard: { takes: "<run> [reason]", does: "gives up a dead run", example: "discard 41 no longer needed" },
  replay: {
    takes: "<run> [now]",
    does: "repeats a run without touching anything, and shows what differs",
    example: "replay 41",
  },
  "dry-run": {
    takes: "<workflow>",
    does: "runs it now for you alone: it reads, and changes nothing",
    example: "dry-run open-prs-acme-api",
  },
  dead: { takes: "", does: "runs that need a person", example: "dead" },
  tools: { takes: "", does: "every tool, whether it asks, and how it fares", example: "tools" },
  secrets: { takes: "", does: "the names of the workspace's secrets (admins)", example: "secrets" },
  approvals: { takes: "", does: "what waits for a yes", example: "approvals" },
  approve: {
    takes: "<number> [reason, or with {arguments}]",
    does: "says yes, also with other arguments",
    example: "approve 7",
  },
  deny: {
    takes: "<number> [reason], or <tool> [to <place>] [with name=value] [for <workflow>]",
    does: "says no to one call, or forbids calls from now on",
    example: "deny 7 not this week",
  },
  answer: { takes: "<number> <your answer>", does: "answers a question of a run", example: "answer 3 the blue one" },
  allow: {
    takes: "<tool> [to <place>] [with name=value] [for <workflow>] [asking 2 of @leads], or sending to <place>",
    does: "adds a rule to the policy, once you have seen what it means",
    example: "allow http_request to api.example.com for open-prs-acme-api asking 2 of admin",
  },
  policy: {
    takes: "[workflow], check <tool> {arguments} [for <workflow>], or remove <rule>",
    does: "what may be called and who is asked",
    example: "policy open-prs-acme-api",
  },
  grants: { takes: "", does: "what is allowed without asking again", example: "grants" },
  grant: {
    takes: "<workflow> <tool> {arguments}",
    does: "allows calls beforehand; * stands for any letters",
    example: 'grant open-prs-acme-api channel_post {"channel": "#ops", "text": "*"}',
  },
  revoke: { takes: "<grant>", does: "takes a grant back", example: "revoke 3" },
  ...MEMORY_USAGE,
  stop: { takes: "everything", does: "no run goes on until resume everything (admins)", example: "stop everything" },
  cost: { takes: "[7d]", does: "what was spent", example: "cost 7d" },
  audit: { takes: "[workflow or run]", does: "who changed what", example: "audit open-prs-acme-api" },
  why: { takes: "<workflow or run>", does: "why it did or did not run", example: "why open-prs-acme-api" },
  timezone: { takes: "<zone>", does: "your time zone", example: "timezone Europe/Paris" },
  help: { takes: "[topic]", does: "this", example: "help schedules" },
} as const satisfies Record<string, Usage>;

export type Verb = keyof typeof USAGE;
export const VERBS = Object.keys(USAGE) as readonly Verb[];
export const isVerb = (word: string): word is Verb => Object.hasOwn(USAGE, word);

/** How a schedule may be read; `phrase` is a line that means just that. */
export interface Reading {
  readonly label: string;
  readonly phrase: string;
}

/** How a phrase with a schedule in it is understood. */
export type Phrase =
  | { readonly kind: "scheduled"; readonly schedule: Schedule; readonly words: string; readonly instruction: string }
  | {
      readonly kind: "triggered";
      readonly trigger: SaidTrigger;
      readonly words: string;
      readonly instruction: string;
    }
  | { readonly kind: "question"; readonly question: string; readonly readings: readonly Reading[] }
  | {
      readonly kind: "refused";
      readonly code: "no_schedule" | "no_instruction" | "never_fires" | "too_often" | "unknown_zone" | "not_understood";
      readonly reason: string;
      readonly try: string;
    };

export type ParsePhrase = (text: string) => Phrase;

/** A line worth trying instead. */
export interface Suggestion {
  readonly label: string;
  /** What stands after `/claw`. */
  readonly line: string;
}

export interface Unclear {
  readonly kind: "unclear";
  readonly reason: string;
  readonly suggestions: readonly Suggestion[];
}

export interface Question {
  readonly kind: "question";
  readonly question: string;
  readonly readings: readonly Reading[];
}

export type ParsedLine = { readonly kind: "command"; readonly command: Command } | Question | Unclear;
