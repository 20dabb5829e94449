/** Approving a call with other arguments: a new call, a new hash and a new approval in the place of what was asked. */
import { type InputFault, inputFaults, inputSchema, type ToolRegistry, validateInput } from "../../tools/index.ts";
import { appendAudit } from "../audit/store.ts";
import type { Caller } from "../caller.ts";
import type { Database } from "../db/client.ts";
import { ClawError, type Failure } from "../errors.ts";
import { mayDecide, termsWords } from "../policy/decider.ts";
import { callsOf, decideStep, policyOf } from "../policy/gate.ts";
import type { Decision } from "../policy/policy.ts";
import type { WorkspaceId } from "../ports.ts";
import { loadJournal, replaceCall } from "../runs/journal/store.ts";
import { callHash, saidNo } from "../runs/plan.ts";
import type { Step, ToolStep } from "../runs/step.ts";
import type { HeldRun } from "../runs/store.ts";
import { closeWait } from "../runs/waits/store.ts";
import { type Approval, termsOf } from "./approval.ts";
import { askForApproval, changeOf, tellDecision } from "./ask.ts";
import { decide, lockToDecide, personFor, type Vote, type Voted } from "./service.ts";
import { findApproval, lockApproval, moveApproval } from "./store.ts";

/** Lines of a change that the audit keeps, and characters of each; the hashes stand for the whole. */
const AUDITED_LINES = 20;
const AUDITED_LINE = 200;

export type Changed =
  /** It was decided before, or the arguments are what they were: then this was a plain yes. */
  | { readonly kind: "voted"; readonly voted: Voted }
  /** Nothing was decided and nothing is lost: the text is as the person wrote it. */
  | {
      readonly kind: "wrong";
      readonly approvalId: string;
      readonly number: number;
      readonly failure: Failure;
      readonly text: string;
    }
  /** `asks`: what the new call must be asked for that the old one was not; empty when it is approved. */
  | {
      readonly kind: "changed";
      readonly number: number;
      readonly newNumber: number;
      readonly asks: readonly string[];
    };

/**
 * Approves a call with the arguments a person wrote. Whoever edits approves what they edited, unless the new call has a
 * reason to be asked for that the old one had not: then it is asked for, like a first call. Done twice, it says so.
 * @param text the arguments as JSON
 * @throws ClawError as {@link lockToDecide}, or `conflict` when this call may not be made here
 */
export async function approveWithChanges(caller: Caller, which: Vote["which"], text: string): Promise<Changed> {
  const { work, actor, deps } = caller;
  const { run, approval, before } = await lockToDecide(caller, which);
  if (before) return { kind: "voted", voted: before };
  const journal = await loadJournal(work.tx, run);
  const at = journal.findIndex((step) => step.turn === approval.turn && step.callIndex === approval.callIndex);
  const step = journal[at];
  if (step?.kind !== "tool") throw new ClawError("bug", `approval ${approval.id} has no call`);
  const contract = deps.registry.get(step.name);
  if (!contract) throw new ClawError("conflict", `The tool ${step.name} is not here any more; deny the call.`);

  const { id: approvalId, number } = approval;
  const read = text.trim() === "" ? null : validateInput(contract, text);
  if (!read?.ok) {
    const failure: Failure = read?.error ?? { code: "malformed_arguments", message: "Write the arguments as JSON." };
    return { kind: "wrong", approvalId, number, failure, text };
  }
  const input = read.value;
  const hash = callHash(step.name, input);
  if (hash === step.inputHash) return { kind: "voted", voted: await decide(caller, run, approval, "approve", null) };
  if (journal.some((other) => other.kind === "tool" && other.inputHash === hash && saidNo(other))) {
    throw new ClawError(
      "conflict",
      "That exact call was refused before in this run, so it is not made. Nothing changed.",
    );
  }

  const policy = await policyOf(deps, run, work.tx);
  const callsBefore = callsOf(journal, step.name, step);
  const decideOn = (given: unknown, changed: boolean): Decision =>
    decideStep(deps, policy, run, journal, { contract, input: given, changed, callsBefore });
  const known = decideOn(step.input, false);
  const asked = step.changed ?? { was: step.input, hash: step.inputHash };
  const changed = hash === asked.hash ? null : { ...asked, by: actor.name };
  const wanted = decideOn(input, changed !== null);
  if (wanted.kind === "refuse") throw new ClawError("conflict", `${wanted.why} Nothing changed.`);
  const { reasons, terms, grantable } = wanted.kind === "ask" ? wanted : { ...NOTHING_ASKED, terms: termsOf(approval) };
  const plainly = decideOn(input, false);
  const asks = reasonsOf(plainly).filter((reason) => !reasonsOf(known).includes(reason));
  await replace(caller, run, approval);
  const replaced = await replaceCall(work.tx, run, step, { input, inputHash: hash, changed });
  if (!replaced) throw new ClawError("bug", `the call of approval ${approval.id} does not wait`);
  const next = await askForApproval(deps, work, run, {
    step,
    position: at + 1,
    contract,
    input,
    hash,
    reasons,
    terms,
    grantable,
    changed: { by: actor.name, memberId: actor.memberId, was: step.input },
  });
  await tellDecision(work, approval, {
    kind: "replaced",
    by: actor.name,
    at: work.now.toISOString(),
    number: next.number,
  });
  await record(caller, run, approval, step, { number: next.number, input, hash });
  const fresh = await lockApproval(work.tx, actor.workspaceId, { id: next.id });
  if (!fresh) throw new ClawError("bug", `approval ${next.id} was not written`);
  if (!mayDecide(terms, await personFor(work, actor), fresh.authors)) {
    asks.push(`somebody else must approve what you changed: ${termsWords(terms)}`);
  }
  if (asks.length === 0) {
    const voted = await decide(caller, run, fresh, "approve", null);
    if (voted.missing) asks.push(`${voted.missing} more must approve it`);
  }
  return { kind: "changed", number, newNumber: next.number, asks };
}

