/** What waiting for a yes costs a schedule: its slots that are skipped meanwhile, on the card that waits. */
import type { Work } from "../db/work.ts";
import { revise } from "../delivery/store.ts";
import type { WorkspaceId } from "../ports.ts";
import { approvalKey } from "./ask.ts";
import { pendingOfRuns } from "./store.ts";

/** Slots that were skipped because these runs were still open. */
export interface CostInSlots {
  readonly runIds: readonly string[];
  readonly count: number;
  readonly last: Date;
}

/** Adds them to what the cards of the runs' open approvals say; calling it twice for the same slots counts them twice. */
export async function tellCostInSlots(work: Work, workspaceId: WorkspaceId, cost: CostInSlots): Promise<void> {
  for (const id of await pendingOfRuns(work.tx, workspaceId, cost.runIds)) {
    await revise(work, workspaceId, approvalKey(id), (notice) => {
      if (notice.kind !== "approvalRequested" || notice.decision !== null) return null;
      const count = (notice.approval.slots?.count ?? 0) + cost.count;
      return { ...notice, approval: { ...notice.approval, slots: { count, last: cost.last.toISOString() } } };
    });
  }
}
