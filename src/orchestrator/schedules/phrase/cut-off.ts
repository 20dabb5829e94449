/** Words of time right before a schedule that stands last: to leave them to the instruction would be a guess. */
import type { Draft } from "./draft.ts";
import { readClauses } from "./grammar.ts";
import { isAllTime, isTimeWord } from "./leftover.ts";
import { saysWhen } from "./merge.ts";
import { hasClock, OWNERS, sayLittle } from "./side.ts";
import type { Token } from "./tokens.ts";
import { EVERY, monthNamed } from "./vocabulary.ts";

/** After these it may: "PRs that are opened every night". */
const VERBS: ReadonlySet<string> = new Set(
  "that which who is are was were be been made run runs sent done built held due happen happens happening occurs comes starts ends opens closes".split(
    " ",
  ),
);

/** True when a time behind this word may belong to it. */
export const isAttached = (word: string): boolean => VERBS.has(word) || (word.length > 4 && word.endsWith("ed"));

/** Words that leave something open behind them. */
const DANGLING: ReadonlySet<string> = new Set([
  "except",
  "excluding",
  "starting",
  "beginning",
  "until",
  "every",
  "each",
  "not",
  "only",
  "never",
  "at",
  "on",
  "about",
]);

/** Words that a further clause about when begins with, and hardly a noun's own time. */
const CLAUSES: ReadonlySet<string> = new Set([
  ...EVERY,
  "at",
  "on",
  "starting",
  "beginning",
  "until",
  "till",
  "except",
  "excluding",
  "from",
  "for",
  "daily",
  "weekly",
  "monthly",
  "hourly",
  "tomorrow",
  "once",
]);

const JOINTS = ["and", "but", "then", "or", "plus"] as const;

/** A clause that hardly belongs to a noun: "the plan for Friday" and "what changed between 9 and 17" do. */
function isStrong(draft: Draft, comma: boolean): boolean {
  if (draft.until !== null || draft.except.length > 0) return true;
  if (draft.start !== null || draft.lasting !== null) return comma;
  if (draft.window !== null && draft.every === null) return false;
  return saysWhen(draft) && !sayLittle(draft) && !(draft.date !== null && !hasClock(draft));
}

/** "every day at 9, and at 5 on Fridays": a schedule ends right before this one. */
function followsOne(text: string, tokens: readonly Token[], first: number, start: number): boolean {
  let end = start;
  const joint = (at: number): boolean => (JOINTS as readonly string[]).includes(tokens[at]?.text ?? "");
  const comma = tokens[end - 1]?.text === ",";
  while (end > first && tokens[end - 1]?.text === ",") end -= 1;
  const word = tokens[end - 1]?.text ?? "";
  if (joint(end - 1) || DANGLING.has(word) || (comma && OWNERS.has(word))) return true;
  const before = tokens.slice(0, end);
  for (let at = Math.max(first, end - 20); at < end; at++) {
    const owner = tokens[at - 1]?.text ?? "";
    if (!CLAUSES.has(tokens[at]?.text ?? "") || isAttached(owner) || OWNERS.has(owner) || isTimeWord(tokens[at - 1]))
      continue;
    const when = readClauses(text, before, at);
    if (when?.end === end && isStrong(when.draft, comma)) return true;
  }
  return false;
}

/** True when the words before a trailing schedule are about when, too. */
export function isCutOff(text: string, tokens: readonly Token[], first: number, start: number): boolean {
  // "TZ=Europe/Paris 0 9 * * *"
  if (/^(?:CRON_)?TZ=/i.test(text.slice(tokens[first]?.start))) return true;
  if (isAllTime(tokens, first, start) || followsOne(text, tokens, first, start)) return true;
  const [last, second] = [tokens[start - 1]?.text ?? "", tokens[start - 2]?.text ?? ""];
  if ((EVERY as readonly string[]).includes(tokens[start]?.text ?? "")) return false;
  const unit = ["week", "month", "quarter", "year", "weekend"].includes(last);
  if (unit && ["this", "next", "every", "each"].includes(second)) return true;
  return (
    (monthNamed(last) !== null && !["may", "march", "mar"].includes(last)) ||
    (second === "on" && tokens[start - 1]?.kind === "number")
  );
}
