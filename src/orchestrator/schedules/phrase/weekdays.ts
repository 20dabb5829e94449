/** Weekdays and parts of the day, alone and in lists. */
import type { Cursor } from "./cursor.ts";
import { type NamedWeekday, type Part, partNamed, weekdayNamed } from "./vocabulary.ts";

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
  // "Mon." but not the full stop at the end of a sentence.
  cursor.attempt((c) =>
    !c.peek().leads && c.mark(".") !== null && (c.peek().text === "," || weekdayNamed(c.word)) ? true : null,
  );
  return named;
}

/** `weekdays`, `business days`, `weekends`, in either number. */
function readGroup(cursor: Cursor): WeekdaysRead | null {
  const word = cursor.take("weekday", "weekdays", "workday", "workdays", "weekend", "weekends");
  if (word !== null) return { weekdays: word.startsWith("weekend") ? WEEKEND : WORK, several: true };
  return cursor.attempt((c) => {
    if (!c.take("business", "working", "work", "week") || !c.take("day", "days")) return null;
    return { weekdays: WORK, several: true };
  });
}

/** `Monday`, `Mon-Fri`, `Monday, Wednesday and Friday`, `Tue/Thu`, `weekdays and Saturdays`. */
export function readWeekdays(cursor: Cursor): WeekdaysRead | null {
  const group = readGroup(cursor);
  const first = group === null ? readWeekday(cursor) : null;
  if (group === null && first === null) return null;
  const found = new Set(group?.weekdays ?? []);
  let several = group !== null || (first?.plural ?? false);
  let last = first?.weekday ?? null;
  if (last !== null) found.add(last);
  while (found.size < 8) {
    const next = cursor.attempt((c): { weekdays: readonly number[]; range: boolean } | null => {
      const comma = c.mark(",", "/", "&", "+") !== null;
      const and = c.take("and", "plus") !== null;
      const range = !comma && !and && (c.mark("-") ?? c.take("to", "through", "thru", "till", "until")) !== null;
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
    c.take("every", "each");
    const part = partNamed(c.word);
    if (part !== null) c.at += 1;
    return part;
  });
  return second === null || second === first ? [first] : [first, second];
}
