/** Part of the composition root: webhooks, as the configuration has them. */
import type { WebhookListener } from "./bot/webhooks/listener.ts";
import type { Config } from "./config.ts";
import type { Log } from "./log.ts";
import type { Database } from "./orchestrator/db/client.ts";
import { systemIds } from "./orchestrator/ids.ts";
import type { InboxService } from "./orchestrator/inbox/service.ts";
import type { Alarms, Clock } from "./orchestrator/ports.ts";
import { secretKey } from "./orchestrator/secrets/secrets.ts";
import type { WebhookSetup } from "./orchestrator/triggers/webhook.ts";
import { createWebhookInbox } from "./orchestrator/triggers/webhooks/inbox.ts";

/** A port that the listener has once it listens, when any free one was asked for. */
export interface WebhookPlace {
  listener: WebhookListener | null;
}

export function webhookSetup({ webhooks, secretKey: key, secretKeyOld }: Config, place: WebhookPlace): WebhookSetup {
  if (webhooks === null) {
    return { kind: "off", why: `Webhooks are off here: set ${MISSING}, then start Claw again` };
  }
  if (key === null) {
    return {
      kind: "off",
      why: "Webhooks are off here: set CLAW_SECRET_KEY, which seals their secrets, then start Claw again",
    };
  }
  return {
    kind: "on",
    key: secretKey(key, secretKeyOld),
    get url() {
      return webhooks.url ?? place.listener?.url() ?? `http://${webhooks.host}:${webhooks.port ?? 80}`;
    },
  };
}

const MISSING = "CLAW_WEBHOOKS_PORT, CLAW_WEBHOOKS_URL (the address under which others reach it) and CLAW_SECRET_KEY";

/** Listens where this process is to; null where it is not. */
export async function openWebhooks(
  config: Config,
  deps: {
    readonly db: Database;
    readonly clock: Clock;
    readonly alarms: Alarms;
    readonly log: Log;
    readonly inbox: Pick<InboxService, "receive">;
    readonly setup: WebhookSetup;
  },
): Promise<WebhookListener | null> {
  const { webhooks } = config;
  const { setup } = deps;
  if (webhooks?.port == null || setup.kind === "off" || !config.roles.includes("bot")) return null;
  const { createWebhookListener } = await import("./bot/webhooks/listener.ts");
  const listener = createWebhookListener({
    inbox: createWebhookInbox({ ...deps, ids: systemIds, webhooks: setup }),
    clock: deps.clock,
    log: deps.log,
    host: webhooks.host,
    port: webhooks.port,
  });
  await listener.start();
  return listener;
}
