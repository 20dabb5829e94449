/** A turn's model call: reserve, ask, settle, and journal what the model wants next. */
import { FINISH } from "../../tools/index.ts";
import { dayKey } from "../budget/budget.ts";
import { openDayBudget, release, reserve, settle, settleLost } from "../budget/store.ts";
import { chooseOpening, openingMessages, turnMessages } from "../context/context.ts";
import { gatherOpening, hashText } from "../context/opening.ts";
import { keepPieces, loadPieces } from "../context/store.ts";
import { storable } from "../db/storable.ts";
import { inWork, type Work } from "../db/work.ts";
import { costMicros, worstCaseMicros } from "../model/prices.ts";
import { requestTokens } from "../model/tokens.ts";
import type { ModelOutcome, ModelPrice, ModelReply, ModelRequest } from "../ports.ts";
import { overCeiling, replayOpening } from "../replay/replaying.ts";
import type { Admitted, Outage, ServiceCall } from "../services/service.ts";
import type { ManifestEntry } from "../views.ts";
import { askForMoney } from "./budget-wait.ts";
import { endRun, failRun } from "./ending.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { enter } from "./interruption.ts";
import { insertSteps, moveStep, recordAttempt } from "./journal/store.ts";
import { activeMsAt } from "./limit.ts";
import type { Move } from "./move.ts";
import { planCalls } from "./plan.ts";
import { announceProgress } from "./progress.ts";
import { retryLater } from "./retry-wait.ts";
import { waitForService } from "./service-wait.ts";
import type { ModelStep, Step, StepKey } from "./step.ts";
import { chargeRun, fence, type HeldRun, moveRun } from "./store.ts";
import { toVerdict } from "./verdict.ts";

type ModelMove = Extract<Move, { kind: "call_model" }>;

/** @returns true when the run needs this process no more */
export async function callModel(
  deps: EngineDeps,
  run: HeldRun,
  journal: readonly Step[],
  move: ModelMove,
  signal: AbortSignal,
): Promise<boolean> {
  const asked = await prepare(deps, run, journal, move);
  const begun = await inWork(deps, (work) => begin(deps, work, run, move, asked));
  if (begun.kind === "waits") return true;
  const outcome = await deps.model.respond(asked.request, signal);
  const outage = await deps.services.heard(serviceCall(deps, run), begun.admitted, outcome.ok ? null : outcome.failure);
  if (!outcome.ok && outcome.failure.code === "cancelled") signal.throwIfAborted();
  const held = asked.tainted ? { ...run, tainted: true } : run;
  return inWork(deps, (work) => record(deps, work, held, move, begun, outcome, outage));
}

const serviceCall = (deps: EngineDeps, run: HeldRun): ServiceCall => ({
  workspaceId: run.workspaceId,
  service: deps.model.service,
});

interface Asked {
  readonly request: ModelRequest;
  readonly manifest: readonly ManifestEntry[];
  readonly keep: Parameters<typeof keepPieces>[2];
  readonly tainted: boolean;
  /** The most the call may cost. */
  readonly worstMicros: number;
}

/** Assembles the request within its budget; only reads. */
async function prepare(deps: EngineDeps, run: HeldRun, journal: readonly Step[], move: ModelMove): Promise<Asked> {
  const { model } = deps;
  const before = journal.filter((step) => step.turn < move.turn);
  const first = before.find((step): step is ModelStep => step.turn === 1 && step.kind === "model");
  const said = first
    ? {
        manifest: (first.manifest as ManifestEntry[]).filter((entry) => !entry.piece.startsWith("result of ")),
        keep: [],
      }
    : null;
  const gather = () => (run.replayOf === null ? gatherOpening(deps.db, run, model) : replayOpening(deps, run));
  const opening = said ? null : await gather();
  const chosen = said?.manifest ?? chooseOpening(opening?.pieces ?? [], deps.contextTokens);
  const bodies = opening
    ? new Map(opening.pieces.map((piece) => [piece.hash, piece.body]))
    : await loadPieces(
        deps.db,
        run.workspaceId,
        chosen.map((entry) => entry.hash),
      );
  const notesHash = chosen.find((entry) => entry.piece === "notes" && entry.included)?.hash;
  const turns = turnMessages(before, {
    budgetTokens: deps.contextTokens,
    countTokens: (text) => model.countTokens(text),
    hash: hashText,
  });
  const tools = deps.registry.specs(callable(deps, run));
  const request: ModelRequest = {
    messages: [...openingMessages(chosen, bodies), ...turns.messages],
    tools,
    toolChoice: move.nudge ? { name: FINISH } : "auto",
    maxOutputTokens: run.pins.maxOutputTokens,
    task: { instruction: run.pinned.instruction, notes: (notesHash && bodies.get(notesHash)) ?? null },
    idempotencyKey: `${run.id}-${move.turn}-0-${(move.retryOf?.attempts ?? 0) + 1}`,
  };
  const inputTokens = requestTokens(request, (text) => model.countTokens(text));
  return {
    request,
    manifest: [...chosen, ...turns.manifest],
    keep: opening?.pieces ?? [],
    tainted: opening?.tainted ?? false,
    worstMicros: worstCaseMicros(inputTokens, run.pins.maxOutputTokens, priceOf(run)),
  };
}

/** The tools a run may call: those it began with that this process has, and the one that ends it. */
export const callable = (deps: Pick<EngineDeps, "registry">, run: HeldRun): string[] => [
  ...run.pinned.tools.filter(
    (name) => name !== FINISH && deps.registry.get(name) && Object.hasOwn(run.pins.tools, name),
  ),
  FINISH,
];

const priceOf = (run: HeldRun): ModelPrice => ({
  inputMicrosPerMillion: run.pins.price.input,
  cachedInputMicrosPerMillion: run.pins.price.cachedInput,
  outputMicrosPerMillion: run.pins.price.output,
  source: run.pins.price.source,
});

type Begun =
  | { readonly kind: "waits" }
  | {
      readonly kind: "begun";
      readonly reservationId: string;
      readonly attempt: number;
      readonly startedAt: Date;
      readonly admitted: Admitted;
    };

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
  const reservation = {
    id: deps.ids.next(),
    workspaceId: run.workspaceId,
    workflowId: run.workflowId,
    runId: run.id,
    turn: move.turn,
    callIndex: 0,
    day: dayKey(work.now.getTime(), run.zone),
    model: run.pins.model,
    priceSource: run.pins.price.source,
    amountMicros: asked.worstMicros,
    at: work.now,
  };
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
    if (run.replayOf !== null) throw overCeiling(reserved);
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
  return { kind: "begun", reservationId: reserved.reservationId, attempt, startedAt: work.now, admitted };
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
  const cost = await bill(work, run, begun.reservationId, outcome);
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
