/** A turn's model call: reserve, ask, settle, and journal what the model wants next. */
import { openDayBudget, release, reserve, settle, settleLost } from "../budget/store.ts";
import { keepPieces } from "../context/store.ts";
import { storable } from "../db/storable.ts";
import type { Work } from "../db/work.ts";
import { costMicros } from "../model/prices.ts";
import type { ModelOutcome, ModelReply } from "../ports.ts";
import type { Outage } from "../services/service.ts";
import { askForMoney } from "./budget-wait.ts";
import { endRun, failRun } from "./ending.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { enter } from "./interruption.ts";
import { insertSteps, moveStep, recordAttempt } from "./journal/store.ts";
import { type AdvanceDeps, type Known, theLongWay } from "./known.ts";
import { activeMsAt } from "./limit.ts";
import { type Begun, beginMove, recordMove, reservationFor, serviceCall } from "./model-move.ts";
import { type Asked, type ModelMove, prepare, priceOf } from "./model-request.ts";
import { insist, nameOf } from "./outage.ts";
import { planCalls } from "./plan.ts";
import { announceProgress } from "./progress.ts";
import { overCeiling } from "./rehearsal.ts";
import { retryLater } from "./retry-wait.ts";
import { waitForService } from "./service-wait.ts";
import type { Step, StepKey } from "./step.ts";
import { chargeRun, fence, type HeldRun, moveRun } from "./store.ts";
import { toVerdict } from "./verdict.ts";

/** @returns true when the run needs this process no more */
export async function callModel(
  deps: AdvanceDeps,
  run: HeldRun,
  known: Known,
  journal: readonly Step[],
  move: ModelMove,
  signal: AbortSignal,
): Promise<boolean> {
  const asked = await prepare(deps, run, journal, move, known.texts);
  const key = { turn: move.turn, callIndex: 0 };
  known.begun.set(nameOf(key), key);
  const begun =
    (await beginMove(deps, run, known, move, asked)) ??
    (await theLongWay(deps, known, (work) => begin(deps, work, run, move, asked)));
  if (begun.kind === "waits") return true;
  await deps.holding.must(run.id);
  signal.throwIfAborted();
  const outcome = await deps.model.respond(asked.request, signal);
  const outage = await deps.services.heard(serviceCall(deps, run), begun.admitted, outcome.ok ? null : outcome.failure);
  if (!outcome.ok && outcome.failure.code === "cancelled") signal.throwIfAborted();
  const held = asked.tainted ? { ...run, tainted: true } : run;
  return insist(
    deps,
    run,
    known,
    { ...key, from: "started" },
    signal,
    async () =>
      (await recordMove(deps, held, known, move, begun, outcome)) ??
      theLongWay(deps, known, (work) => record(deps, work, held, move, begun, outcome, outage)),
  );
}

/** Journals the start and sets the money aside; without money, or while the endpoint is down, the run waits. */
async function begin(deps: EngineDeps, work: Work, run: HeldRun, move: ModelMove, asked: Asked): Promise<Begun> {
  await enter(work, run);
  await keepPieces(work.tx, run.workspaceId, asked.keep, work.now);
  if (asked.tainted) await chargeRun(work.tx, run, { costMicros: 0, tainted: true });
  const key = { turn: move.turn, callIndex: 0 };
  const admitted = await deps.services.admit(work, serviceCall(deps, run));
  if (admitted.kind === "wait") {
    await holdStep(work, run, key, move, asked);
    await waitForService(deps, work, run, key, admitted);
    await moveRun(work.tx, run, "running", "waiting", { activeMs: activeMsAt(run, work.now) });
    return { kind: "waits" };
  }
  const reservation = reservationFor(deps, run, move, asked, work.now);
  let reserved = await reserve(work.tx, reservation);
  if (!reserved.ok && reserved.dayLimitMicros === 0) {
    const day = {
      workspaceId: run.workspaceId,
      day: reservation.day,
      limitMicros: deps.dayCeilingMicros,
      at: work.now,
    };
    await openDayBudget(work.tx, day);
    reserved = await reserve(work.tx, reservation);
  }
  if (!reserved.ok) {
    if (run.rehearsal) throw overCeiling(run, reserved);
    await deps.services.giveBack(work, serviceCall(deps, run), admitted);
    await holdStep(work, run, key, move, asked);
    await askForMoney(deps, work, run, key, reservation.day, reserved);
    await moveRun(work.tx, run, "running", "waiting", { activeMs: activeMsAt(run, work.now) });
    await announceProgress(deps, work, run, { state: "waiting" });
    return { kind: "waits" };
  }
  const attempt = (move.retryOf?.attempts ?? 0) + 1;
  if (move.retryOf) {
    await moveStep(work.tx, run, key, "ready", "started", { manifest: storable(asked.manifest), startedAt: work.now });
  } else {
    await insertSteps(work.tx, run, [
      {
        ...key,
        kind: "model",
        status: "started",
        name: run.pins.model,
        manifest: storable(asked.manifest),
        attempts: attempt,
        startedAt: work.now,
      },
    ]);
  }
  await recordAttempt(work.tx, run, {
    ...key,
    number: attempt,
    outcome: "started",
    failure: null,
    startedAt: work.now,
    endedAt: null,
  });
  return { kind: "begun", reservation, attempt, startedAt: work.now, admitted };
}

