/** What people ask to see: everything from the tables that the work itself uses. */
import { listAudit } from "./audit/store.ts";
import { dayUse } from "./budget/service.ts";
import type { Database, Transaction } from "./db/client.ts";
import { lostMessages } from "./delivery/lost/store.ts";
import { incidentViews } from "./incidents/views/store.ts";
import type { WorkspaceId } from "./ports.ts";
import { inspectRun, runViews } from "./runs/views/store.ts";
import type { ClosedTimes } from "./schedules/closed-times.ts";
import type { OpenTimes } from "./schedules/next-run.ts";
import { stopOf } from "./stops/store.ts";
import type {
  AuditView,
  FiringView,
  IncidentView,
  InspectView,
  RunView,
  StatusView,
  WaitView,
  WorkflowView,
} from "./views.ts";
import { lastDeleted, workflowView, workspaceAhead } from "./workflows/views/store.ts";

export interface Reader {
  readonly db: Database | Transaction;
  readonly workspaceId: WorkspaceId;
  readonly now: Date;
  readonly zone: string;
  readonly dayCeilingMicros: number;
  /** Runs of a workspace under way at once, to say so of a queued run; unknown when left out. */
  readonly perWorkspace?: number;
  /** Quiet hours and holidays, to show the times that will really run; when left out, those that are planned. */
  readonly closedTimes?: ClosedTimes | null;
}

/** What the workspace has closed. */
export const openTimes = ({ closedTimes = null, zone }: Reader): OpenTimes => ({ closedTimes, zone });

const MOST = 20;

export async function readStatus(reader: Reader): Promise<StatusView> {
  const { db, workspaceId, now, perWorkspace } = reader;
  const statuses = ["queued", "running", "waiting", "dead"] as const;
  const open = await runViews(db, { workspaceId, statuses, limit: 100, now, perWorkspace });
  const day = await dayUse(db, {
    workspaceId,
    now: now.getTime(),
    zone: reader.zone,
    dayLimitMicros: reader.dayCeilingMicros,
  });
  const stop = await stopOf(db, workspaceId);
  return {
    stopped: stop && { at: stop.at.toISOString(), by: stop.by },
    running: open.filter((run) => run.status === "running" || run.status === "queued"),
    waiting: open.filter((run) => run.status === "waiting"),
    dead: open.filter((run) => run.status === "dead"),
    lost: await lostMessages(db, workspaceId),
    incidents: await incidentViews(db, workspaceId, null),
    todayMicros: day.spentMicros + day.reservedMicros,
    todayLimitMicros: day.limitMicros,
    ...(await workspaceAhead(db, workspaceId, now, openTimes(reader))),
  };
}

export async function readRuns(reader: Reader, workflow: string | null): Promise<RunView[] | null> {
  const { db, workspaceId, now, perWorkspace } = reader;
  if (workflow === null) return runViews(db, { workspaceId, limit: MOST, now, perWorkspace });
  const view = await workflowView(db, workspaceId, { name: workflow }, now);
  return view && runViews(db, { workspaceId, workflowId: view.workflowId, limit: MOST, now, perWorkspace });
}

export const readDead = ({ db, workspaceId, now }: Reader): Promise<RunView[]> =>
  runViews(db, { workspaceId, statuses: ["dead"], limit: 100, now });

/** @returns null when there is none such */
export async function readInspect(
  reader: Reader,
  which: { readonly number: number } | { readonly id: string } | { readonly workflow: string },
): Promise<InspectView | null> {
  const { db, workspaceId, now, perWorkspace } = reader;
  if (!("workflow" in which)) return inspectRun(db, workspaceId, which, now, perWorkspace);
  const view = await workflowView(db, workspaceId, { name: which.workflow }, now);
  return view?.lastRun ? inspectRun(db, workspaceId, { id: view.lastRun.runId }, now, perWorkspace) : null;
}

/** @returns null when it names nothing that exists */
export async function readAudit(
  reader: Reader,
  which: { readonly number: number } | { readonly workflow: string } | null,
): Promise<AuditView[] | null> {
  const { db, workspaceId, now } = reader;
  if (which === null) return listAudit(db, { workspaceId, limit: MOST });
  if ("number" in which) {
    const [run] = await runViews(db, { workspaceId, number: which.number, limit: 1, now });
    return run ? listAudit(db, { workspaceId, runId: run.runId, limit: MOST }) : null;
  }
  // What a deleted workflow did stays in the record, under the name it had.
  const view = await workflowView(db, workspaceId, { name: which.workflow }, now);
  const workflowId = view?.workflowId ?? (await lastDeleted(db, workspaceId, which.workflow));
  return workflowId === null ? null : listAudit(db, { workspaceId, workflowId, limit: MOST });
}

/** Why a workflow or a run is as it is, in a sentence. Null when there is none such. Instants are ISO. */
export async function readWhy(
  reader: Reader,
  which: { readonly number: number } | { readonly workflow: string },
): Promise<string | null> {
  const { db, workspaceId, now } = reader;
  if ("number" in which) {
    const inspected = await inspectRun(db, workspaceId, which, now, reader.perWorkspace);
    if (!inspected) return null;
    const { workflowId, incidentId } = inspected.run;
    const open = incidentId === null ? [] : await incidentViews(db, workspaceId, [workflowId]);
    return `${whyRun(inspected)}${incidentSays(open.filter((incident) => incident.incidentId === incidentId))}`;
  }
  const view = await workflowView(db, workspaceId, { name: which.workflow }, now, openTimes(reader));
  return view && whyWorkflow(view);
}

