/** Asks people for a yes to one exact call, and keeps the card true. */

import type { Preview, ToolContract } from "../../tools/index.ts";
import { appendAudit } from "../audit/store.ts";
import type { Work } from "../db/work.ts";
import { revise } from "../delivery/store.ts";
import type { Failure } from "../errors.ts";
import type { ApprovalDecision, ApprovalView } from "../events.ts";
import { authorsOf } from "../grants/use.ts";
import { canonicalJson } from "../ids.ts";
import { nextNumber, personsOf } from "../members/store.ts";
import { DEFAULT_DECIDER, mayDecide, type Terms, termsWords } from "../policy/decider.ts";
import type { MemberId } from "../ports.ts";
import { changedLines } from "../replay/lines.ts";
import type { EngineDeps } from "../runs/engine-deps.ts";
import { halfTime } from "../runs/half-time.ts";
import { tellHome } from "../runs/home.ts";
import { doneBefore } from "../runs/restart.ts";
import type { StepKey, ToolStep } from "../runs/step.ts";
import { type HeldRun, refOf } from "../runs/store.ts";
import { openWait } from "../runs/waits/store.ts";
import { type Approval, termsOf } from "./approval.ts";
import { expireOne } from "./expiry.ts";
import { approvalOfStep, insertApproval, moveApproval, yesesOf } from "./store.ts";

/** The message an approval is asked in; the decision and the outcome edit it. */
export const approvalKey = (approvalId: string): string => `approval:${approvalId}`;

export interface CallToAsk {
  readonly step: StepKey;
  /** How many steps the run has made, this one included: what people see as its number. */
  readonly position: number;
  readonly contract: ToolContract;
  readonly input: unknown;
  readonly hash: string;
  readonly reasons: readonly string[];
  readonly terms: Terms;
  readonly grantable: boolean;
  /** A person wrote these arguments in the place of others. */
  readonly changed?: { readonly by: string; readonly memberId: MemberId; readonly was: unknown };
}

/** What a yes that takes effect late is given beyond that; milliseconds. */
const AFTER_WAIT_MS = 10 * 60_000;

/** Opens the approval, its wait and its card. The step must be `waiting` already, and nothing else be asked of it. */
export async function askForApproval(
  deps: Pick<EngineDeps, "ids" | "registry">,
  work: Work,
  run: HeldRun,
  call: CallToAsk,
): Promise<{ readonly id: string; readonly number: number }> {
  const { hash, terms } = call;
  const tool = call.contract.name;
  const reasons = [...call.reasons, ...(await doneBefore(deps, work, run, { tool, hash }))];
  const id = deps.ids.next();
  const number = await nextNumber(work.tx, run.workspaceId, "approvalCounter");
  const asked = Math.min(run.pinned.policies.approvalExpiryMs, terms.expiryMs ?? Number.POSITIVE_INFINITY);
  const lastsMs = terms.waitMs > 0 ? Math.max(asked, terms.waitMs + AFTER_WAIT_MS) : asked;
  const expiresAt = new Date(work.now.getTime() + lastsMs);
  const remindAt = halfTime(work.now, lastsMs);
  const authors = [...authorsOf(run), ...(call.changed ? [call.changed.memberId] : [])];
  await insertApproval(work.tx, {
    id,
    workspaceId: run.workspaceId,
    number,
    runId: run.id,
    turn: call.step.turn,
    callIndex: call.step.callIndex,
    callHash: call.hash,
    contractHash: deps.registry.contractHash(call.contract.name),
    decidedBy: DEFAULT_DECIDER,
    terms,
    authors,
    remindAt,
    expiresAt,
    createdAt: work.now,
  });
  await openWait(work, {
    id: deps.ids.next(),
    workspaceId: run.workspaceId,
    runId: run.id,
    step: call.step,
    kind: "approval",
    dueAt: expiresAt,
    detail: { approvalId: id, number, tool, reasons },
  });
  const preview: Preview = call.contract.preview?.(call.input, run.pinned.tools) ?? {
    action: `call ${call.contract.name}`,
    diff: [],
    target: null,
  };
  const approval: ApprovalView = {
    approvalId: id,
    number,
    run: refOf(run),
    step: call.position,
    tool: call.contract.name,
    effect: call.contract.effect,
    action: preview.action,
    target: preview.target ?? call.contract.destination?.(call.input) ?? null,
    diff: preview.diff,
    exactly: JSON.stringify(call.input),
    why: run.pinned.instruction,
    reasons,
    expiresAt: expiresAt.toISOString(),
    costMicros: run.costMicros,
    decidedBy: DEFAULT_DECIDER,
    who: termsWords(terms),
    ...(terms.quorum > 1 ? { quorum: terms.quorum, votes: [] } : {}),
    ...(terms.waitMs > 0 ? { effectiveAt: new Date(work.now.getTime() + terms.waitMs).toISOString() } : {}),
    grantable: call.grantable,
    ...(call.changed ? { changed: { by: call.changed.by, ...changeOf(call.changed.was, call.input) } } : {}),
  };
  await tellHome(deps, work, run, approvalKey(id), {
    kind: "approvalRequested",
    approval,
    decision: null,
    outcome: null,
  });
  await appendAudit(work.tx, [
    {
      workspaceId: run.workspaceId,
      at: work.now,
      actor: "claw",
      action: "approval.requested",
      subject: { kind: "approval", id },
      workflowId: run.workflowId,
      runId: run.id,
      detail: { number, tool, callHash: hash, reasons, who: termsWords(terms) },
    },
  ]);
  return { id, number };
}

