/** Replays in SQL: what they need of the run they repeat. */
import { and, eq, inArray } from "drizzle-orm";
import type { Piece } from "../context/context.ts";
import type { Database, Transaction } from "../db/client.ts";
import { pieces, runs } from "../db/schema.ts";
import type { Failure } from "../errors.ts";
import type { WorkspaceId } from "../ports.ts";
import type { RunPins, RunStatus, Verdict } from "../runs/run.ts";

/** How a run stands, for the comparison. */
export interface Outcome {
  readonly id: string;
  readonly number: number;
  readonly status: RunStatus;
  readonly revision: number;
  readonly pins: RunPins;
  readonly verdict: Verdict | null;
  readonly failure: Failure | null;
  readonly costMicros: number;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

export async function outcomeOf(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  runId: string,
): Promise<Outcome | null> {
  const rows = await db
    .select()
    .from(runs)
    .where(and(eq(runs.workspaceId, workspaceId), eq(runs.id, runId)));
  return rows[0] ?? null;
}

/** The number of a replay of this run that has not ended; null when there is none. */
export async function openReplayOf(
  tx: Transaction,
  run: { readonly id: string; readonly workspaceId: WorkspaceId },
): Promise<number | null> {
  const rows = await tx
    .select({ number: runs.number })
    .from(runs)
    .where(
      and(
        eq(runs.workspaceId, run.workspaceId),
        inArray(runs.status, ["queued", "running", "waiting"]),
        eq(runs.replayOf, run.id),
      ),
    )
    .limit(1);
  return rows[0]?.number ?? null;
}

/** Pieces by their hash, without their kind: a text may be a report here and a note there. */
export async function piecesByHash(
  db: Database,
  workspaceId: WorkspaceId,
  hashes: readonly string[],
): Promise<Map<string, Omit<Piece, "kind">>> {
  if (hashes.length === 0) return new Map();
  const rows = await db
    .select({
      hash: pieces.hash,
      body: pieces.body,
      tokens: pieces.tokens,
      trust: pieces.trust,
      sensitivity: pieces.sensitivity,
    })
    .from(pieces)
    .where(and(eq(pieces.workspaceId, workspaceId), inArray(pieces.hash, [...hashes])));
  return new Map(rows.map((row) => [row.hash, row]));
}
