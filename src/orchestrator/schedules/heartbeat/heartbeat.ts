/** When a workflow that has nothing to say shows that it still checks. Pure. */
import type { Workflow } from "../../workflows/workflow.ts";

/** Silence that long is broken by a heartbeat; milliseconds. */
export const QUIET_MS = 24 * 60 * 60_000;
/** What is said more often than that is not noted each time; milliseconds. */
const NOTED_EVERY_MS = 60 * 60_000;

export interface Heard {
  readonly lastSaidAt?: Date;
  readonly quietChecks?: number;
}

/**
 * What the end of a run changes in what its thread has heard; null when nothing is worth a write.
 * @param quiet it ended with nothing to say
 */
export function heardAfter(
  workflow: Pick<Workflow, "lastSaidAt" | "quietChecks">,
  now: Date,
  quiet: boolean,
): Heard | null {
  const { lastSaidAt, quietChecks } = workflow;
  if (quiet) return { quietChecks: quietChecks + 1, ...(lastSaidAt ? {} : { lastSaidAt: now }) };
  const noted = lastSaidAt !== null && now.getTime() - lastSaidAt.getTime() < NOTED_EVERY_MS;
  return noted && quietChecks === 0 ? null : { lastSaidAt: now, quietChecks: 0 };
}
