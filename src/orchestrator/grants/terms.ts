/** Whether a grant may be given, and by whom: the same people as decide about each of the calls. */

import type { ToolContract } from "../../tools/index.ts";
import { placesIn } from "../approvals/reasons.ts";
import { personFor } from "../approvals/service.ts";
import type { Caller } from "../caller.ts";
import { ClawError } from "../errors.ts";
import { mayDecide, type Terms, termsWords } from "../policy/decider.ts";
import { decideCall } from "../policy/policy.ts";
import { unknownTool } from "../policy/tool-name.ts";
import type { Defined } from "../workflows/store.ts";
import { fixesWhere, type GrantPattern } from "./grant.ts";

/** @throws ClawError `conflict` when a grant like it can not hold after outside text */
export function mustFixWhere(contract: ToolContract, pattern: GrantPattern): void {
  if (contract.effect === "destructive") {
    throw new ClawError("conflict", "What is destructive always asks after text from outside, whatever was granted.");
  }
  if (fixesWhere(pattern, contract)) return;
  const where = contract.where ?? Object.keys(pattern);
  throw new ClawError(
    "conflict",
    `After text from outside every argument that says where must be fixed, without *: ${where.join(", ")}.`,
  );
}

export const authorsIn = ({ workflow, revision }: Defined): string[] => [workflow.ownerId, revision.authorId];

export function contractOf({ deps }: Caller, tool: string): ToolContract {
  const contract = deps.registry.get(tool);
  if (contract) return contract;
  throw unknownTool(
    tool,
    deps.registry.list().map(({ name }) => name),
  );
}

export function mustBeGrantable(terms: Terms | null): void {
  if (terms === null || (terms.quorum === 1 && terms.waitMs === 0)) return;
  throw new ClawError(
    "conflict",
    terms.quorum > 1
      ? `${terms.quorum} people must approve each of these calls, so one cannot allow them for ever.`
      : "The policy wants time to think over each of these calls, so they cannot be allowed for ever.",
  );
}

/** Under which terms calls like it are asked for now. @throws ClawError `conflict` when they are forbidden, or never asked for */
export async function termsFor(
  caller: Caller,
  defined: Defined,
  contract: ToolContract,
  pattern: GrantPattern,
): Promise<Terms> {
  const policy = await caller.deps.policy.present(caller.work.tx, caller.actor.workspaceId);
  const { workflow, revision } = defined;
  // A pattern is no argument yet, so where it goes may not be known.
  const destination = (given: unknown): string | null => {
    try {
      return contract.destination?.(given) ?? null;
    } catch {
      return null;
    }
  };
  const situation = {
    contract: { ...contract, destination },
    input: pattern,
    workflow,
    places: placesIn(revision.instruction),
    callsBefore: 0,
  };
  const usual = decideCall(policy, { ...situation, taint: [] });
  const decision = usual.kind === "run" ? decideCall(policy, { ...situation, taint: ["some page"] }) : usual;
  if (decision.kind === "refuse") throw new ClawError("conflict", decision.why);
  if (decision.kind === "run") throw new ClawError("conflict", `${contract.name} runs there without asking anyway.`);
  mustBeGrantable(decision.terms);
  return decision.terms;
}

export async function mustMayDecide(caller: Caller, terms: Terms, authors: readonly string[]): Promise<void> {
  if (mayDecide(terms, await personFor(caller.work, caller.actor), authors)) return;
  throw new ClawError("forbidden", `Only ${termsWords(terms)} can allow that.`);
}
