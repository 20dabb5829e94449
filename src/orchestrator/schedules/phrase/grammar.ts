/** Reads as much of a phrase as says when, clause by clause. */
import {
  readCount,
  readExcept,
  readLasting,
  readOffset,
  readStart,
  readUntil,
  readWeekdayRange,
  readWindow,
} from "./bounds.ts";
import {
  readAt,
  readCron,
  readDays,
  readDelay,
  readIn,
  readOften,
  readOn,
  readPartDays,
  readPast,
  readRule,
  readSingle,
} from "./clauses.ts";
import { Cursor } from "./cursor.ts";
import { readAdverb, readEvery } from "./days.ts";
import { type Clause, type Draft, EMPTY_DRAFT } from "./draft.ts";
import { saysWhen, withClause } from "./merge.ts";
import { isPlainlyTime, readTimes } from "./time.ts";
import type { Token } from "./tokens.ts";
import { readZone } from "./zone-clause.ts";

export interface WhenRead {
  readonly draft: Draft;
  /** The first token behind it. */
  readonly end: number;
}

const bareTimes = (cursor: Cursor): Clause | null => {
  if (!isPlainlyTime(cursor)) return null;
  const times = readTimes(cursor);
  return times === null ? null : { kind: "times", times };
};

const offsetClause = (cursor: Cursor): Clause | null => {
  const minutes = readOffset(cursor);
  return minutes === null ? null : { kind: "offset", minutes };
};

/** In this order: a longer reading stands before the shorter one it begins with. */
const READERS: readonly ((cursor: Cursor) => Clause | null)[] = [
  readCron,
  readRule,
  readOften,
  readSingle,
  readEvery,
  readAdverb,
  readDelay,
  readWindow,
  readWeekdayRange,
  readPast,
  readOn,
  readAt,
  readStart,
  readUntil,
  readWeekdayRange,
  readLasting,
  readCount,
  readExcept,
  readIn,
  readDays,
  readPartDays,
  bareTimes,
];

/** Words that change nothing about when. */
export const FILLERS = ["please", "pls", "just", "exactly", "kindly"] as const;

const clauseEnds = (cursor: Cursor): boolean =>
  cursor.atBoundary || cursor.peek().text === "@" || cursor.peek().text === "(";

function readClause(cursor: Cursor, draft: Draft, last: Clause["kind"] | null): Draft | null {
  const merged = (clause: Clause | null): Draft | null =>
    clause === null || !clauseEnds(cursor) ? null : withClause(draft, clause);
  if (last === "times") {
    const offset = cursor.attempt((c) => merged(offsetClause(c)));
    if (offset !== null) return offset;
  }
  const afterTime = last === "times" || last === "window" || last === "parts";
  const zone = cursor.attempt((c) => merged(readZone(c, afterTime)));
  if (zone !== null) return zone;
  for (const read of READERS) {
    const next = cursor.attempt((c) => merged(read(c)));
    if (next !== null) return next;
  }
  return null;
}

/** What the last clause was about, as far as the next one cares. */
function kindOfLast(before: Draft, after: Draft): Clause["kind"] | null {
  if (before.times !== after.times) return "times";
  if (before.window !== after.window) return "window";
  return before.parts !== after.parts ? "parts" : null;
}

/**
 * Reads from the token `at` as far as it goes; null when nothing there says when. What is read ends where a word ends;
 * what follows it is the caller's to judge.
 * @param core the first clause must itself say when: "in Paris every day" is not read from "in Paris"
 */
export function readWhen(source: string, tokens: readonly Token[], at: number, core = false): WhenRead | null {
  const cursor = new Cursor(source, tokens, at);
  let draft = EMPTY_DRAFT;
  let last: Clause["kind"] | null = null;
  let end = at;
  while (!cursor.done) {
    const next: Draft | null = cursor.attempt((c) => {
      while (c.take(...FILLERS)) c.mark(",");
      if (draft !== EMPTY_DRAFT && c.mark(",", "-") !== null) c.take("and");
      else if (draft !== EMPTY_DRAFT) c.take("and");
      while (c.take(...FILLERS)) c.mark(",");
      return readClause(c, draft, last);
    });
    if (next === null) break;
    last = kindOfLast(draft, next);
    draft = next;
    end = cursor.at;
    if (core && !saysWhen(draft)) return null;
  }
  return saysWhen(draft) ? { draft, end } : null;
}

/** True when a clause about when begins at the token, whatever was said before it. */
export function startsClause(source: string, tokens: readonly Token[], at: number): boolean {
  return readClause(new Cursor(source, tokens, at), EMPTY_DRAFT, null) !== null;
}
