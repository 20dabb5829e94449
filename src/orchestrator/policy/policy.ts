/** What may be done with one call: run, ask whom and why, or not at all. Pure. The strictest rule wins. */
import type { ToolContract } from "../../tools/index.ts";
import { reasonsToAsk } from "../approvals/reasons.ts";
import { type SomeTerms, strictest, type Terms } from "./decider.ts";
import { isAt } from "./pattern.ts";
import { type Call, callWords, isAbout, isFor, meets, type Rule, type UnreadableRule } from "./rule.ts";

/** What `claw.config.yaml` says of permissions. */
export interface FilePolicy {
  /** Tools that no rule speaks of: `listed`, as the workflow lists them; `deny`: not at all. */
  readonly fallback: "listed" | "deny";
  readonly rules: readonly Rule[];
  /** Hold for every approval. */
  readonly approvals: SomeTerms;
  readonly limits: RateLimits;
}

export interface RateLimits {
  /** Calls of one tool in a run; the next ones ask. */
  readonly callsPerTool: number;
  /** Calls of a workflow that change something, in an hour; the next ones ask, whatever was granted. */
  readonly writesPerHour: number;
}

export const DEFAULT_FILE_POLICY: FilePolicy = {
  fallback: "listed",
  rules: [],
  approvals: {},
  limits: { callsPerTool: 50, writesPerHour: 30 },
};

/** Everything that holds in a workspace. */
export interface Policy {
  readonly file: FilePolicy;
  readonly chat: readonly (Rule | UnreadableRule)[];
}

export interface Situation {
  readonly contract: ToolContract;
  readonly input: unknown;
  readonly workflow: { readonly id: string; readonly name: string };
  /** What outside text the run has read, in words; empty when none. */
  readonly taint: readonly string[];
  /** Places its own instruction names, which may be sent to without asking. */
  readonly places: ReadonlySet<string>;
  /** Calls of this tool that the run has made. */
  readonly callsBefore: number;
  /** A person wrote these arguments: then the call is made only by the yes that came with them. */
  readonly changed?: boolean;
}

export type Decision =
  | { readonly kind: "run"; readonly rules: readonly string[] }
  | { readonly kind: "refuse"; readonly why: string; readonly rules: readonly string[] }
  | {
      readonly kind: "ask";
      /** A sentence each, for the approver. */
      readonly reasons: readonly string[];
      readonly terms: Terms;
      /** A standing yes may stand for people's: not where several must agree, nor where there is time to think it over. */
      readonly grantable: boolean;
      readonly rules: readonly string[];
    };

/** Decides about one call. Which tools a workflow lists was looked at before: nothing else comes here. */
export function decideCall(policy: Policy, situation: Situation): Decision {
  const { contract, input, workflow } = situation;
  const call: Call = { tool: contract.name, input, destination: contract.destination?.(input) ?? null };
  const broken = policy.chat.find((rule) => "unreadable" in rule && (rule.workflowId ?? workflow.id) === workflow.id);
  if (broken) {
    return refuse(
      `${broken.name} of this workspace's policy cannot be read, and it may forbid this. An admin removes it: /claw policy remove ${broken.name.replace(/\D/g, "")}`,
      [broken.name],
    );
  }
  const rules = [...policy.file.rules, ...(policy.chat as readonly Rule[])].filter((rule) => isFor(rule, workflow));
  const denied = rules.find((rule) => rule.effect === "deny" && meets(rule, call));
  if (denied) return refuse(`A rule forbids ${callWords(denied)} here (${denied.name}).`, [denied.name]);

  const met: Rule[] = [];
  for (const level of ["file", "chat"] as const) {
    for (const own of [false, true]) {
      const about = rules.filter(
        (rule) => rule.level === level && isAbout(rule, call) && rule.effect !== "deny" && isOfWorkflow(rule) === own,
      );
      const fitting = about.filter((rule) => meets(rule, call));
      // What must be asked for somewhere is free elsewhere; what is allowed somewhere is allowed nowhere else.
      const allowing = about.filter((rule) => rule.effect === "allow");
      if (allowing.length > 0 && fitting.length === 0) {
        return refuse(
          `${contract.name} is allowed here only as ${allowing.map(callWords).join("; or ")} (${names(allowing).join(", ")}).`,
          names(allowing),
        );
      }
      met.push(...fitting);
    }
  }
  if (policy.file.fallback === "deny" && !met.some((rule) => rule.level === "file")) {
    return refuse(
      `No rule of claw.config.yaml allows ${contract.name} with these arguments here, and its permissions.default is deny.`,
      ["permissions.default"],
    );
  }
  const isLimited = situation.callsBefore >= policy.file.limits.callsPerTool;
  const asking = met.filter((rule) => rule.effect === "ask");
  const reasons = [
    ...reasonsToAsk({ ...situation, isOpen: (place) => isOpenTo(place, situation.places, placesOf(rules)) }),
    ...asking.map((rule) => `the policy wants to be asked before ${callWords(rule)} (${rule.name})`),
    ...(contract.alwaysAsks ? ["each of these calls is looked at by people"] : []),
    ...(isLimited ? [`this run has called ${contract.name} ${situation.callsBefore} times, which is the limit`] : []),
  ];
  if (reasons.length === 0) return { kind: "run", rules: names(met) };
  const terms = strictest([policy.file.approvals, ...asking.map((rule) => rule.terms)]);
  const grantable =
    terms.quorum === 1 && terms.waitMs === 0 && !isLimited && !situation.changed && !contract.alwaysAsks;
  return { kind: "ask", reasons, terms, grantable, rules: names(met) };
}

/** Whether a run may send to a place without asking after it has read outside text. */
export const isOpenTo = (place: string, places: ReadonlySet<string>, sendable: readonly string[]): boolean =>
  places.has(place) || isAt(sendable, place, true);

/** Places that rules let a workflow send to after outside text. */
export const placesOf = (rules: readonly Rule[]): string[] =>
  rules.flatMap((rule) => (rule.effect === "send" ? (rule.to ?? []) : []));

/** The same for one workflow, of the whole policy. An unreadable rule opens nothing. */
export const sendableIn = (policy: Policy, workflow: { readonly id: string; readonly name: string }): string[] =>
  placesOf(
    [...policy.file.rules, ...policy.chat].filter(
      (rule): rule is Rule => !("unreadable" in rule) && isFor(rule, workflow),
    ),
  );

const isOfWorkflow = (rule: Rule): boolean => rule.workflow !== null || rule.workflowId !== null;
const names = (rules: readonly Rule[]): string[] => rules.map(({ name }) => name);
const refuse = (why: string, rules: readonly string[]): Decision => ({ kind: "refuse", why, rules });
