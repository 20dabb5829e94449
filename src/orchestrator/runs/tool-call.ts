/** One tool call of a run: checked once more, executed, journalled. */
import { isTainted, type ToolContract, type ToolResult } from "../../tools/index.ts";
import { tellOutcome } from "../approvals/ask.ts";
import { storable } from "../db/storable.ts";
import type { Work } from "../db/work.ts";
import { classOf, type Failure } from "../errors.ts";
import { callsOf, decideStep, policyOf, unasked } from "../policy/gate.ts";
import type { Admitted, Outage, ServiceCall } from "../services/service.ts";
import { serviceOfCall } from "../services/service-name.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { asksPeople } from "./happened.ts";
import { enter } from "./interruption.ts";
import { moveStep, recordAttempt } from "./journal/store.ts";
import { type AdvanceDeps, type Known, theLongWay, writeLater, writeMove } from "./known.ts";
import { makeCall } from "./make-call.ts";
import { insist, nameOf } from "./outage.ts";
import { type Gate, permit } from "./permit.ts";
import { announceProgress, progressSaid } from "./progress.ts";
import { refuse } from "./refusal.ts";
import { retryLater } from "./retry-wait.ts";
import { waitForService } from "./service-wait.ts";
import type { Step, ToolStep } from "./step.ts";
import { chargeRun, fence, type HeldRun } from "./store.ts";
import { waitBefore } from "./tool-wait.ts";
import { askUnknownEffect } from "./unknown-effect.ts";
import { journalAfter, nothingOf, type RunWrite } from "./writes/write.ts";

/**
 * @param isLast no other call of the turn is under way: its record may go along with what comes next
 * @returns true when the run is over
 */
export async function callTool(
  deps: AdvanceDeps,
  run: HeldRun,
  known: Known,
  call: ToolStep,
  journal: readonly Step[],
  signal: AbortSignal,
  isLast: () => boolean,
): Promise<boolean> {
  const contract = deps.registry.get(call.name);
  if (!contract) {
    const failure: Failure = { code: "unknown_tool", message: `The tool ${call.name} is not here any more.` };
    await theLongWay(deps, known, (work) => refuse(deps, work, run, call, failure));
    return false;
  }
  const atGate = {
    contract,
    input: call.input,
    changed: Boolean(call.changed),
    callsBefore: callsOf(journal, call.name, call),
  };
  const policy = await policyOf(deps, run, null);
  const decision = unasked(run, decideStep(deps, policy, run, journal, atGate));
  const gate = { atGate, journal, position: positionOf(call, journal) };
  const waited =
    contract.waitFor && !run.rehearsal
      ? await theLongWay(deps, known, (work) => waitBefore(deps, work, run, call, gate, decision.kind))
      : undefined;
  if (waited === null) return false;
  const attempt = call.attempts + 1;
  const asked: ServiceCall = {
    workspaceId: run.workspaceId,
    service: serviceOfCall(contract, call.input),
    tool: call.name,
  };
  const noted = contract.retry !== "safe" || decision.kind !== "run";
  if (noted) known.begun.set(nameOf(call), call);
  const started = noted
    ? await theLongWay(deps, known, (work) =>
        begin(deps, work, run, call, {
          ...gate,
          attempt,
          asked,
        }),
      )
    : await beginUnnoted(deps, run, known, call, asked);
  if (started.kind === "not_begun") return started.over;

  const making = { call, contract, policy, journal, waited };
  const { result, twice } = await makeCall(deps, run, making, signal);
  const outage = await deps.services.heard(
    asked,
    started.admitted,
    result.ok ? unwell(contract, result.value) : result.error,
  );
  if (!result.ok && result.error.code === "cancelled") {
    signal.throwIfAborted();
    twice?.throwIfAborted();
  }
  const tried = { attempt, noted, startedAt: started.at, outage };
  const alone = (work: Work) => record(deps, work, run, call, contract, tried, result);
  const from = noted ? "started" : "ready";
  return insist(deps, run, known, { ...call, from }, signal, async () => {
    const write = result.ok ? recordMove(deps, run, known, call, contract, tried, result.value) : null;
    if (!write) return theLongWay(deps, known, alone);
    if (isLast()) writeLater(known, { write, step: call, alone });
    else if (!(await writeMove(deps, known, write))) return theLongWay(deps, known, alone);
    return false;
  });
}

interface Tried {
  readonly attempt: number;
  readonly noted: boolean;
  readonly startedAt: Date;
  readonly outage: Outage | null;
}

/** The ordinary result: of a call that began without a word, so that nobody was asked about it. @returns null when it is not */
function recordMove(
  deps: AdvanceDeps,
  run: HeldRun,
  known: Known,
  call: ToolStep,
  contract: ToolContract,
  tried: Tried,
  value: unknown,
): RunWrite | null {
  const now = new Date(deps.clock.now());
  if (tried.noted || !known.journal || run.rehearsal) return null;
  const tainted = isTainted(contract, value);
  const { attempt, startedAt } = tried;
  const to: ToolStep = {
    ...call,
    status: "succeeded",
    output: storable(value),
    tainted,
    failure: null,
    attempts: attempt,
    startedAt,
    endedAt: now,
  };
  const { turn, callIndex } = call;
  const write: RunWrite = {
    ...nothingOf(run, now),
    moved: [{ from: "ready", to, usage: null }],
    attempts: [{ turn, callIndex, number: attempt, outcome: "succeeded", failure: null, startedAt, endedAt: now }],
    tainted: tainted && !run.tainted,
  };
  return { ...write, said: progressSaid(deps, run, journalAfter(known.journal, write), now) };
}

