/** Words in front of a phrase that add nothing to it. */
import { readWhen } from "./grammar.ts";
import type { Token } from "./tokens.ts";
import { EVERY } from "./vocabulary.ts";

/** Words before a schedule that add nothing: "run every day at 9", "schedule: every day at 9", "hey @claw, …". */
export function prefixOf(tokens: readonly Token[]): number {
  let at = 0;
  if (["hey", "hi", "hello", "ok", "yo"].includes(tokens[at]?.text ?? "")) at += 1;
  const greeted = at > 0;
  if (tokens[at]?.text === "@" && tokens[at + 1]?.leads === false && tokens[at + 1]?.text === "claw") at += 2;
  else if (greeted && tokens[at]?.text === "claw") at += 1;
  if (at > 0 && [",", ":"].includes(tokens[at]?.text ?? "")) at += 1;
  return at;
}

const STARTERS = ["run", "schedule", "execute", "trigger", "repeat", "when", "please", "can", "recurring"] as const;

const LEADS: ReadonlySet<string> = new Set([
  ...EVERY,
  "at",
  "on",
  "in",
  "from",
  "between",
  "starting",
  "cron",
  "once",
  "twice",
  "@",
]);

/** Where "run", "schedule:" or "please" lead to a schedule; `first` itself when they do not. */
export function behindStarter(text: string, tokens: readonly Token[], first: number): number {
  let at = first;
  while ((STARTERS as readonly string[]).includes(tokens[at]?.text ?? "") && at < first + 2) {
    at += 1;
    if (["this", "it"].includes(tokens[at]?.text ?? "")) at += 1;
    if ([":", ","].includes(tokens[at]?.text ?? "")) at += 1;
  }
  const next = tokens[at]?.text ?? "";
  // "run nightly tests" is what to do.
  const plain =
    LEADS.has(next) || tokens[at - 1]?.text === ":" || ["at", "on", "@", ","].includes(tokens[at + 1]?.text ?? "at");
  return at > first && plain && readWhen(text, tokens, at, true) !== null ? at : first;
}