/** The call is not begun: its step waits. */
async function holdStep(work: Work, run: HeldRun, key: StepKey, move: ModelMove, asked: Asked): Promise<void> {
  const manifest = storable(asked.manifest);
  if (move.retryOf) await moveStep(work.tx, run, key, "ready", "waiting", { manifest });
  else await insertSteps(work.tx, run, [{ ...key, kind: "model", status: "waiting", name: run.pins.model, manifest }]);
}

async function record(
  deps: EngineDeps,
  work: Work,
  run: HeldRun,
  move: ModelMove,
  begun: Extract<Begun, { kind: "begun" }>,
  outcome: ModelOutcome,
  outage: Outage | null,
): Promise<boolean> {
  // What was answered and billed is journalled also for who asked to cancel meanwhile; the next move stops for them.
  const cancelled = (await fence(work, run)) !== null;
  const key = { turn: move.turn, callIndex: 0 };
  const cost = await bill(work, run, begun.reservation.id, outcome);
  await recordAttempt(work.tx, run, {
    ...key,
    number: begun.attempt,
    outcome: outcome.ok ? "succeeded" : "failed",
    failure: outcome.ok ? null : outcome.failure,
    startedAt: begun.startedAt,
    endedAt: work.now,
  });
  const usage = outcome.ok
    ? outcome.reply.usage
    : (outcome.usage ?? { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 });
  const change = { ...usage, costMicros: (move.retryOf?.costMicros ?? 0) + cost, endedAt: work.now };
  if (!outcome.ok) {
    if (cancelled) {
      await moveStep(work.tx, run, key, "started", "ready", { ...change, failure: outcome.failure });
      return false;
    }
    const attempt = { key, attempt: begun.attempt, repeatable: true, outage, change };
    // What an endpoint refuses for good ends the run: there is nobody else to tell.
    return retryLater(deps, work, run, attempt, outcome.failure, async (failure) => {
      await failRun(deps, work, run, failure);
      return true;
    });
  }
  const reply = storable(outcome.reply) as ModelReply;
  await moveStep(work.tx, run, key, "started", "succeeded", { ...change, output: reply });
  return cancelled ? false : goOn(deps, work, run, move.turn, reply);
}

/** Settles the reservation: by usage when it is known, in full when it is not. @returns what the call cost */
async function bill(work: Work, run: HeldRun, reservationId: string, outcome: ModelOutcome): Promise<number> {
  const usage = outcome.ok ? outcome.reply.usage : outcome.usage;
  if (usage === null) {
    const lost = await settleLost(work.tx, { runId: run.id, at: work.now });
    await chargeRun(work.tx, run, { costMicros: lost.micros, tainted: false });
    return lost.micros;
  }
  const actualMicros = costMicros(usage, priceOf(run));
  if (!outcome.ok && actualMicros === 0) await release(work.tx, { reservationId, at: work.now });
  else await settle(work.tx, { reservationId, actualMicros, at: work.now });
  if (actualMicros > 0) await chargeRun(work.tx, run, { costMicros: actualMicros, tainted: false });
  return actualMicros;
}

/** Journals the calls the model asked for; a lone `finish` ends the run in the same transaction. */
async function goOn(deps: EngineDeps, work: Work, run: HeldRun, turn: number, reply: ModelReply): Promise<boolean> {
  const finish = await planCalls(deps, work, run, turn, reply.toolCalls);
  if (!finish) {
    await announceProgress(deps, work, run, { state: "running" });
    return false;
  }
  if (finish.verdict === "blocked") return false;
  await endRun(deps, work, run, toVerdict(finish));
  return true;
}
