/** Webhooks: where they arrive, what signs them, and what is said when they are off. Pure. */
import type { SecretKey } from "../secrets/secrets.ts";

/** Whether webhooks can be received, by this process or another one of the same configuration. */
export type WebhookSetup =
  | {
      readonly kind: "on";
      /** The public address under which the listener is reached, without a slash at the end. */
      readonly url: string;
      readonly key: SecretKey;
    }
  /** `why` says what to set. */
  | { readonly kind: "off"; readonly why: string };

const OFF: WebhookSetup = {
  kind: "off",
  why: "Webhooks are off here: set CLAW_WEBHOOKS_PORT, CLAW_WEBHOOKS_URL (the address others reach it by) and CLAW_SECRET_KEY, then start Claw again",
};

/** The setup; absent means off. */
export const setupOf = (setup: WebhookSetup | undefined): WebhookSetup => setup ?? OFF;

/** Null when webhooks can be received, else what to set. */
export function whyNoWebhooks(setup: WebhookSetup | undefined): string | null {
  const known = setupOf(setup);
  return known.kind === "on" ? null : known.why;
}

/** Where the listener hears of an endpoint. */
export const webhookUrl = (base: string, endpoint: string): string => `${base}/hooks/${endpoint}`;

/** As the standard webhooks specification writes a secret. */
export const SECRET_PREFIX = "whsec_";

/** What a run is told of the webhook that started it. */
export interface WebhookPayload {
  readonly kind: "webhook";
  readonly contentType: string;
  /** What the sender calls it, such as GitHub's `push`; null when it does not say. */
  readonly event: string | null;
  readonly deliveryId: string;
  /** JSON as it was sent, a form as its fields, else text. */
  readonly body: unknown;
}
