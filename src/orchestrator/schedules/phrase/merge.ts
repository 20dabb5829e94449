/** Puts clauses together to what a phrase says; one that contradicts the others is not taken. */
import { type Clause, type DaysSaid, type Draft, EMPTY_DRAFT, type MonthDays } from "./draft.ts";

/** "every 2 weeks" and "on Monday" together; null when they contradict each other. */
function mergedDays(one: DaysSaid, two: DaysSaid): DaysSaid | null {
  if (one.by === "week" && one.weekdays === null) {
    if (two.by === "week" && two.every === 1 && two.weekdays !== null) return { ...one, weekdays: two.weekdays };
    if (two.by === "weekday") return { ...one, weekdays: [two.weekday] };
  }
  if (one.by === "month" && one.on === null) {
    if (two.by === "on") return { ...one, on: two.on };
    if (two.by === "month" && two.every === 1 && two.on !== null) return { ...one, on: two.on };
  }
  return null;
}

/** "every day, Monday to Friday"; "every day on Monday" contradicts itself. */
function narrowedDays(said: DaysSaid, more: DaysSaid): DaysSaid | null {
  if (said.by !== "day" || said.every !== 1 || more.by !== "week" || more.every !== 1) return null;
  return (more.weekdays?.length ?? 0) > 1 ? more : null;
}

/** "every year on 16 and 25 March". */
function datesOfYear(year: DaysSaid, dates: DaysSaid, months: readonly number[]): DaysSaid | null {
  const [month] = months;
  if (year.by !== "year" || year.month !== null || dates.by !== "month" || dates.every !== 1 || months.length !== 1)
    return null;
  return dates.on?.by === "date" && month !== undefined ? { ...year, month, dates: dates.on.dates } : null;
}

/** "every year on the first Monday of September", "every year on the last Friday". */
function rankedInYear(
  draft: Draft,
  clause: Extract<Clause, { kind: "days" }>,
  months: readonly number[],
  parts: Draft["parts"],
): Draft | null {
  const [year, other] = draft.days?.by === "year" ? [draft.days, clause.days] : [clause.days, draft.days];
  if (year.by !== "year" || year.month !== null || year.every !== 1 || other === null) return null;
  if (other.by === "on") {
    const found =
      months.length > 0 ? { days: { by: "month", every: 1, on: other.on } as const, months } : yearDays(other.on);
    return found === null ? null : { ...draft, ...found, parts };
  }
  return other.by === "month" && other.every === 1 && other.on !== null && months.length > 0
    ? { ...draft, days: other, months, parts }
    : null;
}

function withDays(draft: Draft, clause: Extract<Clause, { kind: "days" }>): Draft | null {
  if (clause.months && draft.months.length > 0) return null;
  if (clause.parts && draft.parts.length > 0) return null;
  const months = clause.months ?? draft.months;
  const parts = clause.parts ?? draft.parts;
  if (draft.date !== null) {
    const { date } = draft;
    if (clause.days.by !== "year" || clause.days.month !== null || date.kind !== "date" || date.year !== null)
      return null;
    return { ...draft, date: null, parts, days: { ...clause.days, month: date.month, dates: [date.day] } };
  }
  const times = draft.times.length > 0 ? draft.times : (clause.times ?? []);
  if (draft.days === null) return { ...draft, days: clause.days, months, parts, times };
  if (clause.days.by === "quarter" || draft.days.by === "quarter") {
    const other = clause.days.by === "quarter" ? draft.days : clause.days;
    const quarter = other.by === "on" ? quarterDays(other.on) : null;
    return quarter === null || months.length > 0 ? null : { ...draft, ...quarter, parts };
  }
  const dated = rankedInYear(draft, clause, months, parts);
  if (dated !== null) return dated;
  const yearly = datesOfYear(draft.days, clause.days, months) ?? datesOfYear(clause.days, draft.days, months);
  if (yearly !== null) return { ...draft, days: yearly, months: [], parts };
  // "every Monday at 9 weekly report": an adverb that adds nothing belongs to what to do.
  if (clause.adverb && (draft.times.length > 0 || draft.parts.length > 0)) return null;
  const narrowed = narrowedDays(draft.days, clause.days);
  const days = narrowed ?? mergedDays(draft.days, clause.days) ?? mergedDays(clause.days, draft.days);
  return days === null ? null : { ...draft, days, months, parts };
}

/** The first day of a quarter lies in its first month, the last in its last; another is in neither. */
export function quarterDays(on: MonthDays): { days: DaysSaid; months: readonly number[] } | null {
  const nths = on.by === "date" ? on.dates : on.by === "nth" ? on.list.map(({ nth }) => nth) : on.nths;
  const days: DaysSaid = { by: "month", every: 1, on };
  if (nths.every((n) => n > 0 && n <= (on.by === "date" ? 31 : 5))) return { days, months: [1, 4, 7, 10] };
  return nths.every((n) => n < 0) ? { days, months: [3, 6, 9, 12] } : null;
}

/** The first ones of a year lie in January, the last ones in December; another is in neither. */
export function yearDays(on: MonthDays): { days: DaysSaid; months: readonly number[] } | null {
  const nths = on.by === "date" ? on.dates : on.by === "nth" ? on.list.map(({ nth }) => nth) : on.nths;
  // The fifth Monday of a year may be in February, its 20th business day is in January.
  const most = on.by === "date" ? 1 : on.by === "nth" ? 4 : 20;
  const days: DaysSaid = { by: "month", every: 1, on };
  if (nths.every((n) => n > 0 && n <= most)) return { days, months: [1] };
  return nths.every((n) => n < 0 && n >= -most) ? { days, months: [12] } : null;
}

