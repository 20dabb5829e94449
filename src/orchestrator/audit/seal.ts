/** The sealer: chains what was written, later and in batches, so that no change ever queues behind the chain. */
import type { Database } from "../db/client.ts";
import { ClawError } from "../errors.ts";
import type { Clock, WorkspaceId } from "../ports.ts";
import { eventHash, NO_SEAL, sealHash } from "./seals/seal.ts";
import { insertSeal, lastSeal, trySealingLock, unsealedEvents, unsealedWorkspaces } from "./seals/store.ts";

export interface SealDeps {
  readonly clock: Clock;
  /** Events a seal covers at most. */
  readonly batch: number;
}

/**
 * Seals what is committed and in no seal yet, workspace by workspace, in order of id. An event whose transaction commits
 * later than its neighbours is sealed by a later call. Any number of processes may call it at once: a workspace that
 * another one is sealing is left to it. With nothing to seal it writes nothing.
 * @returns how many events were sealed
 */
export async function sealAudit(db: Database, deps: SealDeps): Promise<number> {
  let total = 0;
  for (const workspaceId of await unsealedWorkspaces(db)) {
    let sealed: number;
    do {
      sealed = await sealBatch(db, workspaceId, deps);
      total += sealed;
    } while (sealed > 0 && sealed === deps.batch);
  }
  return total;
}

async function sealBatch(db: Database, workspaceId: WorkspaceId, { clock, batch }: SealDeps): Promise<number> {
  return db.transaction(async (tx) => {
    // A statement of its own: what is read after it sees every seal that the last holder committed.
    if (!(await trySealingLock(tx, workspaceId))) return 0;
    const events = await unsealedEvents(tx, workspaceId, batch);
    if (events.length === 0) return 0;
    const previous = (await lastSeal(tx, workspaceId)) ?? NO_SEAL;
    const link = {
      workspaceId,
      number: previous.number + 1,
      eventIds: events.map((event) => event.id),
      eventHashes: events.map(eventHash),
      previousHash: previous.hash,
      sealedAt: new Date(clock.now()),
    };
    const marked = await insertSeal(tx, { ...link, hash: sealHash(link) });
    if (marked !== events.length) {
      throw new ClawError(
        "bug",
        `seal ${link.number} of ${workspaceId} lists ${events.length} events, marked ${marked}`,
      );
    }
    return marked;
  });
}
