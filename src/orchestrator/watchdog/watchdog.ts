/** Why something that is due does not begin, as far as the database shows it. Pure. */

/** What the watchdog can see of the workers. */
export interface Situation {
  /** It takes no changes: a standby, or a failover under way. */
  readonly readOnly: boolean;
  /** Connections of processes that execute runs. */
  readonly connections: number;
  /** Those of them that asked for work within the last half minute. */
  readonly awake: number;
  /** How many runs each worker that has any holds. */
  readonly held: readonly number[];
}

/** A sentence for people. @param concurrency runs a worker may have under way */
export function whyLate(what: "slot" | "run", situation: Situation, concurrency: number): string {
  const { readOnly, connections, awake, held } = situation;
  if (readOnly) return "the database takes no changes: it is read-only, as during a failover";
  if (connections === 0) return "no worker is connected to the database";
  if (awake === 0) return "the workers are connected but ask for no work: they are stopped, frozen or overloaded";
  const runs = held.reduce((sum, each) => sum + each, 0);
  if (what === "run" && held.length > 0 && held.every((each) => each >= concurrency)) {
    return `every worker is busy with as many runs as it may have (${runs} under way)`;
  }
  if (what === "run" && runs > 0) return `it waits for its turn: ${runs} other runs are under way`;
  return "a worker is there but has not taken it; its log may say why";
}
