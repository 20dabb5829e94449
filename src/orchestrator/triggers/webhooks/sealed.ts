/** A webhook whose secret does not open: its sender only hears that it was not recorded, so its workflow's thread hears why. */
import { appendAudit } from "../../audit/store.ts";
import type { Work } from "../../db/work.ts";
import { announce, revise } from "../../delivery/store.ts";
import { ClawError } from "../../errors.ts";
import type { Ids, WorkspaceId } from "../../ports.ts";
import type { FoundWebhook } from "./store.ts";

/** One message a key that is missing, however many deliveries come. */
const sealedKey = (workflowId: string, keyId: string): string => `webhook-sealed:${workflowId}:${keyId}`;

/** For the log. */
export const sealedAway = (name: string, cause: unknown): ClawError =>
  new ClawError(
    "bad_credentials",
    `The webhook secret of ${name} was sealed with another CLAW_SECRET_KEY. Start Claw with that key, or type /claw rotate ${name} for a new secret.`,
    { cause },
  );

/** Says it in the workflow's thread. Again is harmless. */
export async function tellSealed(deps: { readonly ids: Ids }, work: Work, webhook: FoundWebhook): Promise<void> {
  const { workspaceId, workflowId, channelId, keyId, workflowName: name } = webhook;
  const isNew = await announce(work, {
    id: deps.ids.next(),
    workspaceId,
    key: sealedKey(workflowId, keyId),
    channelId,
    place: { kind: "home" },
    workflowId,
    runId: null,
    privateTo: null,
    notice: { kind: "webhookSealed", workflow: { workflowId, name }, rotatedAt: null },
  });
  if (!isNew) return;
  await appendAudit(work.tx, [
    {
      workspaceId,
      at: work.now,
      actor: "claw",
      action: "workflow.webhook_sealed",
      subject: { kind: "workflow", id: workflowId },
      workflowId,
      runId: null,
      detail: { name, keyId },
    },
  ]);
}

/** It has a secret again that opens. */
export async function tellRotated(
  work: Work,
  { id, workspaceId, keyId }: { readonly id: string; readonly workspaceId: WorkspaceId; readonly keyId: string },
): Promise<void> {
  const rotatedAt = work.now.toISOString();
  await revise(work, workspaceId, sealedKey(id, keyId), (notice) =>
    notice.kind === "webhookSealed" ? { ...notice, rotatedAt } : null,
  );
}
