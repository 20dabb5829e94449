/** The URL and the secret of a workflow's webhook: made, shown once to one person, made anew, taken away. */
import { randomBytes } from "node:crypto";
import type { Caller } from "../../caller.ts";
import { inWork, type Work, type WorkDeps } from "../../db/work.ts";
import { announce, revise } from "../../delivery/store.ts";
import { ClawError } from "../../errors.ts";
import type { Notice } from "../../events.ts";
import { openSecret, sealSecret, webhookSecret } from "../../secrets/secrets.ts";
import { auditWorkflow } from "../../workflows/asked.ts";
import { lockOwn, type WorkflowKey } from "../../workflows/service.ts";
import type { Workflow } from "../../workflows/workflow.ts";
import { SECRET_PREFIX, setupOf, type WebhookSetup, webhookUrl } from "../webhook.ts";
import { tellRotated } from "./sealed.ts";
import { dropWebhook, endpointOf, keepWebhook, takeShown } from "./store.ts";

/** Bytes of an endpoint: nobody finds one by trying. */
const ENDPOINT_BYTES = 24;
const SECRET_BYTES = 32;
/** How long a message shows a secret that nobody has said to have saved; milliseconds. */
export const SHOWN_MS = 15 * 60_000;

/**
 * Gives a workflow a URL, unless it has one, and a new secret, told to the caller alone.
 * @throws ClawError `invalid_input` while webhooks are off, with what to set
 */
export async function openWebhook(
  caller: Caller,
  workflow: Pick<Workflow, "id" | "workspaceId" | "name">,
): Promise<void> {
  const { deps, work, actor, event } = caller;
  const setup = setupOf(deps.webhooks);
  if (setup.kind === "off") throw new ClawError("invalid_input", `${setup.why}.`);
  await hideShown(work, workflow);
  const before = await endpointOf(work.tx, workflow);
  const endpoint = before?.endpoint ?? randomBytes(ENDPOINT_BYTES).toString("base64url");
  const secret = `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString("base64")}`;
  const sealed = sealSecret(setup.key, webhookSecret(workflow.workspaceId, workflow.id), secret);
  const shownKey = `webhook-secret:${deps.ids.next()}`;
  await keepWebhook(work.tx, {
    workspaceId: workflow.workspaceId,
    workflowId: workflow.id,
    endpoint,
    sealed,
    keyId: setup.key.id,
    shownKey,
    at: work.now,
  });
  if (before) await tellRotated(work, { ...workflow, keyId: before.keyId });
  await announce(work, {
    id: deps.ids.next(),
    workspaceId: workflow.workspaceId,
    key: shownKey,
    channelId: event.channelId,
    place: event.threadId === null ? { kind: "channel" } : { kind: "thread", threadId: event.threadId },
    workflowId: null,
    runId: null,
    privateTo: actor.memberId,
    replyToken: event.replyToken,
    notice: {
      kind: "webhookSecret",
      workflow: { workflowId: workflow.id, name: workflow.name },
      url: webhookUrl(setup.url, endpoint),
      secret: { kind: "sealed", value: sealed.toString("base64") },
      until: new Date(work.now.getTime() + SHOWN_MS).toISOString(),
    },
  });
}

/** *Rotate*: the old secret opens nothing any more, at once. @returns the workflow's name */
export async function rotateWebhook(caller: Caller, which: WorkflowKey): Promise<string> {
  const { workflow, revision } = await lockOwn(caller, which);
  if (revision.trigger.kind !== "webhook" || !["active", "paused"].includes(workflow.status)) {
    throw new ClawError("conflict", `${workflow.name} waits for no webhook, so it has no secret.`);
  }
  await openWebhook(caller, workflow);
  await auditWorkflow(caller, "workflow.webhook_rotated", workflow.id, { name: workflow.name });
  return workflow.name;
}

/** *I have saved it*: the message shows the secret no more. @returns the workflow's name */
export async function hideSecret(caller: Caller, which: WorkflowKey): Promise<string> {
  const { workflow } = await lockOwn(caller, which);
  await hideShown(caller.work, workflow);
  return workflow.name;
}

/** Its URL is dead, and no message shows its secret. Again is harmless. */
export async function closeWebhook(work: Work, workflow: Pick<Workflow, "id" | "workspaceId">): Promise<void> {
  await hideShown(work, workflow);
  await dropWebhook(work.tx, workflow);
}

/** Takes back the secrets that have been shown for long enough. Again is harmless. */
export const hideOldSecrets = (deps: WorkDeps): Promise<void> =>
  inWork(deps, (work) => hideShown(work, { shownBefore: new Date(work.now.getTime() - SHOWN_MS) }));

async function hideShown(work: Work, which: Parameters<typeof takeShown>[1]): Promise<void> {
  for (const { workspaceId, key } of await takeShown(work.tx, which)) {
    await revise(work, workspaceId, key, (notice) =>
      notice.kind === "webhookSecret" ? { ...notice, secret: { kind: "hidden" } } : null,
    );
  }
}

/** A notice as it is shown: what is sealed in it is opened just before it leaves. @throws ClawError `bad_credentials` */
export function revealed(notice: Notice, workspaceId: string, webhooks: WebhookSetup | undefined): Notice {
  if (notice.kind !== "webhookSecret" || notice.secret.kind !== "sealed") return notice;
  const setup = setupOf(webhooks);
  if (setup.kind === "off") return { ...notice, secret: { kind: "hidden" } };
  const name = webhookSecret(workspaceId, notice.workflow.workflowId);
  const value = openSecret(setup.key, name, Buffer.from(notice.secret.value, "base64"));
  return { ...notice, secret: { kind: "shown", value } };
}
