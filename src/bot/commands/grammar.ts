/** The commands, each a grammar of what may follow its verb. A line is one only when the whole of it fits. Pure. */
import { isPastedSecret, isWorkflowName, readRuleLine, zoneFor } from "../../orchestrator/index.ts";
import { type Command, isVerb, type Ref, type Verb } from "./command.ts";
import { bare, type Fit, free } from "./fit.ts";
import { correctionOf, memoriesOf, memoryOf, onMemory, rememberOf } from "./memory-grammar.ts";

export type { Fit } from "./fit.ts";

interface Taken<T> {
  readonly value: T;
  readonly rest: string;
  readonly explicit: boolean;
}

const NUMBER = /^(?:(run|approval|question)\s+)?#?([1-9]\d{0,8})(?:(:)(?!\S)|(?!\S))([\s\S]*)$/iu;
const NAME = /^(["'`“‘]?)([a-z0-9-]+)["'`”’]?(?:(:)(?!\S)|(?!\S))([\s\S]*)$/iu;
const DAYS = /^([1-9]\d{0,2})\s*(?:d|days?)?$/iu;
const MOST_DAYS = 366;
/** What follows `skip <workflow>`: nothing, `3`, `next`, `next 3 times`. */
const HOW_MANY = /^(?:next)?\s*(\d{1,4})?(?:\s+(?:times?|runs?|slots?))?$/iu;
/** The same before the workflow: `skip next prs`, `skip the next 3 times of prs`. */
const HOW_MANY_FIRST =
  /^(?:the\s+)?next\s+(?:(\d{1,4})\s+)?(?:(?:times?|runs?|slots?)\s+)?(?:(?:of|for)\s+)?(?=\S+$)/iu;
const MOMENT = "today|yesterday|now|\\d{4}-\\d\\d-\\d\\d(?:[T ]\\d{1,2}:\\d\\d(?:Z|[+-]\\d\\d:\\d\\d)?)?";
/** What follows `backfill <workflow>`: a day or a time, or two of them. */
const RANGE = new RegExp(`^(?:from\\s+)?(${MOMENT})(?:\\s+(?:(?:to|until|-|–)\\s+)?(${MOMENT}))?$`, "iu");
/** What follows `approve 7`: other arguments. A brace begins nothing else. */
const WITH_JSON = /^with\s*:?\s*(\{[\s\S]*)$/iu;
/** What follows `grant`: a workflow, a tool, and arguments as JSON. */
const GRANT = /^([a-z0-9-]+)\s+([a-z][a-z0-9_]{1,63})\s+(\{[\s\S]*\})$/u;
/** What follows `policy`. */
const CHECK = /^check\s+([a-z][a-z0-9_]{1,63})\s+(\{[\s\S]*\})(?:\s+(?:for|in)\s+([a-z0-9-]+))?$/u;
/** What follows `retry <run>`. */
const ANEW = /^(?:from\s+(?:the\s+)?(?:start|beginning|scratch))?$/iu;
/** What follows `help`: a topic, or a command with at most a word behind it (`help stop everything`). */
const TOPIC = /^([a-z-]+)(?:\s+[a-z]+)?$/iu;

/** The first word, lower-cased, and what follows it. */
export function splitVerb(line: string): { readonly word: string; readonly rest: string } {
  const [, word = "", rest = ""] = /^(\S+)([\s\S]*)$/u.exec(line) ?? [];
  return { word: word.toLowerCase(), rest: rest.trim() };
}

/** The command that the whole line is, or null. `now:` and `deny 7:` set their text off from everything else. */
export function readCommand(line: string): Fit | null {
  const { word, rest } = splitVerb(line.replace(/^dry\s+run(?=\s)/iu, "dry-run"));
  if (isPastedSecret(line)) return bare({ kind: "secrets", pasted: true });
  if (word === "remember:") return rememberOf(`:${rest}`);
  if (word === "now:" && rest !== "") return free({ kind: "createNow", instruction: rest }, rest, true);
  return isVerb(word) ? GRAMMAR[word](rest) : null;
}

const GRAMMAR = {
  now: (rest) => (rest === "" ? null : free({ kind: "createNow", instruction: rest }, rest, false)),
  list: nothing({ kind: "list" }),
  dead: nothing({ kind: "dead" }),
  tools: nothing({ kind: "tools" }),
  secrets: nothing({ kind: "secrets", pasted: false }),
  approvals: nothing({ kind: "approvals" }),
  status: (rest) =>
    rest === "" ? bare({ kind: "status", ref: null }) : onRef(rest, (ref) => ({ kind: "status", ref })),
  audit: (rest) => (rest === "" ? bare({ kind: "audit", ref: null }) : onRef(rest, (ref) => ({ kind: "audit", ref }))),
  inspect: (rest) => onRef(rest, (ref) => ({ kind: "inspect", ref })),
  why: (rest) => onRef(rest, (ref) => ({ kind: "why", ref })),
  runs: (rest) =>
    rest === "" ? bare({ kind: "runs", workflow: null }) : onName(rest, (workflow) => ({ kind: "runs", workflow })),
  run: (rest) => onName(rest, (workflow) => ({ kind: "run", workflow })),
  resume: (rest) =>
    isEverything(rest)
      ? bare({ kind: "resumeEverything" })
      : onName(rest, (workflow) => ({ kind: "resume", workflow })),
  remember: rememberOf,
  memories: memoriesOf,
  memory: memoryOf,
  correct: correctionOf,
  forget: (rest) => onMemory(rest, (memory) => ({ kind: "forget", memory })),
  stop: (rest) => (isEverything(rest) ? bare({ kind: "stopEverything" }) : null),
  skip: skipOf,
  unskip: (rest) => onName(rest, (workflow) => ({ kind: "skip", workflow, count: 0 })),
  backfill: (rest) => {
    const name = takeName(rest);
    const [, from, to = from] = name === null ? [] : (RANGE.exec(name.rest) ?? []);
    return name && from && to ? bare({ kind: "backfill", workflow: name.value, from, to }) : null;
  },
  rotate: (rest) => onName(rest, (workflow) => ({ kind: "rotate", workflow })),
  delete: (rest) => onName(rest, (workflow) => ({ kind: "delete", workflow })),
  pause: (rest) => withWords(takeName(rest), (workflow, note) => ({ kind: "pause", workflow, note })),
  edit: (rest) => withWords(takeName(rest), (workflow, text) => ({ kind: "edit", workflow, text })),
  set: (rest) => withWords(takeName(rest), (workflow, text) => ({ kind: "set", workflow, text })),
  policies: (rest) => onName(rest, (workflow) => ({ kind: "policies", workflow })),
  rename: (rest) => {
    const old = takeName(rest);
    const name = old === null ? null : takeName(old.rest);
    if (old === null || name === null || name.rest !== "") return null;
    return free({ kind: "rename", workflow: old.value, name: name.value }, name.value, old.explicit);
  },
  cancel: (rest) => onRun(rest, (run) => ({ kind: "cancel", run })),
  retry: (rest) => {
    const run = takeNumber(rest, "run");
    const how = run === null ? null : ANEW.exec(run.rest);
    return run && how ? bare({ kind: "retry", run: run.value, anew: how[0] !== "" }) : null;
  },
  ack: (rest) => onRef(rest, (ref) => ({ kind: "ack", ref })),
  discard: (rest) => withWords(takeNumber(rest, "run"), (run, reason) => ({ kind: "discard", run, reason })),
  replay: (rest) => {
    const run = takeNumber(rest, "run");
    if (run === null || !/^(?:now)?$/iu.test(run.rest)) return null;
    return bare({ kind: "replay", run: run.value, present: run.rest !== "" });
  },
  "dry-run": (rest) => onName(rest, (workflow) => ({ kind: "dryRun", workflow })),
  approve: (rest) => {
    const number = takeNumber(rest, "approval");
    const [, json] = number === null ? [] : (WITH_JSON.exec(number.rest) ?? []);
    return number && json !== undefined
      ? bare({ kind: "approveWith", approval: number.value, arguments: json })
      : withWords(number, (approval, reason) => ({ kind: "approve", approval, reason }));
  },
  deny: (rest) =>
    withWords(takeNumber(rest, "approval"), (approval, reason) => ({ kind: "deny", approval, reason })) ??
    ruleOf("deny", rest),
  answer: (rest) => {
    const number = takeNumber(rest, "question");
    if (number === null || number.rest === "") return null;
    return free({ kind: "answer", question: number.value, text: number.rest }, number.rest, number.explicit);
  },
  allow: (rest) => ruleOf("allow", rest),
  policy: (rest) => policyOf(rest),
  grants: nothing({ kind: "grants" }),
  grant: (rest) => {
    const [, workflow, tool, json] = GRANT.exec(rest) ?? [];
    return workflow && tool && json && isWorkflowName(workflow) ? bare({ kind: "grant", workflow, tool, json }) : null;
  },
  revoke: (rest) => {
    const number = takeNumber(rest.replace(/^grant\s+/iu, ""), "run");
    return number && number.rest === "" ? bare({ kind: "revoke", number: number.value }) : null;
  },
  cost: (rest) => {
    const days = rest === "" ? 7 : Number(DAYS.exec(rest)?.[1] ?? Number.NaN);
    return days <= MOST_DAYS ? bare({ kind: "cost", days }) : null;
  },
  timezone: (rest) => {
    const zone = zoneFor(rest);
    return zone === null ? null : bare({ kind: "timezone", zone });
  },
  help: (rest) => {
    if (rest === "") return bare({ kind: "help", topic: null });
    const topic = rest.toLowerCase().replace(/^dry\s+run/u, "dry-run");
    const first = TOPIC.exec(topic)?.[1];
    return first === topic || (first && isVerb(first)) ? bare({ kind: "help", topic: first }) : null;
  },
} as const satisfies Record<Verb, (rest: string) => Fit | null>;

const isEverything = (rest: string): boolean => /^everything$/iu.test(rest);

function skipOf(rest: string): Fit | null {
  const name = takeName(rest);
  const count = name === null ? null : HOW_MANY.exec(name.rest);
  if (name && count) return bare({ kind: "skip", workflow: name.value, count: Number(count[1] ?? 1) });
  const first = HOW_MANY_FIRST.exec(rest);
  return first === null
    ? null
    : onName(rest.slice(first[0].length), (workflow) => ({ kind: "skip", workflow, count: Number(first[1] ?? 1) }));
}

/** A rule to be added: only when the whole of it fits. */
function ruleOf(verb: "allow" | "deny", rest: string): Fit | null {
  const line = readRuleLine(verb, rest);
  return line === null ? null : bare({ kind: "rule", line });
}

/** `policy`, `policy prs`, `policy remove 3`, `policy check http_get {"url": "…"} for prs`. */
function policyOf(rest: string): Fit | null {
  if (rest === "") return bare({ kind: "permissions", workflow: null });
  const removed = /^remove\s+(?:rule\s+)?#?([1-9]\d{0,8})$/iu.exec(rest)?.[1];
  if (removed !== undefined) return bare({ kind: "removeRule", number: Number(removed) });
  const [, tool, input, workflow = null] = CHECK.exec(rest) ?? [];
  // What lacks its arguments is no workflow of that name.
  if (/^(?:check|remove)$/iu.test(rest)) return null;
  if (tool && input) return bare({ kind: "check", tool, input, workflow });
  return onName(rest, (name) => ({ kind: "permissions", workflow: name }));
}

function nothing(command: Command): (rest: string) => Fit | null {
  return (rest) => (rest === "" ? bare(command) : null);
}

function onRef(rest: string, make: (ref: Ref) => Command): Fit | null {
  const number = takeNumber(rest, "run");
  if (number !== null) return number.rest === "" ? bare(make({ kind: "run", number: number.value })) : null;
  return onName(rest, (name) => make({ kind: "workflow", name }));
}

function onName(rest: string, make: (name: string) => Command): Fit | null {
  const name = takeName(rest);
  return name !== null && name.rest === "" ? bare(make(name.value)) : null;
}

function onRun(rest: string, make: (run: number) => Command): Fit | null {
  const number = takeNumber(rest, "run");
  return number !== null && number.rest === "" ? bare(make(number.value)) : null;
}

function withWords<T>(taken: Taken<T> | null, make: (value: T, words: string | null) => Command): Fit | null {
  if (taken === null) return null;
  const words = taken.rest === "" ? null : taken.rest;
  return free(make(taken.value, words), words, taken.explicit);
}

function takeNumber(text: string, noun: "run" | "approval" | "question"): Taken<number> | null {
  const match = NUMBER.exec(text);
  if (match === null || (match[1] !== undefined && match[1].toLowerCase() !== noun)) return null;
  return { value: Number(match[2]), rest: (match[4] ?? "").trim(), explicit: match[3] !== undefined };
}

function takeName(text: string): Taken<string> | null {
  const match = NAME.exec(text);
  const value = (match?.[2] ?? "").toLowerCase();
  if (match === null || !isWorkflowName(value)) return null;
  return { value, rest: (match[4] ?? "").trim(), explicit: match[3] !== undefined };
}
