/** What people are told when a run fails: one card an incident, edited, however often it happens. */
import { appendAudit } from "../audit/store.ts";
import type { Work } from "../db/work.ts";
import { revise } from "../delivery/store.ts";
import type { Failure } from "../errors.ts";
import type { IncidentMark, Notice } from "../events.ts";
import { canonicalHash } from "../ids.ts";
import type { EngineDeps } from "../runs/engine-deps.ts";
import { happenedIn } from "../runs/happened.ts";
import { tellHome } from "../runs/home.ts";
import { loadJournal } from "../runs/journal/store.ts";
import { figuresOf } from "../runs/progress.ts";
import type { Step } from "../runs/step.ts";
import { type HeldRun, refOf } from "../runs/store.ts";
import { serviceOfCall } from "../services/service-name.ts";
import { changeWorkflow, type Defined, lockWorkflow } from "../workflows/store.ts";
import { causeOf } from "./cause.ts";
import { failureKey, type Incident } from "./incident.ts";
import {
  countFailure,
  deadOfIncidents,
  endIncidents,
  findOpenIncident,
  incidentOfRun,
  joinIncident,
  noteResumed,
} from "./store.ts";

type TellDeps = Pick<EngineDeps, "ids" | "registry">;
type Failed = Extract<Notice, { kind: "runFailed" }>;

/** A run has ended badly: it opens an incident, or counts in the one of its cause. Called once, in the work that ends it. */
export async function tellFailed(
  deps: TellDeps,
  work: Work,
  run: HeldRun,
  failure: Failure,
  state: "failed" | "dead",
): Promise<void> {
  const journal = await loadJournal(work.tx, run);
  const cause = causeOf(failure, journal, (step) => placeOf(deps, step));
  const notice: Failed = {
    kind: "runFailed",
    run: refOf(run),
    failure: cause.failure,
    figures: figuresOf(run, journal, work.now),
    state,
    attempts: Math.max(...journal.map((step) => step.attempts), 1),
    nextTryAt: null,
    count: 1,
    happened: happenedIn(deps, journal),
  };
  const defined = await lockWorkflow(work.tx, run.workspaceId, { id: run.workflowId });
  if (!defined) return tellHome(deps, work, run, failureKey(run.id), notice);
  const { incident, opened } = await countFailure(work.tx, run, {
    id: deps.ids.next(),
    fingerprint: fingerprintOf(cause),
    failure: cause.failure,
    at: work.now,
  });
  if (opened) await open(work, defined, incident);
  else if (incident.firstRunId !== run.id) await settleOwnCard(work, run, state);
  const mark = await markOf(work, incident);
  await tellHome(deps, work, run, failureKey(incident.firstRunId), {
    ...notice,
    count: incident.count,
    incident: mark,
  });
}

/** It goes on by itself later: on the card of its incident when the run before failed that way, else on one of its own. */
export async function tellRetrying(
  deps: TellDeps,
  work: Work,
  run: HeldRun,
  retry: { failure: Failure; attempts: number; nextTryAt: Date },
): Promise<void> {
  if (run.rehearsal) return;
  const journal = await loadJournal(work.tx, run);
  const { failure, attempts, nextTryAt } = retry;
  const notice: Failed = {
    kind: "runFailed",
    run: refOf(run),
    failure,
    figures: figuresOf(run, journal, work.now),
    state: "retrying",
    attempts,
    nextTryAt: nextTryAt.toISOString(),
    count: 1,
  };
  const fingerprint = fingerprintOf(causeOf(failure, journal, (step) => placeOf(deps, step)));
  const workflow = { id: run.workflowId, workspaceId: run.workspaceId };
  const known = await findOpenIncident(work.tx, workflow, fingerprint);
  // Nobody closes it while its workflow is locked.
  if (known) await lockWorkflow(work.tx, run.workspaceId, { id: run.workflowId });
  const incident = known && (await findOpenIncident(work.tx, workflow, fingerprint));
  if (!incident) return tellHome(deps, work, run, failureKey(run.id), notice);
  await joinIncident(work.tx, run, incident.id);
  await tellHome(deps, work, run, failureKey(incident.firstRunId), {
    ...notice,
    count: incident.count,
    incident: await markOf(work, incident),
  });
}

/** A card that says "tries again" must not stay once there is nothing to try any more. */
export async function tellRetryOver(work: Work, run: HeldRun, state: "recovered" | "failed"): Promise<void> {
  const incident = state === "failed" ? await incidentOfRun(work.tx, run) : null;
  for (const key of new Set([failureKey(run.id), ...(incident ? [failureKey(incident.firstRunId)] : [])])) {
    await revise(work, run.workspaceId, key, (notice) =>
      isOf(notice, run) && notice.state === "retrying" ? { ...notice, state, nextTryAt: null } : null,
    );
  }
}

/** Its retry waits for a service and not for a time: the card that named one is right about the failure only. */
export async function tellNoTime(work: Work, run: HeldRun): Promise<void> {
  const incident = await incidentOfRun(work.tx, run);
  await revise(work, run.workspaceId, failureKey(incident?.firstRunId ?? run.id), (notice) =>
    isOf(notice, run) && notice.state === "retrying" && notice.nextTryAt !== null
      ? { ...notice, nextTryAt: null }
      : null,
  );
}

