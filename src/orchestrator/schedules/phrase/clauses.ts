/** The clauses a schedule is said with, one reader each. */
import { isCron } from "../cron.ts";
import type { Cursor } from "./cursor.ts";
import { readDate } from "./date.ts";
import { readMinutesMore } from "./days.ts";
import type { Clause } from "./draft.ts";
import { readMonthDays, readMonths } from "./month-days.ts";
import { readAmount, readWhole } from "./number.ts";
import { readTime, readTimes } from "./time.ts";
import { monthNamed, partNamed, SECONDS, unitNamed } from "./vocabulary.ts";
import { readParts, readWeekdays } from "./weekdays.ts";

const NICKNAMES: Readonly<Record<string, string>> = {
  yearly: "0 0 1 1 *",
  annually: "0 0 1 1 *",
  monthly: "0 0 1 * *",
  weekly: "0 0 * * 0",
  daily: "0 0 * * *",
  midnight: "0 0 * * *",
  hourly: "0 * * * *",
};

function badCron(expression: string): Clause {
  return {
    kind: "refusal",
    code: "not_understood",
    reason: `"${expression}" is not a cron expression of five fields: minute, hour, day of month, month, day of week`,
    example: "cron 0 9 * * 1-5",
  };
}

/** `cron 0 9 * * 1-5`, the same without the word, `@daily`. */
export function readCron(cursor: Cursor): Clause | null {
  if (cursor.peek().text === "@" && cursor.peek(1).leads === false) {
    const nickname = NICKNAMES[cursor.peek(1).text];
    if (nickname === undefined) return null;
    cursor.at += 2;
    return { kind: "cron", expression: nickname };
  }
  const said = cursor.take("cron") !== null;
  if (said) cursor.mark(":");
  const fields: string[] = [];
  const open = cursor.peek();
  // A quoted expression is one opaque token.
  if (said && open.kind === "other" && /^["“`]/.test(cursor.source.slice(open.start, open.end))) {
    fields.push(
      ...cursor.source
        .slice(open.start + 1, open.end - 1)
        .trim()
        .split(/\s+/)
        .slice(0, 20),
    );
    cursor.at += 1;
  }
  for (let n = fields.length === 0 ? 0 : 5; n < 5 && !cursor.done; n++) {
    const { text, tokens } = cursor.chunk();
    if (text.length > 200 || (!said && !/^[\d*?L][\dA-Z*?,/#LW-]*$/.test(text))) return null;
    fields.push(text.replace(/[,:;]+$/, ""));
    cursor.at += tokens;
  }
  const expression = fields.join(" ").toUpperCase();
  const next = cursor.done ? null : cursor.chunk().text;
  const closed = cursor.tokens[cursor.at]?.leads === false;
  // Six fields have a second in front or a year behind: to take five of them would be a guess.
  if (!closed && next !== null && /^[\d*?][\d*?/,-]*$/.test(next)) {
    cursor.at += cursor.chunk().tokens;
    return said ? badCron(`${fields.join(" ")} ${next}`) : null;
  }
  if (isCron(expression) && (said || expression.includes("*"))) return { kind: "cron", expression };
  return said ? badCron(fields.join(" ")) : null;
}

/** `rule FREQ=DAILY;BYHOUR=9`, for what there are no words for. */
export function readRule(cursor: Cursor): Clause | null {
  if (!cursor.take("rule")) return null;
  const token = cursor.peek();
  const text = cursor.source.slice(token.start, token.end).replace(/[,.:;]+$/, "");
  if (!/^FREQ=[A-Z]/i.test(text)) return null;
  cursor.at += 1;
  return { kind: "rule", rrule: text };
}

const PERIODS = { hour: "hour", day: "day", week: "week", month: "month" } as const;

/** `once a day`, `3 times per week`. */
export function readOften(cursor: Cursor): Clause | null {
  const word = cursor.take("once", "twice", "thrice");
  const times = word === null ? readWhole(cursor) : ["once", "twice", "thrice"].indexOf(word) + 1;
  if (times === null || (word === null && !cursor.take("times", "time", "x"))) return null;
  if (!cursor.take("a", "an", "per", "each", "every")) return null;
  const unit = cursor.take("hour", "day", "week", "month");
  return unit === null ? null : { kind: "often", times, unit: PERIODS[unit as keyof typeof PERIODS] };
}

/** `once`, when it is not `once a day`. */
export function readSingle(cursor: Cursor): Clause | null {
  return cursor.take("once") ? { kind: "single" } : null;
}

/** A duration from now: `in 20 minutes`, `in half an hour`, `20 minutes from now`. */
export function readDelay(cursor: Cursor): Clause | null {
  const ahead = cursor.take("in") !== null;
  let amount: number | null = null;
  if (cursor.takeAll("half", "an") || cursor.takeAll("half", "a")) amount = 0.5;
  else if (cursor.takeAll("a", "couple", "of") || cursor.takeAll("a", "couple")) amount = 2;
  else amount = cursor.take("a", "an") ? 1 : readAmount(cursor);
  if (amount === null) return null;
  const unit = unitNamed(cursor.word);
  if (unit !== "second" && unit !== "minute" && unit !== "hour") return null;
  cursor.at += 1;
  const more = unit === "hour" ? readMinutesMore(cursor) : 0;
  const from = cursor.takeAll("from", "now");
  if (ahead === from) return null;
  return { kind: "delay", seconds: Math.round(amount * SECONDS[unit] + more * 60) };
}

/** The hour itself: `the hour`, `every hour`. */
function readHourNoun(cursor: Cursor): "one" | "each" | null {
  const word = cursor.take("the", "every", "each");
  return word === null || !cursor.take("hour") ? null : word === "the" ? "one" : "each";
}

function readsNoTime(cursor: Cursor): boolean {
  const { at } = cursor;
  const time = readTime(cursor);
  cursor.at = at;
  return time === null;
}

/** Minutes past the hour: `:30`, `minute 15`, `quarter past every hour`, `the top of the hour`. */
export function readPast(cursor: Cursor): Clause | null {
  if (cursor.peek().leads && cursor.mark(":")) {
    const digits = cursor.peek().leads ? null : cursor.digits(2);
    return digits?.length === 2 && Number(digits) < 60 ? { kind: "past", minute: Number(digits), hourly: false } : null;
  }
  if (cursor.take("minute")) {
    const minute = readWhole(cursor);
    if (minute === null || minute > 59) return null;
    const noun = cursor.attempt((c) => {
      c.take("of", "past");
      return readHourNoun(c);
    });
    return { kind: "past", minute, hourly: noun === "each" };
  }
  cursor.take("the");
  if (cursor.take("top")) {
    const noun = cursor.take("of") === null ? null : readHourNoun(cursor);
    return noun === null ? null : { kind: "past", minute: 0, hourly: noun === "each" };
  }
  cursor.take("a");
  const minutes = cursor.take("half") ? 30 : cursor.take("quarter") ? 15 : readWhole(cursor);
  cursor.take("minutes", "mins", "min", "minute");
  const side = cursor.take("past", "after", "to", "before");
  const hour = side === null ? null : cursor.attempt(readHourNoun);
  // "at 15 past" is about every hour; "at 15 past nine" is a time, and "15 after lunch" is neither.
  const noun = hour ?? (side === "past" && cursor.atBoundary && readsNoTime(cursor) ? "one" : null);
  if (minutes === null || noun === null || minutes > 59) return null;
  const early = side === "to" || side === "before";
  return { kind: "past", minute: early ? (60 - minutes) % 60 : minutes, hourly: noun === "each" };
}

function weekdaysClause(cursor: Cursor): Clause | null {
  const named = readWeekdays(cursor);
  const [weekday] = named?.weekdays ?? [];
  if (named === null || weekday === undefined) return null;
  const before = cursor.at;
  const parts = readParts(cursor);
  // "weekday mornings", "Monday mornings": the plural says that they come again.
  const plural = parts !== null && cursor.tokens[before]?.text.endsWith("s") === true;
  const several = named.several || plural;
  const days = several
    ? ({ by: "week", every: 1, weekdays: named.weekdays } as const)
    : ({ by: "weekday", weekday } as const);
  return parts === null ? { kind: "days", days } : { kind: "days", days, parts };
}

/** `on Mondays`, `on the 15th`, `on 3 December`, `on the half hour`. */
export function readOn(cursor: Cursor): Clause | null {
  if (!cursor.take("on")) return null;
  if (cursor.takeAll("the", "hour")) return { kind: "past", minute: 0, hourly: false };
  if (cursor.takeAll("the", "half", "hour") || cursor.takeAll("the", "half-hour"))
    return { kind: "past", minute: 30, hourly: false };
  return readDays(cursor);
}

/** Dates, weekdays and days of months, without `on`. */
export function readDays(cursor: Cursor): Clause | null {
  const { at } = cursor;
  // "the 1st of January and July" before "the 1st of January", but "the 3rd December" is one date.
  const monthDays = cursor.attempt((c) => {
    const clause = readMonthDays(c);
    c.take("of");
    const goesOn = clause?.kind === "days" && clause.days.by === "on" && monthNamed(c.word) !== null;
    if (c.tokens[c.at - 1]?.text === "of") c.at -= 1;
    return goesOn ? null : clause;
  });
  const plainDate = monthDays?.kind === "choice" || (monthDays?.kind === "days" && monthDays.months?.length === 1);
  if (monthDays !== null && !plainDate) return monthDays;
  cursor.at = at;
  return (
    cursor.attempt(readSeveralDates) ??
    cursor.attempt(readDateClause) ??
    cursor.attempt(weekdaysClause) ??
    cursor.attempt(readMonthDays)
  );
}

/** `3 and 4 December`, of every year. */
function readSeveralDates(cursor: Cursor): Clause | null {
  const days: number[] = [];
  for (let n = 0; n < 31; n++) {
    const digits = cursor.digits(2);
    if (digits === null || Number(digits) > 31 || Number(digits) === 0) return null;
    days.push(Number(digits));
    const comma = cursor.mark(",") !== null;
    if (cursor.take("and") === null && !comma) break;
  }
  const months = days.length < 2 ? null : readMonths(cursor);
  const [month] = months ?? [];
  if (month === undefined || months?.length !== 1 || cursor.peek().kind === "number") return null;
  const sorted = [...new Set(days)].sort((a, b) => a - b);
  return { kind: "days", days: { by: "month", every: 1, on: { by: "date", dates: sorted } }, months: [month] };
}

/** A date and, right behind it, a part of that day: `tomorrow morning`, `tonight`. */
export function readDateClause(cursor: Cursor): Clause | null {
  if (cursor.take("tonight")) return { kind: "date", date: { kind: "days", days: 0 }, parts: ["night"] };
  const part = cursor.attempt((c) => (c.take("this") === null ? null : partNamed(c.word)));
  if (part !== null) {
    cursor.at += 1;
    return { kind: "date", date: { kind: "days", days: 0 }, parts: [part] };
  }
  const date = readDate(cursor);
  if (date === null) return null;
  const parts = readParts(cursor);
  return parts === null ? { kind: "date", date } : { kind: "date", date, parts };
}

/** `at 9 and 17`, `@9`, `at lunch`, `at the end of every month`. */
export function readAt(cursor: Cursor): Clause | null {
  if (cursor.take("at") === null && cursor.mark("@") === null) return null;
  const past = cursor.attempt(readPast);
  if (past !== null) return past;
  const times = readTimes(cursor);
  if (times !== null) return { kind: "times", times };
  const part = cursor.take("night", "lunch", "lunchtime");
  if (part !== null) return { kind: "parts", parts: [part === "night" ? "night" : "lunch"] };
  return cursor.attempt((c) => {
    const clause = readMonthDays(c);
    return clause?.kind === "days" && clause.days.by === "month" ? clause : null;
  });
}

/** `in the morning`, `in the evenings`, `in July and August`. */
export function readIn(cursor: Cursor): Clause | null {
  if (!cursor.take("in", "during")) return null;
  if (cursor.take("the")) {
    const parts = readParts(cursor);
    return parts === null ? null : { kind: "parts", parts };
  }
  const months = readMonths(cursor);
  return months === null || cursor.peek().kind === "number" ? null : { kind: "months", months };
}

/** `mornings`, `nights`: the plural says that they come again. */
export function readPartDays(cursor: Cursor): Clause | null {
  if (!cursor.word.endsWith("s")) return null;
  const parts = readParts(cursor);
  return parts === null ? null : { kind: "days", days: { by: "day", every: 1 }, parts };
}
