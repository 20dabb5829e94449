/** *Set a policy*: what it is and would be is shown first; saving it adds a revision, so runs under way keep theirs. */
import type { Caller } from "../caller.ts";
import type { Database, Transaction } from "../db/client.ts";
import { ClawError } from "../errors.ts";
import type { WorkflowRef } from "../events.ts";
import type { WorkspaceId } from "../ports.ts";
import { openRunsOf } from "../schedules/firings/store.ts";
import { POLICY_NAMES, POLICY_TERMS, type PolicyName, policyDiff, readPolicy, sayPolicy } from "./policy-terms.ts";
import { type Edited, editWorkflow, lockOwn, unknownWorkflow, type WorkflowKey } from "./service.ts";
import { findDefined } from "./store.ts";
import type { Policies } from "./workflow.ts";

export interface PolicyView {
  readonly name: PolicyName;
  readonly value: string;
  /** It is what a new workflow would get. */
  readonly isDefault: boolean;
  readonly takes: string;
  /** For the button that changes it. */
  readonly token: string;
}

export interface PoliciesView extends WorkflowRef {
  readonly revision: number;
  readonly policies: readonly PolicyView[];
}

/** All policies of a workflow; null when there is none such, or only a draft. */
export async function readPolicies(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  which: WorkflowKey,
  defaults: Policies,
): Promise<PoliciesView | null> {
  const defined = await findDefined(db, workspaceId, which);
  if (!defined || defined.workflow.status === "draft") return null;
  const { workflow, revision } = defined;
  return {
    workflowId: workflow.id,
    name: workflow.name,
    revision: revision.number,
    policies: POLICY_NAMES.map((name, at) => {
      const value = sayPolicy(name, revision.policies);
      // Where overlap is allowed there are more runs at once by themselves.
      const fresh = name === "concurrency" ? { ...defaults, overlap: revision.policies.overlap } : defaults;
      const isDefault = value === sayPolicy(name, fresh);
      return { name, value, isDefault, takes: POLICY_TERMS[name].takes, token: `${workflow.id}|${at}` };
    }),
  };
}

/** What a person is asked before a policy changes. */
export interface PolicyChangeView extends WorkflowRef {
  /** Before and after, as lines of a diff. */
  readonly diff: readonly string[];
  /** Runs that are open and keep what they began with. */
  readonly open: number;
  /** For the buttons. */
  readonly token: string;
}

/**
 * Shows what a policy would become, and changes nothing.
 * @param text the policy and its value, see `readPolicy`
 * @throws ClawError `invalid_input` with what to type, `conflict` when it is that already
 */
export async function planPolicy(caller: Caller, which: WorkflowKey, text: string): Promise<PolicyChangeView> {
  const { workflow, revision } = await lockOwn(caller, which);
  const { name, change } = readPolicy(text, caller.deps.policies);
  const after = { ...revision.policies, ...change };
  const diff = policyDiff(revision.policies, after);
  if (diff.length === 0) {
    throw new ClawError("conflict", `${name} of ${workflow.name} is ${sayPolicy(name, after)} already.`);
  }
  const token = writeToken({
    workflowId: workflow.id,
    revision: revision.number,
    name,
    value: sayPolicy(name, after),
    askedAt: caller.work.now.getTime(),
  });
  if (token.length > MAX_TOKEN) {
    throw new ClawError("invalid_input", `${name} cannot be that fine. Use round amounts, such as 30s, 5m or 1h.`);
  }
  const open = (await openRunsOf(caller.work.tx, [workflow.id])).get(workflow.id) ?? [];
  return { workflowId: workflow.id, name: workflow.name, diff, open: open.length, token };
}

/** As {@link planPolicy}, for the button beside a policy. @param value what the person typed */
export function planPolicyOf(caller: Caller, token: string, value: string): Promise<PolicyChangeView> {
  const [id = "", at = ""] = token.split("|");
  const name = POLICY_NAMES[Number(at)];
  if (!UUID.test(id) || name === undefined) throw notUnderstood();
  return planPolicy(caller, { id }, `${name} ${value}`);
}

/** *Save*. @throws ClawError `conflict` when the workflow was changed since it was asked, or it is that already */
export async function savePolicy(caller: Caller, token: string): Promise<Edited & { readonly name: string }> {
  const asked = readToken(token);
  if (!asked) throw notUnderstood();
  const { workflow, revision } = await lockOwn(caller, { id: asked.workflowId });
  if (revision.number !== asked.revision) {
    throw new ClawError(
      "conflict",
      `${workflow.name} was changed since. Send the line again to see what would change.`,
    );
  }
  const { change } = readPolicy(`${asked.name} ${asked.value}`, caller.deps.policies);
  const edited = await editWorkflow(caller, { id: workflow.id }, { policies: { ...revision.policies, ...change } });
  return { ...edited, name: workflow.name };
}

/** *Cancel*: nothing was changed yet. @returns the workflow's name */
export async function dropPolicy(caller: Caller, token: string): Promise<string> {
  const asked = readToken(token);
  if (!asked) throw notUnderstood();
  const defined = await findDefined(caller.work.tx, caller.actor.workspaceId, { id: asked.workflowId });
  if (!defined) throw unknownWorkflow(null);
  return defined.workflow.name;
}

const notUnderstood = () =>
  new ClawError("unknown_subject", "This button is no longer understood. Send the line again.");

/** What a button can carry. */
const MAX_TOKEN = 80;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TOKEN = /^([0-9a-f]{32})\|([0-9a-z]{1,6})\|(\d{1,2})\|([^|]{1,60})\|[0-9a-z]{1,9}$/;

interface Asked {
  readonly workflowId: string;
  /** The revision that was shown. */
  readonly revision: number;
  readonly name: PolicyName;
  readonly value: string;
}

/** @param asked.askedAt milliseconds: makes two questions two messages */
const writeToken = (asked: Asked & { readonly askedAt: number }): string =>
  [
    asked.workflowId.replaceAll("-", ""),
    asked.revision.toString(36),
    POLICY_NAMES.indexOf(asked.name),
    asked.name === "retries" ? asked.value.replaceAll(" ", "") : asked.value,
    Math.floor(asked.askedAt / 1_000).toString(36),
  ].join("|");

function readToken(token: string): Asked | null {
  const [, id = "", revision = "", at = "", value = ""] = TOKEN.exec(token) ?? [];
  const name = POLICY_NAMES[Number(at)];
  if (id === "" || name === undefined) return null;
  const workflowId = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return { workflowId, revision: Number.parseInt(revision, 36), name, value };
}
