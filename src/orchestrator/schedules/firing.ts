/** A firing: one reason to run, unique by (workflow, kind, key). Every firing ends with exactly one recorded outcome. */
export const FIRING_KINDS = [
  "slot",
  "webhook",
  "message",
  "person",
  "backfill",
  "replay",
  "dry_run",
  "reaction",
  "outcome",
  "change",
  "workflow",
] as const;
export type FiringKind = (typeof FIRING_KINDS)[number];

/** `ran` has a run; the others say in `reason` why there is none. */
export const FIRING_OUTCOMES = ["ran", "nothing_to_do", "skipped", "missed", "collapsed"] as const;
export type FiringOutcome = (typeof FIRING_OUTCOMES)[number];

/** `checking`: its gate is asked before anything else. `passed`: it said yes, and the firing waits for a run to end. */
export const FIRING_GATES = ["checking", "passed"] as const;
export type FiringGate = (typeof FIRING_GATES)[number];
