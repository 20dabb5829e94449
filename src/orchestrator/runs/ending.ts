/** How a run ends, and what people are told. Every ending is one work: status, waits, approvals, notices, audit. */

import { tellDecision } from "../approvals/ask.ts";
import { approvalsOfRun, moveApproval } from "../approvals/store.ts";
import type { AuditEvent } from "../audit/audit.ts";
import { appendAudit } from "../audit/store.ts";
import { settleLost } from "../budget/store.ts";
import type { Work } from "../db/work.ts";
import type { Failure } from "../errors.ts";
import type { Notice } from "../events.ts";
import { usesOfRun } from "../grants/store.ts";
import { tellFailed, tellRetryOver } from "../incidents/telling.ts";
import { rememberedIn } from "../memory/remembered.ts";
import { closeQuestionsOf } from "../questions/ask.ts";
import { noteRunEnded } from "../workflows/outcome.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { happenedIn } from "./happened.ts";
import { forHome, tellHome } from "./home.ts";
import { loadJournal, moveStep, recordAttempt } from "./journal/store.ts";
import { activeMsAt } from "./limit.ts";
import { announceProgress, figuresOf, progressKey, progressOf } from "./progress.ts";
import { tellRehearsed } from "./rehearsal.ts";
import type { RunStatus, Verdict } from "./run.ts";
import type { StartDeps } from "./start.ts";
import type { Step } from "./step.ts";
import { chargeRun, type HeldRun, LeaseLost, lastVerdict, moveRun, refOf } from "./store.ts";
import { isSaid } from "./verdict.ts";
import { closeWaitsOf } from "./waits/store.ts";
import type { RunWrite } from "./writes/write.ts";

export type EndingDeps = Pick<EngineDeps, "log"> & StartDeps;

/** The run did what it was asked; its report goes to its home. */
export async function endRun(deps: EndingDeps, work: Work, run: HeldRun, verdict: Verdict): Promise<void> {
  await leave(deps, work, run, "running", "succeeded", { verdict, failure: null });
  if (run.rehearsal) return tellRehearsed(deps, work, run);
  await announceProgress(deps, work, run, { ...doneAs(verdict), state: "done" });
  await tellRetryOver(work, run, "recovered");
  const { report: when } = run.pinned.policies;
  const before = when === "on_change" ? await lastVerdict(work.tx, run) : null;
  const said = isSaid(when, verdict, before);
  if (said) {
    const journal = await loadJournal(work.tx, run);
    const uses = await usesOfRun(work.tx, run);
    const grants = [...new Set(uses.map(({ number, tool }) => `grant ${number} (${tool})`))];
    const report = reportOf(run, journal, verdict, work.now);
    await tellHome(deps, work, run, reportKey(run), grants.length > 0 ? { ...report, grants } : report);
  }
  await noteRunEnded(deps, work, run, "succeeded", !said);
}

/**
 * The same of a run that nothing out of the ordinary has happened to, which leaves nothing open: it can be written along
 * with the answer that ends it.
 * @param journal with that answer
 * @param shown its progress is shown, and must not stay as it is
 * @returns null when it is not so simple
 */
export function goodEnd(
  deps: EndingDeps,
  run: HeldRun,
  journal: readonly Step[],
  verdict: Verdict,
  { shown, now }: { readonly shown: boolean; readonly now: Date },
): Pick<RunWrite, "end" | "said"> | null {
  const { report } = run.pinned.policies;
  if (run.rehearsal || report === "on_change") return null;
  const progress = { ...doneAs(verdict), state: "done" } as const;
  const quiet = !isSaid(report, verdict, null);
  return {
    end: { verdict, quiet, audit: leftEvent(run, "succeeded", { verdict }, "claw", now) },
    said: [
      ...(shown ? [forHome(deps, run, progressKey(run.id), progressOf(run, journal, progress, now))] : []),
      ...(quiet ? [] : [forHome(deps, run, reportKey(run), reportOf(run, journal, verdict, now))]),
    ],
  };
}

const doneAs = (verdict: Verdict) => ({ note: verdict.kind === "report" ? null : "nothing to report" });

const reportKey = (run: HeldRun): string => `report:${run.id}`;

const reportOf = (
  run: HeldRun,
  journal: readonly Step[],
  verdict: Verdict,
  now: Date,
): Extract<Notice, { kind: "runReported" }> => ({
  kind: "runReported",
  run: refOf(run),
  text: verdict.text,
  figures: figuresOf(run, journal, now),
  model: run.pins.model,
  tainted: run.tainted || journal.some((step) => step.kind === "tool" && step.tainted),
  ...rememberedIn(journal),
  ...(run.pinned.destination.broadcast ? { broadcast: true } : {}),
});

/** It was decided: denied, blocked, refused, invalid, superseded. */
export async function failRun(
  deps: EndingDeps,
  work: Work,
  run: HeldRun,
  failure: Failure,
  from: "running" | "waiting" = "running",
): Promise<void> {
  await leave(deps, work, run, from, "failed", { failure });
  if (run.rehearsal) return tellRehearsed(deps, work, run);
  await announceProgress(deps, work, run, { state: "failed", note: failure.message });
  await tellFailed(deps, work, run, failure, "failed");
  await noteRunEnded(deps, work, run, failure.code === "superseded" ? "superseded" : "failed");
}

