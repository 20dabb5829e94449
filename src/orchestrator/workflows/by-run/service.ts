/** What runs do with other workflows: what their owner may, once a step, and never in a circle. */
import { fail, ok, type ToolResult, type WorkflowDeps } from "../../../tools/index.ts";
import { inWork, isPassing, type Work } from "../../db/work.ts";
import { ClawError, type ErrorCode } from "../../errors.ts";
import { findWorkspace } from "../../members/store.ts";
import type { Actor } from "../../ports.ts";
import { startRuns } from "../../runs/start.ts";
import { insertFirings, openRunsOf } from "../../schedules/firings/store.ts";
import { stopOf } from "../../stops/store.ts";
import { pause } from "../outcome.ts";
import { mayChange, mustCreate } from "../permissions.ts";
import { type Defined, lockWorkflow } from "../store.ts";
import { workflowViews } from "../views/store.ts";
import { note, ownerOf } from "./acting.ts";
import { mustNotCircle } from "./circles.ts";
import { type ByRunDeps, channelsOf, createOne } from "./create.ts";
import { planNew } from "./plan.ts";
import { askedKey, askedSince, madeOutside, runAskedBy } from "./store.ts";

/** Runs of one workflow that others may ask for in an hour. */
const MAX_AN_HOUR = 12;
const HOUR_MS = 3_600_000;
const LISTED = 50;
const SAID = 1_000;

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text);

export function createByRun(deps: ByRunDeps): WorkflowDeps {
  return {
    plan: (wanted, given) => planNew(deps, wanted, given),
    list: (call) => answered(() => listFor(deps, call)),
    run: (call) => answered(() => inWork(deps, (work) => runOther(deps, work, call))),
    pause: (call) => answered(() => inWork(deps, (work) => pauseOther(deps, work, call))),
    create: (call) =>
      answered(async () => {
        // No transaction waits for an answer from outside.
        const channels = await channelsOf(deps, call);
        return channels.ok ? inWork(deps, (work) => createOne(deps, work, call, channels.value)) : channels;
      }),
  };
}

const CODES: Partial<Record<ErrorCode, Parameters<typeof fail>[0]>> = {
  forbidden: "not_permitted",
  unknown_subject: "not_found",
  conflict: "not_permitted",
  invalid_input: "invalid_input",
  name_taken: "invalid_input",
};

async function answered<T>(work: () => Promise<ToolResult<T>>): Promise<ToolResult<T>> {
  try {
    return await work();
  } catch (error) {
    if (isPassing(error)) return fail("service_unavailable", "Claw's database did not answer.");
    const code = error instanceof ClawError ? CODES[error.code] : undefined;
    if (code === undefined || !(error instanceof ClawError)) throw error;
    return fail(code, error.message);
  }
}

/** What the owner sees: their own, all for an admin, and what lives in a channel that they see. Who cannot tell says no. */
async function listFor(deps: ByRunDeps, call: Parameters<WorkflowDeps["list"]>[0]): ReturnType<WorkflowDeps["list"]> {
  const { workspaceId } = call;
  const owner = await ownerOf(deps.db, call);
  const workspace = await findWorkspace(deps.db, workspaceId);
  const platform = workspace && deps.reach.get(workspace.platform);
  const now = new Date(deps.clock.now());
  const open = { closedTimes: deps.closedTimes, zone: workspace?.timezone ?? "UTC" };
  const [all, mine, outside] = await Promise.all([
    workflowViews(deps.db, workspaceId, now, open),
    workflowViews(deps.db, workspaceId, now, open, owner.memberId),
    madeOutside(deps.db, workspaceId),
  ]);
  const own = new Set(mine.map(({ workflowId }) => workflowId));
  const others = all.filter(({ workflowId }) => owner.role !== "admin" && !own.has(workflowId));
  const seen = new Map(
    await Promise.all(
      [...new Set(others.map(({ channelId }) => channelId))].map(async (channelId) => {
        const sight = await platform?.sight?.(owner.memberId, channelId, workspaceId);
        return [channelId, sight?.kind === "sees"] as const;
      }),
    ),
  );
  const visible = all.filter(
    ({ workflowId, channelId }) => owner.role === "admin" || own.has(workflowId) || seen.get(channelId) === true,
  );
  const listed = visible.slice(0, LISTED);
  return ok({
    workflows: listed.map(({ name, status, instruction, schedule, nextAt, ownerName, lastRun }) => ({
      name,
      status,
      does: cut(instruction, SAID),
      when: schedule,
      next: nextAt,
      owner: ownerName,
      lastRun: lastRun && {
        run: lastRun.number,
        status: lastRun.status,
        endedAt: lastRun.endedAt,
        said: lastRun.verdict ? cut(lastRun.verdict.text, SAID) : (lastRun.failure?.message ?? null),
      },
    })),
    more: visible.length > listed.length,
    fromOutside: listed.some(({ name, lastRun }) => outside.has(name) || lastRun?.tainted === true),
  });
}

