/** Weekdays and parts of the day, alone and in lists. */
import type { Cursor } from "./cursor.ts";
import { readLetterDays } from "./letter-days.ts";
import { EVERY, monthNamed, type NamedWeekday, type Part, partNamed, weekdayNamed } from "./vocabulary.ts";

export const WORK: readonly number[] = [0, 1, 2, 3, 4];
const WEEKEND: readonly number[] = [5, 6];

const sorted = (values: Iterable<number>): number[] => [...new Set(values)].sort((a, b) => a - b);

export interface WeekdaysRead {
  readonly weekdays: readonly number[];
  /** More than one was named, or one in the plural. */
  readonly several: boolean;
}

function readWeekday(cursor: Cursor): NamedWeekday | null {
  const named = weekdayNamed(cursor.word);
  if (named === null) return null;
  cursor.at += 1;
  // "Mon." but not the full stop at the end of a sentence, nor the dots of "mon..fri".
  const short = (cursor.tokens[cursor.at - 1]?.text.length ?? 0) <= 5;
  cursor.attempt((c) => {
    if (c.peek().leads || c.mark(".") === null || c.peek().text === ".") return null;
    return c.peek().text === "," || weekdayNamed(c.word) || (short && !c.done) ? true : null;
  });
  return named;
}

/** `weekdays`, `business days`, `weekends`, in either number. */
function readGroup(cursor: Cursor): WeekdaysRead | null {
  const word = cursor.take("weekday", "weekdays", "workday", "workdays", "weekend", "weekends");
  if (word !== null) return { weekdays: word.startsWith("weekend") ? WEEKEND : WORK, several: true };
  const all = cursor.attempt((c) =>
    (c.peek().text === "7" || c.peek().text === "seven") && c.peek(1).text === "days"
      ? c.at++ >= 0 && c.takeAll("days", "a", "week")
      : null,
  );
  if (all) return { weekdays: [0, 1, 2, 3, 4, 5, 6], several: true };
  return cursor.attempt((c) => {
    const word = c.take("business", "working", "work", "week");
    if (word === null) return null;
    if (!c.peek().leads) c.mark("-");
    if (word === "week" && c.take("end", "ends")) return { weekdays: WEEKEND, several: true };
    return c.take("day", "days") === null ? null : { weekdays: WORK, several: true };
  });
}

/** Behind these words small letters are days: `every m-f`, `on tu/th`. */
const EXPECTING: ReadonlySet<string> = new Set([...EVERY, "on"]);

/** The joint of a range; `mon..fri` is systemd's. */
function readRange(cursor: Cursor, plain: boolean): boolean {
  if (cursor.mark("-") !== null) {
    // "Monday-to-Friday"
    if (cursor.take("to")) cursor.mark("-");
    return true;
  }
  if (cursor.take("to", "through", "thru") !== null) return true;
  if (cursor.peek().text === "." && cursor.peek(1).text === "." && !cursor.peek(1).leads) {
    cursor.at += 2;
    return true;
  }
  if (
    !plain ||
    !["until", "till"].includes(cursor.word) ||
    cursor.peek(2).kind === "number" ||
    monthNamed(cursor.peek(2).text) !== null
  )
    return false;
  cursor.at += 1;
  return true;
}

/** `Monday`, `Mon-Fri`, `Monday, Wednesday and Friday`, `Tue/Thu`, `weekdays and Saturdays`. */
export function readWeekdays(cursor: Cursor): WeekdaysRead | null {
  const from = cursor.at;
  const letters = cursor.attempt((c) => readLetterDays(c, EXPECTING.has(cursor.tokens[from - 1]?.text ?? "")));
  if (letters !== null) return { weekdays: letters, several: true };
  cursor.take("both");
  const group = readGroup(cursor);
  const first = group === null ? readWeekday(cursor) : null;
  if (group === null && first === null) {
    cursor.at = from;
    return null;
  }
  // "every Friday until Tuesday" is about an end, "Monday until Friday" is about days.
  const plain = !(EVERY as readonly string[]).includes(cursor.tokens[from - 1]?.text ?? "");
  const found = new Set(group?.weekdays ?? []);
  let several = group !== null || (first?.plural ?? false);
  let last = first?.weekday ?? null;
  if (last !== null) found.add(last);
  while (found.size < 8) {
    const next = cursor.attempt((c): { weekdays: readonly number[]; range: boolean } | null => {
      const comma = c.mark(",", "/", "&", "+") !== null;
      const and = c.take("and", "plus") !== null || c.takeAll("as", "well", "as");
      if (and) c.take("also");
      const range = !comma && !and && readRange(c, plain);
      if (!comma && !and && !range) return null;
      c.take("on");
      c.take("every", "each");
      const more = range ? null : readGroup(c);
      if (more !== null) return { weekdays: more.weekdays, range };
      const named = readWeekday(c);
      if (named?.plural) several = true;
      return named === null ? null : { weekdays: [named.weekday], range };
    });
    if (next === null) break;
    several = true;
    const [to = 0] = next.weekdays;
    if (next.range && last !== null) for (let n = last; n !== to; n = (n + 1) % 7) found.add(n);
    for (const weekday of next.weekdays) found.add(weekday);
    last = next.weekdays.length === 1 ? to : null;
    if (next.range) last = null;
  }
  return { weekdays: sorted(found), several };
}

/** `morning`, `mornings and evenings`. */
export function readParts(cursor: Cursor): Part[] | null {
  const first = partNamed(cursor.word);
  if (first === null) return null;
  cursor.at += 1;
  if (first === "lunch") cursor.take("time");
  const second = cursor.attempt((c) => {
    if (c.take("and") === null) return null;
    c.take("every", "each", "in");
    c.take("the");
    const part = partNamed(c.word);
    if (part !== null) c.at += 1;
    return part;
  });
  return second === null || second === first ? [first] : [first, second];
}
