/** Raw cron within phrases: `cron 0 9 * * 1-5`, the same without the word, `@daily`, and what AWS and Go write. */
import { isCron } from "../cron.ts";
import { saidTime } from "./asking.ts";
import type { Cursor } from "./cursor.ts";
import type { Clause } from "./draft.ts";
import { SECONDS, unitNamed } from "./vocabulary.ts";

const NICKNAMES: Readonly<Record<string, string>> = {
  yearly: "0 0 1 1 *",
  annually: "0 0 1 1 *",
  monthly: "0 0 1 * *",
  weekly: "0 0 * * 0",
  daily: "0 0 * * *",
  midnight: "0 0 * * *",
  hourly: "0 * * * *",
};

const EXAMPLE = "cron 0 9 * * 1-5";

const refusal = (reason: string, example = EXAMPLE): Clause => ({
  kind: "refusal",
  code: "not_understood",
  reason,
  example,
});

const badCron = (expression: string): Clause =>
  refusal(
    `"${expression}" is not a cron expression of five fields: minute, hour, day of month, month, day of week`,
    EXAMPLE,
  );

/** A field of digits and marks, or one with names in it. */
const PLAIN_FIELD = /^(?:[\d*?]|LW?(?![a-z]))[\dLW*?,/#-]*$/i;
const NAMED_FIELD = /^[\dA-Z*?,/#-]+$/i;
const NAMES = /JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|MON|TUE|WED|THU|FRI|SAT|SUN/gi;

const isNamed = (field: string): boolean =>
  PLAIN_FIELD.test(field) || (NAMED_FIELD.test(field) && PLAIN_FIELD.test(field.replace(NAMES, "1")));

/** What to type instead of six or seven fields. */
function tooMany(fields: readonly string[]): Clause {
  const plain = fields.map((field) => field.replaceAll("?", "*"));
  const [first = ""] = plain;
  // A year at the end (AWS) or a second in front (Quartz, Spring).
  const aws = plain.length === 6 && fields.includes("?") && /^(?:\*|20\d\d.*)$/.test(plain[5] ?? "");
  const five = (aws ? plain.slice(0, 5) : plain.slice(1, 6)).join(" ").toUpperCase();
  const what = aws ? "a year at the end" : "seconds in front";
  const drops = aws ? plain[5] === "*" : first === "0" && (plain.length === 6 || plain[6] === "*");
  const reason = `a cron expression has five fields here; that one has ${fields.length}, with ${what}`;
  return isCron(five) && drops
    ? refusal(`${reason}. Type cron ${five}`, `cron ${five}`)
    : refusal(`${reason}, which I do not read`);
}

function readNickname(cursor: Cursor): Clause | null {
  const { text } = cursor.peek(1);
  const nickname = Object.hasOwn(NICKNAMES, text) ? NICKNAMES[text] : undefined;
  if (nickname !== undefined) {
    cursor.at += 2;
    return { kind: "cron", expression: nickname };
  }
  if (text !== "reboot") return null;
  cursor.at += 2;
  return refusal("there is no reboot that I could see; say a time", "every day at 9:00");
}

/** The fields inside quotes or brackets, which are one opaque token or begin with `(`. */
function enclosed(cursor: Cursor): string[] | null {
  const open = cursor.peek();
  const source = cursor.source.slice(open.start, open.end);
  if (open.kind === "other" && /^["“`]/.test(source)) {
    cursor.at += 1;
    return source.slice(1, -1).trim().split(/\s+/).slice(0, 20);
  }
  if (open.text !== "(") return null;
  const end = cursor.source.indexOf(")", open.start);
  if (end < 0 || end - open.start > 100) return null;
  while (!cursor.done && cursor.peek().start <= end) cursor.at += 1;
  return cursor.source.slice(open.end, end).trim().split(/\s+/).slice(0, 20);
}

/** Fields that follow each other, as far as they look like fields. */
function bareFields(cursor: Cursor, said: boolean): string[] | null {
  const fields: string[] = [];
  while (fields.length < 7 && !cursor.done) {
    const { text, tokens } = cursor.chunk();
    const field = text.replace(/[,:;.]+$/, "");
    const fits = fields.length < 3 ? PLAIN_FIELD.test(field) : isNamed(field);
    if (text.length > 200) return null;
    if (!fits && !(said && fields.length < 5 && /^[\d*?]/.test(field))) break;
    // "0 9 * * 1-5 3 checks": a sixth number belongs to what to do only when a mark parts it.
    fields.push(field);
    cursor.at += tokens;
    if (field !== text || cursor.peek().leads === false) break;
  }
  return fields;
}

/** `0 9 L-3 * *`, which is a date counted from the end of the month. */
function countedFromEnd(fields: readonly string[]): Clause | null {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields;
  const before = /^L-(\d{1,2})$/i.exec(day)?.[1];
  if (before === undefined) return null;
  const numbers = (field: string, least: number, most: number): number[] | null => {
    const list = field.split(",").map((one) => (/^\d{1,2}$/.test(one) ? Number(one) : -1));
    return list.every((one) => one >= least && one <= most) ? [...new Set(list)].sort((a, b) => a - b) : null;
  };
  const minutes = numbers(minute, 0, 59);
  const hours = numbers(hour, 0, 23);
  const months = month === "*" ? [] : numbers(month, 1, 12);
  const date = -Number(before) - 1;
  if (!minutes || !hours || !months || !/^[*?]$/.test(weekday) || date < -31)
    return refusal(
      `"${day}" counts days from the end of the month; I read it with plain minutes, hours and months only`,
      "cron 0 9 L-3 * *",
    );
  const times = hours.flatMap((h) => minutes.map((m) => saidTime(h * 60 + m)));
  const days = { by: "month", every: 1, on: { by: "date", dates: [date] } } as const;
  return { kind: "days", days, times, ...(months.length === 0 ? {} : { months }) };
}

/** AWS's `rate(5 minutes)`. */
function readRate(cursor: Cursor): Clause | null {
  if (!cursor.take("rate") || cursor.mark("(") === null) return null;
  const count = Number(cursor.digits(5) ?? 0);
  const unit = unitNamed(cursor.word);
  if (count < 1 || (unit !== "minute" && unit !== "hour" && unit !== "day")) return null;
  cursor.at += 1;
  const seconds = unit === "day" ? 86_400 : SECONDS[unit];
  return cursor.mark(")") === null ? null : { kind: "every", seconds: count * seconds };
}

/** `cron 0 9 * * 1-5`, the same without the word, `@daily`, `cron(0 9 * * ? *)`, `rate(5 minutes)`. */
export function readCron(cursor: Cursor): Clause | null {
  if (cursor.word === "rate") return readRate(cursor);
  if (cursor.peek().text === "@" && cursor.peek(1).leads === false) return readNickname(cursor);
  const said = cursor.take("cron", "crontab") !== null;
  if (said) {
    cursor.take("expression", "schedule");
    cursor.mark(":");
  }
  const fields = (said ? enclosed(cursor) : null) ?? bareFields(cursor, said);
  if (fields === null) return null;
  const expression = fields.join(" ").toUpperCase();
  const fromEnd = fields.length === 5 ? countedFromEnd(fields) : null;
  if (fromEnd !== null) return fromEnd;
  const starred = fields.some((field) => /[*?]/.test(field));
  if (fields.length === 5 && isCron(expression) && (said || starred)) return { kind: "cron", expression };
  if (fields.length > 5 && (said || fields.filter((field) => /^[*?]/.test(field)).length > 1)) return tooMany(fields);
  if (!said && fields.length === 5 && starred && fields.filter((field) => field === "*").length > 1)
    return badCron(fields.join(" "));
  return said ? badCron(fields.join(" ")) : null;
}
