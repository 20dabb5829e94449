/** Pieces in SQL, and what of a workflow may become one. */
import { and, eq, inArray, sql } from "drizzle-orm";
import type { Database, Transaction } from "../db/client.ts";
import { prepared } from "../db/prepared.ts";
import { pieces, threadMessages } from "../db/schema.ts";
import type { WorkspaceId } from "../ports.ts";
import type { Run, Verdict } from "../runs/run.ts";
import type { Piece } from "./context.ts";

/** Keeps each text once, and marks it as used, once a day at most: many runs say the same prompt. */
export async function keepPieces(
  tx: Transaction,
  workspaceId: WorkspaceId,
  kept: readonly Piece[],
  createdAt: Date,
): Promise<void> {
  if (kept.length === 0) return;
  const rows = kept.map(({ hash, body, tokens, sensitivity, trust }) => ({
    workspaceId,
    hash,
    body,
    tokens,
    sensitivity,
    trust,
    createdAt,
    lastUsedAt: createdAt,
  }));
  const at = createdAt.toISOString();
  // Not "on conflict do update", which locks every row that is there already: all runs would wait for each other. The update
  // comes first, as the outer statement does: a piece that is being pruned is kept, or inserted again.
  await tx.execute(sql`
    with kept as ${tx.insert(pieces).values(rows).onConflictDoNothing()}
    update ${pieces} set last_used_at = ${at}
    where ${and(
      eq(pieces.workspaceId, workspaceId),
      inArray(
        pieces.hash,
        rows.map((row) => row.hash),
      ),
    )} and ${pieces.lastUsedAt} < ${at}::timestamptz - interval '1 day'`);
}

/** Texts by their hash. */
export async function loadPieces(
  db: Database,
  workspaceId: WorkspaceId,
  hashes: readonly string[],
): Promise<Map<string, string>> {
  if (hashes.length === 0) return new Map();
  const rows = await db
    .select({ hash: pieces.hash, body: pieces.body })
    .from(pieces)
    .where(and(eq(pieces.workspaceId, workspaceId), inArray(pieces.hash, [...hashes])));
  return new Map(rows.map((row) => [row.hash, row.body]));
}

/** What a workflow's new run is told of what was before it. */
export interface Before {
  /** Its last run that ended well; null when there was none. */
  readonly last: { readonly verdict: Verdict; readonly tainted: boolean } | null;
  /** What people wrote in the thread since that began, the oldest first. */
  readonly thread: readonly {
    readonly name: string;
    readonly text: string;
    /** Whoever wrote it may be an outsider. */
    readonly outside: boolean;
  }[];
}

/** What was written while the last run ran, or waited for days, it has not seen: the thread counts since it began. */
const BEFORE = `
  select c.id, last.verdict, last.tainted, thread.said
  from json_to_recordset($1::json) as c(id uuid, "workspaceId" text, "workflowId" uuid, number int)
  left join lateral (
    select r.verdict, r.tainted, r.started_at from runs r
    where r.workflow_id = c."workflowId" and r.workspace_id = c."workspaceId" and r.status = 'succeeded'
      and not r.rehearsal and r.number < c.number
    order by r.number desc limit 1) last on true
  left join lateral (
    select json_agg(json_build_object('name', t.member_name, 'text', t.text, 'outside', t.outside) order by t.at, t.message_id) as said
    from (
      -- A viewer may be a guest, or of another organisation; who is unknown may be anybody.
      select t.member_name, t.text, t.at, t.message_id, coalesce((select m.role = 'viewer' from members m
          where m.workspace_id = t.workspace_id and m.id = t.member_id), true) as outside
      from thread_messages t
      where t.workflow_id = c."workflowId" and t.workspace_id = c."workspaceId"
        and t.at > coalesce(last.started_at, '-infinity')
      order by t.at desc, t.message_id desc limit $2::int) t) thread on true`;

/** @param messages of the thread at most. @returns by the run's id */
export async function whatWasBefore(
  db: Database,
  runs: readonly Pick<Run, "id" | "workspaceId" | "workflowId" | "number">[],
  messages: number,
): Promise<Map<string, Before>> {
  if (runs.length === 0) return new Map();
  const keys = runs.map(({ id, workspaceId, workflowId, number }) => ({ id, workspaceId, workflowId, number }));
  const rows = await prepared<{
    readonly id: string;
    readonly verdict: Verdict | null;
    readonly tainted: boolean | null;
    readonly said: Before["thread"] | null;
  }>(db, BEFORE, [JSON.stringify(keys), messages]);
  return new Map(
    rows.map(({ id, verdict, tainted, said }) => [
      id,
      { last: verdict && { verdict, tainted: tainted ?? true }, thread: said ?? [] },
    ]),
  );
}

/** Remembers what a person wrote in a workflow's thread; the same message twice is one. */
export async function keepThreadMessage(
  tx: Transaction,
  said: {
    readonly workspaceId: WorkspaceId;
    readonly workflowId: string;
    readonly messageId: string;
    readonly memberId: string;
    readonly memberName: string;
    readonly text: string;
    readonly at: Date;
  },
): Promise<void> {
  await tx.insert(threadMessages).values(said).onConflictDoNothing();
}