/** Its retries are used up, or it is a bug: it stays until a person retries or discards it. */
export async function dieRun(
  deps: EndingDeps,
  work: Work,
  run: HeldRun,
  failure: Failure,
  from: "running" | "waiting" = "running",
): Promise<void> {
  // Nothing is lost with a rehearsal: nobody needs to retry or discard it.
  if (run.rehearsal) return failRun(deps, work, run, failure, from);
  await leave(deps, work, run, from, "dead", { failure });
  await announceProgress(deps, work, run, { state: "failed", note: failure.message });
  await tellFailed(deps, work, run, failure, "dead");
  await noteRunEnded(deps, work, run, "dead");
}

/** @param by who asked, in words people know */
export async function cancelRun(
  deps: EndingDeps,
  work: Work,
  run: HeldRun,
  by: string,
  from: "running" | "waiting" | "queued" = "running",
): Promise<void> {
  await leave(deps, work, run, from, "cancelled", {}, by);
  if (run.rehearsal) return tellRehearsed(deps, work, run);
  await announceProgress(deps, work, run, { state: "cancelled", note: `cancelled by ${by}` });
  await tellRetryOver(work, run, "failed");
  const journal = await loadJournal(work.tx, run);
  await tellHome(deps, work, run, `cancelled:${run.id}`, {
    kind: "runCancelled",
    run: refOf(run),
    by,
    figures: figuresOf(run, journal, work.now),
    happened: happenedIn(deps, journal),
  });
  await noteRunEnded(deps, work, run, "cancelled");
}

/** @throws LeaseLost when the run is not in `from` any more: somebody else ended it */
async function leave(
  deps: EndingDeps,
  work: Work,
  run: HeldRun,
  from: RunStatus,
  to: RunStatus,
  change: LeaveChange,
  by = "claw",
): Promise<void> {
  const endedAt = to === "dead" ? null : work.now;
  const activeMs = from === "running" ? activeMsAt(run, work.now) : run.activeMs;
  if (!(await moveRun(work.tx, run, from, to, { ...change, endedAt, activeMs }))) throw new LeaseLost();
  await closeWaitsOf(work, run, by);
  await closeQuestionsOf(work, run);
  await settleOpen(deps, work, run, to);
  for (const approval of await approvalsOfRun(work.tx, run.workspaceId, run.id)) {
    if (approval.status !== "pending" && approval.status !== "approved") continue;
    const reason = `run ${run.number} ended: ${to}`;
    await moveApproval(work.tx, approval, approval.status, "cancelled", { reason });
    await tellDecision(work, approval, { kind: "cancelled", at: work.now.toISOString(), reason });
  }
  await appendAudit(work.tx, [leftEvent(run, to, change, by, work.now)]);
  logLeft(deps, run, to, change.failure ?? null);
}

interface LeaveChange {
  readonly verdict?: Verdict;
  readonly failure?: Failure | null;
}

function leftEvent(run: HeldRun, to: RunStatus, { verdict, failure }: LeaveChange, by: string, at: Date): AuditEvent {
  return {
    workspaceId: run.workspaceId,
    at,
    actor: by,
    action: `run.${to}`,
    subject: { kind: "run", id: run.id },
    workflowId: run.workflowId,
    runId: run.id,
    detail: {
      number: run.number,
      ...(failure ? { code: failure.code, message: failure.message } : {}),
      ...(verdict ? { verdict: verdict.kind } : {}),
    },
  };
}

/** Said once a run, whichever way its end was written. */
export function logLeft(deps: Pick<EndingDeps, "log">, run: HeldRun, to: RunStatus, failure: Failure | null): void {
  deps.log.info({ runId: run.id, workflowId: run.workflowId, run: run.number, code: failure?.code }, `run ${to}`);
}

/**
 * What was under way when the run ended. Its money counts as spent: nobody hears any more what the call cost. The calls
 * themselves are over, those that may have changed something as `unknown`; a dead run keeps them for whoever retries it.
 */
async function settleOpen(deps: EndingDeps, work: Work, run: HeldRun, to: RunStatus): Promise<void> {
  const lost = await settleLost(work.tx, { runId: run.id, at: work.now });
  if (lost.micros > 0) await chargeRun(work.tx, run, { costMicros: lost.micros, tainted: false });
  if (to === "dead") return;
  for (const step of await loadJournal(work.tx, run)) {
    if (step.status !== "started") continue;
    const { turn, callIndex, attempts: number, startedAt } = step;
    const changes = step.kind === "tool" && deps.registry.get(step.name)?.effect !== "read";
    const code = changes ? ("unknown_effect" as const) : ("cancelled" as const);
    const failure = { code, message: `The run ended while this was under way: ${to}.` };
    const cost = step.kind === "model" ? { costMicros: step.costMicros + lost.micros } : {};
    await moveStep(work.tx, run, step, "started", changes ? "unknown" : "failed", {
      ...cost,
      failure,
      endedAt: work.now,
    });
    await recordAttempt(work.tx, run, {
      turn,
      callIndex,
      number,
      outcome: "abandoned",
      failure,
      startedAt: startedAt ?? work.now,
      endedAt: work.now,
    });
  }
}
