/** What narrows a schedule: its start, its end, how often it runs, days and hours left out. */
import type { Cursor } from "./cursor.ts";
import { readDate } from "./date.ts";
import type { Clause, MomentSaid } from "./draft.ts";
import { readWhole } from "./number.ts";
import { isPlainlyTime, readClockTime, readTime, type TimeSaid } from "./time.ts";
import { unitNamed, weekdayNamed } from "./vocabulary.ts";
import { readWeekdays } from "./weekdays.ts";

/** `+01:00` behind a time of day, as the canonical sentence writes the second of two equal times. */
export function readOffset(cursor: Cursor): number | null {
  return cursor.attempt((c) => {
    const sign = c.peek().leads ? c.mark("+", "-") : null;
    const hours = sign === null || c.peek().leads ? null : c.digits(2);
    if (sign === null || hours?.length !== 2 || c.mark(":") === null) return null;
    const minutes = c.digits(2);
    if (minutes?.length !== 2) return null;
    return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  });
}

/** `1 December`, `Monday at 9`, `9am`, `tomorrow`, `now`. */
function readMoment(cursor: Cursor): MomentSaid | null {
  if (cursor.take("now")) return { date: { kind: "days", days: 0 }, time: null, offset: null };
  cursor.take("on");
  const date =
    readDate(cursor) ??
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
  return { date, time, offset: time === null ? null : readOffset(cursor) };
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

/** `starting 1 December`, `from Monday`, `as of tomorrow`. */
export function readStart(cursor: Cursor): Clause | null {
  const plain =
    cursor.take("starting", "beginning", "effective", "start", "begin") !== null || cursor.takeAll("as", "of");
  if (plain) cursor.take("on", "from");
  if (!plain && !cursor.take("from", "since")) return null;
  const moment = readMoment(cursor);
  // "every hour from 9" may be a window or a first time; "starting at 9" is a first time.
  if (moment === null || (!plain && moment.date === null)) return null;
  const until = cursor.attempt((c) => {
    const joint = c.take("to", "until", "till", "through") ?? c.mark("-");
    return joint === null ? null : readMoment(c);
  });
  return until === null ? { kind: "start", moment } : { kind: "span", start: moment, until };
}

/** `until 18 December`, `till 17:00`. */
export function readUntil(cursor: Cursor): Clause | null {
  const word = cursor.take("until", "till", "til", "ending", "through", "up");
  if (word === null || (word === "up" && !cursor.take("to", "until"))) return null;
  const moment = readMoment(cursor);
  return moment === null ? null : { kind: "until", moment };
}

/** `for 5 days`, `for the next 2 weeks`. */
export function readLasting(cursor: Cursor): Clause | null {
  if (!cursor.take("for")) return null;
  cursor.takeAll("the", "next");
  const count = cursor.take("a", "an") ? 1 : readWhole(cursor);
  const times = count === null ? null : cursor.take("times", "runs", "occurrences", "time");
  if (count !== null && times !== null) return { kind: "count", count };
  const unit = unitNamed(cursor.word);
  if (count === null || unit === null || cursor.word.length < 2) return null;
  if (unit === "second" || unit === "weekday" || unit === "quarter" || unit === "fortnight") return null;
  cursor.at += 1;
  return { kind: "lasting", count, unit };
}

/** `10 times`, `5x`; not `twice a day`. */
export function readCount(cursor: Cursor): Clause | null {
  const count = cursor.take("twice") ? 2 : readWhole(cursor);
  if (count === null || (cursor.tokens[cursor.at - 1]?.text !== "twice" && !cursor.take("times", "runs", "x", "time")))
    return null;
  if (cursor.peek().text === "a" || cursor.peek().text === "per" || cursor.peek().text === "an") return null;
  cursor.takeAll("in", "total");
  return { kind: "count", count };
}

/** `except Wednesdays`, `but not on weekends`. */
export function readExcept(cursor: Cursor): Clause | null {
  const said =
    cursor.take("except", "excluding", "excepting", "without") !== null ||
    cursor.takeAll("but", "not") ||
    cursor.takeAll("other", "than");
  if (!said) return null;
  cursor.take("for");
  cursor.take("on");
  cursor.take("the");
  const named = readWeekdays(cursor);
  return named === null ? null : { kind: "except", weekdays: named.weekdays };
}

/** A time of day; "9 to 17" is two of them, "quarter to nine" is one. */
const readEdge = (cursor: Cursor): TimeSaid | null =>
  ["half", "quarter", "a"].includes(cursor.word) ? readTime(cursor) : readClockTime(cursor);

/** `between 9 and 17`, `from 9am to 5pm`, `9am-5pm`. */
export function readWindow(cursor: Cursor): Clause | null {
  const lead = cursor.take("between", "from", "during");
  if (lead === null && !isPlainlyTime(cursor) && cursor.peek(1).text !== "-") return null;
  cursor.take("at");
  const from = readEdge(cursor);
  const joint = from === null ? null : (cursor.mark("-") ?? cursor.take("and", "to", "until", "till", "through"));
  if (from === null || joint === null || (joint === "and" && lead !== "between")) return null;
  cursor.take("at");
  const to = readEdge(cursor);
  return to === null ? null : { kind: "window", from, to };
}
