/** A line that fits a command's grammar. Pure. */
import type { Command } from "./command.ts";

export interface Fit {
  readonly command: Command;
  /** The part in the person's own words (a note, a reason, a text, a name), which a schedule may hide in; else null. */
  readonly free: string | null;
  /** The free part was set off by a colon (`deny 7: not every day`), so it cannot be anything else. */
  readonly explicit: boolean;
}

export const bare = (command: Command): Fit => ({ command, free: null, explicit: false });
export const free = (command: Command, words: string | null, explicit: boolean): Fit => ({
  command,
  free: words,
  explicit,
});
