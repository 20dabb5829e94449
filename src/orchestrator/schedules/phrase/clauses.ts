/** The clauses a schedule is said with, one reader each. */
import { readBasis } from "./adverbs.ts";
import type { Cursor } from "./cursor.ts";
import { readDate } from "./date.ts";
import { readEvery, readMinutesMore, readWeeknights } from "./days.ts";
import type { Clause } from "./draft.ts";
import { readEveryDates } from "./every-dates.ts";
import { readMonthDays } from "./month-days.ts";
import { readAmount } from "./number.ts";
import { readOnHour, readPast } from "./past.ts";
import { dayFollows, readMonths } from "./span.ts";
import { readTimes } from "./time.ts";
import { monthNamed, partNamed, SECONDS, unitNamed } from "./vocabulary.ts";
import { readParts, readWeekdays } from "./weekdays.ts";

/** `rule FREQ=DAILY;BYHOUR=9`, for what there are no words for. */
export function readRule(cursor: Cursor): Clause | null {
  if (!cursor.take("rule")) return null;
  const token = cursor.peek();
  const text = cursor.source.slice(token.start, token.end).replace(/[,.:;]+$/, "");
  if (!/^FREQ=[A-Z]/i.test(text)) return null;
  cursor.at += 1;
  return { kind: "rule", rrule: text };
}

/** `once`, when it is not `once a day`. */
export function readSingle(cursor: Cursor): Clause | null {
  return cursor.take("once") ? { kind: "single" } : null;
}

/** A duration from now: `in 20 minutes`, `in half an hour`, `20 minutes from now`. */
export function readDelay(cursor: Cursor): Clause | null {
  const ahead = cursor.take("in", "after") !== null;
  let amount: number | null = null;
  if (cursor.takeAll("half", "an") || cursor.takeAll("half", "a") || cursor.takeAll("a", "half")) amount = 0.5;
  else if (cursor.takeAll("a", "couple", "of") || cursor.takeAll("a", "couple")) amount = 2;
  else amount = cursor.take("a", "an") ? 1 : readAmount(cursor);
  if (amount === null) return null;
  const unit = unitNamed(cursor.word);
  if (unit !== "second" && unit !== "minute" && unit !== "hour") return null;
  cursor.at += 1;
  const more = unit === "hour" ? readMinutesMore(cursor) : 0;
  const from = cursor.takeAll("from", "now");
  if (ahead === from) return null;
  if (ahead) cursor.attempt((c) => (c.mark("'") !== null && c.take("time") ? true : null));
  return { kind: "delay", seconds: Math.round(amount * SECONDS[unit] + more * 60) };
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
  return cursor.attempt(readOnHour) ?? cursor.attempt(readBasis) ?? cursor.attempt(readEvery) ?? readDays(cursor);
}

/** Dates, weekdays and days of months, without `on`. */
export function readDays(cursor: Cursor): Clause | null {
  const { at } = cursor;
  // "the 3rd of next month"
  const ahead = cursor.attempt((c) => {
    const date = readDate(c);
    return date?.kind === "monthday" || date?.kind === "edge" ? date : null;
  });
  if (ahead !== null) return { kind: "date", date: ahead };
  // "the 1st of January and July" before "the 1st of January", but "the 3rd December" is one date.
  const monthDays = cursor.attempt((c) => {
    const clause = readMonthDays(c);
    c.take("of");
    const goesOn = clause?.kind === "days" && clause.days.by === "on" && monthNamed(c.word) !== null;
    if (c.tokens[c.at - 1]?.text === "of") c.at -= 1;
    return goesOn ? null : clause;
  });
  const plainDate =
    (monthDays?.kind === "choice" && monthDays.choice.options.length === 1) ||
    (monthDays?.kind === "days" && monthDays.months?.length === 1);
  if (monthDays !== null && !plainDate) return monthDays;
  cursor.at = at;
  return (
    cursor.attempt(readFullDates) ??
    cursor.attempt(readSeveralDates) ??
    cursor.attempt(readDateClause) ??
    cursor.attempt(readWeeknights) ??
    cursor.attempt(weekdaysClause) ??
    cursor.attempt(readMonthDays)
  );
}