function whyRun({ run, firing }: InspectView): string {
  const began = `Run ${run.number} of ${run.name} was started by ${cause(firing, run)}.`;
  const waits = run.waits.map(waitWords).join(", and ");
  switch (run.status) {
    case "queued":
      return run.queued === undefined
        ? `${began} It is queued and has not begun: it waits for a worker.`
        : `${began} It is queued and has not begun: ${run.queued}.`;
    case "running":
      return `${began} It is running.`;
    case "waiting":
      return `${began} ${sentence(`It waits ${waits}`)}`;
    case "succeeded":
      return `${began} It ended: ${run.verdict?.kind === "nothing_to_report" ? "there was nothing to report" : "it reported"}.`;
    case "failed":
      return `${began} It failed: ${run.failure?.message ?? "no reason is recorded"}`;
    case "dead":
      return `${began} It is dead${stoppedAt(run)} until a person retries or discards it: ${run.failure?.message ?? "no reason is recorded"}`;
    case "cancelled":
      return `${began} It was cancelled.`;
    case "discarded":
      return `${began} It was given up: ${run.failure?.message ?? "no reason is recorded"}`;
  }
}

const waitWords = ({ forWhat, dueAt, asked }: WaitView): string =>
  asked ? `until ${dueAt ?? "its time"}, because the workflow asked to` : `for ${forWhat}`;

function whyWorkflow(view: WorkflowView): string {
  const last = view.lastFirings[0];
  const next = view.nextAt ? ` Next: ${view.nextAt}.` : "";
  if (view.status === "paused") {
    return `${view.name} does not run: ${pausedSays(view.paused)}.${incidentSays(view.incidents)}`;
  }
  if (!last)
    return `${view.name} ${view.waits ? `has not been started yet: it runs ${view.schedule.replace(/^W/, "w")}` : "has not been due yet"}.${next}`;
  const when = `${last.plannedAt}`;
  switch (last.outcome) {
    case "ran": {
      const run = view.lastRun;
      if (run?.status === "waiting" && run.waits.length > 0) {
        return `At ${when} it ran as run ${run.number}, which ${sentence(`waits ${run.waits.map(waitWords).join(", and ")}`)}${incidentSays(view.incidents)}${next}`;
      }
      return run
        ? `At ${when} it ran as run ${run.number}, which is ${run.status}${run.failure ? `: ${sentence(run.failure.message)}` : "."}${incidentSays(view.incidents)}${next}`
        : `At ${when} it ran.${next}`;
    }
    case "skipped":
      return `It did not run at ${when}${last.count > 1 ? `, nor ${last.count - 1} times before` : ""}: ${last.reason ?? "a policy said no"}.${next}`;
    case "missed":
      return `It missed ${when}${last.count > 1 ? ` and ${last.count - 1} before` : ""}: ${last.reason ?? "Claw was not running"}.${next}`;
    case "collapsed":
      return `The slot of ${when} was collapsed ${last.reason ?? "into a later one"}.${next}`;
    case "nothing_to_do":
      return `At ${when} there was nothing to do${last.reason ? `: ${last.reason}` : ""}.${next}`;
    case null:
      if (last.checking) return `The condition of ${when} is being checked.${next}`;
      return `The slot of ${when} waits for the run before it to end.${next}`;
  }
}

function pausedSays(paused: WorkflowView["paused"]): string {
  if (!paused) return "it is paused";
  const note = paused.note ? `: ${paused.note}` : "";
  const left = paused.leftOut ? `; ${paused.leftOut} ${paused.leftOut === 1 ? "slot was" : "slots were"} left out` : "";
  return `paused by ${paused.by} since ${paused.at}${note}${left}`;
}

function stoppedAt({ letter }: RunView): string {
  const step = letter?.step;
  const at = step ? ` at step ${step.turn}.${step.callIndex} ${step.name}` : "";
  return `${at}${step && step.attempts > 1 ? `, after ${step.attempts} tries` : ""}${at === "" ? "" : ","}`;
}

/** What of its failures belongs together; nothing for a first failure that nobody has seen. */
const incidentSays = (incidents: readonly IncidentView[]): string =>
  incidents
    .filter(({ count, acknowledged }) => count > 1 || acknowledged)
    .map(({ count, since, failure, acknowledged }) => {
      const seen = acknowledged ? ` Acknowledged by ${acknowledged.by} ${acknowledged.at}.` : "";
      const times = count === 1 ? "once" : `${count} times`;
      return ` It failed that way ${times} since ${since}: ${sentence(failure.message)}${seen}`;
    })
    .join("");

const sentence = (text: string): string => (/[.!?…]$/u.test(text) ? text : `${text}.`);

function cause(firing: FiringView, run: RunView): string {
  switch (firing.kind) {
    case "slot":
      return `its slot of ${firing.plannedAt}`;
    case "person":
      return "a person";
    case "webhook":
      return "a webhook";
    case "message":
      return "a message";
    case "reaction":
      return "a reaction";
    case "outcome":
      return "the end of another workflow's run";
    case "workflow":
      return "another workflow's run";
    case "change":
      return `a change that was seen ${firing.plannedAt}`;
    case "replay":
      return run.replayOf === null ? "a replay" : `a replay of run ${run.replayOf}`;
    case "dry_run":
      return "a dry run";
    case "backfill":
      return `a backfill of ${firing.plannedAt}`;
  }
}
