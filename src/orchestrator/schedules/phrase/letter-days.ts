/** Weekdays by their letters, as timetables write them: `MWF`, `TTh`, `M-F`, `M/W/F`, `Tu/Th`, `Mo-Fr`. */
import type { Cursor } from "./cursor.ts";

const CODES: Readonly<Record<string, number>> = {
  m: 0,
  mo: 0,
  mon: 0,
  t: 1,
  tu: 1,
  tue: 1,
  tues: 1,
  w: 2,
  we: 2,
  wed: 2,
  th: 3,
  thu: 3,
  thur: 3,
  thurs: 3,
  r: 3,
  f: 4,
  fr: 4,
  fri: 4,
  sa: 5,
  sat: 5,
  su: 6,
  sun: 6,
};

/** Words that are known as a whole. */
const RUNS: Readonly<Record<string, readonly number[]>> = {
  mwf: [0, 2, 4],
  tth: [1, 3],
  tuth: [1, 3],
  mw: [0, 2],
  mtwtf: [0, 1, 2, 3, 4],
  mtwthf: [0, 1, 2, 3, 4],
  mtwrf: [0, 1, 2, 3, 4],
  mtthf: [0, 1, 3, 4],
};

/** One chunk of letters; `m-f` and `tth` in small letters only where `loose` says that days are expected. */
export function readLetterDays(cursor: Cursor, loose: boolean): readonly number[] | null {
  const { text, tokens } = cursor.chunk();
  const capital = /^[A-Z]/.test(text);
  if (text.length > 30 || (!capital && !loose)) return null;
  const lower = text.toLowerCase().replaceAll("–", "-");
  const run = Object.hasOwn(RUNS, lower) ? RUNS[lower] : undefined;
  if (run !== undefined) {
    cursor.at += tokens;
    return run;
  }
  const range = /^([a-z]+)-([a-z]+)$/.exec(lower);
  const names = range ? [range[1] ?? "", range[2] ?? ""] : lower.split(/[/,&+]/);
  const days = names.map((name) => (Object.hasOwn(CODES, name) ? (CODES[name] ?? -1) : -1));
  // "Mon-Wed, Fri" is for the words, which go on behind it.
  if (names.length < 2 || days.includes(-1) || names.every((name) => name.length > 2)) return null;
  cursor.at += tokens;
  if (!range) return [...new Set(days)].sort((a, b) => a - b);
  const found: number[] = [];
  const [first = 0, last = 0] = days;
  for (let day = first; day !== last; day = (day + 1) % 7) found.push(day);
  return [...found, last].sort((a, b) => a - b);
}