const NOTHING_ASKED = { reasons: [], grantable: false };
const reasonsOf = (decision: Decision): readonly string[] => (decision.kind === "ask" ? decision.reasons : []);

/** The old approval holds no more, and nobody waits for it. */
async function replace({ work, actor }: Caller, run: HeldRun, approval: Approval): Promise<void> {
  await moveApproval(work.tx, approval, "pending", "replaced", { deciderId: actor.memberId, decidedAt: work.now });
  const step = { turn: approval.turn, callIndex: approval.callIndex };
  await closeWait(
    work,
    actor.workspaceId,
    { run, step, kind: "approval" },
    { outcome: "cancelled", by: actor.memberId },
  );
}

async function record(
  { work, actor }: Caller,
  run: HeldRun,
  approval: Approval,
  step: ToolStep,
  now: { readonly number: number; readonly input: unknown; readonly hash: string },
): Promise<void> {
  const { lines } = changeOf(step.input, now.input);
  await appendAudit(work.tx, [
    {
      workspaceId: actor.workspaceId,
      at: work.now,
      actor: actor.memberId,
      action: "approval.replaced",
      subject: { kind: "approval", id: approval.id },
      workflowId: run.workflowId,
      runId: run.id,
      detail: {
        number: approval.number,
        by: now.number,
        tool: step.name,
        changed: lines.slice(0, AUDITED_LINES).map((line) => Array.from(line).slice(0, AUDITED_LINE).join("")),
        callHash: approval.callHash,
        newCallHash: now.hash,
      },
    },
  ]);
}

/** A call that waits for a yes, for a form in which its arguments can be changed. */
export interface CallToChange {
  /** JSON schema of the tool's input. */
  readonly schema: unknown;
  readonly given: Readonly<Record<string, unknown>>;
  /** What the tool says against other arguments; empty when it takes them. */
  faults(value: unknown): readonly InputFault[];
}

/** Null when nothing waits there any more, or its tool is gone. Only reads. */
export async function readCallToChange(
  { db, registry }: { readonly db: Database; readonly registry: Pick<ToolRegistry, "get"> },
  workspaceId: WorkspaceId,
  approvalId: string,
): Promise<CallToChange | null> {
  const approval = await findApproval(db, workspaceId, { id: approvalId });
  if (approval?.status !== "pending") return null;
  const journal: readonly Step[] = await loadJournal(db, { id: approval.runId, workspaceId });
  const step = journal.find((each) => each.turn === approval.turn && each.callIndex === approval.callIndex);
  const contract = step?.kind === "tool" ? registry.get(step.name) : null;
  if (step?.kind !== "tool" || !contract || typeof step.input !== "object" || step.input === null) return null;
  return {
    schema: inputSchema(contract),
    given: step.input as Record<string, unknown>,
    faults: (value) => inputFaults(contract, value),
  };
}
