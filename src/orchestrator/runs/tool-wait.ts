/** A call that something must come before: a time, or the answer of people. Its run waits, and then makes it. */
import type { Waited, WaitFor } from "../../tools/index.ts";
import { appendAudit } from "../audit/store.ts";
import type { Work } from "../db/work.ts";
import type { Failure } from "../errors.ts";
import { memberNames } from "../members/store.ts";
import type { Decision } from "../policy/policy.ts";
import { askPeople } from "../questions/ask.ts";
import { MOST_QUESTIONS } from "../questions/question.ts";
import { questionOfStep } from "../questions/store.ts";
import { stopOf } from "../stops/store.ts";
import { scheduleOf } from "../triggers/trigger.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { EverythingStopped, enter } from "./interruption.ts";
import { moveStep } from "./journal/store.ts";
import { type Gate, permit } from "./permit.ts";
import { refuse } from "./refusal.ts";
import type { ToolStep } from "./step.ts";
import type { HeldRun } from "./store.ts";
import { ASKED_FOR } from "./wait.ts";
import { openWait, waitedFor } from "./waits/store.ts";

/** The zone a run's times are in: its schedule's, else the workspace's. */
export function zoneOf(run: Pick<HeldRun, "pinned" | "zone">): string {
  const schedule = scheduleOf(run.pinned.trigger);
  return schedule && "zone" in schedule ? schedule.zone : run.zone;
}

/**
 * What a call waits for, once that has come. If nothing was waited for yet, the wait begins here, and the step with it.
 * The call must be `ready`. What was begun and cancelled, because the run died, begins again.
 * @param decision of the policy: a call that people must allow waits for them first
 * @returns null when the call is not to be made now: its step waits, or was refused
 */
export async function waitBefore(
  deps: EngineDeps,
  work: Work,
  run: HeldRun,
  call: ToolStep,
  gate: Gate,
  decision: Decision["kind"],
): Promise<Waited | null> {
  await enter(work, run);
  const over = await waitedFor(work.tx, run, call);
  if (over?.kind === "timer") return { kind: "timer", since: over.createdAt.getTime() };
  if (over) return { kind: "answer", answer: await answerTo(work, run, call) };
  // However late this process hears of it: nobody is asked while everything is stopped.
  const stop = await stopOf(work.tx, run.workspaceId);
  if (stop) throw new EverythingStopped(stop.by);
  if (decision !== "run") {
    const permission = await permit(deps, work, run, call, gate);
    if (permission.kind === "refused") await refuse(deps, work, run, call, permission.failure);
    if (permission.kind !== "given") return null;
  }
  const asked = gate.atGate.contract.waitFor?.(call.input, { now: work.now.getTime(), zone: zoneOf(run) });
  if (!asked) throw new TypeError(`${call.name} waits for nothing`);
  const failure = asked.ok ? await begin(deps, work, run, call, gate, asked.value) : asked.error;
  if (failure) await refuse(deps, work, run, call, failure);
  else await moveStep(work.tx, run, call, "ready", "waiting");
  return null;
}

const TOO_MANY: Failure = {
  code: "not_permitted",
  message: `This run has asked ${MOST_QUESTIONS} questions, which is the limit. Go on with what you know, or finish as blocked with what is missing.`,
};

/** Opens the wait. @returns null, or why not */
async function begin(
  deps: EngineDeps,
  work: Work,
  run: HeldRun,
  call: ToolStep,
  { atGate }: Gate,
  wanted: WaitFor,
): Promise<Failure | null> {
  const step = { turn: call.turn, callIndex: call.callIndex };
  if (wanted.kind === "answer") {
    return atGate.callsBefore >= MOST_QUESTIONS ? TOO_MANY : askPeople(deps, work, run, step, wanted);
  }
  const { workspaceId, workflowId, id: runId, number } = run;
  const until = new Date(wanted.until);
  await openWait(work, {
    id: deps.ids.next(),
    workspaceId,
    runId,
    step,
    kind: "timer",
    dueAt: until,
    detail: { why: ASKED_FOR, isTime: wanted.isTime },
  });
  await appendAudit(work.tx, [
    {
      workspaceId,
      at: work.now,
      actor: "claw",
      action: "run.waits",
      subject: { kind: "run", id: runId },
      workflowId,
      runId,
      detail: { number, until: until.toISOString() },
    },
  ]);
  return null;
}

/** Null: nobody answered in time. */
async function answerTo(
  work: Work,
  run: HeldRun,
  call: ToolStep,
): Promise<Extract<Waited, { kind: "answer" }>["answer"]> {
  const question = await questionOfStep(work.tx, run, call);
  if (question?.status !== "answered" || question.answer === null || question.endedAt === null) return null;
  const names = await memberNames(work.tx, run.workspaceId);
  const by = names.get(question.answeredBy ?? "") ?? "somebody";
  return { text: question.answer, by, at: question.endedAt.getTime() };
}
