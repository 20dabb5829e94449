/** What narrows a schedule: its start, its end, how often it runs, days and hours left out. */
import type { Cursor } from "./cursor.ts";
import { type DateSaid, readDate } from "./date.ts";
import type { Clause, MomentSaid } from "./draft.ts";
import { readOrdinal, readWhole } from "./number.ts";
import { readPeriod } from "./period.ts";
import { isPlainlyTime, readClockTime, readTime, type TimeSaid } from "./time.ts";
import { unitNamed, weekdayNamed } from "./vocabulary.ts";

/** `+01:00` behind a time of day, as the canonical sentence writes the second of two equal times. */
export function readOffset(cursor: Cursor): number | null {
  return cursor.attempt((c) => {
    if (!c.peek().leads && c.take("z")) return 0;
    const sign = c.peek().leads ? c.mark("+", "-") : c.mark("+");
    const hours = sign === null || c.peek().leads ? null : c.digits(2);
    if (sign === null || hours?.length !== 2 || c.mark(":") === null) return null;
    const minutes = c.digits(2);
    if (minutes?.length !== 2) return null;
    return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  });
}

/** "until 5pm today" */
const readToday = (cursor: Cursor): DateSaid | null =>
  cursor.take("today", "tonight")
    ? { kind: "days", days: 0 }
    : cursor.take("tomorrow")
      ? { kind: "days", days: 1 }
      : null;

/** "from Monday on": behind that `on` no day stands. */
const startsDays = (text: string, kind: string): boolean =>
  kind === "number" ||
  weekdayNamed(text) !== null ||
  ["the", "every", "each", "weekdays", "weekends", "a"].includes(text);

/** `1 December`, `Monday at 9`, `9am`, `tomorrow`, `now`, `the end of the month`. */
function readMoment(cursor: Cursor, last: boolean): MomentSaid | null {
  if (cursor.take("now", "immediately") || cursor.takeAll("right", "now"))
    return { date: { kind: "days", days: 0 }, time: null, offset: null };
  cursor.take("on");
  const date =
    // "starting next week" begins with its first day.
    cursor.attempt((c) => {
      const said = readDate(c);
      return said?.kind === "options" ? null : said;
    }) ??
    cursor.attempt((c) => readPeriod(c, last)) ??
    cursor.attempt((c) => {
      const named = weekdayNamed(c.word);
      if (named === null || named.plural) return null;
      c.at += 1;
      return { kind: "weekday" as const, weekday: named.weekday };
    });
  const time = cursor.attempt((c) => {
    const at = c.take("at") !== null || c.mark("@") !== null;
    return at || isPlainlyTime(c) ? readTime(c) : null;
  });
  if (date === null && time === null) return null;
  const behind = date === null ? cursor.attempt(readToday) : null;
  if (behind !== null) return { date: behind, time, offset: null };
  const offset = time === null ? null : readOffset(cursor);
  if (!last && cursor.take("onwards", "onward", "forward") === null)
    cursor.attempt((c) => (c.take("on") && (c.done || !startsDays(c.peek().text, c.peek().kind)) ? true : null));
  return { date, time, offset };
}

/** `from Monday to Friday`. */
export function readWeekdayRange(cursor: Cursor): Clause | null {
  if (!cursor.take("from", "between")) return null;
  const first = weekdayNamed(cursor.word);
  const joint = cursor.peek(1).text;
  const last = weekdayNamed(cursor.peek(2).text);
  if (first === null || last === null || !["to", "and", "through", "thru", "-", "until", "till"].includes(joint))
    return null;
  cursor.at += 3;
  const weekdays: number[] = [last.weekday];
  for (let n = first.weekday; n !== last.weekday; n = (n + 1) % 7) weekdays.push(n);
  return { kind: "days", days: { by: "week", every: 1, weekdays: weekdays.sort((a, b) => a - b) } };
}

/** `from 3 to 10 December`, `between 31 October and 4 November`, `3-10 December`. */
export function readDateRange(cursor: Cursor): Clause | null {
  const lead = cursor.take("from", "between");
  const first = cursor.attempt(readDate);
  const day = first === null ? dayNumber(cursor) : null;
  if (first === null && day === null) return null;
  const joint = cursor.mark("-") ?? cursor.take("to", "until", "till", "through", "thru", "and");
  // Without a word in front, "3 and 10 December" are two dates.
  if (joint === null || (joint === "and" && lead !== "between")) return null;
  const last = cursor.attempt(readDate) ?? (day === null ? null : cursor.attempt(readMonthDate));
  if (last === null) return null;
  const start: DateSaid | null =
    first ?? (last.kind === "date" && day !== null ? { ...last, day, weekday: null } : null);
  const open = start ?? (last.kind === "monthday" && day !== null ? { ...last, day } : null);
  if (open === null || (first !== null && first.kind !== "date" && lead === null)) return null;
  const moment = (date: DateSaid): MomentSaid => ({ date, time: null, offset: null });
  return { kind: "span", start: moment(open), until: moment(last) };
}

const dayNumber = (cursor: Cursor): number | null => {
  cursor.take("the");
  const day = cursor.attempt(readOrdinal) ?? Number(cursor.digits(2) ?? 0);
  return day >= 1 && day <= 31 ? day : null;
};