/** Several dates are of every year, or each of them is meant once: nobody has said so. */
const everyYear = (clause: Clause): Clause => ({
  kind: "choice",
  choice: { question: "Every year? A schedule has one single date only.", options: [clause] },
});

/** `1 January, 1 April and 1 July`. */
function readFullDates(cursor: Cursor): Clause | null {
  const clause = readEveryDates(cursor);
  return clause === null || clause.kind === "refusal" ? clause : everyYear(clause);
}

/** `3 and 4 December`. */
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
  return everyYear({
    kind: "days",
    days: { by: "month", every: 1, on: { by: "date", dates: sorted } },
    months: [month],
  });
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
  const about = cursor.take("exactly", "around", "about", "roughly", "approximately", "precisely", "circa");
  const weekend = cursor.attempt((c) => {
    c.take("the");
    return ["weekend", "weekends"].includes(c.word) ? weekdaysClause(c) : null;
  });
  if (weekend !== null) return about === null ? weekend : null;
  const past = cursor.attempt(readPast);
  if (past !== null) return past;
  const isDate = cursor.peek().text.length === 4 && cursor.peek(1).text === "-" && !cursor.peek(1).leads;
  const date = cursor.attempt((c) => (isDate ? readDateClause(c) : null));
  if (date !== null) return date;
  const edge = cursor.attempt((c) => {
    const said = readDate(c);
    return said?.kind === "edge" ? said : null;
  });
  if (edge !== null) return { kind: "date", date: edge };
  const times = readTimes(cursor);
  if (times !== null) return { kind: "times", times };
  const every = cursor.attempt((c) => {
    const clause = readEvery(c);
    return clause?.kind === "every" || clause?.kind === "past" ? clause : null;
  });
  if (every !== null) return every;
  const part = cursor.take("night", "lunch", "lunchtime");
  if (part !== null) return { kind: "parts", parts: [part === "night" ? "night" : "lunch"] };
  return cursor.attempt((c) => {
    const clause = readMonthDays(c);
    return clause?.kind === "choice" || (clause?.kind === "days" && clause.days.by === "month") ? clause : null;
  });
}

/** `in the morning`, `in the evenings`, `in July and August`. */
export function readIn(cursor: Cursor): Clause | null {
  if (cursor.take("of")) return readOf(cursor);
  if (!cursor.take("in", "during")) return null;
  if (cursor.take("the", "every", "each")) {
    const parts = readParts(cursor);
    return parts === null ? null : { kind: "parts", parts };
  }
  const months = readMonths(cursor);
  return months === null || dayFollows(cursor) ? null : { kind: "months", months };
}

/** `from June to August`, `between June and August`. */
export function readMonthRange(cursor: Cursor): Clause | null {
  const between = cursor.take("from", "between");
  const first = between === null ? null : monthNamed(cursor.word);
  if (first === null) return null;
  cursor.at += 1;
  if (cursor.mark("-") === null && cursor.take("to", "through", "thru", "until", "till", "and") === null) return null;
  const last = monthNamed(cursor.word);
  if (last === null) return null;
  cursor.at += 1;
  if (dayFollows(cursor) || first === last) return null;
  const months: number[] = [last];
  for (let n = first; n !== last; n = (n % 12) + 1) months.push(n);
  return { kind: "months", months: months.sort((a, b) => a - b) };
}

/** "every Monday of the month" adds nothing, "every Monday of September" does. */
function readOf(cursor: Cursor): Clause | null {
  const months = cursor.attempt(readMonths);
  if (months !== null) return dayFollows(cursor) ? null : { kind: "months", months };
  cursor.take("the", "every", "each", "any");
  return cursor.take("month", "year", "week") === null ? null : { kind: "every one" };
}

/** `mornings`, `nights`: the plural says that they come again. */
export function readPartDays(cursor: Cursor): Clause | null {
  if (!cursor.word.endsWith("s")) {
    // "twice a day, morning and evening"
    const parts = readParts(cursor);
    return parts !== null && parts.length > 1 ? { kind: "parts", parts } : null;
  }
  const parts = readParts(cursor);
  return parts === null ? null : { kind: "days", days: { by: "day", every: 1 }, parts };
}
