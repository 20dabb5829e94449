/** What people do with the policy: see it, add a rule and take it back. Nothing holds before it was shown and saved. */

import type { ToolRegistry } from "../../tools/index.ts";
import { appendAudit } from "../audit/store.ts";
import type { Caller } from "../caller.ts";
import type { WorkDeps } from "../db/work.ts";
import { ClawError } from "../errors.ts";
import { personsOf } from "../members/store.ts";
import { lockOwn, unknownWorkflow } from "../workflows/service.ts";
import { findDefined } from "../workflows/store.ts";
import type { RuleLine } from "./line.ts";
import { fits } from "./pattern.ts";
import { ruleWords } from "./rule.ts";
import { dropOldRules, insertRule, lockRule, removeRule, type StoredRule, saveRule, toRule } from "./rules/store.ts";
import { unknownTool } from "./tool-name.ts";

/** What was shown is kept for that long; milliseconds. */
const PROPOSED_MS = 24 * 60 * 60_000;

export interface RuleView {
  readonly ruleId: string;
  /** Null while it is not saved. */
  readonly number: number | null;
  readonly words: string;
  /** Null: it holds in the whole workspace. */
  readonly workflow: string | null;
}

/** Shows what a rule would mean, and changes nothing. @throws ClawError `forbidden`, `invalid_input`, `unknown_subject` */
export async function proposeRule(caller: Caller, { body, workflow }: RuleLine): Promise<RuleView> {
  const { deps, work, actor } = caller;
  const isAdmin = actor.role === "admin";
  const own = workflow === null ? null : (await lockOwn(caller, { name: workflow })).workflow;
  if (!own && !isAdmin) {
    throw new ClawError(
      "forbidden",
      "Only an admin can change the policy of the whole workspace. Add: for <workflow>, for one of yours.",
    );
  }
  if (Object.keys(body.terms).length > 0 && !isAdmin) {
    throw new ClawError("forbidden", "Only an admin can say who approves. Leave out what stands behind asking.");
  }
  mustName(deps.registry, body.effect === "send" ? null : body.tool);
  const id = deps.ids.next();
  const { memberId: proposedBy, workspaceId } = actor;
  await insertRule(work.tx, { id, workspaceId, workflowId: own?.id ?? null, body, proposedBy, proposedAt: work.now });
  return { ruleId: id, number: null, words: ruleWords(body), workflow: own?.name ?? null };
}

function mustName(registry: ToolRegistry, pattern: string | null): void {
  const tools = registry.list().map(({ name }) => name);
  if (pattern === null || tools.some((name) => fits(pattern, name))) return;
  throw unknownTool(pattern, tools);
}

/** *Save*. @throws ClawError `conflict` when it was saved or dropped before */
export async function saveProposedRule(caller: Caller, ruleId: string): Promise<RuleView> {
  const rule = await lockProposed(caller, ruleId);
  const number = await saveRule(caller.work.tx, rule, caller.work.now);
  if (number === null) throw new ClawError("conflict", "This was decided already. /claw policy shows what holds.");
  const view = await viewOf(caller, { ...rule, number });
  await audit(caller, { ...rule, number }, "rule.added", { words: view.words });
  return view;
}

/** *Cancel*. */
export async function dropProposedRule(caller: Caller, ruleId: string): Promise<void> {
  const { work, actor } = caller;
  const rule = await lockProposed(caller, ruleId);
  await removeRule(work.tx, rule, actor.memberId, work.now);
}

async function lockProposed(caller: Caller, id: string): Promise<StoredRule> {
  const { work, actor } = caller;
  const rule = await lockRule(work.tx, actor.workspaceId, { id });
  const isOld = rule && work.now.getTime() - rule.proposedAt.getTime() > PROPOSED_MS;
  if (!rule || isOld) throw new ClawError("unknown_subject", "This is no longer kept. Send the line again.");
  if (rule.proposedBy !== actor.memberId) {
    throw new ClawError("forbidden", "Only the person who asked for this rule can decide about it.");
  }
  if (rule.savedAt || rule.removedAt) {
    throw new ClawError("conflict", "This was decided already. /claw policy shows what holds.");
  }
  // What they may was checked when it was shown; it may have changed since.
  const body = toRule(rule);
  const hasTerms = !("unreadable" in body) && Object.keys(body.terms).length > 0;
  if (rule.workflowId) await lockOwn(caller, { id: rule.workflowId });
  if ((!rule.workflowId || hasTerms) && actor.role !== "admin") {
    throw new ClawError("forbidden", "Only an admin can change that part of the policy.");
  }
  return rule;
}

/** Takes a rule back. What an admin wrote only an admin can. @throws ClawError `forbidden`, `unknown_subject` */
export async function removeRuleNumber(caller: Caller, number: number): Promise<RuleView> {
  const { work, actor } = caller;
  const rule = await lockRule(work.tx, actor.workspaceId, { number });
  if (!rule?.savedAt || rule.removedAt) {
    throw new ClawError("unknown_subject", `There is no rule ${number}. /claw policy shows what holds.`);
  }
  if (rule.workflowId) await lockOwn(caller, { id: rule.workflowId });
  const author = (await personsOf(work.tx, actor.workspaceId, [rule.proposedBy])).get(rule.proposedBy);
  const isOwners = rule.workflowId !== null && author !== undefined && author.role !== "admin";
  if (actor.role !== "admin" && !isOwners) {
    throw new ClawError("forbidden", `Only an admin can take rule ${number} back.`);
  }
  const view = await viewOf(caller, rule);
  await removeRule(work.tx, rule, actor.memberId, work.now);
  await audit(caller, rule, "rule.removed", { words: view.words });
  return view;
}

async function viewOf({ work, actor }: Caller, rule: StoredRule): Promise<RuleView> {
  const read = toRule(rule);
  const defined = rule.workflowId ? await findDefined(work.tx, actor.workspaceId, { id: rule.workflowId }) : null;
  if (rule.workflowId && !defined) throw unknownWorkflow(null);
  return {
    ruleId: rule.id,
    number: rule.number,
    words: "unreadable" in read ? "cannot be read, and so forbids everything" : ruleWords(read),
    workflow: defined?.workflow.name ?? null,
  };
}

const audit = (
  { work, actor }: Caller,
  rule: StoredRule,
  action: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> =>
  appendAudit(work.tx, [
    {
      workspaceId: actor.workspaceId,
      at: work.now,
      actor: actor.memberId,
      action,
      subject: { kind: "rule", id: rule.id },
      workflowId: rule.workflowId,
      runId: null,
      detail: { number: rule.number, body: rule.body, ...detail },
    },
  ]);

/** Drops what was shown and never saved. Again is harmless. */
export const dropUnsaved = ({ db, clock }: Pick<WorkDeps, "db" | "clock">): Promise<void> =>
  dropOldRules(db, new Date(clock.now() - PROPOSED_MS));
