/** A workflow whose thread was deleted for good goes on in another, and its owner hears of it. */
import { appendAudit } from "../../audit/store.ts";
import type { Work } from "../../db/work.ts";
import type { Notice } from "../../events.ts";
import type { ChatPlatform, Ids } from "../../ports.ts";
import { triggerWords } from "../../triggers/words.ts";
import { type Defined, lockWorkflow } from "../../workflows/store.ts";
import type { ClaimedDelivery } from "../claims/store.ts";
import { announce } from "../store.ts";
import { awaitHome, homesLeft, leaveHome, retireRoot, rootKey, takeAlong } from "./store.ts";

const HOUR_MS = 3_600_000;
/** Root messages that take the place of deleted ones within an hour. */
const MOST_AN_HOUR = 3;

/**
 * Posts another root message when the thread of this delivery was its workflow's home, and puts the delivery back for it.
 * Whoever comes second, in whichever process, only puts theirs back.
 * @returns false when it was no workflow's home: then it is given up like any other
 */
export async function moveHome(
  deps: { readonly ids: Ids; readonly platform: ChatPlatform | undefined; readonly owner: string },
  work: Work,
  delivery: ClaimedDelivery,
): Promise<boolean> {
  const { workspaceId, workflowId, threadId } = delivery;
  if (workflowId === null || threadId === null || delivery.privateTo !== null || delivery.messageId !== null)
    return false;
  const defined = await lockWorkflow(work.tx, workspaceId, { id: workflowId });
  if (!defined || defined.workflow.status === "draft") return false;
  const isHome = defined.workflow.threadId === threadId;
  // Where every new thread is gone at once, another root message would only be noise.
  const since = new Date(work.now.getTime() - HOUR_MS);
  if (isHome && (await homesLeft(work.tx, { workspaceId, workflowId }, since)) >= MOST_AN_HOUR) return false;
  if (!(await awaitHome(work.tx, delivery, deps.owner, work.now))) return true;
  work.wake("deliveries.due");
  if (!isHome) return true;
  const home = { workspaceId, workflowId, threadId };
  await leaveHome(work.tx, home);
  const old = await retireRoot(work.tx, home);
  await announce(work, {
    id: deps.ids.next(),
    workspaceId,
    key: rootKey(workflowId),
    channelId: defined.workflow.channelId,
    place: { kind: "root" },
    workflowId,
    runId: null,
    privateTo: null,
    notice: { ...rootOf(defined, old), movedFrom: threadId },
  });
  await takeAlong(work.tx, home, work.now);
  const { ownerId, name } = defined.workflow;
  const direct = deps.platform?.directChannel?.(ownerId, workspaceId);
  if (direct) {
    await announce(work, {
      id: deps.ids.next(),
      workspaceId,
      key: `home-moved:${workflowId}:${threadId}`,
      channelId: direct,
      place: { kind: "channel" },
      workflowId,
      runId: null,
      privateTo: null,
      notice: { kind: "homeMoved", workflow: { workflowId, name }, at: work.now.toISOString() },
    });
  }
  await appendAudit(work.tx, [
    {
      workspaceId,
      at: work.now,
      actor: "claw",
      action: "workflow.home_moved",
      subject: { kind: "workflow", id: workflowId },
      workflowId,
      runId: null,
      detail: { from: threadId },
    },
  ]);
  return true;
}

type Root = Extract<Notice, { kind: "workflowCreated" }>;

/** As it would be said now. */
function rootOf({ workflow, revision }: Defined, old: Notice | null): Root {
  return {
    kind: "workflowCreated",
    workflow: { workflowId: workflow.id, name: workflow.name },
    instruction: revision.instruction,
    schedule: triggerWords(revision.trigger),
    nextAt: workflow.status === "active" ? (workflow.nextSlotAt?.toISOString() ?? null) : null,
    by: old?.kind === "workflowCreated" ? old.by : "Claw",
  };
}
