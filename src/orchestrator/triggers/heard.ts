/** What adapters and the webhook listener hear that is no command: whether it concerns any workflow, and what it starts. */
import type { Database } from "../db/client.ts";
import type { Work } from "../db/work.ts";
import { assertNever, ClawError } from "../errors.ts";
import type { InboundBody, InboundEvent, MemberId, Sight } from "../ports.ts";
import type { EndingDeps } from "../runs/ending.ts";
import { type Defined, lockWorkflow } from "../workflows/store.ts";
import { fire } from "./fire.ts";
import { emojiName, matches } from "./match.ts";
import { countFiring, listeners } from "./store.ts";
import type { WebhookPayload } from "./webhook.ts";

type Heard<K extends InboundBody["kind"]> = Extract<InboundBody, { kind: K }>;
export type HeardBody = Heard<"channelMessage" | "reaction" | "webhook">;

export const isHeard = (body: InboundBody): body is HeardBody =>
  body.kind === "channelMessage" || body.kind === "reaction" || body.kind === "webhook";

/** Most of what is written in channels concerns nobody: it is not even stored. */
export async function concernsSomebody(db: Database, event: InboundEvent): Promise<boolean> {
  const { body, workspaceId, channelId } = event;
  if (body.kind !== "channelMessage" && body.kind !== "reaction") return true;
  const kind = body.kind === "reaction" ? "reaction" : "message";
  return (await listeners(db, workspaceId, kind, channelId)).length > 0;
}

/** What the platform says of it before anything is done. */
export interface About {
  /** Who wrote or reacted. */
  readonly name: string;
  /** Null: the platform cannot say at present. */
  readonly isBot: boolean | null;
  /** Of the owners of what it may start: whether they see the channel it happened in. */
  readonly sights: ReadonlyMap<MemberId, Sight>;
  /** The message that was reacted to; null when the platform does not tell. */
  readonly message: string | null;
}

/** What a run is told of the message that started it. */
export interface MessagePayload {
  readonly kind: "message" | "reaction";
  readonly from: string;
  readonly at: string;
  /** As tools take it. */
  readonly channel: string;
  readonly messageId: string;
  readonly text: string | null;
  /** Absent: nobody reacted, it was written. */
  readonly emoji?: string;
}

/** Starts what waits for it, in the caller's work. */
export async function hear(deps: EndingDeps, work: Work, event: InboundEvent, about: About): Promise<void> {
  const { body } = event;
  switch (body.kind) {
    case "webhook":
      return hearWebhook(deps, work, event, body);
    case "channelMessage":
    case "reaction":
      return hearChannel(deps, work, event, body, about);
    case "command":
    case "message":
    case "action":
    case "introduction":
      return;
    default:
      return assertNever(body, "inbound body");
  }
}

async function hearWebhook(deps: EndingDeps, work: Work, event: InboundEvent, body: Heard<"webhook">): Promise<void> {
  const defined = await lockWorkflow(work.tx, event.workspaceId, { id: body.workflowId });
  if (defined?.revision.trigger.kind !== "webhook") return;
  const { contentType, deliveryId, event: name } = body;
  const payload: WebhookPayload = {
    kind: "webhook",
    contentType,
    event: name,
    deliveryId,
    body: readBody(contentType, body.body),
  };
  await fire(deps, work, defined, { kind: "webhook", key: event.key, at: new Date(event.at), payload });
}

/** The listener has checked that it is what it says. */
function readBody(contentType: string, text: string): unknown {
  if (/[/+]json$/u.test(contentType)) return JSON.parse(text);
  if (contentType === "application/x-www-form-urlencoded") return Object.fromEntries(new URLSearchParams(text));
  return text;
}

async function hearChannel(
  deps: EndingDeps,
  work: Work,
  event: InboundEvent,
  body: Heard<"channelMessage" | "reaction">,
  { name, isBot, message, sights }: About,
): Promise<void> {
  const kind = body.kind === "reaction" ? "reaction" : "message";
  for (const id of await listeners(work.tx, event.workspaceId, kind, event.channelId)) {
    const defined = await lockWorkflow(work.tx, event.workspaceId, { id });
    if (!defined || !waitsFor(defined, event, body)) continue;
    const { trigger } = defined.revision;
    // What its owner does not see starts nothing of theirs, and tells them nothing.
    const sight = sights.get(defined.workflow.ownerId);
    if (sight?.kind === "hidden" || (sight?.kind === "cannot_tell" && !sight.passes)) {
      await skipUnseen(deps, work, defined, event);
      continue;
    }
    // Without an answer it is looked at again later.
    if (sight?.kind !== "sees") throw new ClawError("service_unavailable", "It is not known who sees that channel.");
    if ("includingBots" in trigger && !trigger.includingBots && !body.byBot && body.kind === "reaction") {
      // Who reacted is not in the event: without an answer it is looked at again later, and never taken for a person.
      if (isBot === null) throw new ClawError("service_unavailable", "It is not known whether a person reacted.");
      if (isBot) continue;
    }
    const channel = event.channelId.slice(event.workspaceId.length + 1);
    const { messageId } = body;
    const common = { kind, from: name, at: new Date(event.at).toISOString(), channel, messageId } as const;
    const payload: MessagePayload =
      body.kind === "reaction" ? { ...common, text: message, emoji: body.emoji } : { ...common, text: body.text };
    await fire(deps, work, defined, { kind, key: event.key, at: new Date(event.at), payload });
  }
}

/** Counted, so that its owner can be told why nothing ran; of what was said it keeps nothing. */
async function skipUnseen(deps: EndingDeps, work: Work, { workflow }: Defined, event: InboundEvent): Promise<void> {
  if (workflow.status !== "active") return;
  await countFiring(work.tx, {
    id: deps.ids.next(),
    workspaceId: workflow.workspaceId,
    workflowId: workflow.id,
    kind: event.body.kind === "reaction" ? "reaction" : "message",
    key: `unseen:${event.channelId}`,
    plannedAt: new Date(event.at),
    outcome: "skipped",
    reason: "its owner cannot see that channel",
    gate: null,
    count: 1,
    payload: null,
    createdAt: work.now,
  });
}

function waitsFor(
  { revision: { trigger } }: Defined,
  event: InboundEvent,
  body: Heard<"channelMessage" | "reaction">,
): boolean {
  if (body.kind === "reaction") {
    if (trigger.kind !== "reaction" || (body.byBot && !trigger.includingBots)) return false;
    const isThere = trigger.channel === null || trigger.channel.channelId === event.channelId;
    return isThere && emojiName(trigger.emoji) === emojiName(body.emoji);
  }
  if (trigger.kind !== "message" || (body.byBot && !trigger.includingBots)) return false;
  return trigger.channel.channelId === event.channelId && matches(trigger.match, body.text);
}
