/** A schedule and what is left of its phrase. */
import type { Draft } from "./draft.ts";

export interface Side {
  readonly draft: Draft;
  /** What is left for the instruction, byte for byte. */
  readonly instruction: string;
}

/** True when the draft says a time or a distance. */
export const hasClock = (draft: Draft): boolean =>
  draft.times.length > 0 || draft.every !== null || draft.delay !== null || draft.cron !== null;

/** Also a part of the day. */
export const hasTime = (draft: Draft): boolean => hasClock(draft) || draft.parts.length > 0;

/** Without a time, these at the end of a text are more often part of what to do: "what changed today". */
export function sayLittle(draft: Draft): boolean {
  if (hasTime(draft) || draft.choice !== null || draft.refusal !== null || draft.often !== null) return false;
  const { date } = draft;
  if (date !== null) return (date.kind === "days" && date.days === 0) || date.kind === "options";
  return draft.days === null || draft.days.by === "weekday" || draft.days.by === "on";
}

/** After these words a time belongs to them: "changes since Monday at 9". */
export const OWNERS: ReadonlySet<string> = new Set(
  "at since of before after by until till for than to from per not never and or the a an this about between during within as with next last".split(
    " ",
  ),
);

/** "check x, every day" and "check x - every day": the mark parted the two. */
export function withoutSeparator(text: string): string {
  const trimmed = text.trim();
  const mark = trimmed.at(-1) ?? "";
  if (mark === "," || mark === ";") return trimmed.slice(0, -1).trimEnd();
  return /\s[-–—]$/.test(trimmed.slice(-2)) ? trimmed.slice(0, -1).trimEnd() : trimmed;
}
