/** Schedules that stand neither first nor last. */
import { readWhen } from "./grammar.ts";
import { goesOn } from "./leftover.ts";
import { hasClock, OWNERS, type Side, withoutSeparator } from "./side.ts";
import type { Token } from "./tokens.ts";
import { EVERY } from "./vocabulary.ts";

/** The schedule, and its words as they stand. */
export interface Inside {
  readonly kind: "attached";
  readonly side: Side;
  readonly words: string;
}

const TELLING: ReadonlySet<string> = new Set("remind ping tell alert notify message nudge ask warn".split(" "));
const TOPICS: ReadonlySet<string> = new Set("to that about of if when whenever whether what how".split(" "));

/** "remind me every day at 9 to drink water": the one place where a schedule in the middle is plain. */
export function middleOf(text: string, tokens: readonly Token[], first: number): Side | null {
  if (!TELLING.has(tokens[first]?.text ?? "")) return null;
  for (let at = first + 2; at <= first + 4; at++) {
    const start = tokens[at];
    if (start === undefined || !start.leads) continue;
    const when = readWhen(text, tokens, at, true);
    if (when === null) continue;
    let { end } = when;
    if (tokens[end]?.text === ",") end += 1;
    const rest = tokens[end];
    if (rest === undefined || !TOPICS.has(rest.text)) return null;
    return { draft: when.draft, instruction: `${text.slice(0, start.start).trim()} ${text.slice(rest.start).trim()}` };
  }
  return null;
}

/** A whole schedule somewhere in the middle: "post a summary every day at 9 to the channel". */
export function insideOf(text: string, tokens: readonly Token[], first: number): Inside | null {
  for (let at = first + 1; at < Math.min(tokens.length, 200); at++) {
    const token = tokens[at];
    if (!(EVERY as readonly string[]).includes(token?.text ?? "") || token === undefined || !token.leads) continue;
    if (OWNERS.has(tokens[at - 1]?.text ?? "")) return null;
    const when = readWhen(text, tokens, at, true);
    const rest = when === null ? undefined : tokens[when.end];
    if (
      when === null ||
      rest === undefined ||
      !hasClock(when.draft) ||
      goesOn(text, tokens, when.end, { timed: true, comma: false })
    )
      continue;
    const side: Side = {
      draft: when.draft,
      instruction: `${withoutSeparator(text.slice(0, token.start))} ${text.slice(rest.start).trim()}`,
    };
    return { kind: "attached", side, words: text.slice(token.start, tokens[when.end - 1]?.end) };
  }
  return null;
}

/** "…check the site and every Friday at 5 write": a second schedule behind the first one. */
export function secondSchedule(text: string, tokens: readonly Token[], from: number): string | null {
  for (let at = from + 1; at < Math.min(tokens.length, from + 200); at++) {
    if (!["and", "then", ";", ",", "also"].includes(tokens[at]?.text ?? "")) continue;
    let start = at + 1;
    while (["and", "then", "also"].includes(tokens[start]?.text ?? "")) start += 1;
    if (!["every", "each", "on"].includes(tokens[start]?.text ?? "")) continue;
    const when = readWhen(text, tokens, start, true);
    if (
      when !== null &&
      hasClock(when.draft) &&
      when.end < tokens.length &&
      (when.draft.days !== null || when.draft.every !== null)
    )
      return text.slice(tokens[start]?.start);
  }
  return null;
}
