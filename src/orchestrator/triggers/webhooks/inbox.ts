/** What the webhook listener is given: whose endpoint it is, and a place to store what was sent there. */
import type { Database } from "../../db/client.ts";
import { inWork } from "../../db/work.ts";
import { platformOf } from "../../ids.ts";
import type { InboxService } from "../../inbox/service.ts";
import type { Alarms, Clock, Ids, PlatformName } from "../../ports.ts";
import { openSecret, type SecretKey, webhookSecret } from "../../secrets/secrets.ts";
import { minuteOf, nextMinute } from "../../services/service-name.ts";
import { countCall } from "../../services/store.ts";
import { setupOf, type WebhookSetup } from "../webhook.ts";
import { sealedAway, tellSealed } from "./sealed.ts";
import { type FoundWebhook, findWebhook } from "./store.ts";

/** Deliveries that a workflow takes in a minute; a sender hears when the next one begins. */
export const PER_MINUTE = 60;

export interface KnownWebhook {
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly channelId: string;
  readonly secret: string;
}

export interface WebhookDelivery {
  /** What the sender calls this delivery. */
  readonly id: string;
  /** What must not be taken twice: within the endpoint, the same of every repetition. */
  readonly key: string;
  readonly contentType: string;
  readonly event: string | null;
  /** Checked to be what `contentType` says. */
  readonly body: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export type WebhookTaken =
  | { readonly kind: "stored" | "duplicate" | "not_recorded" }
  | { readonly kind: "limited"; readonly afterMs: number };

export interface WebhookInbox {
  /** Null for an endpoint of nobody. @throws when the database cannot say, or the secret cannot be opened */
  find(endpoint: string): Promise<KnownWebhook | null>;
  /** Stores a delivery that was signed well, then handles it in the background. */
  receive(webhook: KnownWebhook, delivery: WebhookDelivery): Promise<WebhookTaken>;
}

export interface WebhookInboxDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly ids: Ids;
  readonly inbox: Pick<InboxService, "receive">;
  readonly webhooks: WebhookSetup;
}

export function createWebhookInbox({ db, clock, alarms, ids, inbox, webhooks }: WebhookInboxDeps): WebhookInbox {
  const setup = setupOf(webhooks);
  /** Told by this process; the message's key sees to it that it is said once by all. */
  const told = new Set<string>();
  async function opened(key: SecretKey, found: FoundWebhook): Promise<string> {
    try {
      return openSecret(key, webhookSecret(found.workspaceId, found.workflowId), found.sealed);
    } catch (cause) {
      const which = `${found.workflowId}:${found.keyId}`;
      if (!told.has(which)) await inWork({ db, clock, alarms }, (work) => tellSealed({ ids }, work, found));
      told.add(which);
      throw sealedAway(found.workflowName, cause);
    }
  }
  return {
    async find(endpoint) {
      const found = setup.kind === "on" ? await findWebhook(db, endpoint) : null;
      if (!found || setup.kind === "off") return null;
      const { workspaceId, workflowId, channelId } = found;
      const secret = await opened(setup.key, found);
      return { workspaceId, workflowId, channelId, secret };
    },
    async receive({ workspaceId, workflowId, channelId }, delivery) {
      const now = new Date(clock.now());
      const counted = { workspaceId, service: `webhook:${workflowId}` };
      const mayGo = await db.transaction((tx) => countCall(tx, counted, minuteOf(now), PER_MINUTE)).catch(() => null);
      if (mayGo === null) return { kind: "not_recorded" };
      if (!mayGo) return { kind: "limited", afterMs: nextMinute(now).getTime() - now.getTime() };
      const kind = await inbox.receive({
        workspaceId,
        platform: platformOf(workspaceId) as PlatformName,
        key: `webhook:${workflowId}:${delivery.key}`,
        actor: { memberId: `${workspaceId}:webhook`, name: "a webhook" },
        channelId,
        threadId: null,
        at: delivery.at,
        body: {
          kind: "webhook",
          workflowId,
          deliveryId: delivery.id,
          contentType: delivery.contentType,
          event: delivery.event,
          body: delivery.body,
        },
      });
      return { kind: kind === "ignored" ? "duplicate" : kind };
    },
  };
}
