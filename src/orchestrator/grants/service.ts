/** *Always allow this…*: a grant is shown in words, changed, and given by somebody who may decide; it is listed and taken back. */
import { inputSchema, type ToolContract } from "../../tools/index.ts";
import { placesIn } from "../approvals/reasons.ts";
import { decide, lockToDecide, personFor } from "../approvals/service.ts";
import { approvalOfStep, findApproval, lockApproval } from "../approvals/store.ts";
import { appendAudit } from "../audit/store.ts";
import type { Caller } from "../caller.ts";
import type { WorkDeps } from "../db/work.ts";
import { ClawError } from "../errors.ts";
import { mayDecide, type Terms, termsWords } from "../policy/decider.ts";
import { decideCall } from "../policy/policy.ts";
import { loadJournal } from "../runs/journal/store.ts";
import type { ToolStep } from "../runs/step.ts";
import { lockRun } from "../runs/store.ts";
import { atLeast, mayChange } from "../workflows/permissions.ts";
import { unknownWorkflow } from "../workflows/service.ts";
import { type Defined, findDefined } from "../workflows/store.ts";
import { covers, exactPattern, fixesWhere, GRANT_DEFAULTS, type Grant, type GrantPattern } from "./grant.ts";
import { type GrantTerms, grantLines, readGrantLines } from "./grant-text.ts";
import { changeProposal, dropOldProposals, findGrant, give, insertProposal, lockGrant, revokeGrant } from "./store.ts";
import { instructionHash } from "./use.ts";
import { type GrantView, viewOfGrant } from "./view.ts";

const DAY_MS = 86_400_000;
/** What was shown is kept for that long; milliseconds. */
const PROPOSED_MS = DAY_MS;

/** From the card of a call that waits: the grant that fits this call alone. @throws ClawError as `lockToDecide`, or `conflict` */
export async function proposeGrant(caller: Caller, approvalId: string): Promise<GrantView> {
  const { deps, work, actor } = caller;
  const { run, approval, before } = await lockToDecide(caller, { id: approvalId });
  if (before) throw new ClawError("conflict", `Approval ${approval.number} was decided already: ${before.status}.`);
  const step = (await loadJournal(work.tx, run)).find(
    (each): each is ToolStep =>
      each.kind === "tool" && each.turn === approval.turn && each.callIndex === approval.callIndex,
  );
  const defined = await findDefined(work.tx, actor.workspaceId, { id: run.workflowId });
  if (!step || !defined) throw unknownWorkflow(null);
  if (step.changed) {
    throw new ClawError("conflict", "A person changed these arguments, so the yes is for this one call.");
  }
  const contract = contractOf(caller, step.name);
  mustBeGrantable(approval.terms);
  return insert(
    caller,
    defined,
    contract,
    exactPattern(step.input),
    approvalId,
    run.pinned.instruction,
    deps.ids.next(),
  );
}

/**
 * Given beforehand, so that a workflow runs unattended from its first time on.
 * @param json the arguments; a text in them is a pattern, `*` for any letters
 * @throws ClawError `unknown_subject`, `invalid_input`, `forbidden`, `conflict`
 */
export async function proposeGrantFor(
  caller: Caller,
  { workflow, tool, json }: { readonly workflow: string; readonly tool: string; readonly json: string },
): Promise<GrantView> {
  const { deps, work, actor } = caller;
  const defined = await findDefined(work.tx, actor.workspaceId, { name: workflow });
  if (!defined || defined.workflow.status === "draft") throw unknownWorkflow(workflow);
  const contract = contractOf(caller, tool);
  if (!defined.revision.tools.includes(tool)) {
    throw new ClawError("conflict", `${tool} is not among the tools of ${workflow}, so it could not call it anyway.`);
  }
  const pattern = patternOf(contract, json);
  const terms = await termsFor(caller, defined, contract, pattern);
  await mustMayDecide(caller, terms, authorsIn(defined));
  return insert(caller, defined, contract, pattern, null, defined.revision.instruction, deps.ids.next());
}

