/** Audit events in PostgreSQL: written with what they record, read for people. `seals/store.ts` has the chain over them. */
import { and, desc, eq, lt } from "drizzle-orm";
import { insertMany } from "../db/bulk.ts";
import type { Database, Transaction } from "../db/client.ts";
import { auditEvents, members, runs, workflows } from "../db/schema.ts";
import { storable, storableText } from "../db/storable.ts";
import type { WorkspaceId } from "../ports.ts";
import type { AuditView } from "../views.ts";
import type { AuditEvent } from "./audit.ts";

/**
 * Writes the events in one statement, in the transaction of the change they record: both happen or neither. No lock and
 * no chain on this path; the sealer comes later. Calling it twice writes them twice.
 */
export async function appendAudit(tx: Transaction, events: readonly AuditEvent[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map((event) => ({
    workspaceId: event.workspaceId,
    at: event.at,
    actor: storableText(event.actor),
    action: event.action,
    subjectKind: event.subject.kind,
    subjectId: storableText(event.subject.id),
    workflowId: event.workflowId,
    runId: event.runId,
    detail: storable(event.detail) as Record<string, unknown>,
  }));
  await tx.execute(insertMany(auditEvents, rows));
}

export interface AuditQuery {
  readonly workspaceId: WorkspaceId;
  readonly workflowId?: string;
  readonly runId?: string;
  /** Only events before this id: the last id of the page before. */
  readonly beforeId?: number;
  readonly limit: number;
}

/** The events of a workspace, a workflow or a run, newest first, with the names people know. */
export async function listAudit(db: Database | Transaction, query: AuditQuery): Promise<AuditView[]> {
  const rows = await db
    .select({
      id: auditEvents.id,
      at: auditEvents.at,
      actor: auditEvents.actor,
      actorName: members.name,
      action: auditEvents.action,
      subjectKind: auditEvents.subjectKind,
      subjectId: auditEvents.subjectId,
      workflowName: workflows.name,
      runNumber: runs.number,
      detail: auditEvents.detail,
      seal: auditEvents.seal,
    })
    .from(auditEvents)
    .leftJoin(members, and(eq(members.workspaceId, auditEvents.workspaceId), eq(members.id, auditEvents.actor)))
    .leftJoin(
      workflows,
      and(eq(workflows.workspaceId, auditEvents.workspaceId), eq(workflows.id, auditEvents.workflowId)),
    )
    .leftJoin(runs, and(eq(runs.workspaceId, auditEvents.workspaceId), eq(runs.id, auditEvents.runId)))
    .where(
      and(
        eq(auditEvents.workspaceId, query.workspaceId),
        query.workflowId === undefined ? undefined : eq(auditEvents.workflowId, query.workflowId),
        query.runId === undefined ? undefined : eq(auditEvents.runId, query.runId),
        query.beforeId === undefined ? undefined : lt(auditEvents.id, query.beforeId),
      ),
    )
    .orderBy(desc(auditEvents.id))
    .limit(query.limit);
  return rows.map((row) => ({
    id: row.id,
    at: row.at.toISOString(),
    actor: row.actorName ?? row.actor,
    action: row.action,
    subject: subjectInWords(row),
    detail: row.detail,
    sealed: row.seal !== null,
  }));
}

/** Kinds that people know by a number, which stands in the detail. */
const NUMBERED: ReadonlySet<string> = new Set(["approval", "grant", "memory", "rule"]);

/**
 * `workflow check-status`, `run check-status #12`, `approval #7`, `incident of check-status (run 12)`; the bare id where no
 * name is known.
 */
function subjectInWords(row: {
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly workflowName: string | null;
  readonly runNumber: number | null;
  readonly detail: Record<string, unknown>;
}): string {
  const { subjectKind: kind, workflowName: name, runNumber, detail } = row;
  if (kind === "workflow" && name !== null) return `workflow ${name}`;
  if (kind === "run" && name !== null && runNumber !== null) return `run ${name} #${runNumber}`;
  if (NUMBERED.has(kind) && typeof detail.number === "number") return `${kind} #${detail.number}`;
  if (kind === "incident" && name !== null) {
    return `incident of ${name}${typeof detail.run === "number" ? ` (run ${detail.run})` : ""}`;
  }
  if (kind === "delivery" && name !== null) {
    return `message of ${name}${runNumber === null ? "" : ` (run ${runNumber})`}`;
  }
  return `${kind} ${row.subjectId}`;
}
