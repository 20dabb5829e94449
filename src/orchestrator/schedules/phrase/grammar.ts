/** Reads as much of a phrase as says when, clause by clause. */
import { readAdverb } from "./adverbs.ts";
import { mayBegin } from "./beginnings.ts";
import {
  readCount,
  readDateRange,
  readLasting,
  readOffset,
  readStart,
  readUntil,
  readWeekdayRange,
  readWindow,
} from "./bounds.ts";
import {
  readAt,
  readDays,
  readDelay,
  readIn,
  readMonthRange,
  readOn,
  readPartDays,
  readRule,
  readSingle,
} from "./clauses.ts";
import { readCountedDays } from "./counted-days.ts";
import { readCron } from "./cron-clause.ts";
import { Cursor } from "./cursor.ts";
import { readEvery } from "./days.ts";
import { type Clause, type Draft, EMPTY_DRAFT } from "./draft.ts";
import { readExcept } from "./except.ts";
import { readHours } from "./hours.ts";
import { saysWhen, withClause } from "./merge.ts";
import { readOften } from "./often.ts";
import { readPast } from "./past.ts";
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
  readCountedDays,
  readRule,
  readOften,
  readSingle,
  readEvery,
  readAdverb,
  readDelay,
  readMonthRange,
  readDateRange,
  readHours,
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
  readMonthRange,
  readDays,
  readPartDays,
  bareTimes,
];

/** Words that change nothing about when. */
export const FILLERS = ["please", "pls", "just", "exactly", "kindly"] as const;

const clauseEnds = (cursor: Cursor): boolean =>
  cursor.atBoundary ||
  cursor.peek().text === "@" ||
  cursor.peek().text === "(" ||
  // "2026-12-03T14:00", "9:00Z", "9:00+02:00"
  cursor.tokens[cursor.at - 1]?.text === "t" ||
  ["z", "+"].includes(cursor.peek().text);

function readClause(cursor: Cursor, draft: Draft, last: Clause["kind"] | null): Draft | null {
  if (!mayBegin(cursor.tokens[cursor.at], cursor.tokens[cursor.at + 1])) return null;
  const merged = (clause: Clause | null): Draft | null =>
    clause === null || !clauseEnds(cursor) ? null : withClause(draft, clause);
  if (last === "times") {
    const offset = cursor.attempt((c) => merged(offsetClause(c)));
    if (offset !== null) return offset;
  }
  const afterTime = last === "times" || last === "window" || last === "parts";
  const zone = cursor.attempt((c) => merged(readZone(c, afterTime, last === "every" || last === "cron")));
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
  if (before.cron !== after.cron) return "cron";
  if (before.every !== after.every) return "every";
  return before.parts !== after.parts ? "parts" : null;
}

/**
 * Reads from the token `at` as far as it goes; null when nothing there says when. What is read ends where a word ends;
 * what follows it is the caller's to judge.
 * @param core the first clause must itself say when: "in Paris every day" is not read from "in Paris"
 */
export function readWhen(source: string, tokens: readonly Token[], at: number, core = false): WhenRead | null {
  const read = readClauses(source, tokens, at, core);
  return read !== null && saysWhen(read.draft) ? read : null;
}

/** The same, also where the clauses alone say no schedule: a start, an exception, a zone. */
export function readClauses(source: string, tokens: readonly Token[], at: number, core = false): WhenRead | null {
  const cursor = new Cursor(source, tokens, at);
  let draft = EMPTY_DRAFT;
  let last: Clause["kind"] | null = null;
  let end = at;
  while (!cursor.done) {
    const next: Draft | null = cursor.attempt((c) => {
      while (c.take(...FILLERS)) c.mark(",");
      // "Tokyo time: every day at 9": a colon behind what says nothing by itself.
      if (draft !== EMPTY_DRAFT && !saysWhen(draft)) c.mark(":");
      if (draft !== EMPTY_DRAFT && c.mark(",", "-") !== null) c.take("and");
      const and = draft !== EMPTY_DRAFT && c.take("and") !== null;
      while (c.take(...FILLERS) || c.takeAll("first", "thing")) c.mark(",");
      const only = c.take("only") !== null;
      // "every Monday (9am)"; a zone reads its brackets itself.
      const read =
        c.attempt((d) => readClause(d, draft, last)) ??
        c.attempt((d) => {
          const inner = draft !== EMPTY_DRAFT && d.mark("(") !== null ? readClause(d, draft, last) : null;
          return inner !== null && d.mark(")") !== null ? inner : null;
        });
      // "every 2 hours and Friday" is two schedules.
      if (and && last === "every" && read !== null && read.days !== draft.days) return null;
      if (read === null || !only) return read;
      // "only on Monday" is every Monday.
      return read.days?.by === "weekday"
        ? { ...read, days: { by: "week", every: 1, weekdays: [read.days.weekday] } }
        : read;
    });
    if (next === null) break;
    last = kindOfLast(draft, next);
    draft = next;
    end = cursor.at;
    if (core && !saysWhen(draft)) return null;
  }
  return end > at ? { draft, end } : null;
}

/** True when a clause about when begins at the token, whatever was said before it. */
export function startsClause(source: string, tokens: readonly Token[], at: number): boolean {
  return readClause(new Cursor(source, tokens, at), EMPTY_DRAFT, null) !== null;
}