function patternOf(contract: ToolContract, json: string): GrantPattern {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch {
    throw new ClawError("invalid_input", 'Write the arguments as JSON, such as {"channel": "#ops", "text": "*"}.');
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new ClawError("invalid_input", 'Write the arguments as JSON, such as {"channel": "#ops", "text": "*"}.');
  }
  const known = Object.keys((inputSchema(contract) as { properties?: object }).properties ?? {});
  const strange = Object.keys(given).find((name) => !known.includes(name));
  if (strange !== undefined) {
    throw new ClawError("invalid_input", `${contract.name} takes no ${strange}. It takes ${known.join(", ")}.`);
  }
  const exact = exactPattern(given);
  const texts = Object.entries(given).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : []));
  return { ...exact, ...Object.fromEntries(texts) };
}

async function insert(
  caller: Caller,
  defined: Defined,
  contract: ToolContract,
  pattern: GrantPattern,
  approvalId: string | null,
  instruction: string,
  id: string,
): Promise<GrantView> {
  const { deps, work, actor } = caller;
  const grant = {
    id,
    workspaceId: actor.workspaceId,
    workflowId: defined.workflow.id,
    tool: contract.name,
    contractHash: deps.registry.contractHash(contract.name),
    instructionHash: instructionHash(instruction),
    pattern,
    afterOutside: false,
    uses: GRANT_DEFAULTS.uses,
    usesLeft: GRANT_DEFAULTS.uses,
    expiresAt: new Date(work.now.getTime() + GRANT_DEFAULTS.days * DAY_MS),
    approvalId,
    proposedBy: actor.memberId,
    proposedAt: work.now,
  };
  await insertProposal(work.tx, grant);
  return shown(caller, { ...grant, number: null, givenAt: null, revokedBy: null, revokedAt: null });
}

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
  return shown(caller, { ...grant, ...change });
}

function mustFixWhere(contract: ToolContract, pattern: GrantPattern): void {
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
    grant: await shown(caller, given),
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
  run: NonNullable<Awaited<ReturnType<typeof lockRun>>>,
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
  return shown(caller, revoked);
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
const authorsIn = ({ workflow, revision }: Defined): string[] => [workflow.ownerId, revision.authorId];

function contractOf({ deps }: Caller, tool: string): ToolContract {
  const contract = deps.registry.get(tool);
  if (contract) return contract;
  const tools = deps.registry.list().map(({ name }) => name);
  throw new ClawError("unknown_subject", `There is no tool ${tool}. Tools are ${tools.join(", ")}.`);
}

function mustBeGrantable(terms: Terms | null): void {
  if (terms === null || (terms.quorum === 1 && terms.waitMs === 0)) return;
  throw new ClawError(
    "conflict",
    terms.quorum > 1
      ? `${terms.quorum} people must approve each of these calls, so one cannot allow them for ever.`
      : "The policy wants time to think over each of these calls, so they cannot be allowed for ever.",
  );
}

/** Under which terms calls like it are asked for now. @throws ClawError `conflict` when they are forbidden, or never asked for */
async function termsFor(
  caller: Caller,
  defined: Defined,
  contract: ToolContract,
  pattern: GrantPattern,
): Promise<Terms> {
  const policy = await caller.deps.policy.present(caller.work.tx, caller.actor.workspaceId);
  const { workflow, revision } = defined;
  const situation = {
    contract,
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

async function mustMayDecide(caller: Caller, terms: Terms, authors: readonly string[]): Promise<void> {
  if (mayDecide(terms, await personFor(caller.work, caller.actor), authors)) return;
  throw new ClawError("forbidden", `Only ${termsWords(terms)} can allow that.`);
}

const shown = (caller: Caller, grant: Grant): Promise<GrantView> => viewOfGrant(caller, grant);

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
