/** A start, an end or a count right before a schedule that stands last: "send the report from 1 December every Friday at 9". */
import { type Draft, EMPTY_DRAFT } from "./draft.ts";
import { readClauses } from "./grammar.ts";
import { joinedDrafts, saysWhen } from "./merge.ts";
import { OWNERS } from "./side.ts";
import type { Token } from "./tokens.ts";

export interface BoundBefore {
  /** The schedule with the bound; null when the two contradict each other. */
  readonly draft: Draft | null;
  /** Its first token. */
  readonly start: number;
  readonly words: string;
  /** A comma stands before it, so that it belongs to no noun: "check it, for 3 weeks, every day at 9". */
  readonly parted: boolean;
}

/** A bound is no longer than this many tokens. */
const LONGEST = 14;

const COUNTS: Readonly<Record<string, number>> = { twice: 2, thrice: 3 };

/** "5 times every day at 9" says five runs unless it says five times of day. */
export function isCountOfRuns(draft: Draft): boolean {
  const { often, times } = draft;
  return often !== null && often.unit === "day" && times.length > 0 && times.length !== often.times;
}

const isBound = (draft: Draft, first: string): boolean =>
  !saysWhen(draft) && draft !== EMPTY_DRAFT && !(draft.zone !== null && first === "in") && first !== "of";

function boundAt(text: string, before: readonly Token[], at: number): Draft | null {
  const token = before[at];
  const count = at === before.length - 1 ? COUNTS[token?.text ?? ""] : undefined;
  if (count !== undefined) return { ...EMPTY_DRAFT, count };
  const read = readClauses(text, before, at);
  return read !== null && read.end === before.length && isBound(read.draft, token?.text ?? "") ? read.draft : null;
}

/** The bound that ends right before a schedule at `start`; null when there is none, or when it is plainly a noun's own. */
export function boundBefore(
  text: string,
  tokens: readonly Token[],
  first: number,
  trail: { readonly draft: Draft; readonly start: number },
): BoundBefore | null {
  const { draft, start } = trail;
  const repeats = draft.days !== null || draft.every !== null || draft.cron !== null || draft.often !== null;
  if (!repeats || draft.date !== null || draft.delay !== null) return null;
  const end = tokens[start - 1]?.text === "," ? start - 1 : start;
  const before = tokens.slice(0, end);
  for (let at = Math.max(first + 1, end - LONGEST); at < end; at++) {
    const [owner, token] = [tokens[at - 1], tokens[at]];
    if (!token?.leads || owner === undefined || OWNERS.has(owner.text)) continue;
    const bound = boundAt(text, before, at);
    if (bound === null) continue;
    // "play a song for 5 minutes every Friday": no schedule on days is that short.
    const { unit } = bound.lasting ?? {};
    if ((unit === "minute" || unit === "hour") && draft.every === null) return null;
    // "PRs opened from Monday"
    if (owner.kind === "word" && owner.text.length > 4 && owner.text.endsWith("ed")) return null;
    return {
      draft: joinedDrafts(bound, draft),
      start: at,
      words: text.slice(token.start, before.at(-1)?.end),
      parted: owner.text === ",",
    };
  }
  return null;
}
