/** Pieces in SQL, and what of a workflow may become one. */
import { and, desc, eq, gt, inArray, sql } from "drizzle-orm";
import type { Database, Transaction } from "../db/client.ts";
import { pieces, threadMessages } from "../db/schema.ts";
import type { WorkspaceId } from "../ports.ts";
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

/** The last `limit` messages that people wrote in a workflow's thread after `since`, the oldest first. */
export async function threadTail(
  db: Database,
  of: { workspaceId: WorkspaceId; workflowId: string; since: Date; limit: number },
): Promise<{ name: string; text: string }[]> {
  const latest = await db
    .select({ name: threadMessages.memberName, text: threadMessages.text })
    .from(threadMessages)
    .where(
      and(
        eq(threadMessages.workspaceId, of.workspaceId),
        eq(threadMessages.workflowId, of.workflowId),
        gt(threadMessages.at, of.since),
      ),
    )
    .orderBy(desc(threadMessages.at), desc(threadMessages.messageId))
    .limit(of.limit);
  return latest.reverse();
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
