/** Memories in SQL. What is over is never read, whether it is pruned by then or not. */
import { and, asc, eq, gt, isNull, ne, or, sql } from "drizzle-orm";
import type { Database, Transaction } from "../db/client.ts";
import { prepared, rowsOf } from "../db/prepared.ts";
import { memories, runs, workflows } from "../db/schema.ts";
import type { ChannelId, MemberId, WorkspaceId } from "../ports.ts";
import type { Asker, Memory } from "./memory.ts";
import type { ToldMemory } from "./ranking.ts";

/** Works that change what is remembered at one place come one after the other. */
export async function lockPlace(tx: Transaction, workspaceId: WorkspaceId, place: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`memory:${workspaceId}:${place}`}, 0))`);
}

export async function insertMemory(
  tx: Transaction,
  memory: Memory & { readonly textHash: string; readonly key: string },
): Promise<void> {
  await tx.insert(memories).values(memory);
}

type Which = { readonly id: string } | { readonly number: number } | { readonly key: string };

const isThat = (workspaceId: WorkspaceId, which: Which) =>
  and(
    eq(memories.workspaceId, workspaceId),
    "id" in which
      ? eq(memories.id, which.id)
      : "number" in which
        ? eq(memories.number, which.number)
        : eq(memories.key, which.key),
  );
const isKept = (now: Date) => or(isNull(memories.expiresAt), gt(memories.expiresAt, now));

/** Locked until the work ends. Null when the workspace has none such. */
export async function lockMemory(
  tx: Transaction,
  workspaceId: WorkspaceId,
  which: Which,
  now: Date,
): Promise<Memory | null> {
  const rows = await tx
    .select()
    .from(memories)
    .where(and(isThat(workspaceId, which), isKept(now)))
    .for("update");
  return rows[0] ? toMemory(rows[0]) : null;
}

/** The one that says the same at that place, also when it is over and not pruned yet. */
export async function lockSame(
  tx: Transaction,
  workspaceId: WorkspaceId,
  place: string,
  textHash: string,
): Promise<Memory | null> {
  const rows = await tx
    .select()
    .from(memories)
    .where(and(eq(memories.workspaceId, workspaceId), eq(memories.place, place), eq(memories.textHash, textHash)))
    .for("update");
  return rows[0] ? toMemory(rows[0]) : null;
}

/** What is kept at a place, the oldest first: what all see, or what one owner keeps private there. */
export async function keptAt(
  tx: Transaction,
  { workspaceId, place, ownerId, sensitivity }: Pick<Memory, "workspaceId" | "place" | "ownerId" | "sensitivity">,
  now: Date,
): Promise<Memory[]> {
  const rows = await tx
    .select()
    .from(memories)
    .where(
      and(
        eq(memories.workspaceId, workspaceId),
        eq(memories.place, place),
        isKept(now),
        sensitivity === "private"
          ? and(eq(memories.sensitivity, "private"), eq(memories.ownerId, ownerId))
          : ne(memories.sensitivity, "private"),
      ),
    )
    .orderBy(asc(memories.updatedAt), asc(memories.number));
  return rows.map(toMemory);
}

export async function changeMemory(
  tx: Transaction,
  memory: Pick<Memory, "id" | "workspaceId">,
  change: Partial<Pick<Memory, "text" | "trust" | "updatedAt" | "expiresAt"> & { textHash: string }>,
): Promise<void> {
  await tx
    .update(memories)
    .set(change)
    .where(and(eq(memories.workspaceId, memory.workspaceId), eq(memories.id, memory.id)));
}

/** Its text is gone from here for good. */
export async function removeMemory(tx: Transaction, memory: Pick<Memory, "id" | "workspaceId">): Promise<void> {
  await tx.delete(memories).where(and(eq(memories.workspaceId, memory.workspaceId), eq(memories.id, memory.id)));
}

/** All that a workflow remembers. @returns how many */
export async function removeAllOf(
  tx: Transaction,
  workflow: { readonly id: string; readonly workspaceId: WorkspaceId },
): Promise<number> {
  const rows = await tx
    .delete(memories)
    .where(and(eq(memories.workspaceId, workflow.workspaceId), eq(memories.place, workflow.id)))
    .returning({ id: memories.id });
  return rows.length;
}

/** Rows that one statement removes at most. */
const ROWS = 500;
/** Private ones of members who left are kept that long, for who comes back. */
const LEFT_MS = 30 * 86_400_000;

/** Removes what is over, and what was private to somebody who left. */
export async function removeOver(tx: Transaction, now: Date): Promise<Memory[]> {
  const at = now.toISOString();
  const left = new Date(now.getTime() - LEFT_MS).toISOString();
  const rows = await tx
    .delete(memories)
    .where(
      sql`${memories.id} = any (array(
        select m.id from memories m where m.expires_at <= ${at}::timestamptz or (m.sensitivity = 'private' and exists (
          select 1 from members p where p.workspace_id = m.workspace_id and p.id = m.owner_id
            and p.left_at < ${left}::timestamptz))
        limit ${ROWS} for update skip locked))`,
    )
    .returning();
  return rows.map(toMemory);
}

/** A memory and where it is at home. */
export interface HousedMemory {
  readonly memory: Memory;
  /** Name and owner of its workflow; null for what is none of a workflow. */
  readonly workflow: string | null;
  readonly workflowOwner: MemberId | null;
  /** Number of the run that proposed it. */
  readonly run: number | null;
}

/** Which of what may be seen is read, and how much of it at most. */
export interface Page {
  readonly limit: number;
  /** In the order of their numbers, from the one after that on. Absent: the latest first. */
  readonly after?: number;
}

/**
 * What somebody may see, the latest first. Who asks in a memory's home can read its home; owners and admins may ask
 * anywhere; what is private, its owner alone.
 */
export async function seenBy(
  db: Database | Transaction,
  { workspaceId, memberId, role, channelId }: Asker,
  now: Date,
  which: Which | { readonly place: string } | null,
  { limit, after }: Page = { limit: 1 },
): Promise<HousedMemory[]> {
  const rows = await db
    .select({
      memory: memories,
      workflow: workflows.name,
      workflowOwner: workflows.ownerId,
      run: runs.number,
    })
    .from(memories)
    .leftJoin(
      workflows,
      and(
        eq(workflows.workspaceId, memories.workspaceId),
        sql`${workflows.id} = case when ${memories.scope} = 'workflow' then ${memories.place}::uuid end`,
      ),
    )
    .leftJoin(runs, and(eq(runs.workspaceId, memories.workspaceId), eq(runs.id, memories.runId)))
    .where(
      and(
        eq(memories.workspaceId, workspaceId),
        isKept(now),
        which === null ? undefined : "place" in which ? eq(memories.place, which.place) : isThat(workspaceId, which),
        after === undefined ? undefined : gt(memories.number, after),
        or(
          eq(memories.ownerId, memberId),
          and(
            ne(memories.sensitivity, "private"),
            role === "admin"
              ? undefined
              : or(
                  eq(memories.scope, "workspace"),
                  eq(memories.place, channelId),
                  eq(workflows.channelId, channelId),
                  eq(workflows.ownerId, memberId),
                ),
          ),
        ),
      ),
    )
    .orderBy(
      after === undefined ? sql`${memories.updatedAt} desc, ${memories.number} desc` : sql`${memories.number} asc`,
    )
    .limit(limit);
  return rows.map(({ memory, workflow, workflowOwner, run }) => ({
    memory: toMemory(memory),
    workflow,
    workflowOwner,
    run,
  }));
}

/** For whose runs something may be remembered. */
export interface MemoryOf {
  readonly id: string;
  readonly workspaceId: WorkspaceId;
  readonly workflowId: string;
  readonly channelId: ChannelId;
  readonly ownerId: MemberId;
}

const FOR_RUNS = `
  select c.id, m.items
  from json_to_recordset($1::json) as c(id uuid, "workspaceId" text, "workflowId" text, "channelId" text, "ownerId" text)
  cross join lateral (
    select json_agg(json_build_object('number', k.number, 'text', k.text, 'scope', k.scope,
      'sensitivity', k.sensitivity, 'trust', k.trust) order by k.updated_at desc, k.number desc) as items
    from memories k
    where k.workspace_id = c."workspaceId" and k.place in (c."workflowId", c."channelId", c."workspaceId")
      and (k.expires_at is null or k.expires_at > $2::timestamptz)
      and (k.sensitivity <> 'private' or k.owner_id = c."ownerId")) m
  where m.items is not null`;

/** What each of these runs may be told, the latest first; by the run's id. How many there are is bounded where they are kept. */
export async function memoriesFor(
  db: Database,
  of: readonly MemoryOf[],
  now: Date,
): Promise<Map<string, readonly ToldMemory[]>> {
  if (of.length === 0) return new Map();
  const keys = of.map(({ id, workspaceId, workflowId, channelId, ownerId }) => ({
    id,
    workspaceId,
    workflowId,
    channelId,
    ownerId,
  }));
  const rows = await prepared<{ readonly id: string; readonly items: readonly ToldMemory[] }>(db, FOR_RUNS, [
    rowsOf(keys),
    now.toISOString(),
  ]);
  return new Map(rows.map(({ id, items }) => [id, items]));
}

/** Whose run it is and where it is at home, as it stands now. Null when the workspace has none such any more. */
export async function memoryOfRun(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  runId: string,
): Promise<(MemoryOf & { readonly rehearsal: boolean; readonly tainted: boolean }) | null> {
  const rows = await db
    .select({
      id: runs.id,
      workspaceId: runs.workspaceId,
      workflowId: runs.workflowId,
      channelId: workflows.channelId,
      ownerId: workflows.ownerId,
      rehearsal: sql<boolean>`coalesce(${runs.rehearsal}, false)`,
      tainted: runs.tainted,
    })
    .from(runs)
    .innerJoin(workflows, eq(workflows.id, runs.workflowId))
    .where(and(eq(runs.workspaceId, workspaceId), eq(runs.id, runId), ne(workflows.status, "deleted")));
  return rows[0] ?? null;
}

type Row = typeof memories.$inferSelect;
const toMemory = ({ textHash: _, key: __, ...row }: Row): Memory => ({
  ...row,
  sensitivity: row.sensitivity === "private" ? "private" : "workspace",
});
