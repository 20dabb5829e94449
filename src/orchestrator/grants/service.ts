/** A grant that was shown is changed, given by somebody who may decide, and taken back. */
import type { ToolContract } from "../../tools/index.ts";
import { decide } from "../approvals/service.ts";
import { approvalOfStep, findApproval, lockApproval } from "../approvals/store.ts";
import { appendAudit } from "../audit/store.ts";
import type { Caller } from "../caller.ts";
import type { WorkDeps } from "../db/work.ts";
import { ClawError } from "../errors.ts";
import { loadJournal } from "../runs/journal/store.ts";
import type { ToolStep } from "../runs/step.ts";
import { type HeldRun, lockRun } from "../runs/store.ts";
import { atLeast, mayChange } from "../workflows/permissions.ts";
import { unknownWorkflow } from "../workflows/service.ts";
import { findDefined } from "../workflows/store.ts";
import { covers, type Grant } from "./grant.ts";
import { type GrantTerms, grantLines, readGrantLines } from "./grant-text.ts";
import { changeProposal, dropOldProposals, findGrant, give, lockGrant, revokeGrant } from "./store.ts";
import { authorsIn, contractOf, mustFixWhere, mustMayDecide, termsFor } from "./terms.ts";
import { type GrantView, viewOfGrant } from "./view.ts";

/** What was shown is kept for that long; milliseconds. */
const PROPOSED_MS = 24 * 60 * 60_000;

/** *Change…*: the lines as a person wrote them. @throws ClawError `invalid_input` naming the line */
export async function changeGrant(caller: Caller, grantId: string, text: string): Promise<GrantView> {
  const grant = await lockProposed(caller, grantId);
  return put(caller, grant, readGrantLines(text, lasting(grant)));
}

/** The tick: also after the run has read text from outside. */
export async function toggleOutside(caller: Caller, grantId: string): Promise<GrantView> {
  const grant = await lockProposed(caller, grantId);
  return put(caller, grant, { ...lasting(grant), afterOutside: !grant.afterOutside });
}

async function put(caller: Caller, grant: Grant, terms: GrantTerms): Promise<GrantView> {
  const { work } = caller;
  const { pattern, uses, lastsMs, afterOutside } = terms;
  if (afterOutside) mustFixWhere(contractOf(caller, grant.tool), pattern);
  const expiresAt = new Date(grant.proposedAt.getTime() + lastsMs);
  const change = { pattern, uses, usesLeft: uses, expiresAt, afterOutside };
  if (!(await changeProposal(work.tx, grant, change))) throw decided();
  return viewOfGrant(caller, { ...grant, ...change });
}

const lasting = (grant: Grant): GrantTerms => ({
  pattern: grant.pattern,
  uses: grant.uses,
  afterOutside: grant.afterOutside,
  lastsMs: grant.expiresAt.getTime() - grant.proposedAt.getTime(),
});

export interface Given {
  readonly grant: GrantView;
  /** The call that waited is approved with it: the approval's number; null when there is none, or it is another call. */
  readonly approved: number | null;
}

/** *Give it*: it holds from now on, and the call that waited is approved, if the grant covers it. */
export async function giveGrant(caller: Caller, grantId: string): Promise<Given> {
  const { deps, work, actor } = caller;
  // The run's row comes first, as everywhere.
  const known = await findGrant(work.tx, actor.workspaceId, grantId);
  if (!known) throw gone();
  const run = known.approvalId === null ? null : await runOfApproval(caller, known.approvalId);
  const grant = await lockProposed(caller, grantId);
  const contract = contractOf(caller, grant.tool);
  if (deps.registry.contractHash(contract.name) !== grant.contractHash) {
    throw new ClawError("conflict", `${grant.tool} has changed since. Ask for the grant again.`);
  }
  if (grant.afterOutside) mustFixWhere(contract, grant.pattern);
  const defined = await findDefined(work.tx, actor.workspaceId, { id: grant.workflowId });
  if (!defined) throw unknownWorkflow(null);
  const terms = await termsFor(caller, defined, contract, grant.pattern);
  await mustMayDecide(caller, terms, authorsIn(defined));
  const number = await give(work.tx, grant, work.now);
  if (number === null) throw decided();
  const given = { ...grant, number, givenAt: work.now };
  await audit(caller, given, "grant.given");
  return {
    grant: await viewOfGrant(caller, given),
    approved: run ? await approveWaiting(caller, run, given, contract) : null,
  };
}

