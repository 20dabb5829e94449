/** Policies by line and by button: shown, changed after a look at before and after. */
import {
  assertNever,
  type Caller,
  dropPolicy,
  planPolicy,
  planPolicyOf,
  type Reader,
  readPolicies,
  savePolicy,
  unknownWorkflow,
  workflowView,
} from "../../orchestrator/index.ts";
import type { Action } from "../cards/actions.ts";
import { doneCard } from "../cards/answer.ts";
import { type Button, type Card, card } from "../cards/card.ts";
import { policiesCard, policyButtons, policyChangeCard } from "../cards/policies.ts";
import type { Ref } from "./command.ts";
import type { Answer } from "./dispatch.ts";

export const POLICY_ACTIONS = ["policy.change", "policy.save", "policy.cancel"] as const satisfies readonly Action[];
export type PolicyAction = (typeof POLICY_ACTIONS)[number];
export const isPolicyAction = (action: Action): action is PolicyAction =>
  (POLICY_ACTIONS as readonly Action[]).includes(action);

/** The message that asks about a change of policy; the answer edits it. */
const policyKey = (token: string): string => `policy:${token}`;

/** All policies of a workflow. @throws ClawError when there is none such */
export async function answerPolicies(caller: Caller, name: string): Promise<Card> {
  const { deps, work, actor } = caller;
  const view = await readPolicies(work.tx, actor.workspaceId, { name }, deps.policies);
  if (!view) throw unknownWorkflow(name);
  return policiesCard(view);
}

/** @param text a policy and its value; null shows them all */
export async function answerSet(caller: Caller, name: string, text: string | null): Promise<Answer> {
  if (text === null) return { card: await answerPolicies(caller, name), key: null };
  const view = await planPolicy(caller, { name }, text);
  return { card: policyChangeCard(view), key: policyKey(view.token) };
}

export async function pressPolicy(
  caller: Caller,
  action: PolicyAction,
  { value, text }: { readonly value: string; readonly text: string | null },
): Promise<Answer> {
  switch (action) {
    case "policy.change": {
      const view = await planPolicyOf(caller, value, text ?? "");
      return { card: policyChangeCard(view), key: policyKey(view.token) };
    }
    case "policy.save": {
      const { name, revision, diff } = await savePolicy(caller, value);
      const title = `${name} is changed, revision ${revision}`;
      return { card: card({ state: "done", title, diff, buttons: policyButtons(name) }), key: policyKey(value) };
    }
    case "policy.cancel": {
      const name = await dropPolicy(caller, value);
      return { card: doneCard(`${name} stays as it is.`), key: policyKey(value) };
    }
    default:
      return assertNever(action, "policy action");
  }
}

/** Where a policy decided what became of the last time, it can be changed. */
export async function policyButtonsFor(reader: Reader, ref: Ref): Promise<readonly Button[]> {
  if (ref.kind === "run") return [];
  const view = await workflowView(reader.db, reader.workspaceId, { name: ref.name }, reader.now);
  const outcome = view?.lastFirings[0]?.outcome ?? null;
  return outcome === "skipped" || outcome === "missed" || outcome === "collapsed" ? policyButtons(ref.name) : [];
}
