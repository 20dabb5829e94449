/** What may follow the verbs of memory. Pure. */
import { isWorkflowName, type ToRemember } from "../../orchestrator/index.ts";
import type { Command } from "./command.ts";
import { bare, type Fit, free } from "./fit.ts";

/** `for prs`, `everywhere`, `privately`, in any order, before a colon: for whom something is to be remembered. */
const FOR_WHOM = /^((?:\s*\b(?:privately|everywhere|here|for\s+[a-z0-9-]+))*)\s*:\s*([\s\S]+)$/iu;
const MEMORY = /^#?([1-9]\d{0,8})(?!\S)/u;
const KEEP = /^keep(?:\s+(?:it\s+)?(?:(?:for\s+(?:good|ever)|forever)|(?:for\s+)?([1-9]\d{0,3})\s*(?:d|days?)))?$/iu;
const CORRECTION = /^#?([1-9]\d{0,8})(?:(:)(?!\S)|(?!\S))\s*([\s\S]+)$/u;
const EXPORT = /^export(?:\s+after\s+([1-9]\d{0,8}))?$/iu;

/** `deploys are on Tuesdays`, `for prs: drafts do not count`, `everywhere privately: …`. */
export function rememberOf(rest: string): Fit | null {
  if (rest === "") return null;
  const [, head, text] = FOR_WHOM.exec(rest) ?? [];
  if (head === undefined || text === undefined) {
    return free({ kind: "remember", text: rest, where: "here", isPrivate: false }, rest, false);
  }
  const workflow = /\bfor\s+([a-z0-9-]+)/iu.exec(head)?.[1]?.toLowerCase();
  const everywhere = /\beverywhere\b/iu.test(head);
  if (workflow !== undefined && (everywhere || !isWorkflowName(workflow))) return null;
  const where: ToRemember["where"] = workflow === undefined ? (everywhere ? "everywhere" : "here") : { workflow };
  return free({ kind: "remember", text, where, isPrivate: /\bprivately\b/iu.test(head) }, text, true);
}

export function memoriesOf(rest: string): Fit | null {
  if (rest === "") return bare({ kind: "memories", workflow: null });
  const exported = EXPORT.exec(rest);
  if (exported) return bare({ kind: "exportMemories", after: exported[1] === undefined ? null : Number(exported[1]) });
  const name = rest.toLowerCase();
  return isWorkflowName(name) ? bare({ kind: "memories", workflow: name }) : null;
}

/** `3`, `3 confirm`, `3 keep 30d`, `3 keep for good`, `3 keep`; what is about one memory may also be said of it: `3 forget`. */
export function memoryOf(rest: string): Fit | null {
  const [found, digits] = MEMORY.exec(rest) ?? [];
  if (found === undefined) return null;
  const memory = Number(digits);
  const how = rest.slice(found.length).trim();
  if (how === "") return bare({ kind: "memory", memory });
  if (/^confirm$/iu.test(how)) return bare({ kind: "confirm", memory });
  if (/^forget$/iu.test(how)) return bare({ kind: "forget", memory });
  const [kept, days] = KEEP.exec(how) ?? [];
  if (kept === undefined) return null;
  return bare({ kind: "keep", memory, days: days === undefined ? null : Number(days) });
}

/** `3 deploys are on Mondays`, `3: …`. */
export function correctionOf(rest: string): Fit | null {
  const [, digits, colon, text] = CORRECTION.exec(rest) ?? [];
  if (digits === undefined || text === undefined) return null;
  return free({ kind: "correct", memory: Number(digits), text }, text, colon !== undefined);
}

/** `3`, `#3`, `memory 3`. */
export function onMemory(rest: string, make: (memory: number) => Command): Fit | null {
  const digits = /^(?:memory\s+)?#?([1-9]\d{0,8})$/iu.exec(rest)?.[1];
  return digits === undefined ? null : bare(make(Number(digits)));
}
