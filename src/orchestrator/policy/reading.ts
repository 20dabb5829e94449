/** The policy in plain words, and what it would say of a call. Only reads. */

import { validateInput } from "../../tools/index.ts";
import { placesIn } from "../approvals/reasons.ts";
import type { Caller } from "../caller.ts";
import { ClawError } from "../errors.ts";
import { durationWords } from "../workflows/amounts.ts";
import { unknownWorkflow } from "../workflows/service.ts";
import { findDefined } from "../workflows/store.ts";
import { strictest, termsWords } from "./decider.ts";
import { placesFor } from "./places.ts";
import { type Decision, decideCall } from "./policy.ts";
import { isFor, ruleWords } from "./rule.ts";
import { unknownTool } from "./tool-name.ts";

export interface HeldRuleView {
  /** `rule 3`, `permissions.rules[0] of claw.config.yaml`. */
  readonly name: string;
  readonly words: string;
}

export interface PermissionsView {
  /** Null: of the whole workspace. */
  readonly workflow: string | null;
  /** What holds where no rule says anything. */
  readonly basis: readonly string[];
  readonly rules: readonly HeldRuleView[];
  /** Who approves where no rule says. */
  readonly approvals: string;
  readonly limits: string;
  /** Where the workflow may send to without asking after outside text; empty for the whole workspace. */
  readonly places: readonly string[];
  /** The tools it lists; empty for the whole workspace. */
  readonly tools: readonly string[];
}

/** @throws ClawError `unknown_subject` */
export async function readPermissions(caller: Caller, name: string | null): Promise<PermissionsView> {
  const { deps, work, actor } = caller;
  const policy = await deps.policy.present(work.tx, actor.workspaceId);
  const defined = name === null ? null : await findDefined(work.tx, actor.workspaceId, { name });
  if (name !== null && (!defined || defined.workflow.status === "draft")) throw unknownWorkflow(name);
  const { file } = policy;
  const workflow = defined?.workflow ?? null;
  const rules = [...file.rules, ...policy.chat].filter((rule) => {
    if (!workflow) return true;
    return "unreadable" in rule ? (rule.workflowId ?? workflow.id) === workflow.id : isFor(rule, workflow);
  });
  const terms = strictest([file.approvals]);
  const { callsPerTool, writesPerHour } = file.limits;
  return {
    workflow: workflow?.name ?? null,
    basis: [
      file.fallback === "deny"
        ? "a tool that no rule of the file allows is not called"
        : "a workflow may call the tools it lists, and no other",
      "what changes something asks first, unless a grant covers it; what only reads does not ask",
      "after text from outside, sending to a place that is not on its list asks, too",
    ],
    rules: await Promise.all(
      rules.map(async (rule): Promise<HeldRuleView> => {
        const of =
          rule.workflowId && rule.workflowId !== workflow?.id
            ? ((await findDefined(work.tx, actor.workspaceId, { id: rule.workflowId }))?.workflow.name ?? null)
            : null;
        const words = "unreadable" in rule ? "cannot be read, and so forbids everything" : ruleWords(rule);
        return { name: rule.name, words: of === null ? words : `${words}, in ${of}` };
      }),
    ),
    approvals: [
      termsWords(terms),
      ...(terms.waitMs > 0 ? [`a yes takes effect ${durationWords(terms.waitMs)} after it is asked`] : []),
      ...(terms.expiryMs ? [`within ${durationWords(terms.expiryMs)}`] : []),
      ...terms.escalateTo.map((channel) => `at half time ${channel} is told too`),
    ].join("; "),
    limits: `${callsPerTool} calls of a tool in a run, ${writesPerHour} changes an hour in a workflow; beyond that people are asked, whatever was granted`,
    places: workflow && defined ? placesFor(policy, workflow, defined.revision.instruction) : [],
    tools: defined?.revision.tools ?? [],
  };
}

export interface CheckView {
  readonly tool: string;
  readonly workflow: string | null;
  readonly outcomes: readonly {
    /** The run has read text from outside by then. */
    readonly afterOutside: boolean;
    readonly kind: Decision["kind"];
    /** Why it asks, or is refused; a sentence each. */
    readonly reasons: readonly string[];
    /** Whom it asks; null when nobody. */
    readonly who: string | null;
    /** Which rules decided. */
    readonly rules: readonly string[];
  }[];
}

/** What would become of a call; makes none. @throws ClawError `unknown_subject`, `invalid_input` */
export async function checkCall(
  caller: Caller,
  {
    tool,
    input: text,
    workflow: name,
  }: { readonly tool: string; readonly input: string; readonly workflow: string | null },
): Promise<CheckView> {
  const { deps, work, actor } = caller;
  const contract = deps.registry.get(tool);
  if (!contract) {
    const tools = deps.registry.list().map((each) => each.name);
    throw unknownTool(tool, tools);
  }
  const valid = validateInput(contract, text);
  if (!valid.ok) throw new ClawError("invalid_input", valid.error.message);
  const defined = name === null ? null : await findDefined(work.tx, actor.workspaceId, { name });
  if (name !== null && !defined) throw unknownWorkflow(name);
  const policy = await deps.policy.present(work.tx, actor.workspaceId);
  const workflow = defined?.workflow ?? { id: "", name: "" };
  const unlisted = defined !== null && !defined.revision.tools.includes(tool);
  const outcomes = [false, true].map((afterOutside) => {
    const decision: Decision = unlisted
      ? {
          kind: "refuse",
          why: `${tool} is not among the tools of ${workflow.name}.`,
          rules: ["the workflow's own list"],
        }
      : decideCall(policy, {
          contract,
          input: valid.value,
          workflow,
          taint: afterOutside ? ["some page"] : [],
          places: placesIn(defined?.revision.instruction ?? ""),
          callsBefore: 0,
        });
    return {
      afterOutside,
      kind: decision.kind,
      reasons: decision.kind === "ask" ? decision.reasons : decision.kind === "refuse" ? [decision.why] : [],
      who: decision.kind === "ask" ? termsWords(decision.terms) : null,
      rules: decision.rules.length > 0 ? decision.rules : ["no rule: what holds for every workflow"],
    };
  });
  return { tool, workflow: defined?.workflow.name ?? null, outcomes };
}
