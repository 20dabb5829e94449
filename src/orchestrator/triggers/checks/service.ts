/** Asks the gates of firings that wait for it: outside of any transaction, then one work says what became of the firing. */

import { inWork, isPassing, type Work } from "../../db/work.ts";
import { announce, revise } from "../../delivery/store.ts";
import type { Failure } from "../../errors.ts";
import { canonicalHash } from "../../ids.ts";
import { createPool } from "../../pool.ts";
import type { EngineDeps } from "../../runs/engine-deps.ts";
import { decideFiring, setFiringGate, setPayload, undecidedFiring } from "../../schedules/firings/store.ts";
import { heardAfter } from "../../schedules/heartbeat/heartbeat.ts";
import { changeWorkflow, type Defined, findDefined, lockWorkflow } from "../../workflows/store.ts";
import type { Workflow } from "../../workflows/workflow.ts";
import { carryOut, decideAdmission } from "../fire.ts";
import { callWords } from "../phrase/gate.ts";
import { type Gate, gateOf } from "../trigger.ts";
import { type Answer, type AskDeps, askGate } from "./ask.ts";
import {
  type Baseline,
  type Check,
  claimChecks,
  endCheck,
  putOffCheck,
  readBaseline,
  soonestCheck,
  writeBaseline,
} from "./store.ts";
import { type Way, wayTo } from "./way.ts";

export interface CheckDeps extends EngineDeps, AskDeps {
  /** Unique to this process. */
  readonly owner: string;
}

export interface Checker {
  /** Asks everything that is due; returns when nothing is. */
  drain(): Promise<void>;
  /** Interrupts what is under way; it is asked again by whoever comes next. */
  stop(): Promise<void>;
}

/** Checks under way at once in this process. */
const IN_FLIGHT = 8;
/** Whoever holds a check longer than that is lost; milliseconds. Far more than {@link ASK_MS}. */
const LEASE_MS = 60_000;
/** How long an answer may take; milliseconds. */
const ASK_MS = 20_000;
/** Delays before the second and the third try; after that the firing is left out. Milliseconds. */
const AGAIN_MS = [10_000, 60_000] as const;

export function createChecker(deps: CheckDeps): Checker {
  const stopping = new AbortController();
  const pool = createPool<Check>({
    limit: IN_FLIGHT,
    claim: (limit) =>
      claimChecks(deps.db, { owner: deps.owner, now: new Date(deps.clock.now()), leaseMs: LEASE_MS, limit }),
    work: (check) => settle(deps, check, stopping.signal),
  });
  return {
    async drain() {
      await pool.drain();
      const next = await soonestCheck(deps.db);
      if (next && next.getTime() > deps.clock.now()) await deps.alarms.set("checks.due", next.getTime());
    },
    async stop() {
      stopping.abort();
      await pool.stop();
    },
  };
}

async function settle(deps: CheckDeps, check: Check, stopping: AbortSignal): Promise<void> {
  try {
    const defined = await findDefined(deps.db, check.workspaceId, { id: check.workflowId });
    const gate = defined && gateOf(defined.revision.trigger);
    const name = gate ? canonicalHash(gate) : "";
    const before = gate ? await readBaseline(deps.db, { ...check, id: check.workflowId }, name) : null;
    const way = gate ? await wayTo(deps, defined, gate, check, deps.owner) : null;
    if (way?.kind === "later") return;
    const asked =
      gate && way ? await askOn(deps, defined.workflow, gate, way, before?.seen ?? undefined, check, stopping) : null;
    if (stopping.aborted) return await putOffCheck(deps.db, check, deps.owner, new Date(deps.clock.now()));
    await inWork(deps, (work) => conclude(deps, work, check, { gate: name, answer: asked, seenBefore: before }));
  } catch (error) {
    // Its lease runs out, and the sweep finds it.
    deps.log.error({ firingId: check.firingId, err: error }, "condition not checked");
    if (isPassing(error)) return;
    const later = new Date(deps.clock.now() + AGAIN_MS[1]);
    await putOffCheck(deps.db, check, deps.owner, later).catch(() => {});
  }
}

/** The answer, and what it says of the service that gave it. */
async function askOn(
  deps: CheckDeps,
  workflow: Workflow,
  gate: Gate,
  way: Exclude<Way, { kind: "later" }>,
  before: unknown,
  check: Check,
  stopping: AbortSignal,
): Promise<Answer> {
  if (way.kind === "closed") return { kind: "failed", failure: way.failure, again: false };
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(ASK_MS)]);
  const answer = await askGate(deps, workflow, gate, way, before, check.firingId, signal);
  // Interrupted by ourselves, it says nothing of the service.
  if (stopping.aborted) await inWork(deps, (work) => deps.services.giveBack(work, way.asked, way.admitted));
  else await deps.services.heard(way.asked, way.admitted, answer.kind === "failed" ? answer.failure : null);
  return answer;
}

interface Asked {
  /** Hash of the gate that was asked. */
  readonly gate: string;
  /** Null: there was none any more. */
  readonly answer: Answer | null;
  readonly seenBefore: Baseline | null;
}

