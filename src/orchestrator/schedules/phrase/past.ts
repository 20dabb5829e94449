/** Minutes past the hour: `:30`, `minute 15`, `quarter past every hour`, `the top of the hour`, `5 and 35 past`. */
import type { Cursor } from "./cursor.ts";
import type { Clause } from "./draft.ts";
import { readOrdinal, readWhole } from "./number.ts";
import { readTime } from "./time.ts";

/** The hour itself: 0 for `the hour`, n for `every n hours`; null when none stands here. */
function readHourNoun(cursor: Cursor): number | null {
  const word = cursor.take("the", "an", "every", "each");
  if (word === null) return null;
  const repeated = word === "every" || word === "each";
  const every = repeated
    ? cursor.take("other")
      ? 2
      : (cursor.attempt(readOrdinal) ?? cursor.attempt(readWhole))
    : null;
  if (!cursor.take("hour", "hours", "hr")) return null;
  if (!repeated) return 0;
  return every === null ? 1 : every >= 1 && every <= 24 ? every : null;
}

function readsNoTime(cursor: Cursor): boolean {
  const { at } = cursor;
  const time = readTime(cursor);
  cursor.at = at;
  return time === null;
}

/** One minute of the hour: `half`, `a quarter`, `:15`, `20`. */
function readMinute(cursor: Cursor): number | null {
  cursor.take("a");
  if (cursor.take("half")) return 30;
  if (cursor.take("quarter")) return 15;
  if (cursor.peek().leads && cursor.mark(":")) {
    const digits = cursor.peek().leads ? null : cursor.digits(2);
    return digits?.length === 2 && Number(digits) < 60 ? Number(digits) : null;
  }
  const whole = readWhole(cursor);
  return whole === null || whole > 59 ? null : whole;
}

function readMinutes(cursor: Cursor): number[] | null {
  const first = cursor.attempt(readMinute);
  if (first === null) return null;
  const minutes = [first];
  while (minutes.length < 60) {
    const more = cursor.attempt((c) => {
      const comma = c.mark(",", "&") !== null;
      const and = c.take("and") !== null;
      c.take("at");
      return comma || and ? c.attempt(readMinute) : null;
    });
    if (more === null) return minutes;
    minutes.push(more);
  }
  return minutes;
}

/** `noun` as {@link readHourNoun} gives it; null where no hour was named at all. */
const past = (minutes: readonly number[], noun: number | null): Clause => ({
  kind: "past",
  minutes: [...new Set(minutes)].sort((a, b) => a - b),
  hours: noun === 0 ? null : noun,
  hourly: noun !== null,
});

/** `:15`, `:15 and :45 past every hour`. */
function readColons(cursor: Cursor): Clause | null {
  if (cursor.peek().text !== ":") return null;
  const minutes = readMinutes(cursor);
  if (minutes === null) return null;
  const noun = cursor.attempt((c) => (c.take("past", "after", "of") === null ? null : readHourNoun(c)));
  return past(minutes, noun);
}

/** `minute 15`, `minutes 0 and 30 of every hour`. */
function readNumbered(cursor: Cursor): Clause | null {
  if (!cursor.take("minute", "minutes")) return null;
  const minutes = readMinutes(cursor);
  if (minutes === null) return null;
  const noun = cursor.attempt((c) => {
    c.take("of", "past", "after");
    return readHourNoun(c);
  });
  return past(minutes, noun);
}

/** `the top of the hour`, `the bottom of every hour`. */
function readTop(cursor: Cursor): Clause | null {
  cursor.take("the");
  const edge = cursor.take("top", "start", "beginning", "bottom");
  if (edge === null || !cursor.take("of")) return null;
  const noun = readHourNoun(cursor);
  return noun === null ? null : past([edge === "bottom" ? 30 : 0], noun);
}

/** `quarter past every hour`, `20 minutes past the hour`, `half past`, `quarter past and quarter to every hour`. */
function readSided(cursor: Cursor): Clause | null {
  const found: number[] = [];
  for (let n = 0; n < 12; n++) {
    const minutes = readMinutes(cursor);
    cursor.take("minutes", "mins", "min", "minute");
    const side = minutes === null ? null : cursor.take("past", "after", "to", "before");
    if (minutes === null || side === null) return null;
    const early = side === "to" || side === "before";
    found.push(...minutes.map((minute) => (early ? (60 - minute) % 60 : minute)));
    const noun = cursor.attempt(readHourNoun);
    if (noun !== null) return past(found, noun);
    if (cursor.take("and")) continue;
    // "at 15 past" is about every hour; "at 15 past nine" is a time, and "15 after lunch" is neither.
    const bare =
      side === "past" || (side === "to" && minutes.includes(15) && cursor.tokens[cursor.at - 2]?.text === "quarter");
    return bare && cursor.atBoundary && readsNoTime(cursor) ? past(found, null) : null;
  }
  return null;
}

/** Minutes past the hour. */
export function readPast(cursor: Cursor): Clause | null {
  return (
    cursor.attempt(readColons) ?? cursor.attempt(readNumbered) ?? cursor.attempt(readTop) ?? cursor.attempt(readSided)
  );
}

/** Behind `on`: `the hour`, `the half hour`, `the quarter hour`. */
export function readOnHour(cursor: Cursor): Clause | null {
  if (!cursor.take("the")) return null;
  if (cursor.take("dot")) return { kind: "past", minutes: [0], hours: null, hourly: true };
  const part = cursor.take("half", "quarter", "half-hour");
  cursor.mark("-");
  if (part !== "half-hour" && !cursor.take("hour")) return null;
  if (part === "quarter") return { kind: "past", minutes: [0, 15, 30, 45], hours: null, hourly: true };
  return { kind: "past", minutes: [part === null ? 0 : 30], hours: null, hourly: true };
}
