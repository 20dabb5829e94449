/** Workflows and their revisions in SQL. */
import { and, asc, eq, inArray, isNotNull, lte, ne, notInArray, sql } from "drizzle-orm";
import type { Database, Transaction } from "../db/client.ts";
import { revisions, workflows } from "../db/schema.ts";
import { ClawError } from "../errors.ts";
import type { MemberId, ThreadId, WorkspaceId } from "../ports.ts";
import { goesOn } from "../stops/store.ts";
import { type Revision, WORKFLOW_TRANSITIONS, type Workflow, type WorkflowStatus } from "./workflow.ts";

export interface Defined {
  readonly workflow: Workflow;
  /** The current one. */
  readonly revision: Revision;
}

type Row = { workflow: typeof workflows.$inferSelect; revision: typeof revisions.$inferSelect };

const toDefined = ({ workflow: row, revision }: Row): Defined => ({
  workflow: {
    id: row.id,
    workspaceId: row.workspaceId,
    name: row.name,
    ownerId: row.ownerId,
    status: row.status,
    revision: row.revision,
    channelId: row.channelId,
    threadId: row.threadId,
    nextSlotAt: row.nextSlotAt,
    paused: row.pausedAt
      ? { by: row.pausedBy ?? "claw", note: row.pausedNote, at: row.pausedAt, firstSlot: row.pausedSlotAt }
      : null,
    failuresInARow: row.failuresInARow,
    openIncidents: row.openIncidents,
    skipNext: row.skipNext,
    lastSaidAt: row.lastSaidAt,
    quietChecks: row.quietChecks,
    expiresAt: row.expiresAt,
    createdAt: row.createdAt,
  },
  revision,
});

const selectDefined = (db: Database | Transaction) =>
  db
    .select({ workflow: workflows, revision: revisions })
    .from(workflows)
    .innerJoin(revisions, and(eq(revisions.workflowId, workflows.id), eq(revisions.number, workflows.revision)));

/** A workflow that is not deleted or expired, by id or by name; its row is locked until the work ends. */
export async function lockWorkflow(
  tx: Transaction,
  workspaceId: WorkspaceId,
  which: { readonly id: string } | { readonly name: string },
): Promise<Defined | null> {
  const by = "id" in which ? eq(workflows.id, which.id) : eq(workflows.name, which.name);
  const rows = await selectDefined(tx)
    .where(and(eq(workflows.workspaceId, workspaceId), by, notInArray(workflows.status, ["deleted", "expired"])))
    .for("update", { of: workflows });
  return rows[0] ? toDefined(rows[0]) : null;
}

/** Everything people would call their workflows: no drafts, nothing deleted. */
export async function listDefined(db: Database | Transaction, workspaceId: WorkspaceId): Promise<Defined[]> {
  const rows = await selectDefined(db)
    .where(and(eq(workflows.workspaceId, workspaceId), inArray(workflows.status, ["active", "paused", "ended"])))
    .orderBy(asc(workflows.name));
  return rows.map(toDefined);
}

/** What {@link listDefined} would be called: for reading a line, at every one of which the whole would be too much. */
export async function workflowNames(db: Database | Transaction, workspaceId: WorkspaceId): Promise<string[]> {
  const rows = await db
    .select({ name: workflows.name })
    .from(workflows)
    .where(and(eq(workflows.workspaceId, workspaceId), inArray(workflows.status, ["active", "paused", "ended"])))
    .orderBy(asc(workflows.name));
  return rows.map((row) => row.name);
}

/** A workflow that is not deleted or expired, also a draft. */
export async function findDefined(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  which: { readonly id: string } | { readonly name: string },
): Promise<Defined | null> {
  const by = "id" in which ? eq(workflows.id, which.id) : eq(workflows.name, which.name);
  const rows = await selectDefined(db).where(
    and(eq(workflows.workspaceId, workspaceId), by, notInArray(workflows.status, ["deleted", "expired"])),
  );
  return rows[0] ? toDefined(rows[0]) : null;
}

/** The workflow whose home a thread is, if it is one. */
export async function workflowOfThread(
  tx: Transaction,
  workspaceId: WorkspaceId,
  threadId: ThreadId,
): Promise<string | null> {
  const rows = await tx
    .select({ id: workflows.id })
    .from(workflows)
    .where(
      and(eq(workflows.workspaceId, workspaceId), eq(workflows.threadId, threadId), ne(workflows.status, "deleted")),
    );
  return rows[0]?.id ?? null;
}

