/** The words schedules are made of. */

const table = (rows: Readonly<Record<string, number>>): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(rows).flatMap(([words, value]) => words.split(" ").map((word): [string, number] => [word, value])),
  );

const WEEKDAYS = table({
  "mon monday": 0,
  "tue tues tuesday": 1,
  "wed weds wednesday": 2,
  "thu thur thurs thursday": 3,
  "fri friday": 4,
  "sat saturday": 5,
  "sun sunday": 6,
});

const MONTHS = table({
  "jan january": 1,
  "feb february": 2,
  "mar march": 3,
  "apr april": 4,
  may: 5,
  "jun june": 6,
  "jul july": 7,
  "aug august": 8,
  "sep sept september": 9,
  "oct october": 10,
  "nov november": 11,
  "dec december": 12,
});

/** Misspellings that are further from the name than one slip, or too short to guess at. */
const MISSPELT = table({ "wensday wendsday wendesday": 2 });
const MISSPELT_MONTHS = table({ "apirl arpil aprl": 4, jully: 7, "agust augest": 8, marhc: 3 });

/** True when one letter is missing, added, wrong or swapped with its neighbour. */
function oneSlip(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let front = 0;
  while (front < a.length && a[front] === b[front]) front += 1;
  let back = 0;
  while (back < Math.min(a.length, b.length) - front && a.at(-1 - back) === b.at(-1 - back)) back += 1;
  const [left, right] = [a.slice(front, a.length - back), b.slice(front, b.length - back)];
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}

function misspelt(word: string, names: ReadonlyMap<string, number>): number | null {
  if (word.length < 5) return null;
  const found = new Set<number>();
  for (const [name, value] of names) if (name.length >= 6 && oneSlip(word, name)) found.add(value);
  const [only] = found;
  return found.size === 1 && only !== undefined ? only : null;
}

export interface NamedWeekday {
  /** 0 is Monday. */
  readonly weekday: number;
  /** `Mondays`. */
  readonly plural: boolean;
}

/** The same words are asked about again and again, and slips are dear to look for. */
const MAX_KNOWN = 5000;

function remembering<T>(find: (word: string) => T): (word: string) => T {
  const known = new Map<string, T>();
  return (word) => {
    const found = known.get(word);
    if (found !== undefined) return found;
    const value = find(word);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(word, value);
    return value;
  };
}

/** A weekday by name, short name, plural or with one slip of the keyboard. */
export const weekdayNamed = remembering(findWeekday);

function findWeekday(word: string): NamedWeekday | null {
  const exact = WEEKDAYS.get(word);
  if (exact !== undefined) return { weekday: exact, plural: false };
  const singular = word.endsWith("s") ? word.slice(0, -1).replace(/'$/, "") : null;
  const many = singular === null || singular.includes("'") || word.includes("'") ? undefined : WEEKDAYS.get(singular);
  if (many !== undefined) return { weekday: many, plural: true };
  const near = MISSPELT.get(word) ?? misspelt(word, WEEKDAYS);
  if (near !== null) return { weekday: near, plural: false };
  const nearMany = singular === null ? null : (MISSPELT.get(singular) ?? misspelt(singular, WEEKDAYS));
  return nearMany === null ? null : { weekday: nearMany, plural: true };
}

/** A month by name, short name or with one slip of the keyboard. 1 is January. */
export const monthNamed = remembering(
  (word: string): number | null => MONTHS.get(word) ?? MISSPELT_MONTHS.get(word) ?? misspelt(word, MONTHS),
);

const NUMBERS = table({
  "zero oh": 0,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  thirteen: 13,
  fourteen: 14,
  fifteen: 15,
  sixteen: 16,
  seventeen: 17,
  eighteen: 18,
  nineteen: 19,
  twenty: 20,
  thirty: 30,
  "forty fourty": 40,
  fifty: 50,
  sixty: 60,
  ninety: 90,
});

/** One word for a number; `forty-five` is two of them. */
export const numberNamed = (word: string): number | null => NUMBERS.get(word) ?? null;

const ORDINALS = table({
  first: 1,
  second: 2,
  third: 3,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  seventh: 7,
  eighth: 8,
  ninth: 9,
  tenth: 10,
  eleventh: 11,
  twelfth: 12,
  thirteenth: 13,
  fourteenth: 14,
  fifteenth: 15,
  sixteenth: 16,
  seventeenth: 17,
  eighteenth: 18,
  nineteenth: 19,
  twentieth: 20,
  thirtieth: 30,
});

export const ordinalNamed = (word: string): number | null => ORDINALS.get(word) ?? null;

export type Unit =
  | "second"
  | "minute"
  | "hour"
  | "day"
  | "weekday"
  | "week"
  | "fortnight"
  | "month"
  | "quarter"
  | "year";

const UNITS: ReadonlyMap<string, Unit> = new Map(
  Object.entries({
    second: "second seconds sec secs s",
    minute: "minute minutes min mins m minuts mintue mintues minuets",
    hour: "hour hours hr hrs h",
    day: "day days d",
    weekday: "weekday weekdays workday workdays",
    week: "week weeks wk wks w",
    fortnight: "fortnight fortnights",
    month: "month months",
    quarter: "quarter quarters",
    year: "year years yr yrs",
  } satisfies Record<Unit, string>).flatMap(([unit, words]) =>
    words.split(" ").map((word): [string, Unit] => [word, unit as Unit]),
  ),
);

export const unitNamed = (word: string): Unit | null => UNITS.get(word) ?? null;

export const SECONDS = { second: 1, minute: 60, hour: 3600 } as const;

/** Parts of the day and the minute they stand for when no time is said, unless the workspace sets others. */
export const PARTS = { morning: 540, lunch: 720, afternoon: 900, evening: 1080, night: 1260 } as const;
export type Part = keyof typeof PARTS;
/** Minutes since midnight. */
export type PartTimes = Readonly<Record<Part, number>>;

const PART_WORDS: ReadonlyMap<string, Part> = new Map(
  Object.entries({
    morning: "morning mornings",
    lunch: "lunch lunchtime lunchtimes",
    afternoon: "afternoon afternoons",
    evening: "evening evenings",
    night: "night nights",
  } satisfies Record<Part, string>).flatMap(([part, words]) =>
    words.split(" ").map((word): [string, Part] => [word, part as Part]),
  ),
);

export const partNamed = (word: string): Part | null => PART_WORDS.get(word) ?? null;

export const EVERY = [
  "every",
  "each",
  "everyday",
  "evreyday",
  "eveyday",
  "evryday",
  "ev",
  "evry",
  "eevry",
  "evey",
  "everry",
  "evrey",
  "evrery",
  "eveyr",
] as const;

export const TODAY = ["today"] as const;
export const TOMORROW = ["tomorrow", "tommorow", "tomorow", "tommorrow", "tmrw", "tomorrrow", "tmr", "tmrow"] as const;