/** A person decided about a dead run: its card says so, and how many are left. */
export async function tellDecided(
  work: Work,
  run: HeldRun,
  change: Pick<Failed, "state" | "nextTryAt"> & Pick<Failed, "decision">,
): Promise<void> {
  const incident = await incidentOfRun(work.tx, run);
  const dead = incident && ((await deadOfIncidents(work.tx, run.workspaceId, [incident.id])).get(incident.id) ?? 0);
  await revise(work, run.workspaceId, failureKey(incident?.firstRunId ?? run.id), (notice) => {
    if (notice.kind !== "runFailed") return null;
    const { incident: mark, ...rest } = notice;
    const counted = mark ? { ...rest, incident: { ...mark, dead: dead ?? mark.dead } } : rest;
    // What was told of a run that failed later stays.
    return isOf(notice, run) && mark?.over?.kind !== "recovered" ? { ...counted, ...change } : counted;
  });
}

/** A run of the workflow ended well, or nothing more can come of it: every open incident of it is over, each on its card. */
export async function tellOver(
  work: Work,
  { workflow }: Pick<Defined, "workflow">,
  over: { readonly kind: "recovered"; readonly run: number } | { readonly kind: "closed" },
): Promise<void> {
  if (workflow.openIncidents === 0) return;
  await changeWorkflow(work.tx, workflow, { openIncidents: 0 });
  const at = work.now.toISOString();
  for (const incident of await endIncidents(work.tx, workflow, over.kind, work.now)) {
    await audit(work, incident, `incident.${over.kind}`, { count: incident.count });
    await reviseMark(work, incident, (notice, mark) => ({
      ...notice,
      ...(over.kind === "recovered" ? { state: "recovered", nextTryAt: null } : {}),
      count: incident.count,
      incident: { ...mark, over: { ...over, at } },
    }));
  }
}

/** The card follows what changed about its incident: who has seen it, that it paused the workflow. */
export async function tellChanged(work: Work, incident: Incident): Promise<void> {
  await reviseMark(work, incident, (notice, mark) => ({ ...notice, incident: mark }));
}

/** The workflow goes on: its incidents stay open until a run ends well, but pause it no more. */
export async function tellResumed(work: Work, { workflow }: Pick<Defined, "workflow">): Promise<void> {
  if (workflow.openIncidents === 0) return;
  for (const incident of await noteResumed(work.tx, workflow)) await tellChanged(work, incident);
}

async function reviseMark(
  work: Work,
  incident: Incident,
  edit: (notice: Failed, mark: IncidentMark) => Failed,
): Promise<void> {
  const mark = await markOf(work, incident);
  await revise(work, incident.workspaceId, failureKey(incident.firstRunId), (notice) =>
    notice.kind === "runFailed" ? edit(notice, mark) : null,
  );
}

async function markOf(work: Work, incident: Incident): Promise<IncidentMark> {
  const { acknowledgedBy: by, acknowledgedAt } = incident;
  return {
    incidentId: incident.id,
    since: incident.startedAt.toISOString(),
    lastAt: incident.lastAt.toISOString(),
    firstRun: incident.firstRunNumber,
    dead: (await deadOfIncidents(work.tx, incident.workspaceId, [incident.id])).get(incident.id) ?? 0,
    acknowledged: by !== null && acknowledgedAt ? { by, at: acknowledgedAt.toISOString() } : null,
    pausedAt: incident.pausedAt?.toISOString() ?? null,
    over: null,
  };
}

/** What the run told of its retries before its failure turned out to be one that is known. */
async function settleOwnCard(work: Work, run: HeldRun, state: "failed" | "dead"): Promise<void> {
  await revise(work, run.workspaceId, failureKey(run.id), (notice) =>
    notice.kind === "runFailed" && notice.state === "retrying" ? { ...notice, state, nextTryAt: null } : null,
  );
}

async function open(work: Work, { workflow }: Defined, incident: Incident): Promise<void> {
  await changeWorkflow(work.tx, workflow, { openIncidents: workflow.openIncidents + 1 });
  const { code, message } = incident.failure;
  await audit(work, incident, "incident.opened", { run: incident.firstRunNumber, code, message });
}

const audit = (work: Work, incident: Incident, action: string, detail: Record<string, unknown>): Promise<void> =>
  appendAudit(work.tx, [
    {
      workspaceId: incident.workspaceId,
      at: work.now,
      actor: "claw",
      action,
      subject: { kind: "incident", id: incident.id },
      workflowId: incident.workflowId,
      runId: null,
      detail,
    },
  ]);

const isOf = (notice: Notice, run: HeldRun): notice is Failed =>
  notice.kind === "runFailed" && notice.run.runId === run.id;

const fingerprintOf = ({ code, place, words }: ReturnType<typeof causeOf>): string =>
  canonicalHash({ code, place, words });

/** The tool with the service it calls, or the model. */
function placeOf(deps: Pick<TellDeps, "registry">, step: Step): string {
  if (step.kind === "model") return `model ${step.name}`;
  const contract = deps.registry.get(step.name);
  try {
    return `${step.name} ${(contract && serviceOfCall(contract, step.input)) ?? ""}`.trim();
  } catch {
    // Arguments that are not valid name no place.
    return step.name;
  }
}
