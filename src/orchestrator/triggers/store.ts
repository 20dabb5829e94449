/** What starts workflows, in SQL: routes to them, and the firings that stand for many events. */
import { and, asc, desc, eq, gt, inArray, isNull, or, sql } from "drizzle-orm";
import type { Database, Transaction } from "../db/client.ts";
import { firings, routes, runs, steps, workflows } from "../db/schema.ts";
import { ClawError, type Failure } from "../errors.ts";
import type { ChannelId, MemberId, WorkspaceId } from "../ports.ts";
import type { Verdict } from "../runs/run.ts";
import type { NewFiring } from "../schedules/firings/store.ts";
import type { Route, RouteKind } from "./route.ts";

interface WorkflowKey {
  readonly workspaceId: WorkspaceId;
  readonly id: string;
}

/** Where a workflow can be reached from now on; null: nowhere. Again is harmless. */
export async function setRoute(tx: Transaction, workflow: WorkflowKey, route: Route | null): Promise<void> {
  if (route === null) {
    await tx
      .delete(routes)
      .where(and(eq(routes.workspaceId, workflow.workspaceId), eq(routes.workflowId, workflow.id)));
    return;
  }
  await tx
    .insert(routes)
    .values({ workspaceId: workflow.workspaceId, workflowId: workflow.id, ...route })
    .onConflictDoUpdate({ target: routes.workflowId, set: { ...route } });
}

const heardIn = (workspaceId: WorkspaceId, kind: RouteKind, channelId: ChannelId) =>
  and(
    eq(routes.workspaceId, workspaceId),
    eq(routes.kind, kind),
    or(eq(routes.channelId, channelId), isNull(routes.channelId)),
  );

/** Workflows that may be started by what happens in a channel, in one order. One look into an index. */
export async function listeners(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  kind: Extract<RouteKind, "message" | "reaction">,
  channelId: ChannelId,
): Promise<string[]> {
  const rows = await db
    .select({ id: routes.workflowId })
    .from(routes)
    .where(heardIn(workspaceId, kind, channelId))
    .orderBy(asc(routes.workflowId));
  return rows.map((row) => row.id);
}

/** Who owns what may be started by what happens in a channel, each once. */
export async function listeningOwners(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  kind: Extract<RouteKind, "message" | "reaction">,
  channelId: ChannelId,
): Promise<MemberId[]> {
  const rows = await db
    .selectDistinct({ ownerId: workflows.ownerId })
    .from(routes)
    .innerJoin(workflows, eq(workflows.id, routes.workflowId))
    .where(heardIn(workspaceId, kind, channelId));
  return rows.map((row) => row.ownerId);
}

/** Workflows that wait for the end of another one's runs, in one order. */
export async function watchersOf(tx: Transaction, workflow: WorkflowKey): Promise<string[]> {
  const rows = await tx
    .select({ id: routes.workflowId })
    .from(routes)
    .where(and(eq(routes.workspaceId, workflow.workspaceId), eq(routes.watchesId, workflow.id)))
    .orderBy(asc(routes.workflowId));
  return rows.map((row) => row.id);
}

/**
 * The names from `watchedId` on along which each workflow waits for the next one. Whoever asks decides alone in the workspace
 * until its work ends: of two that would close a circle together, the second sees the first.
 */
export async function chainFrom(
  tx: Transaction,
  workspaceId: WorkspaceId,
  watchedId: string,
): Promise<{ readonly id: string; readonly name: string }[]> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`watches:${workspaceId}`}, 0))`);
  const rows = await tx.execute<{ id: string; name: string }>(sql`
    with recursive chain (id, depth, seen) as (
      select ${watchedId}::uuid, 0, array[${watchedId}::uuid]
      union all
      select r.watches_id, c.depth + 1, c.seen || r.watches_id from chain c
      join routes r on r.workflow_id = c.id and r.workspace_id = ${workspaceId}
      where r.watches_id is not null and not r.watches_id = any(c.seen))
    select c.id, w.name from chain c join workflows w on w.id = c.id order by c.depth`);
  return [...rows];
}

/**
 * Counts a firing into the row that stands for all of its key, or begins one; the row says when the last one was, and what.
 * For events that were told apart before: calling it twice for one counts twice.
 */
export async function countFiring(tx: Transaction, firing: NewFiring): Promise<void> {
  await tx
    .insert(firings)
    .values(firing)
    .onConflictDoUpdate({
      target: [firings.workflowId, firings.kind, firings.key],
      set: {
        count: sql`${firings.count} + 1`,
        plannedAt: sql`excluded.planned_at`,
        reason: sql`excluded.reason`,
        payload: sql`excluded.payload`,
      },
    });
}

/** The last thing since then that started a run, or may yet; null when nothing did. */
export async function startedSince(
  tx: Transaction,
  workflow: WorkflowKey,
  kinds: readonly NewFiring["kind"][],
  since: Date,
): Promise<{ readonly id: string; readonly plannedAt: Date } | null> {
  const [row] = await tx
    .select({ id: firings.id, plannedAt: firings.plannedAt })
    .from(firings)
    .where(
      and(
        eq(firings.workspaceId, workflow.workspaceId),
        eq(firings.workflowId, workflow.id),
        inArray(firings.kind, [...kinds]),
        gt(firings.createdAt, since),
        or(isNull(firings.outcome), eq(firings.outcome, "ran")),
      ),
    )
    .orderBy(desc(firings.createdAt))
    .limit(1);
  return row ?? null;
}

/** How many events fell into a pause that is still on. */
export async function countedFirings(db: Database | Transaction, workflow: WorkflowKey, key: string): Promise<number> {
  const rows = await db
    .select({ count: firings.count })
    .from(firings)
    .innerJoin(workflows, eq(workflows.id, firings.workflowId))
    .where(
      and(eq(firings.workspaceId, workflow.workspaceId), eq(firings.workflowId, workflow.id), eq(firings.key, key)),
    );
  return rows.reduce((sum, { count }) => sum + count, 0);
}

export interface EndedRun {
  /** Of its workflow. */
  readonly name: string;
  readonly verdict: Verdict | null;
  readonly failure: Failure | null;
  readonly tainted: boolean;
}

/** What a run came to, as the caller's work has written it. */
export async function endedRun(tx: Transaction, run: WorkflowKey): Promise<EndedRun> {
  const [row] = await tx
    .select({
      name: workflows.name,
      verdict: runs.verdict,
      failure: runs.failure,
      tainted: sql<boolean>`${runs.tainted} or exists (
        select 1 from ${steps} where ${steps.runId} = ${runs.id} and ${steps.tainted})`,
    })
    .from(runs)
    .innerJoin(workflows, eq(workflows.id, runs.workflowId))
    .where(and(eq(runs.workspaceId, run.workspaceId), eq(runs.id, run.id)));
  if (!row) throw new ClawError("bug", "a run that ended is not there");
  return row;
}