/** `the 10th`, behind `from the 3rd to`. */
const readMonthDate = (cursor: Cursor): DateSaid | null => {
  cursor.take("the");
  const day = readOrdinal(cursor);
  return day === null || day > 31 || cursor.peek().text === "of" ? null : { kind: "monthday", day };
};

/** `starting 1 December`, `from Monday`, `as of tomorrow`. */
export function readStart(cursor: Cursor): Clause | null {
  const plain = cursor.take(...STARTS) !== null || cursor.takeAll("as", "of") || cursor.takeAll("as", "from");
  if (plain) cursor.take("on", "from", "in");
  if (!plain && !cursor.take("from")) return null;
  // "from now on" says that there is no end.
  if (cursor.takeAll("now", "on")) return { kind: "open" };
  const moment = readMoment(cursor, false);
  // "every hour from 9" may be a window or a first time; "starting at 9" is a first time.
  if (moment === null) return null;
  const until = cursor.attempt((c) => {
    const joint = c.take("to", "until", "till", "through") ?? c.mark("-");
    return joint === null ? null : readMoment(c, true);
  });
  return until === null
    ? { kind: "start", moment: plain || moment.date !== null ? moment : { ...moment, weak: true } }
    : { kind: "span", start: moment, until };
}

const STARTS = ["starting", "beginning", "begining", "commencing", "effective", "start", "begin", "starts"] as const;

/** `until 18 December`, `till 17:00`. */
export function readUntil(cursor: Cursor): Clause | null {
  if (cursor.take("forever", "indefinitely")) return { kind: "open" };
  const word = cursor.take("until", "till", "til", "ending", "ends", "through", "thru", "up", "stopping", "finishing");
  if (word === null || (word === "up" && !cursor.take("to", "until"))) return null;
  if (cursor.takeAll("further", "notice"))
    return {
      kind: "refusal",
      code: "not_understood",
      reason: "without an end it goes on until it is stopped; leave that out",
    };
  const moment = readMoment(cursor, true);
  return moment === null ? null : { kind: "until", moment };
}

/** `for 5 days`, `for the next 2 weeks`. */
export function readLasting(cursor: Cursor): Clause | null {
  if (!cursor.take("for")) return null;
  const rest = cursor.attempt((c) => {
    if (!c.takeAll("the", "rest", "of")) return null;
    c.take("the", "this");
    return c.take("week", "month", "quarter", "year");
  });
  if (rest !== null) {
    const date: DateSaid = { kind: "edge", of: rest as "week", ahead: 0, last: true };
    return { kind: "until", moment: { date, time: null, offset: null } };
  }
  const next = cursor.takeAll("the", "next") || cursor.takeAll("another");
  const count = cursor.take("a", "an") ? 1 : (readWhole(cursor) ?? (next ? 1 : null));
  const times = count === null ? null : cursor.take("times", "runs", "occurrences", "time", "x");
  if (count !== null && times !== null) return { kind: "count", count };
  const unit = unitNamed(cursor.word);
  if (count === null || unit === null || cursor.word.length < 2) return null;
  if (unit === "second" || unit === "weekday" || unit === "quarter" || unit === "fortnight") return null;
  cursor.at += 1;
  return { kind: "lasting", count, unit };
}

/** `10 times`, `5x`; not `twice a day`. */
export function readCount(cursor: Cursor): Clause | null {
  const most = cursor.takeAll("up", "to") || cursor.takeAll("at", "most") || cursor.take("max", "maximum") !== null;
  const crossed = !most && cursor.take("x") !== null;
  const count = readWhole(cursor);
  if (count === null || (!crossed && !cursor.take("times", "runs", "x", "time", "occurrences"))) return null;
  // "twice a day" and "3 times every weekday" say how often.
  if (["a", "per", "an", "every", "each", "daily", "weekly", "monthly", "yearly", "/"].includes(cursor.peek().text))
    return null;
  cursor.takeAll("in", "total");
  cursor.take("only", "max", "maximum", "total");
  return { kind: "count", count };
}

/** A time of day; "9 to 17" is two of them, "quarter to nine" is one. */
const readEdge = (cursor: Cursor): TimeSaid | null =>
  ["half", "quarter", "a"].includes(cursor.word) ? readTime(cursor) : readClockTime(cursor);

/** `between 9 and 17`, `from 9am to 5pm`, `9am-5pm`. */
export function readWindow(cursor: Cursor): Clause | null {
  const lead = cursor.take("between", "from", "during");
  if (lead !== null) cursor.takeAll("the", "hours", "of");
  if (lead === null && !isPlainlyTime(cursor) && cursor.peek(1).text !== "-") return null;
  cursor.take("at");
  const from = readEdge(cursor);
  const joint =
    from === null ? null : (cursor.mark("-") ?? cursor.take("and", "to", "until", "till", "through", "thru"));
  if (from === null || joint === null || (joint === "and" && lead !== "between")) return null;
  cursor.take("at");
  const to = readEdge(cursor);
  return to === null ? null : { kind: "window", from, to };
}