/** Arguments before, and what differs in them now. */
export function changeOf(was: unknown, is: unknown): { readonly was: string; readonly lines: readonly string[] } {
  return { was: canonicalJson(was), lines: changedLines(pretty(was), pretty(is)) };
}

/** With keys in order: the journal does not keep the order they were written in. */
const pretty = (value: unknown): string => JSON.stringify(JSON.parse(canonicalJson(value)), null, 2);

/** Edits the card: who decided, or why nobody will. */
export async function tellDecision(
  work: Work,
  approval: Pick<Approval, "id" | "workspaceId"> & Partial<Pick<Approval, "terms">>,
  decision: ApprovalDecision,
): Promise<void> {
  await revise(work, approval.workspaceId, approvalKey(approval.id), (notice) =>
    notice.kind === "approvalRequested" ? { ...notice, decision } : null,
  );
  const elsewhere = Math.max(approval.terms?.escalateTo.length ?? 0, 1);
  const said = Array.from({ length: elsewhere }, (_, at) => `${reminderKey(approval.id)}:${at}`);
  for (const key of [reminderKey(approval.id), ...said]) {
    await revise(work, approval.workspaceId, key, (notice) =>
      notice.kind === "approvalReminder" ? { ...notice, decision } : null,
    );
  }
}

/** The messages that say it again at half time; the decision edits them, too. */
export const reminderKey = (approvalId: string): string => `reminder:${approvalId}`;

/** Edits the card of a step's approval, if it had one: what came of the call. */
export async function tellOutcome(work: Work, run: HeldRun, step: ToolStep, outcome: string): Promise<void> {
  const approval = await approvalOfStep(work.tx, run.workspaceId, run.id, step);
  if (!approval) return;
  await revise(work, run.workspaceId, approvalKey(approval.id), (notice) =>
    notice.kind === "approvalRequested" ? { ...notice, outcome } : null,
  );
}

/**
 * Uses the approval of a step for this exact call under this exact contract. The same step may use it again: a retry is
 * the same call.
 * @returns null when the call may be made, else why not
 */
export async function consumeApproval(
  work: Work,
  run: HeldRun,
  step: ToolStep,
  contractHash: string,
  present: Terms,
): Promise<Failure | null> {
  const approval = await approvalOfStep(work.tx, run.workspaceId, run.id, step);
  if (approval && (approval.status === "expired" || (await expireOne(work, run, approval)))) {
    return {
      code: "approval_expired",
      message: "It was approved, but not used in its time. Ask again if it is still needed.",
    };
  }
  if (!approval || (approval.status !== "approved" && approval.status !== "consumed")) {
    return { code: "not_permitted", message: "Nobody has approved this call." };
  }
  const reason =
    approval.callHash !== step.inputHash || approval.contractHash !== contractHash
      ? "The call or its tool changed after it was approved."
      : await whyVotesFail(work, approval, present);
  if (reason !== null) {
    await makeVoid(work, approval, reason);
    return { code: "not_permitted", message: reason };
  }
  if (approval.status === "approved") await moveApproval(work.tx, approval, "approved", "consumed");
  return null;
}

/** The yeses count only while those who gave them may still decide, under the terms they were asked under and the present ones. */
async function whyVotesFail(work: Work, approval: Approval, present: Terms): Promise<string | null> {
  const yeses = await yesesOf(work.tx, approval);
  const people = await personsOf(work.tx, approval.workspaceId, yeses);
  const asked = termsOf(approval);
  const good = [...people.values()].filter(
    (person) => mayDecide(asked, person, approval.authors) && mayDecide(present, person, approval.authors),
  );
  if (good.length >= Math.max(asked.quorum, present.quorum)) return null;
  return good.length < yeses.length
    ? "Who approved it may not decide about it any more."
    : `The policy has changed since it was approved: now ${termsWords(present)} must approve it.`;
}

async function makeVoid(work: Work, approval: Approval, reason: string): Promise<void> {
  if (approval.status !== "approved") return;
  await moveApproval(work.tx, approval, "approved", "void", { reason });
  await tellDecision(work, approval, { kind: "void", at: work.now.toISOString(), reason });
  await appendAudit(work.tx, [
    {
      workspaceId: approval.workspaceId,
      at: work.now,
      actor: "claw",
      action: "approval.void",
      subject: { kind: "approval", id: approval.id },
      workflowId: null,
      runId: approval.runId,
      detail: { number: approval.number, reason },
    },
  ]);
}

/** The yes of a step, if it had one, holds no more. */
export async function voidApproval(work: Work, run: HeldRun, step: StepKey, reason: string): Promise<void> {
  const approval = await approvalOfStep(work.tx, run.workspaceId, run.id, step);
  if (approval) await makeVoid(work, approval, reason);
}
