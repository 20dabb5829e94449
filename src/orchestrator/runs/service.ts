/** What people do with runs: cancel, retry, discard, allow money, say what happened. */
import { termsOf } from "../approvals/approval.ts";
import { personFor } from "../approvals/service.ts";
import { approvalOfStep } from "../approvals/store.ts";
import { appendAudit } from "../audit/store.ts";
import { raiseLimit } from "../budget/store.ts";
import type { Caller } from "../caller.ts";
import { revise } from "../delivery/store.ts";
import { assertNever, ClawError } from "../errors.ts";
import { tellDecided } from "../incidents/telling.ts";
import { mayDecide, strictest, termsWords } from "../policy/decider.ts";
import { mayChange } from "../workflows/permissions.ts";
import { findDefined } from "../workflows/store.ts";
import { type BudgetAsk, budgetKey } from "./budget-wait.ts";
import { cancelRun, failRun } from "./ending.ts";
import { loadJournal, moveStep } from "./journal/store.ts";
import { requeue } from "./resume.ts";
import { type HeldRun, lockRun, moveRun, requestCancel } from "./store.ts";
import { askUnknownEffect, unknownEffectKey } from "./unknown-effect.ts";
import { closeWait, findWait, type Wait, waitsOfDay } from "./waits/store.ts";

/** By the number people type, or by the id a button carries. */
export type RunKey = { readonly number: number } | { readonly id: string };

/** The run a person named, locked. @throws ClawError `unknown_subject` or `forbidden` */
export async function lockOwn(caller: Caller, which: RunKey): Promise<HeldRun> {
  const run = await lockRun(caller.work, caller.actor.workspaceId, which);
  if (!run) throw unknownRun("number" in which ? which.number : null);
  const defined = await findDefined(caller.work.tx, caller.actor.workspaceId, { id: run.workflowId });
  if (caller.actor.role !== "admin" && !(defined && mayChange(caller.actor, defined.workflow.ownerId))) {
    throw new ClawError(
      "forbidden",
      defined
        ? `Only the owner of ${run.workflowName} or an admin can do that.`
        : `${run.workflowName} is deleted, so only an admin can still do something about its runs.`,
    );
  }
  return run;
}

export const unknownRun = (number: number | null): ClawError =>
  new ClawError(
    "unknown_subject",
    number === null ? "There is no such run any more." : `There is no run ${number}. /claw runs shows the latest.`,
  );

/** @returns `cancelled`, or `cancelling` when a worker has to let go of it first */
export async function cancel(
  caller: Caller,
  which: RunKey,
): Promise<{ number: number; how: "cancelled" | "cancelling" }> {
  const { deps, work, actor } = caller;
  const run = await lockOwn(caller, which);
  const { number } = run;
  switch (run.status) {
    case "queued":
    case "waiting":
      await cancelRun(deps, work, run, actor.name, run.status);
      return { number, how: "cancelled" };
    case "running":
      await requestCancel(work.tx, run, actor.name);
      await auditRun(caller, run, "run.cancel_requested", {});
      return { number, how: "cancelling" };
    case "dead":
      throw new ClawError(
        "conflict",
        `Run ${number} is dead, so nothing of it is under way. /claw discard ${number} gives it up.`,
      );
    case "succeeded":
    case "failed":
    case "cancelled":
    case "discarded":
      throw new ClawError("conflict", `Run ${number} has ended already: ${run.status}.`);
    default:
      return assertNever(run.status, "run status");
  }
}

/** How the same is done once more; of a workflow that is deleted, that it is. */
export async function newRunWords({ work, actor }: Caller, run: HeldRun): Promise<string> {
  const defined = await findDefined(work.tx, actor.workspaceId, { id: run.workflowId });
  return defined
    ? `/claw run ${run.workflowName} starts a new one.`
    : `Its workflow ${run.workflowName} is deleted, so no new one can be started.`;
}

