/** Sessions of the console page. */
import { and, eq, gt, lt } from "drizzle-orm";
import type { Database } from "../../../orchestrator/index.ts";
import { consoleSessions } from "../store.ts";

export interface SessionRow {
  readonly hash: string;
  readonly memberId: string;
}

/** Keeps a session, and drops the workspace's expired ones. */
export async function insertSession(
  db: Database,
  row: SessionRow & { readonly workspaceId: string; readonly createdAt: Date; readonly expiresAt: Date },
): Promise<void> {
  await db
    .delete(consoleSessions)
    .where(and(eq(consoleSessions.workspaceId, row.workspaceId), lt(consoleSessions.expiresAt, row.createdAt)));
  await db.insert(consoleSessions).values(row);
}

/** Null when there is none or it has expired. */
export async function readSession(
  db: Database,
  workspaceId: string,
  hash: string,
  now: Date,
): Promise<SessionRow | null> {
  const [row] = await db
    .select({ hash: consoleSessions.hash, memberId: consoleSessions.memberId })
    .from(consoleSessions)
    .where(
      and(
        eq(consoleSessions.workspaceId, workspaceId),
        eq(consoleSessions.hash, hash),
        gt(consoleSessions.expiresAt, now),
      ),
    );
  return row ?? null;
}

export async function actAs(db: Database, workspaceId: string, hash: string, memberId: string): Promise<void> {
  await db
    .update(consoleSessions)
    .set({ memberId })
    .where(and(eq(consoleSessions.workspaceId, workspaceId), eq(consoleSessions.hash, hash)));
}

export async function deleteSession(db: Database, workspaceId: string, hash: string): Promise<void> {
  await db
    .delete(consoleSessions)
    .where(and(eq(consoleSessions.workspaceId, workspaceId), eq(consoleSessions.hash, hash)));
}