async function conclude(deps: CheckDeps, work: Work, check: Check, asked: Asked): Promise<void> {
  const defined = await lockWorkflow(work.tx, check.workspaceId, { id: check.workflowId });
  const firing = await undecidedFiring(work.tx, { workspaceId: check.workspaceId, id: check.firingId });
  const key = { workspaceId: check.workspaceId, id: check.firingId };
  // One that has ended may still owe its last slot.
  if (!defined || !firing || !["active", "ended"].includes(defined.workflow.status)) {
    if (!(await endCheck(work.tx, check, deps.owner))) return;
    if (firing) await decideFiring(work.tx, key, "skipped", defined ? defined.workflow.status : "deleted");
    return;
  }
  const gate = gateOf(defined.revision.trigger);
  if ((gate ? canonicalHash(gate) : "") !== asked.gate) {
    // It was edited meanwhile: what was asked is not what counts.
    await putOffCheck(work.tx, check, deps.owner, work.now);
    work.wake("checks.due");
    return;
  }
  const { answer } = asked;
  if (answer?.kind === "failed" && answer.again && check.attempts <= AGAIN_MS.length) {
    const at = new Date(work.now.getTime() + (AGAIN_MS[check.attempts - 1] ?? AGAIN_MS[0]));
    await putOffCheck(work.tx, check, deps.owner, at);
    work.wake("checks.due", at.getTime());
    return;
  }
  if (!(await endCheck(work.tx, check, deps.owner))) return;
  if (!gate || !answer) return admit(deps, work, defined, firing, asked, null);
  switch (answer.kind) {
    case "failed":
      await decideFiring(work.tx, key, "skipped", `its condition could not be checked: ${answer.failure.message}`);
      return noteFailing(deps, work, defined, gate, asked, answer.failure);
    case "no": {
      await noteAnswered(work, defined, asked, answer.seen);
      await decideFiring(work.tx, key, "nothing_to_do", answer.reason);
      const heard = heardAfter(defined.workflow, work.now, true);
      if (heard) await changeWorkflow(work.tx, defined.workflow, heard);
      return;
    }
    case "yes":
      return admit(deps, work, defined, firing, asked, answer);
  }
}

/** Nothing stands in its way but what is under way. */
async function admit(
  deps: CheckDeps,
  work: Work,
  defined: Defined,
  firing: NonNullable<Awaited<ReturnType<typeof undecidedFiring>>>,
  asked: Asked,
  answer: Extract<Answer, { kind: "yes" }> | null,
): Promise<void> {
  const key = { workspaceId: defined.workflow.workspaceId, id: firing.id };
  const admission = await decideAdmission(work, defined);
  // What is not looked into stays to be found at the next look.
  const seen = admission.outcome === "skipped" ? (asked.seenBefore?.seen ?? null) : (answer?.seen ?? null);
  if (answer) await noteAnswered(work, defined, asked, seen);
  if (answer?.payload != null) await setPayload(work.tx, key, answer.payload);
  if (admission.outcome === null) await setFiringGate(work.tx, key, "passed");
  else if (!(await decideFiring(work.tx, key, admission.outcome, admission.reason))) return;
  await carryOut(deps, work, defined, firing, admission);
}

async function noteAnswered(work: Work, defined: Defined, asked: Asked, seen: unknown): Promise<void> {
  const { workflow } = defined;
  const { seenBefore } = asked;
  await writeBaseline(work.tx, workflow, {
    gate: asked.gate,
    seen,
    seenAt: work.now,
    failures: 0,
    failingSince: null,
    failure: null,
  });
  if (!seenBefore?.failingSince) return;
  await revise(work, workflow.workspaceId, failingKey(workflow.id, seenBefore.failingSince), (notice) =>
    notice.kind === "checkFailing" ? { ...notice, overAt: work.now.toISOString() } : null,
  );
}

const failingKey = (workflowId: string, since: Date): string => `check-failing:${workflowId}:${since.toISOString()}`;

/** Told once, after the tries of a check are used up, and edited from then on. */
async function noteFailing(
  deps: CheckDeps,
  work: Work,
  { workflow }: Defined,
  gate: Gate,
  { gate: name, seenBefore }: Asked,
  failure: Failure,
): Promise<void> {
  const since = seenBefore?.failingSince ?? work.now;
  const failures = (seenBefore?.failures ?? 0) + 1;
  const seen = { seen: seenBefore?.seen ?? null, seenAt: seenBefore?.seenAt ?? null };
  await writeBaseline(work.tx, workflow, { gate: name, ...seen, failures, failingSince: since, failure });
  await announce(work, {
    id: deps.ids.next(),
    workspaceId: workflow.workspaceId,
    key: failingKey(workflow.id, since),
    channelId: workflow.channelId,
    place: { kind: "home" },
    workflowId: workflow.id,
    runId: null,
    privateTo: null,
    notice: {
      kind: "checkFailing",
      workflow: { workflowId: workflow.id, name: workflow.name },
      call: callWords(gate),
      failure,
      count: failures,
      since: since.toISOString(),
      overAt: null,
    },
  });
}