async function runOfApproval(caller: Caller, approvalId: string) {
  const { work, actor } = caller;
  const approval = await findApproval(work.tx, actor.workspaceId, { id: approvalId });
  return approval ? lockRun(work, actor.workspaceId, { id: approval.runId }) : null;
}

async function approveWaiting(
  caller: Caller,
  run: HeldRun,
  grant: Grant,
  contract: ToolContract,
): Promise<number | null> {
  const { work, actor } = caller;
  if (grant.approvalId === null) return null;
  const approval = await lockApproval(work.tx, actor.workspaceId, { id: grant.approvalId });
  if (approval?.status !== "pending" || approval.expiresAt <= work.now) return null;
  const latest = await approvalOfStep(work.tx, actor.workspaceId, run.id, approval);
  const step = (await loadJournal(work.tx, run)).find(
    (each): each is ToolStep =>
      each.kind === "tool" && each.turn === approval.turn && each.callIndex === approval.callIndex,
  );
  if (!step || latest?.id !== approval.id || !covers(grant, contract, step.input, false)) return null;
  await decide(caller, run, approval, "approve", `always, by grant ${grant.number}`);
  return approval.number;
}

/** *Cancel*. */
export async function dropGrant(caller: Caller, grantId: string): Promise<void> {
  const grant = await lockProposed(caller, grantId);
  await revokeGrant(caller.work.tx, grant, caller.actor.memberId, caller.work.now);
}

/** It covers nothing any more; what began with it goes on. Whoever may decide, owns the workflow or gave it may do that. */
export async function revoke(caller: Caller, number: number): Promise<GrantView> {
  const { work, actor } = caller;
  const grant = await lockGrant(work.tx, actor.workspaceId, { number });
  if (!grant) throw new ClawError("unknown_subject", `There is no grant ${number}. /claw grants shows them.`);
  const defined = await findDefined(work.tx, actor.workspaceId, { id: grant.workflowId });
  const isTheirs = grant.proposedBy === actor.memberId || (defined && mayChange(actor, defined.workflow.ownerId));
  if (!isTheirs && !atLeast(actor.role, "approver")) {
    throw new ClawError(
      "forbidden",
      `Only an approver, the owner of the workflow or an admin can take grant ${number} back.`,
    );
  }
  if (!(await revokeGrant(work.tx, grant, actor.memberId, work.now))) {
    throw new ClawError("conflict", `Grant ${number} was taken back before.`);
  }
  const revoked = { ...grant, revokedBy: actor.memberId, revokedAt: work.now };
  await audit(caller, revoked, "grant.revoked");
  return viewOfGrant(caller, revoked);
}

async function lockProposed(caller: Caller, id: string): Promise<Grant> {
  const { work, actor } = caller;
  const grant = await lockGrant(work.tx, actor.workspaceId, { id });
  if (!grant || (!grant.givenAt && work.now.getTime() - grant.proposedAt.getTime() > PROPOSED_MS)) throw gone();
  if (grant.proposedBy !== actor.memberId) {
    throw new ClawError("forbidden", "Only the person who asked for this grant can decide about it.");
  }
  if (grant.givenAt || grant.revokedAt) throw decided();
  return grant;
}

const gone = () => new ClawError("unknown_subject", "This grant is no longer kept. Ask for it again.");
const decided = () => new ClawError("conflict", "This grant was decided already. /claw grants shows those that hold.");
const audit = ({ work, actor }: Caller, grant: Grant, action: string): Promise<void> =>
  appendAudit(work.tx, [
    {
      workspaceId: actor.workspaceId,
      at: work.now,
      actor: actor.memberId,
      action,
      subject: { kind: "grant", id: grant.id },
      workflowId: grant.workflowId,
      runId: null,
      detail: {
        number: grant.number,
        tool: grant.tool,
        lines: grantLines(lasting(grant)),
        contractHash: grant.contractHash,
        uses: grant.uses,
        left: grant.usesLeft,
        expiresAt: grant.expiresAt.toISOString(),
      },
    },
  ]);

/** Drops what was shown and never given. Again is harmless. */
export const dropUngiven = ({ db, clock }: Pick<WorkDeps, "db" | "clock">): Promise<void> =>
  dropOldProposals(db, new Date(clock.now() - PROPOSED_MS));
