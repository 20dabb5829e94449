/** What people write in threads: kept, where it belongs to a workflow. */
import { keepThreadMessage } from "../context/store.ts";
import type { Work } from "../db/work.ts";
import type { InboundEvent } from "../ports.ts";
import { openQuestions } from "../questions/store.ts";
import { workflowOfThread } from "../workflows/store.ts";

/**
 * What people write in a workflow's thread is context of its next run; anything else is none of our business.
 * @returns whether a run asks something there
 */
export async function keepMessage(
  work: Work,
  event: InboundEvent,
  body: Extract<InboundEvent["body"], { kind: "message" }>,
  memberName: string,
): Promise<boolean> {
  if (event.threadId === null) return false;
  const workflowId = await workflowOfThread(work.tx, event.workspaceId, event.threadId);
  if (workflowId === null) return false;
  await keepThreadMessage(work.tx, {
    workspaceId: event.workspaceId,
    workflowId,
    messageId: body.messageId,
    memberId: event.actor.memberId,
    memberName,
    text: body.text,
    at: new Date(event.at),
  });
  return (await openQuestions(work.tx, event.workspaceId, { workflowId })).length > 0;
}