/** A workflow that the owner may change, locked. One that they may not is told from none. */
async function lockFor(work: Work, owner: Actor, name: string): Promise<Defined> {
  const defined = await lockWorkflow(work.tx, owner.workspaceId, { name });
  if (defined && defined.workflow.status !== "draft" && mayChange(owner, defined.workflow.ownerId)) return defined;
  throw new ClawError("unknown_subject", `There is no workflow "${name}" that ${owner.name} may run or pause.`);
}

async function runOther(
  deps: ByRunDeps,
  work: Work,
  call: Parameters<WorkflowDeps["run"]>[0],
): ReturnType<WorkflowDeps["run"]> {
  const { workspaceId, actsFor, idempotencyKey } = call;
  const owner = await ownerOf(work.tx, call);
  mustCreate(owner);
  const { workflow, revision } = await lockFor(work, owner, call.workflow);
  const key = askedKey(actsFor.runId, idempotencyKey);
  const before = await runAskedBy(work.tx, workflow, key);
  if (before) return ok({ workflow: workflow.name, run: before.number });
  const stop = await stopOf(work.tx, workspaceId);
  if (stop) throw new ClawError("conflict", `Everything was stopped by ${stop.by}.`);
  if (workflow.status !== "active" && workflow.status !== "ended") {
    throw new ClawError("conflict", `${workflow.name} is ${workflow.status}; a person resumes it.`);
  }
  await mustNotCircle(work, call, workflow);
  const asked = await askedSince(work.tx, workflow, new Date(work.now.getTime() - HOUR_MS));
  if (asked >= MAX_AN_HOUR) {
    throw new ClawError(
      "conflict",
      `Others have run ${workflow.name} ${asked} times in the last hour, which is the limit.`,
    );
  }
  const open = (await openRunsOf(work.tx, [workflow.id])).get(workflow.id)?.[0];
  if (open && revision.policies.overlap !== "allow") {
    throw new ClawError("conflict", `Run ${open.number} of ${workflow.name} is still ${open.status}.`);
  }
  const firingId = deps.ids.next();
  await insertFirings(work.tx, [
    {
      id: firingId,
      workspaceId,
      workflowId: workflow.id,
      kind: "workflow",
      key,
      plannedAt: work.now,
      outcome: "ran",
      reason: null,
      count: 1,
      payload: null,
      createdAt: work.now,
    },
  ]);
  const [run] = await startRuns(deps, work, [{ workspaceId, firingId, revision, by: owner.memberId }]);
  if (!run) throw new ClawError("bug", "a run was not started");
  await note(work, call, "workflow.run_by_workflow", workflow.id, { workflow: workflow.name, run: run.number });
  return ok({ workflow: workflow.name, run: run.number });
}

async function pauseOther(
  deps: ByRunDeps,
  work: Work,
  call: Parameters<WorkflowDeps["pause"]>[0],
): ReturnType<WorkflowDeps["pause"]> {
  const { actsFor, why } = call;
  const owner = await ownerOf(work.tx, call);
  mustCreate(owner);
  const defined = await lockFor(work, owner, call.workflow);
  const { workflow } = defined;
  if (workflow.id === actsFor.workflowId) {
    throw new ClawError("conflict", "A workflow does not pause itself: end the run as blocked, and say why.");
  }
  if (workflow.status === "paused") return ok({ workflow: workflow.name, already: true });
  const by = { memberId: owner.memberId, name: `${actsFor.workflow}, for ${owner.name}` };
  if (!(await pause(deps, work, defined, by, why))) {
    throw new ClawError("conflict", `${workflow.name} is ${workflow.status}, so there is nothing to pause.`);
  }
  await note(work, call, "workflow.paused_by_workflow", workflow.id, { workflow: workflow.name, why });
  return ok({ workflow: workflow.name, already: false });
}
