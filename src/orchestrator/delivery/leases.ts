/** Keeps the leases of the deliveries that are under way, and ends a send whose lease may soon be another's. */
import type { Log } from "../../log.ts";
import type { Database } from "../db/client.ts";
import type { Clock } from "../ports.ts";
import { keepDeliveries } from "./claims/store.ts";

export interface Leases {
  /**
   * Keeps the lease of a delivery until it is let go.
   * @param since when it was claimed, milliseconds since the epoch
   */
  hold(deliveryId: string, since: number): Held;
}

export interface Held {
  /** Aborted when the lease cannot be kept: a third of it before another worker may take over. */
  readonly signal: AbortSignal;
  /** Aborts it at once when this process stood still for too long; asked right before something is sent. */
  look(): void;
  letGo(): void;
}

export interface LeasesDeps {
  /** Connections that no long work holds. */
  readonly urgent: Database;
  /** Unique to this process. */
  readonly owner: string;
  /** Milliseconds until another worker may take over what a lost one was sending. */
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

interface Kept {
  readonly lost: AbortController;
  until: number;
}

export function createLeases(deps: LeasesDeps): Leases {
  const { leaseMs, clock } = deps;
  const held = new Map<string, Kept>();
  const state: { timer: NodeJS.Timeout | null; keeping: boolean } = { timer: null, keeping: false };

  const look = (kept: Kept): void => {
    if (clock.now() >= kept.until - leaseMs / 3) kept.lost.abort();
  };

  async function keep(): Promise<void> {
    for (const kept of held.values()) look(kept);
    if (state.keeping || held.size === 0) return;
    state.keeping = true;
    const asked = [...held];
    const until = clock.now() + leaseMs;
    try {
      const ids = asked.map(([id]) => id);
      const ours = new Set(await keepDeliveries(deps.urgent, { owner: deps.owner, ids, until: new Date(until) }));
      for (const [id, kept] of asked) {
        if (ours.has(id)) kept.until = until;
        // Recorded meanwhile, or taken by another: there is nothing left to do in either case.
        else kept.lost.abort();
      }
    } catch (error) {
      deps.log.warn({ err: error, count: asked.length }, "leases of deliveries not kept");
    } finally {
      state.keeping = false;
    }
  }

  return {
    hold(deliveryId, since) {
      const kept: Kept = { lost: new AbortController(), until: since + leaseMs };
      held.set(deliveryId, kept);
      state.timer ??= setInterval(() => void keep(), leaseMs / 4).unref();
      return {
        signal: kept.lost.signal,
        look: () => look(kept),
        letGo() {
          if (held.get(deliveryId) === kept) held.delete(deliveryId);
          if (held.size > 0 || state.timer === null) return;
          clearInterval(state.timer);
          state.timer = null;
        },
      };
    },
  };
}
