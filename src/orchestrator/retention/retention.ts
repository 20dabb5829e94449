/** How long what was written down is kept. Audit is kept for good, and so is what has not ended. Pure. */

const DAY = 86_400_000;

/** Milliseconds each. */
export interface RetentionPolicy {
  /** Steps, attempts, waits and approvals of a run after it ended, and the texts its model was told. */
  readonly journals: number;
  /** Slots and other reasons to run that had no run. */
  readonly firings: number;
  /** What people and platforms sent in. */
  readonly inbound: number;
  /** Messages that were delivered, or could not be. The messages themselves stay where they were posted. */
  readonly deliveries: number;
  /** What each model call cost. */
  readonly ledger: number;
}

export const DEFAULT_RETENTION: RetentionPolicy = {
  journals: 90 * DAY,
  firings: 400 * DAY,
  inbound: 30 * DAY,
  deliveries: 90 * DAY,
  ledger: 400 * DAY,
};

/** Shorter would do harm: platforms send events again for a day and more, and a redelivery must be known as one. */
export const LEAST_RETENTION: RetentionPolicy = {
  journals: DAY,
  firings: DAY,
  inbound: 2 * DAY,
  deliveries: DAY,
  ledger: DAY,
};

/** Pieces are marked as used once a day at most, and the mark of a run that is over may be a day older than its end. */
const PIECES_LONGER = 2 * DAY;

export interface Cutoffs {
  readonly journals: Date;
  readonly firings: Date;
  readonly inbound: Date;
  readonly deliveries: Date;
  readonly ledger: Date;
  readonly pieces: Date;
}

/**
 * What is older than that goes. Journals go by whole days (UTC), so that the audit says so once a day.
 * @param now milliseconds since the epoch
 */
export function cutoffsOf(policy: RetentionPolicy, now: number): Cutoffs {
  const before = (kept: number): Date => new Date(now - kept);
  const journals = Math.floor((now - policy.journals) / DAY) * DAY;
  return {
    journals: new Date(journals),
    firings: before(policy.firings),
    inbound: before(policy.inbound),
    deliveries: before(policy.deliveries),
    ledger: before(policy.ledger),
    pieces: new Date(journals - PIECES_LONGER),
  };
}
