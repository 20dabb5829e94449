/** Rules, grants and the switch for everything: by line and by button. */
import {
  assertNever,
  type Caller,
  ClawError,
  changeGrant,
  checkCall,
  dropGrant,
  dropProposedRule,
  giveGrant,
  planStop,
  proposeGrant,
  proposeGrantFor,
  proposeRule,
  readGrants,
  readPermissions,
  removeRuleNumber,
  resumeEverything,
  revoke,
  saveProposedRule,
  stopEverything,
  toggleOutside,
} from "../../orchestrator/index.ts";
import { type Action, PERMISSION_ACTIONS } from "../cards/actions.ts";
import { doneCard } from "../cards/answer.ts";
import type { Card } from "../cards/card.ts";
import { givenCard, grantCard, grantsCard, revokedCard } from "../cards/grants.ts";
import { checkCard, permissionsCard, ruleCard, ruleDoneCard } from "../cards/permissions.ts";
import { resumedEverythingCard, stopCard, stoppedCard } from "../cards/stops.ts";
import type { Command } from "./command.ts";
import type { Answer } from "./dispatch.ts";

const KINDS = [
  "permissions",
  "rule",
  "removeRule",
  "check",
  "grants",
  "grant",
  "revoke",
  "stopEverything",
  "resumeEverything",
] as const satisfies readonly Command["kind"][];
export type PermissionCommand = Extract<Command, { kind: (typeof KINDS)[number] }>;
export const isPermissionCommand = (command: Command): command is PermissionCommand =>
  (KINDS as readonly string[]).includes(command.kind);

/** The messages in which a rule and a grant are shown; what becomes of them edits it. */
const ruleKey = (id: string): string => `rule:${id}`;
const grantKey = (id: string): string => `grant:${id}`;

const own = (card: Card): Answer => ({ card, key: null });

/** @throws ClawError for what the person can do something about */
export async function answerPermission(caller: Caller, command: PermissionCommand): Promise<Answer> {
  switch (command.kind) {
    case "permissions":
      return own(permissionsCard(await readPermissions(caller, command.workflow)));
    case "rule": {
      const view = await proposeRule(caller, command.line);
      return { card: ruleCard(view), key: ruleKey(view.ruleId) };
    }
    case "removeRule":
      return own(ruleDoneCard(await removeRuleNumber(caller, command.number), "removed"));
    case "check":
      return own(checkCard(await checkCall(caller, command)));
    case "grants":
      return own(grantsCard(await readGrants(caller)));
    case "grant": {
      const view = await proposeGrantFor(caller, command);
      return { card: grantCard(view), key: grantKey(view.grantId) };
    }
    case "revoke":
      return own(revokedCard(await revoke(caller, command.number)));
    case "stopEverything":
      return own(stopCard(await planStop(caller)));
    case "resumeEverything":
      return own(resumedEverythingCard(await resumeEverything(caller)));
    default:
      return assertNever(command, "command");
  }
}

export type PermissionAction = (typeof PERMISSION_ACTIONS)[number];
export const isPermissionAction = (action: Action): action is PermissionAction =>
  (PERMISSION_ACTIONS as readonly Action[]).includes(action);

/** @param press.value the rule's, grant's or approval's id */
export async function pressPermission(
  caller: Caller,
  action: PermissionAction,
  { value, text }: { readonly value: string; readonly text: string | null },
): Promise<Answer> {
  switch (action) {
    case "rule.save":
      return { card: ruleDoneCard(await saveProposedRule(caller, value), "added"), key: ruleKey(value) };
    case "rule.drop":
      await dropProposedRule(caller, value);
      return { card: doneCard("The policy stays as it is."), key: ruleKey(value) };
    case "grant.ask": {
      const view = await proposeGrant(caller, value);
      return { card: grantCard(view), key: grantKey(view.grantId) };
    }
    case "grant.change":
      return { card: grantCard(await changeGrant(caller, value, text ?? "")), key: grantKey(value) };
    case "grant.outside":
      return { card: grantCard(await toggleOutside(caller, value)), key: grantKey(value) };
    case "grant.give":
      return { card: givenCard(await giveGrant(caller, value)), key: grantKey(value) };
    case "grant.drop":
      await dropGrant(caller, value);
      return { card: doneCard("Nothing is granted; each of these calls asks."), key: grantKey(value) };
    case "stop.everything":
      if (value !== "everything") throw new ClawError("unknown_subject", "This button is no longer understood.");
      return own(stoppedCard(await stopEverything(caller)));
    case "stop.cancel":
      return own(doneCard("Nothing was stopped."));
    default:
      return assertNever(action, "permission action");
  }
}
