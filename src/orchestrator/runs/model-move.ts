/** A model call in the ordinary way: money enough, an endpoint that is up, an answer, and calls that ask nobody. */
import { dayKey } from "../budget/budget.ts";
import type { Reservation } from "../budget/store.ts";
import { storable } from "../db/storable.ts";
import { costMicros } from "../model/prices.ts";
import type { ModelOutcome, ModelReply } from "../ports.ts";
import type { Admitted, ServiceCall } from "../services/service.ts";
import { goodEnd, logLeft } from "./ending.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { asStep } from "./journal/store.ts";
import { type AdvanceDeps, type Known, writeMove } from "./known.ts";
import { type Asked, type ModelMove, priceOf } from "./model-request.ts";
import { planTurn } from "./plan.ts";
import { progressSaid } from "./progress.ts";
import type { ModelStep } from "./step.ts";
import type { HeldRun } from "./store.ts";
import { toVerdict } from "./verdict.ts";
import { journalAfter, nothingOf, type RunWrite } from "./writes/write.ts";

export const serviceCall = (deps: EngineDeps, run: HeldRun): ServiceCall => ({
  workspaceId: run.workspaceId,
  service: deps.model.service,
});

export type Begun =
  | { readonly kind: "waits" }
  | {
      readonly kind: "begun";
      readonly reservation: Reservation;
      readonly attempt: number;
      readonly startedAt: Date;
      readonly admitted: Admitted;
    };

/** The ordinary start: nothing is known to be in its way. @returns null when something is */
export async function beginMove(
  deps: AdvanceDeps,
  run: HeldRun,
  known: Known,
  move: ModelMove,
  asked: Asked,
): Promise<Begun | null> {
  if (move.retryOf || run.rehearsal) return null;
  const admitted = await deps.services.glance(serviceCall(deps, run));
  if (!admitted) return null;
  const now = new Date(deps.clock.now());
  const reservation = reservationFor(deps, run, move, asked, now);
  const step = asStep({
    turn: move.turn,
    callIndex: 0,
    kind: "model",
    status: "started",
    name: run.pins.model,
    manifest: asked.manifest,
    attempts: 1,
    startedAt: now,
  });
  const write = {
    ...nothingOf(run, now),
    added: [step],
    pieces: asked.keep,
    reserve: reservation,
    tainted: asked.tainted,
  };
  if (!(await writeMove(deps, known, write))) return null;
  return { kind: "begun", reservation, attempt: 1, startedAt: now, admitted };
}

export const reservationFor = (
  deps: EngineDeps,
  run: HeldRun,
  move: ModelMove,
  asked: Asked,
  at: Date,
): Reservation => ({
  id: deps.ids.next(),
  workspaceId: run.workspaceId,
  workflowId: run.workflowId,
  runId: run.id,
  turn: move.turn,
  callIndex: 0,
  day: dayKey(at.getTime(), run.zone),
  model: run.pins.model,
  priceSource: run.pins.price.source,
  amountMicros: asked.worstMicros,
  at,
});

/** The ordinary answer: journalled with the calls it asks for; a lone `finish` ends the run. @returns null when it is not */
export async function recordMove(
  deps: AdvanceDeps,
  run: HeldRun,
  known: Known,
  move: ModelMove,
  begun: Extract<Begun, { kind: "begun" }>,
  outcome: ModelOutcome,
): Promise<boolean | null> {
  const now = new Date(deps.clock.now());
  const from = known.journal?.find((step): step is ModelStep => step.turn === move.turn && step.kind === "model");
  if (!outcome.ok || !known.journal || !from || run.rehearsal) return null;
  const reply = storable(outcome.reply) as ModelReply;
  const { steps, asks, finish } = await planTurn(deps, run, known.journal, move.turn, reply.toolCalls, now);
  if (asks.length > 0) return null;
  const actualMicros = costMicros(reply.usage, priceOf(run));
  const to: ModelStep = {
    ...from,
    status: "succeeded",
    reply,
    costMicros: from.costMicros + actualMicros,
    endedAt: now,
  };
  const write: RunWrite = {
    ...nothingOf(run, now),
    moved: [{ from: "started", to, usage: reply.usage }],
    added: steps.map(asStep),
    attempts: [
      {
        turn: move.turn,
        callIndex: 0,
        number: begun.attempt,
        outcome: "succeeded",
        failure: null,
        startedAt: begun.startedAt,
        endedAt: now,
      },
    ],
    pay: { reservation: begun.reservation, actualMicros },
  };
  const after = journalAfter(known.journal, write);
  if (!finish || finish.verdict === "blocked") {
    const said = finish ? [] : progressSaid(deps, run, after, now);
    return (await writeMove(deps, known, { ...write, said })) ? false : null;
  }
  const end = known.plain ? goodEnd(deps, run, after, toVerdict(finish), { shown: known.shown, now }) : null;
  if (!end || !(await writeMove(deps, known, { ...write, ...end }))) return null;
  logLeft(deps, run, "succeeded", null);
  return true;
}
