/** The policy of a workspace, as it is now: the file's rules, which never change, and those that people gave. */
import type { Database, Transaction } from "../db/client.ts";
import type { Clock, WorkspaceId } from "../ports.ts";
import type { FilePolicy, Policy } from "./policy.ts";
import { heldRules } from "./rules/store.ts";

/** What was read counts for that long where nothing is changed in the world; milliseconds. */
const REMEMBERED_MS = 1_000;
const MAX_REMEMBERED = 1_000;

export interface PolicyBook {
  readonly file: FilePolicy;
  /** As it was at most a second ago. @throws what the database throws: without a policy nothing is decided */
  recent(workspaceId: WorkspaceId): Promise<Policy>;
  /** As it is in the caller's transaction. */
  present(tx: Database | Transaction, workspaceId: WorkspaceId): Promise<Policy>;
}

export function createPolicyBook({
  db,
  clock,
  file,
}: {
  readonly db: Database;
  readonly clock: Clock;
  readonly file: FilePolicy;
}): PolicyBook {
  const known = new Map<WorkspaceId, { readonly readAt: number; readonly policy: Promise<Policy> }>();
  const present = async (tx: Database | Transaction, workspaceId: WorkspaceId): Promise<Policy> => ({
    file,
    chat: await heldRules(tx, workspaceId),
  });
  return {
    file,
    present,
    recent(workspaceId) {
      const now = clock.now();
      const before = known.get(workspaceId);
      if (before && now - before.readAt < REMEMBERED_MS && now >= before.readAt) return before.policy;
      if (known.size >= MAX_REMEMBERED) known.clear();
      const policy = present(db, workspaceId);
      known.set(workspaceId, { readAt: now, policy });
      policy.catch(() => {
        if (known.get(workspaceId)?.policy === policy) known.delete(workspaceId);
      });
      return policy;
    },
  };
}