/** A dead run goes on from its journal: what is done stays done. */
export async function retry(caller: Caller, which: RunKey): Promise<number> {
  const { work } = caller;
  const run = await lockOwn(caller, which);
  if (run.status !== "dead")
    throw new ClawError(
      "conflict",
      `Run ${run.number} is ${run.status}; only a dead run can be retried. ${await newRunWords(caller, run)}`,
    );
  await reopen(caller, run);
  await moveRun(work.tx, run, "dead", "queued", {
    dueAt: work.now,
    failure: null,
    cancelRequestedBy: null,
    // Whoever retries it gives it the whole of its time again.
    activeMs: 0,
  });
  await auditRun(caller, run, "run.retried", {});
  await tellDecided(work, run, { state: "retrying", nextTryAt: work.now.toISOString() });
  work.wake("runs.due");
  return run.number;
}

/** Its waits were closed when it died: what waited is asked again, or told to the model as not done. */
async function reopen(caller: Caller, run: HeldRun): Promise<void> {
  const { deps, work } = caller;
  for (const step of await loadJournal(work.tx, run)) {
    // It waited for money or for its next try; a call that was tried before had its yes then.
    if (step.status === "waiting" && (step.kind === "model" || step.attempts > 0))
      await moveStep(work.tx, run, step, "waiting", "ready");
    else if (step.status === "waiting") {
      const failure = {
        code: "cancelled",
        message: "The run died while this waited for a person; ask again if it is still needed.",
      } as const;
      await moveStep(work.tx, run, step, "waiting", "refused", { failure, endedAt: work.now });
    } else if (step.status === "unknown" && step.kind === "tool") await askUnknownEffect(deps, work, run, step);
  }
}

/** A dead run is given up; it stays in the record. */
export async function discard(caller: Caller, which: RunKey, reason: string | null): Promise<number> {
  const { work, actor } = caller;
  const run = await lockOwn(caller, which);
  if (run.status !== "dead")
    throw new ClawError("conflict", `Run ${run.number} is ${run.status}; only a dead run can be discarded.`);
  await moveRun(work.tx, run, "dead", "discarded", { endedAt: work.now });
  await auditRun(caller, run, "run.discarded", { reason });
  await tellDecided(work, run, {
    state: "dead",
    nextTryAt: null,
    decision: { kind: "discarded", by: actor.name, at: work.now.toISOString(), reason },
  });
  return run.number;
}

/** The wait a card asked about, with its run locked. @throws ClawError when somebody answered before */
export async function lockWait(
  caller: Caller,
  waitId: string,
  kind: Wait["kind"],
): Promise<{ wait: Wait; run: HeldRun }> {
  const { work, actor } = caller;
  const known = await findWait(work.tx, actor.workspaceId, waitId);
  if (!known || known.kind !== kind) throw new ClawError("unknown_subject", "This question is no longer open.");
  const run = await lockRun(work, actor.workspaceId, { id: known.runId });
  const wait = await findWait(work.tx, actor.workspaceId, waitId);
  if (!run || !wait?.open) throw new ClawError("conflict", "This was answered already.");
  return { wait, run };
}

/** *Allow $x more* or *Stop*. The workspace's ceiling is an admin's to lift. */
export async function answerBudget(caller: Caller, waitId: string, allow: boolean): Promise<number> {
  const { deps, work, actor } = caller;
  const { wait, run } = await lockWait(caller, waitId, "budget");
  const ask = wait.detail as unknown as BudgetAsk;
  await lockOwn(caller, { id: run.id });
  if (allow && ask.scope === "workspace_day" && actor.role !== "admin") {
    throw new ClawError("forbidden", "Only an admin can lift the workspace's ceiling.");
  }
  await auditRun(caller, run, allow ? "budget.raised" : "budget.refused", {
    scope: ask.scope,
    micros: ask.offerMicros,
  });
  if (!allow) {
    await closeAsk(caller, wait, "stopped");
    const failure = { code: "over_budget", message: `${actor.name} stopped it at its ceiling.` } as const;
    if (run.status === "waiting") await failRun(deps, work, run, failure, "waiting");
    else await requestCancel(work.tx, run, actor.name);
    return run.number;
  }
  await raiseLimit(work.tx, {
    workspaceId: actor.workspaceId,
    scope: ask.scope,
    key: ask.key,
    byMicros: ask.offerMicros,
  });
  await goOnWithMoney(caller, wait, run);
  // One yes lifts the day's ceiling for everybody who waits for it; who still finds too little asks again.
  const others = ask.scope === "workspace_day" ? await waitsOfDay(work.tx, actor.workspaceId, ask.key) : [];
  for (const other of others) {
    const waiting = await lockRun(work, actor.workspaceId, { id: other.runId });
    if (waiting) await goOnWithMoney(caller, other, waiting);
  }
  return run.number;
}