/** Names in use that begin with `base`. Two works that ask in one workspace wait for each other, so that both find a free one. */
export async function namesLike(tx: Transaction, workspaceId: WorkspaceId, base: string): Promise<Set<string>> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`names:${workspaceId}`}, 0))`);
  const rows = await tx
    .select({ name: workflows.name })
    .from(workflows)
    .where(
      and(
        eq(workflows.workspaceId, workspaceId),
        notInArray(workflows.status, ["deleted", "expired"]),
        sql`starts_with(${workflows.name}, ${base})`,
      ),
    );
  return new Set(rows.map((row) => row.name));
}

export async function insertWorkflow(
  tx: Transaction,
  workflow: Pick<Workflow, "id" | "workspaceId" | "name" | "ownerId" | "status" | "channelId" | "expiresAt"> & {
    readonly createdFrom: string;
    readonly at: Date;
  },
  revision: Revision,
): Promise<void> {
  const { at, ...row } = workflow;
  await tx.insert(workflows).values({ ...row, revision: revision.number, createdAt: at, updatedAt: at });
  await insertRevision(tx, workflow.workspaceId, revision);
}

async function insertRevision(tx: Transaction, workspaceId: WorkspaceId, revision: Revision): Promise<void> {
  await tx.insert(revisions).values({ ...revision, workspaceId, tools: [...revision.tools] });
}

/** Makes a revision the current one; the ones before stay as they are. */
export async function addRevision(tx: Transaction, workspaceId: WorkspaceId, revision: Revision): Promise<void> {
  await insertRevision(tx, workspaceId, revision);
  await tx
    .update(workflows)
    .set({ revision: revision.number, updatedAt: revision.createdAt })
    .where(and(eq(workflows.workspaceId, workspaceId), eq(workflows.id, revision.workflowId)));
}

type WorkflowChange = Partial<
  Pick<
    typeof workflows.$inferInsert,
    | "nextSlotAt"
    | "pausedBy"
    | "pausedNote"
    | "pausedAt"
    | "pausedSlotAt"
    | "expiresAt"
    | "failuresInARow"
    | "channelId"
    | "skipNext"
  >
>;

/** The one mutator of a workflow's status: compare and set. @returns false when it was not in `from` any more */
export async function moveWorkflow(
  tx: Transaction,
  workflow: Pick<Workflow, "id" | "workspaceId">,
  from: WorkflowStatus,
  to: WorkflowStatus,
  change: WorkflowChange & { readonly at: Date },
): Promise<boolean> {
  if (!(WORKFLOW_TRANSITIONS[from] as readonly WorkflowStatus[]).includes(to)) {
    throw new ClawError("bug", `a workflow cannot go from ${from} to ${to}`);
  }
  const { at, ...set } = change;
  const rows = await tx
    .update(workflows)
    .set({ ...set, status: to, updatedAt: at })
    .where(
      and(eq(workflows.workspaceId, workflow.workspaceId), eq(workflows.id, workflow.id), eq(workflows.status, from)),
    )
    .returning({ id: workflows.id });
  return rows.length > 0;
}

/** Changes what is not its status. */
export async function changeWorkflow(
  tx: Transaction,
  workflow: Pick<Workflow, "id" | "workspaceId">,
  change: {
    readonly nextSlotAt?: Date | null;
    readonly pausedSlotAt?: Date | null;
    readonly failuresInARow?: number;
    readonly openIncidents?: number;
    readonly skipNext?: number;
    readonly lastSaidAt?: Date;
    readonly quietChecks?: number;
    readonly name?: string;
    readonly ownerId?: MemberId;
    readonly expiresAt?: Date;
  },
): Promise<void> {
  await tx
    .update(workflows)
    .set(change)
    .where(and(eq(workflows.workspaceId, workflow.workspaceId), eq(workflows.id, workflow.id)));
}

/** Active workflows whose slot has come, where nothing is stopped; the oldest first, locked, without those of others. */
export async function lockDue(
  tx: Transaction,
  now: Date,
  which: { readonly limit: number; readonly except?: readonly string[]; readonly only?: string },
): Promise<Defined[]> {
  const { except = [], only } = which;
  const rows = await selectDefined(tx)
    .where(
      and(
        eq(workflows.status, "active"),
        lte(workflows.nextSlotAt, now),
        goesOn("workflows.workspace_id"),
        except.length > 0 ? notInArray(workflows.id, [...except]) : undefined,
        only === undefined ? undefined : eq(workflows.id, only),
      ),
    )
    .orderBy(asc(workflows.nextSlotAt))
    .limit(which.limit)
    .for("update", { of: workflows, skipLocked: true });
  return rows.map(toDefined);
}

/**
 * When a workflow is due next, over all workspaces; past when one is due now. One probe of an index.
 * @returns null when none will be
 */
export async function soonestSlot(db: Database, except: readonly string[]): Promise<Date | null> {
  const [row] = await db
    .select({ at: workflows.nextSlotAt })
    .from(workflows)
    .where(
      and(
        eq(workflows.status, "active"),
        isNotNull(workflows.nextSlotAt),
        goesOn("workflows.workspace_id"),
        except.length > 0 ? notInArray(workflows.id, [...except]) : undefined,
      ),
    )
    .orderBy(asc(workflows.nextSlotAt))
    .limit(1);
  return row?.at ?? null;
}

/** Sets the next slot of many workflows in one statement. */
export async function setNextSlots(
  tx: Transaction,
  next: readonly { readonly id: string; readonly at: Date | null }[],
): Promise<void> {
  if (next.length === 0) return;
  const ids = next.map((each) => each.id);
  const ats = next.map((each) => each.at?.toISOString() ?? null);
  // As text: the query builder turns off the driver's own encoding of arrays of timestamps.
  await tx.execute(sql`
    update workflows w set next_slot_at = n.at::timestamptz
    from unnest(${sql.param(ids)}::text[], ${sql.param(ats)}::text[]) as n (id, at)
    where w.id = n.id::uuid`);
}

/** Drafts that nobody answered. */
export async function expireDrafts(
  tx: Database | Transaction,
  now: Date,
): Promise<Pick<Workflow, "id" | "workspaceId">[]> {
  return tx
    .update(workflows)
    .set({ status: "expired", updatedAt: now })
    .where(and(eq(workflows.status, "draft"), lte(workflows.expiresAt, now)))
    .returning({ id: workflows.id, workspaceId: workflows.workspaceId });
}

/** One revision of a workflow, the current or an earlier one. */
export async function findRevision(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  which: { readonly workflowId: string; readonly number: number },
): Promise<Revision | null> {
  const [row] = await db
    .select()
    .from(revisions)
    .where(
      and(
        eq(revisions.workspaceId, workspaceId),
        eq(revisions.workflowId, which.workflowId),
        eq(revisions.number, which.number),
      ),
    );
  return row ?? null;
}
