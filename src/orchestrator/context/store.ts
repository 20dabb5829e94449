/** Pieces in SQL, and what of a workflow may become one. */
import { and, asc, eq, gt, inArray } from "drizzle-orm";
import type { Database, Transaction } from "../db/client.ts";
import { pieces, threadMessages } from "../db/schema.ts";
import type { WorkspaceId } from "../ports.ts";
import type { Piece } from "./context.ts";

/** Keeps each text once. */
export async function keepPieces(
  tx: Transaction,
  workspaceId: WorkspaceId,
  kept: readonly Piece[],
  createdAt: Date,
): Promise<void> {
  const rows = kept.map(({ hash, body, tokens, sensitivity, trust }) => ({
    workspaceId,
    hash,
    body,
    tokens,
    sensitivity,
    trust,
    createdAt,
  }));
  if (rows.length > 0) await tx.insert(pieces).values(rows).onConflictDoNothing();
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

/** What people wrote in a workflow's thread after `since`, the oldest first. */
export async function threadTail(
  db: Database,
  of: { workspaceId: WorkspaceId; workflowId: string; since: Date; limit: number },
): Promise<{ name: string; text: string }[]> {
  return db
    .select({ name: threadMessages.memberName, text: threadMessages.text })
    .from(threadMessages)
    .where(
      and(
        eq(threadMessages.workspaceId, of.workspaceId),
        eq(threadMessages.workflowId, of.workflowId),
        gt(threadMessages.at, of.since),
      ),
    )
    .orderBy(asc(threadMessages.at))
    .limit(of.limit);
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
