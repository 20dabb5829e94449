/** How fast Slack is spoken to. Who comes too early is given a turn to come back for. Pure but for what it remembers. */

export interface Pace {
  /** @returns 0: go; else the milliseconds until the turn that is kept for this key */
  take(channel: string, key: string, now: number): number;
  /** Slack asked for quiet until then (milliseconds since the epoch). */
  quiet(channel: string, until: number): void;
}

/** What may go at once: a post in a channel, an edit of a message. All times are milliseconds since the epoch. */
export interface SlackPace {
  /** One message a second and channel, which is what Slack takes. @returns 0: go; else the milliseconds to wait */
  post(channel: string, key: string, now: number): number;
  /**
   * One edit a second and message. Those that only show how far something is share one allowance besides, so that many
   * runs at once leave Slack's patience (about 50 edits a minute for an app) to what people wait for.
   */
  edit(messageId: string, isProgress: boolean, now: number): number;
  /** Slack asked for quiet until then. */
  quietPosts(channel: string, until: number): void;
  quietEdits(until: number): void;
}

/** Slack lets a few go at once before it counts. */
const BURST = 3;
const ALL = "all";

/** @param everyMs milliseconds a message, in the long run */
export function createSlackPace(everyMs: number): SlackPace {
  const posts = createPace(everyMs, BURST);
  const edits = createPace(everyMs, 1);
  const progress = createPace(everyMs, BURST);
  const quiet = { until: 0 };
  return {
    post: (channel, key, now) => posts.take(channel, key, now),
    edit(messageId, isProgress, now) {
      if (quiet.until > now) return quiet.until - now;
      const wait = isProgress ? progress.take(ALL, messageId, now) : 0;
      return wait > 0 ? wait : edits.take(messageId, messageId, now);
    },
    quietPosts: (channel, until) => posts.quiet(channel, until),
    quietEdits(until) {
      quiet.until = Math.max(quiet.until, until);
    },
  };
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
