/**
 * How fast a chat platform is spoken to. Who comes too early is given a turn to come back for. Pure but for what it
 * remembers.
 */

export interface Pace {
  /** @returns 0: go; else the milliseconds until the turn that is kept for this key */
  take(channel: string, key: string, now: number): number;
  /** The platform asked for quiet until then (milliseconds since the epoch). */
  quiet(channel: string, until: number): void;
}

/** A turn that nobody came back for is given up so long after it; milliseconds. */
const KEPT_MS = 60_000;
const MAX_KNOWN = 10_000;

/**
 * @param everyMs milliseconds a message, in the long run
 * @param burst so many go at once after a silence
 */
export function createPace(everyMs: number, burst: number): Pace {
  /** When each channel's allowance will be full again. */
  const fullAt = new Map<string, number>();
  const turns = new Map<string, number>();
  const ahead = (burst - 1) * everyMs;

  function forget(now: number): void {
    if (turns.size >= MAX_KNOWN) for (const [key, at] of turns) if (at + KEPT_MS < now) turns.delete(key);
    if (fullAt.size >= MAX_KNOWN) for (const [channel, at] of fullAt) if (at <= now) fullAt.delete(channel);
  }

  return {
    take(channel, key, now) {
      const id = `${channel} ${key}`;
      const turn = turns.get(id);
      if (turn !== undefined && turn + KEPT_MS >= now) {
        if (turn > now) return turn - now;
        turns.delete(id);
        return 0;
      }
      forget(now);
      const at = Math.max(fullAt.get(channel) ?? now, now);
      fullAt.set(channel, at + everyMs);
      const early = Math.ceil(at - now - ahead);
      if (early <= 0) return 0;
      turns.set(id, now + early);
      return early;
    },
    quiet(channel, until) {
      fullAt.set(channel, Math.max(fullAt.get(channel) ?? 0, until + ahead));
    },
  };
}
