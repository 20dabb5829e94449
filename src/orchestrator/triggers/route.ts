/** Which workflow something that happens may start. Pure. */
import { assertNever } from "../errors.ts";
import type { Trigger } from "./trigger.ts";

export const ROUTE_KINDS = ["webhook", "message", "reaction", "outcome"] as const;
export type RouteKind = (typeof ROUTE_KINDS)[number];

export interface Route {
  readonly kind: RouteKind;
  readonly channelId: string | null;
  readonly watchesId: string | null;
}

/** Null for what is due by itself, or only when a person asks. */
export function routeOf(trigger: Trigger): Route | null {
  switch (trigger.kind) {
    case "schedule":
    case "person":
    case "change":
      return null;
    case "webhook":
      return { kind: "webhook", channelId: null, watchesId: null };
    case "message":
    case "reaction":
      return { kind: trigger.kind, channelId: trigger.channel?.channelId ?? null, watchesId: null };
    case "outcome":
      return { kind: "outcome", channelId: null, watchesId: trigger.workflowId };
    default:
      return assertNever(trigger, "trigger");
  }
}
