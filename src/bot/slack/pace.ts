/** How fast Slack is spoken to. Who comes too early is given a turn to come back for. Pure but for what it remembers. */
import { createPace } from "../chat/pace.ts";

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
