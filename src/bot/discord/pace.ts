/** How often progress is shown. Everything else goes as fast as Discord takes it. Pure but for what it remembers. */
import { createPace } from "../chat/pace.ts";

export interface DiscordPace {
  /**
   * Edits that only show how far something is share one allowance a channel, so that Discord's own (about an edit a second
   * and channel) is left to what people wait for.
   * @returns 0: go; else the milliseconds until the turn that is kept for this message
   */
  progress(channel: string, messageId: string, now: number): number;
}

const BURST = 2;

/** @param everyMs milliseconds an edit, in the long run */
export function createDiscordPace(everyMs: number): DiscordPace {
  const pace = createPace(everyMs, BURST);
  return { progress: (channel, messageId, now) => pace.take(channel, messageId, now) };
}