/** An answer may say that its service is down: then it counts as a failure for who calls next, and not for this step. */
function unwell(contract: ToolContract, output: unknown): Failure | null {
  const trouble = contract.trouble?.(output) ?? null;
  return trouble === null ? null : { code: "service_unavailable", message: trouble };
}

/** How many steps the run has made up to this one, itself included. */
const positionOf = (call: ToolStep, journal: readonly Step[]): number =>
  journal.findIndex((step) => step.turn === call.turn && step.callIndex === call.callIndex) + 1;

type Started =
  | { readonly kind: "begun"; readonly at: Date; readonly admitted: Admitted }
  | { readonly kind: "not_begun"; readonly over: boolean };

/** A call that is safe to repeat starts without a word, unless its service must be asked for first. */
async function beginUnnoted(
  deps: AdvanceDeps,
  run: HeldRun,
  known: Known,
  call: ToolStep,
  asked: ServiceCall,
): Promise<Started> {
  const admitted = await deps.services.glance(asked);
  if (admitted) return { kind: "begun", at: new Date(deps.clock.now()), admitted };
  return theLongWay(deps, known, async (work) => {
    await enter(work, run);
    return pass(deps, work, run, call, asked);
  });
}

/** The service takes the call now, or the step waits for it. */
async function pass(deps: EngineDeps, work: Work, run: HeldRun, call: ToolStep, asked: ServiceCall): Promise<Started> {
  const admitted = await deps.services.admit(work, asked);
  if (admitted.kind === "go") return { kind: "begun", at: work.now, admitted };
  await moveStep(work.tx, run, call, "ready", "waiting");
  await waitForService(deps, work, run, call, admitted);
  return { kind: "not_begun", over: false };
}

/** Journals the start. A call that must be approved starts only with its approval, bound to this exact call and contract. */
async function begin(
  deps: EngineDeps,
  work: Work,
  run: HeldRun,
  call: ToolStep,
  gate: Gate & { readonly attempt: number; readonly asked: ServiceCall },
): Promise<Started> {
  await enter(work, run);
  const permission = await permit(deps, work, run, call, gate);
  if (permission.kind === "asked") return { kind: "not_begun", over: false };
  if (permission.kind === "refused") {
    await refuse(deps, work, run, call, permission.failure);
    return { kind: "not_begun", over: false };
  }
  const passed = await pass(deps, work, run, call, gate.asked);
  if (passed.kind === "not_begun") return passed;
  await moveStep(work.tx, run, call, "ready", "started", { startedAt: work.now });
  await recordAttempt(work.tx, run, {
    turn: call.turn,
    callIndex: call.callIndex,
    number: gate.attempt,
    outcome: "started",
    failure: null,
    startedAt: work.now,
    endedAt: null,
  });
  return passed;
}

async function record(
  deps: EngineDeps,
  work: Work,
  run: HeldRun,
  call: ToolStep,
  contract: ToolContract,
  tried: Tried,
  result: ToolResult<unknown>,
): Promise<boolean> {
  // What the call did is journalled also for who asked to cancel meanwhile; the next move stops for them.
  const cancelled = (await fence(work, run)) !== null;
  if (!tried.noted) await moveStep(work.tx, run, call, "ready", "started", { startedAt: tried.startedAt });
  await recordAttempt(work.tx, run, {
    turn: call.turn,
    callIndex: call.callIndex,
    number: tried.attempt,
    outcome: result.ok ? "succeeded" : "failed",
    failure: result.ok ? null : result.error,
    startedAt: tried.startedAt,
    endedAt: work.now,
  });
  if (result.ok) {
    const tainted = isTainted(contract, result.value);
    const output = storable(result.value);
    await moveStep(work.tx, run, call, "started", "succeeded", { output, tainted, failure: null, endedAt: work.now });
    if (tainted && !run.tainted) await chargeRun(work.tx, run, { costMicros: 0, tainted: true });
    await tellOutcome(work, run, call, `done in ${seconds(tried.startedAt, work.now)}`);
    await announceProgress(deps, work, run, { state: "running" });
    return false;
  }
  const failure = result.error;
  const mayHaveHappened = contract.effect !== "read" && failure.mayHaveHappened !== false;
  const change = { endedAt: work.now };
  const key = { turn: call.turn, callIndex: call.callIndex };
  const unrepeatable = contract.retry === "never" && mayHaveHappened;
  const unknown = (unrepeatable && asksPeople(failure)) || (contract.effect !== "read" && isUnknown(failure));
  if (cancelled) {
    await moveStep(work.tx, run, call, "started", unknown ? "unknown" : "failed", { ...change, failure });
    return false;
  }
  if (unknown) {
    await moveStep(work.tx, run, call, "started", "unknown", { ...change, failure });
    await askUnknownEffect(deps, work, run, { ...call, startedAt: tried.startedAt });
    await tellOutcome(work, run, call, `it is not known whether it happened: ${failure.message}`);
    return false;
  }
  return retryLater(
    deps,
    work,
    run,
    { key, attempt: tried.attempt, repeatable: !unrepeatable, outage: tried.outage, change },
    failure,
    async () => {
      await tellOutcome(work, run, call, `failed: ${failure.message}`);
      await announceProgress(deps, work, run, { state: "running" });
      return false;
    },
  );
}

/** The tool itself cannot say, whatever its retry class: it looked, and found no proof. */
const isUnknown = (failure: Failure): boolean => classOf(failure.code) === "unknown_effect";

const seconds = (from: Date, to: Date): string => `${((to.getTime() - from.getTime()) / 1_000).toFixed(1)} s`;