async function goOnWithMoney(caller: Caller, wait: Wait, run: HeldRun): Promise<void> {
  if (!(await closeAsk(caller, wait, "allowed"))) return;
  if (wait.step) await moveStep(caller.work.tx, run, wait.step, "waiting", "ready");
  await requeue(caller.work, run);
}

/** @returns false when it was closed already */
async function closeAsk({ work, actor }: Caller, wait: Wait, kind: "allowed" | "stopped"): Promise<boolean> {
  const outcome = kind === "allowed" ? "yes" : "no";
  if (!(await closeWait(work, actor.workspaceId, { id: wait.id }, { outcome, by: actor.memberId }))) return false;
  await revise(work, actor.workspaceId, budgetKey(wait.id), (notice) =>
    notice.kind === "budgetAsked"
      ? { ...notice, decision: { kind, by: actor.name, at: work.now.toISOString() } }
      : null,
  );
  return true;
}

/** *It happened · Try again · Stop*: needs the same right as the approval did. */
export async function answerUnknown(
  caller: Caller,
  waitId: string,
  answer: "happened" | "again" | "stopped",
): Promise<number> {
  const { deps, work, actor } = caller;
  const known = await findWait(work.tx, actor.workspaceId, waitId);
  const approval = known?.step && (await approvalOfStep(work.tx, actor.workspaceId, known.runId, known.step));
  const terms = approval ? termsOf(approval) : strictest([]);
  if (!mayDecide(terms, await personFor(work, actor), approval ? approval.authors : [])) {
    throw new ClawError(
      "forbidden",
      `Only ${termsWords(terms)} can decide this. I have not told anyone that you tried.`,
    );
  }
  const { wait, run } = await lockWait(caller, waitId, "unknown_effect");
  if (!wait.step) throw new ClawError("bug", `wait ${wait.id} has no step`);
  const retryFrom = new Date(String(wait.detail.retryFrom));
  if (answer === "again" && work.now < retryFrom) {
    throw new ClawError("conflict", "The first call may still be going. Try again in a moment.");
  }
  const outcome = answer === "stopped" ? "no" : "yes";
  await closeWait(work, actor.workspaceId, { id: wait.id }, { outcome, by: actor.memberId });
  await revise(work, actor.workspaceId, unknownEffectKey(wait.id), (notice) =>
    notice.kind === "unknownEffectAsked"
      ? { ...notice, decision: { kind: answer, by: actor.name, at: work.now.toISOString() } }
      : null,
  );
  await auditRun(caller, run, `effect.${answer}`, { step: `${wait.step.turn}.${wait.step.callIndex}` });
  switch (answer) {
    case "happened":
      await moveStep(work.tx, run, wait.step, "unknown", "succeeded", {
        output: { note: `${actor.name} says that it happened.` },
        failure: null,
        endedAt: work.now,
      });
      await requeue(work, run);
      return run.number;
    case "again":
      await moveStep(work.tx, run, wait.step, "unknown", "ready");
      await requeue(work, run);
      return run.number;
    case "stopped": {
      const failure = {
        code: "cancelled",
        message: `${actor.name} stopped it: it was not known whether ${String(wait.detail.tool)} happened.`,
      } as const;
      await moveStep(work.tx, run, wait.step, "unknown", "failed", { failure, endedAt: work.now });
      if (run.status === "waiting") await failRun(deps, work, run, failure, "waiting");
      else await requestCancel(work.tx, run, actor.name);
      return run.number;
    }
    default:
      return assertNever(answer, "answer");
  }
}

/** Records what the caller did with a run, in the same work. */
export async function auditRun(
  caller: Caller,
  run: HeldRun,
  action: string,
  detail: Record<string, unknown>,
): Promise<void> {
  await appendAudit(caller.work.tx, [
    {
      workspaceId: run.workspaceId,
      at: caller.work.now,
      actor: caller.actor.memberId,
      action,
      subject: { kind: "run", id: run.id },
      workflowId: run.workflowId,
      runId: run.id,
      detail: { number: run.number, ...detail },
    },
  ]);
}
