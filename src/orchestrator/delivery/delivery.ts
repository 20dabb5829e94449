/** A delivery: the act of getting one message to its thread and keeping it up to date. Pure. */
export const DELIVERY_STATUSES = ["pending", "sending", "sent", "unknown", "undelivered"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/**
 * `unknown` may have been posted and cannot be found; it is shown, never silently sent again. `sent` goes back to
 * `pending` when the message is to show something new: it is then edited in place.
 */
export const DELIVERY_TRANSITIONS = {
  pending: ["sending", "undelivered"],
  sending: ["sent", "pending", "unknown", "undelivered"],
  sent: ["pending"],
  unknown: ["pending"],
  undelivered: ["pending"],
} as const satisfies Record<DeliveryStatus, readonly DeliveryStatus[]>;