function withDate(draft: Draft, clause: Extract<Clause, { kind: "date" }>): Draft | null {
  const { days } = draft;
  const parts = clause.parts ?? draft.parts;
  if (draft.date !== null || (clause.parts && draft.parts.length > 0)) return null;
  if (days === null) return { ...draft, date: clause.date, parts };
  const { date } = clause;
  if (days.by !== "year" || days.month !== null || date.kind !== "date" || date.year !== null) return null;
  return { ...draft, days: { ...days, month: date.month, dates: [date.day] } };
}

/** Business hours are those of business days. */
function daysOfWindow(draft: Draft, clause: Extract<Clause, { kind: "window" }>): DaysSaid | null {
  const open = draft.days === null || (draft.days.by === "day" && draft.days.every === 1);
  return clause.workdays && open ? { by: "week", every: 1, weekdays: [0, 1, 2, 3, 4] } : draft.days;
}

/** The draft with one clause more; null when that clause says a second time, or against it, what is said already. */
export function withClause(draft: Draft, clause: Clause): Draft | null {
  switch (clause.kind) {
    case "every":
      return draft.every === null ? { ...draft, every: clause.seconds } : null;
    case "days":
      return withDays(draft, clause);
    case "times":
      return draft.times.length === 0 ? { ...draft, times: clause.times } : null;
    case "parts":
      return draft.parts.length === 0 ? { ...draft, parts: clause.parts } : null;
    case "past":
      if (draft.past.length > 0 || (clause.hours !== null && draft.every !== null)) return null;
      return {
        ...draft,
        past: clause.minutes,
        hourly: clause.hourly,
        every: clause.hours === null ? draft.every : clause.hours * 3600,
      };
    case "window":
      return draft.window === null ? { ...draft, window: clause, days: daysOfWindow(draft, clause) } : null;
    case "months":
      return draft.months.length === 0 ? { ...draft, months: clause.months } : null;
    case "except":
      return draft.except.length === 0 ? { ...draft, except: clause.weekdays } : null;
    case "date":
      return withDate(draft, clause);
    case "delay":
      return draft.delay === null ? { ...draft, delay: clause.seconds } : null;
    case "often":
      return draft.often === null ? { ...draft, often: clause } : null;
    case "start":
      if (clause.moment.weak && (draft.window !== null || (draft.every === null && saysWhen(draft)))) return null;
      return draft.start === null ? { ...draft, start: clause.moment } : null;
    case "until":
      return draft.until === null ? { ...draft, until: clause.moment } : null;
    case "span":
      return draft.start === null && draft.until === null
        ? { ...draft, start: clause.start, until: clause.until }
        : null;
    case "lasting":
      return draft.lasting === null ? { ...draft, lasting: clause } : null;
    case "count":
      return draft.count === null ? { ...draft, count: clause.count } : null;
    case "zone":
      return draft.zone === null ? { ...draft, zone: clause.zone } : null;
    case "offset":
      return draft.offset === null ? { ...draft, offset: clause.minutes } : null;
    case "cron":
      return draft.cron === null ? { ...draft, cron: clause.expression } : null;
    case "rule":
      return draft.rrule === null ? { ...draft, rrule: clause.rrule } : null;
    case "single":
      return draft.single ? null : { ...draft, single: true };
    case "choice": {
      const [only] = clause.choice.options;
      // "every year on the first Monday of September": the year has answered the question.
      if (only?.kind === "days" && clause.choice.options.length === 1 && draft.days?.by === "year")
        return withClause(draft, only);
      return draft.choice === null ? { ...draft, choice: clause.choice } : null;
    }
    case "open":
      return draft;
    case "every one": {
      const { days } = draft;
      return days?.by === "weekday" || ((days?.by === "week" || days?.by === "day") && days.every === 1) ? draft : null;
    }
    case "refusal":
      return draft.refusal === null ? { ...draft, refusal: clause } : null;
  }
}

/** True when days or hours of the wall clock were said, so that elapsed time alone cannot say it. */
export const onTheCalendar = (draft: Draft): boolean =>
  draft.days !== null || draft.window !== null || draft.months.length > 0 || draft.except.length > 0;

/** What two ends of a phrase say together ("every Monday … at 9"); null when both say the same kind of thing. */
export function joinedDrafts(one: Draft, two: Draft): Draft | null {
  const empty = (value: unknown): boolean =>
    value === null || value === false || (Array.isArray(value) && value.length === 0);
  const keys = Object.keys(EMPTY_DRAFT) as (keyof Draft)[];
  if (keys.some((key) => !empty(one[key]) && !empty(two[key]))) return null;
  return { ...one, ...Object.fromEntries(keys.filter((key) => !empty(two[key])).map((key) => [key, two[key]])) };
}

/** True when the draft says at least one thing that can start a schedule: a bound or a zone alone cannot. */
export function saysWhen(draft: Draft): boolean {
  return (
    draft.every !== null ||
    draft.days !== null ||
    draft.times.length > 0 ||
    draft.parts.length > 0 ||
    draft.past.length > 0 ||
    draft.date !== null ||
    draft.window !== null ||
    draft.delay !== null ||
    draft.often !== null ||
    draft.cron !== null ||
    draft.rrule !== null ||
    draft.choice !== null ||
    draft.refusal !== null
  );
}
