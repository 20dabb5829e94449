/** What a half-typed line may become, for composers and autocompletion. Pure. */
import { POLICY_NAMES, POLICY_TERMS } from "../../orchestrator/index.ts";
import { VERBS, type Verb } from "./command.ts";

/** Discord shows at most 25 choices. */
const MOST = 25;

/** Verbs that a workflow's name may follow. */
const ON_WORKFLOWS: readonly Verb[] = [
  "status",
  "runs",
  "inspect",
  "run",
  "dry-run",
  "pause",
  "resume",
  "skip",
  "unskip",
  "backfill",
  "edit",
  "set",
  "policies",
  "policy",
  "grant",
  "rename",
  "delete",
  "rotate",
  "audit",
  "why",
  "ack",
  "memories",
];
const ALONE: readonly Verb[] = [
  "list",
  "dead",
  "tools",
  "secrets",
  "approvals",
  "grants",
  "memories",
  "policy",
  "help",
  "status",
  "runs",
  "cost",
  "audit",
];
const SCHEDULES = ["every weekday at 9 ", "every hour ", "every day at 9 ", "every 15 minutes ", "tomorrow at 9 "];

/**
 * Whole lines that begin with what was typed, at most 25; a trailing blank asks for more. What was typed in front
 * (`/claw `) stays. Nothing is offered for text that is an instruction by now.
 */
export function completions(text: string, context: { readonly workflows: readonly string[] }): string[] {
  const before = /^\s*(?:\/claw\s+)?/iu.exec(text)?.[0] ?? "";
  const line = text.slice(before.length).toLowerCase();
  return candidates(line, context.workflows)
    .filter((candidate) => candidate.startsWith(line) && candidate !== line)
    .slice(0, MOST)
    .map((candidate) => before + candidate);
}

function candidates(line: string, workflows: readonly string[]): readonly string[] {
  const [word = ""] = line.split(/\s/u, 1);
  const set = /^set (\S+) /u.exec(line);
  if (set) return workflows.includes(set[1] ?? "") ? settings(set[0], line) : [];
  const verb = ON_WORKFLOWS.find((known) => known === word);
  if (verb !== undefined && line.length > word.length) return workflows.map((name) => `${verb} ${name}`);
  if (line.startsWith("remember ")) {
    return [...workflows.map((name) => `remember for ${name}: `), "remember everywhere: ", "remember privately: "];
  }
  const memory = /^memory #?[1-9]\d{0,8} /u.exec(line)?.[0];
  if (memory !== undefined) return ["confirm", "keep for good", "keep 30d"].map((how) => `${memory}${how}`);
  const approval = /^approve #?[1-9]\d{0,8} /u.exec(line)?.[0];
  if (approval !== undefined) return [`${approval}with {`];
  return [...VERBS.map((known) => (ALONE.includes(known) ? known : `${known} `)), ...SCHEDULES];
}

/** Policies, or the values of the one that is typed. */
function settings(before: string, line: string): readonly string[] {
  const named = POLICY_NAMES.find((name) => line.startsWith(`${before}${name} `));
  return named === undefined
    ? POLICY_NAMES.map((name) => `${before}${name} `)
    : [...POLICY_TERMS[named].offers, "default"].map((value) => `${before}${named} ${value}`);
}
