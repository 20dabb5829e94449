/** A rule of the policy: what may be called, must be asked for or is forbidden, where and with what. Pure. */
import { z } from "zod";
import { durationWords } from "../workflows/amounts.ts";
import { Decider, type SomeTerms, termsWords } from "./decider.ts";
import { argumentsFit, fits, isAt, MAX_PATTERN } from "./pattern.ts";

export const RULE_EFFECTS = ["allow", "ask", "deny", "send"] as const;
/** `send`: places that may be sent to without asking although the run has read outside text. */
export type RuleEffect = (typeof RULE_EFFECTS)[number];

const Pattern = z.string().min(1).max(MAX_PATTERN);

/** What a rule says, as it is kept. */
export const RuleBody = z.strictObject({
  effect: z.enum(RULE_EFFECTS),
  /** A tool's name, with `*`; `*` for rules that send. */
  tool: Pattern,
  /** Places; null: wherever it goes, and if it goes nowhere. */
  to: z.array(Pattern).min(1).max(50).nullable(),
  /** Patterns by the argument's name. */
  with: z.record(z.string(), Pattern),
  terms: z.strictObject({
    by: z.array(Decider).min(1).optional(),
    quorum: z.number().int().min(1).max(20).optional(),
    authorMayApprove: z.boolean().optional(),
    waitMs: z.number().int().nonnegative().optional(),
    expiryMs: z.number().int().positive().optional(),
    escalateTo: z.string().optional(),
  }),
});
export type RuleBody = z.infer<typeof RuleBody>;

export interface Rule extends RuleBody {
  /** `rule 3`, `permissions.rules[0] of claw.config.yaml`. */
  readonly name: string;
  /** The file's rules, and those that people gave in chat: each level must allow a call by itself. */
  readonly level: "file" | "chat";
  /** Which workflows it is for, by name; null: every one. */
  readonly workflow: string | null;
  /** Of a rule that people gave for one workflow: its id, which a new name does not change. */
  readonly workflowId: string | null;
}

/** A rule that is there and cannot be read: nobody knows what it forbids, so it forbids everything. */
export interface UnreadableRule {
  readonly name: string;
  readonly unreadable: true;
  readonly workflowId: string | null;
}

export interface Call {
  readonly tool: string;
  readonly input: unknown;
  /** Where it would send data; null when nowhere. */
  readonly destination: string | null;
}

export const isFor = (
  rule: Pick<Rule, "workflow" | "workflowId">,
  workflow: { readonly id: string; readonly name: string },
): boolean =>
  rule.workflowId !== null
    ? rule.workflowId === workflow.id
    : rule.workflow === null || fits(rule.workflow, workflow.name);

export const isAbout = (rule: RuleBody, call: Call): boolean => rule.effect !== "send" && fits(rule.tool, call.tool);

/** Whether the call is one that the rule means. What forbids is read widely, what allows narrowly. */
export function meets(rule: RuleBody, call: Call): boolean {
  const loose = rule.effect !== "allow";
  if (!isAbout(rule, call) || !argumentsFit(rule.with, call.input, loose)) return false;
  if (rule.to === null) return true;
  return call.destination !== null && isAt(rule.to, call.destination, !loose);
}

/** `http_get to *.example.com with method=GET`. */
export function callWords({ tool, to, with: patterns }: Pick<RuleBody, "tool" | "to" | "with">): string {
  const places = to === null ? "" : ` to ${to.join(" or ")}`;
  const given = Object.entries(patterns).map(([name, pattern]) => `${name}=${pattern}`);
  return `${tool === "*" ? "any tool" : tool}${places}${given.length > 0 ? ` with ${given.join(", ")}` : ""}`;
}

/** What a rule says, in plain words. */
export function ruleWords(rule: RuleBody & { readonly workflow?: string | null }): string {
  const where = rule.workflow ? `, in ${rule.workflow}` : "";
  switch (rule.effect) {
    case "allow":
      return `may call ${callWords(rule)}${where}`;
    case "deny":
      return `must not call ${callWords(rule)}${where}`;
    case "send":
      return `may send to ${(rule.to ?? []).join(" or ")} also after outside text${where}`;
    case "ask":
      return `must ask before ${callWords(rule)}${where}${someTermsWords(rule.terms)}`;
  }
}

/** `: 2 of …; within 4 h`; empty when nothing is said. */
function someTermsWords({ by, quorum = 1, authorMayApprove = true, waitMs, expiryMs, escalateTo }: SomeTerms): string {
  const people = `${quorum > 1 ? `${quorum} people` : "somebody"}${authorMayApprove ? "" : ", not the author"}`;
  const who = by ? termsWords({ by: [[...by]], quorum, authorMayApprove }) : people === "somebody" ? "" : people;
  const parts = [
    who,
    waitMs ? `takes effect ${durationWords(waitMs)} after it is asked` : "",
    expiryMs ? `within ${durationWords(expiryMs)}` : "",
    escalateTo ? `at half time ${escalateTo} is told too` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `: ${parts.join("; ")}`;
}
