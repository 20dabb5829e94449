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
  /** Looks under way: who comes meanwhile shares them. */
  const looks = new Map<string, Promise<Glance>>();
  const nameOf = ({ workspaceId, service }: ServiceKey) => `${workspaceId} ${service}`;
  return {
    async of(db, key) {
      const name = nameOf(key);
      const now = clock.now();
      const known = seen.get(name);
      // Either way round, for a clock that was set back.
      if (known && Math.abs(now - known.at) < BELIEVED_MS) return known;
      const shared = looks.get(name);
      // One that failed says nothing about whether this one would.
      if (shared) return shared.catch(() => lookAt(db, key));
      const look = lookAt(db, key);
      looks.set(name, look);
      try {
        const glance = await look;
        // What was forgotten meanwhile may be out of date.
        if (looks.get(name) === look) {
          if (seen.size >= MOST) seen.clear();
          seen.set(name, { ...glance, at: now });
        }
        return glance;
      } finally {
        if (looks.get(name) === look) looks.delete(name);
      }
    },
    forget(key) {
      seen.delete(nameOf(key));
      looks.delete(nameOf(key));
    },
  };
}

async function lookAt(db: Database | Transaction, key: ServiceKey): Promise<Glance> {
  const breaker = await readBreaker(db, key);
  return { closed: (breaker?.status ?? "closed") === "closed", quiet: (breaker?.failures ?? 0) === 0 };
}
