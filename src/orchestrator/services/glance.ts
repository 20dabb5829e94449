/** What this process has lately seen of breakers, so that calls to services that are well cost no statement. */
import type { Database, Transaction } from "../db/client.ts";
import type { Clock } from "../ports.ts";
import { readBreaker, type ServiceKey } from "./store.ts";

export interface Glance {
  /** No call has failed since the last one that went well. */
  readonly quiet: boolean;
  readonly closed: boolean;
}

export interface Glances {
  /** @param db where to look when what is known is older than a second: the caller's transaction when it has one */
  of(db: Database | Transaction, key: ServiceKey): Promise<Glance>;
  /** It has just changed. */
  forget(key: ServiceKey): void;
}

/** Milliseconds that a look is believed for: that much later than others this process hears that a service is down. */
const BELIEVED_MS = 1_000;
/** Services of all workspaces; more are looked at anew. */
const MOST = 2_000;

export function createGlances(clock: Clock): Glances {
  const seen = new Map<string, Glance & { readonly at: number }>();
  const nameOf = ({ workspaceId, service }: ServiceKey) => `${workspaceId} ${service}`;
  return {
    async of(db, key) {
      const name = nameOf(key);
      const now = clock.now();
      const known = seen.get(name);
      // Either way round, for a clock that was set back.
      if (known && Math.abs(now - known.at) < BELIEVED_MS) return known;
      const breaker = await readBreaker(db, key);
      const glance = {
        closed: (breaker?.status ?? "closed") === "closed",
        quiet: (breaker?.failures ?? 0) === 0,
        at: now,
      };
      if (seen.size >= MOST) seen.clear();
      seen.set(name, glance);
      return glance;
    },
    forget: (key) => void seen.delete(nameOf(key)),
  };
}
