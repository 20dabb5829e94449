/** Incidents in SQL. Their workflow's row is locked by whoever changes one. */
import { and, asc, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Database, Transaction } from "../db/client.ts";
import { incidents, runs } from "../db/schema.ts";
import { ClawError, type Failure } from "../errors.ts";
import type { Run } from "../runs/run.ts";
import type { Workflow } from "../workflows/workflow.ts";
import type { INCIDENT_TRANSITIONS, Incident, IncidentStatus } from "./incident.ts";

type RunKey = Pick<Run, "id" | "workspaceId">;
type WorkflowKey = Pick<Workflow, "id" | "workspaceId">;

/**
 * Counts a failure: the first of its cause opens an incident, each further one belongs to it. The unique key of open
 * incidents decides who was first. The run becomes part of it.
 */
export async function countFailure(
  tx: Transaction,
  run: Pick<Run, "id" | "workspaceId" | "workflowId" | "number">,
  failed: { readonly id: string; readonly fingerprint: string; readonly failure: Failure; readonly at: Date },
): Promise<{ incident: Incident; opened: boolean }> {
  const { id, fingerprint, failure, at } = failed;
  const [incident] = await tx
    .insert(incidents)
    .values({
      id,
      workspaceId: run.workspaceId,
      workflowId: run.workflowId,
      status: "open",
      fingerprint,
      failure,
      firstRunId: run.id,
      firstRunNumber: run.number,
      lastRunId: run.id,
      lastRunNumber: run.number,
      startedAt: at,
      lastAt: at,
    })
    .onConflictDoUpdate({
      target: [incidents.workflowId, incidents.fingerprint],
      targetWhere: sql`status = 'open'`,
      set: {
        count: sql`${incidents.count} + 1`,
        failure: sql`excluded.failure`,
        lastRunId: run.id,
        lastRunNumber: run.number,
        lastAt: at,
      },
    })
    .returning();
  if (!incident) throw new ClawError("bug", "an incident was not written");
  await joinIncident(tx, run, incident.id);
  return { incident, opened: incident.id === id };
}

/** The run's failure is told with the incident from now on. */
export async function joinIncident(tx: Transaction, run: RunKey, incidentId: string): Promise<void> {
  await tx
    .update(runs)
    .set({ incidentId })
    .where(and(eq(runs.workspaceId, run.workspaceId), eq(runs.id, run.id)));
}

/** The open incident of a workflow with this cause, or null. */
export async function findOpenIncident(
  tx: Transaction,
  workflow: WorkflowKey,
  fingerprint: string,
): Promise<Incident | null> {
  const [row] = await tx
    .select()
    .from(incidents)
    .where(
      and(
        eq(incidents.workspaceId, workflow.workspaceId),
        eq(incidents.workflowId, workflow.id),
        eq(incidents.fingerprint, fingerprint),
        eq(incidents.status, "open"),
      ),
    );
  return row ?? null;
}

/** The incident that a run's failure belongs to, as its row says now; null when it has not failed. */
export async function incidentOfRun(db: Database | Transaction, run: RunKey): Promise<Incident | null> {
  const [row] = await db
    .select({ incident: incidents })
    .from(runs)
    .innerJoin(incidents, eq(incidents.id, runs.incidentId))
    .where(and(eq(runs.workspaceId, run.workspaceId), eq(runs.id, run.id)));
  return row?.incident ?? null;
}

/** The same by its number; null when there is no such run. */
export async function incidentIdOf(
  tx: Transaction,
  workspaceId: string,
  number: number,
): Promise<{ id: string | null } | null> {
  const [row] = await tx
    .select({ id: runs.incidentId })
    .from(runs)
    .where(and(eq(runs.workspaceId, workspaceId), eq(runs.number, number)));
  return row ?? null;
}

/** Whatever its status; null when this workspace has none such. */
export async function findIncident(tx: Transaction, workspaceId: string, id: string): Promise<Incident | null> {
  const [row] = await tx
    .select()
    .from(incidents)
    .where(and(eq(incidents.workspaceId, workspaceId), eq(incidents.id, id)));
  return row ?? null;
}

/** The open incidents of some workflows, or of the whole workspace; what failed last comes first. */
export async function openIncidents(
  db: Database | Transaction,
  workspaceId: string,
  workflowIds: readonly string[] | null,
): Promise<Incident[]> {
  if (workflowIds?.length === 0) return [];
  return db
    .select()
    .from(incidents)
    .where(
      and(
        eq(incidents.workspaceId, workspaceId),
        eq(incidents.status, "open"),
        workflowIds === null ? undefined : inArray(incidents.workflowId, [...workflowIds]),
      ),
    )
    .orderBy(desc(incidents.lastAt), asc(incidents.id));
}

/** The one mutator of an incident's status, for all that a workflow has open. @returns those that were */
export async function endIncidents(
  tx: Transaction,
  workflow: WorkflowKey,
  to: (typeof INCIDENT_TRANSITIONS)["open"][number],
  at: Date,
): Promise<Incident[]> {
  const from: IncidentStatus = "open";
  return tx
    .update(incidents)
    .set({ status: to, closedAt: at })
    .where(
      and(
        eq(incidents.workspaceId, workflow.workspaceId),
        eq(incidents.workflowId, workflow.id),
        eq(incidents.status, from),
      ),
    )
    .returning();
}

/** Compare and set: the first who says so is kept. @returns null when somebody did before, or it is over */
export async function acknowledgeIncident(
  tx: Transaction,
  incident: Pick<Incident, "id" | "workspaceId">,
  by: string,
  at: Date,
): Promise<Incident | null> {
  const [row] = await tx
    .update(incidents)
    .set({ acknowledgedBy: by, acknowledgedAt: at })
    .where(
      and(
        eq(incidents.workspaceId, incident.workspaceId),
        eq(incidents.id, incident.id),
        eq(incidents.status, "open"),
        isNull(incidents.acknowledgedAt),
      ),
    )
    .returning();
  return row ?? null;
}

/** The incident paused its workflow. */
export async function notePaused(
  tx: Transaction,
  incident: Pick<Incident, "id" | "workspaceId">,
  pausedAt: Date,
): Promise<void> {
  await tx
    .update(incidents)
    .set({ pausedAt })
    .where(and(eq(incidents.workspaceId, incident.workspaceId), eq(incidents.id, incident.id)));
}

/** The pause of a workflow is over. @returns the open incidents that had caused it */
export async function noteResumed(tx: Transaction, workflow: WorkflowKey): Promise<Incident[]> {
  return tx
    .update(incidents)
    .set({ pausedAt: null })
    .where(
      and(
        eq(incidents.workspaceId, workflow.workspaceId),
        eq(incidents.workflowId, workflow.id),
        eq(incidents.status, "open"),
        sql`${incidents.pausedAt} is not null`,
      ),
    )
    .returning();
}

/** How many runs of each incident are dead. */
export async function deadOfIncidents(
  db: Database | Transaction,
  workspaceId: string,
  ids: readonly string[],
): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({ id: runs.incidentId, dead: sql<number>`count(*)::int` })
    .from(runs)
    .where(and(eq(runs.workspaceId, workspaceId), inArray(runs.incidentId, [...ids]), eq(runs.status, "dead")))
    .groupBy(runs.incidentId);
  return new Map(rows.map((row) => [row.id ?? "", row.dead]));
}
