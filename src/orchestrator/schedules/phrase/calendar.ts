/** Schedules on the calendar: days and times of the wall clock, with a start and an end. */
import { DAY, dateOfDay, daysInMonth, MINUTE, wallText, weekdayOfDay } from "../civil.ts";
import { occurrences } from "../occurrences.ts";
import { type Days, needsStart, OPEN_START, type Plan, ruleOfPlan } from "../plan.ts";
import { ruleText } from "../rule.ts";
import type { Schedule } from "../schedule.ts";
import { place, wallAt } from "../wall.ts";
import { alive, askDate, askTime, askTimes, saidTime } from "./asking.ts";
import type { Draft, MonthDays } from "./draft.ts";
import { type Here, lastDayOf, timesOf, wallOfMoment } from "./moments.ts";
import { fork, notUnderstood, refuse, type Step } from "./outcome.ts";
import type { TimeSaid } from "./time.ts";

type Found<T> = { readonly kind: "found"; readonly value: T } | { readonly kind: "not"; readonly outcome: Step };

const found = <T>(value: T): Found<T> => ({ kind: "found", value });
const not = (outcome: Step): { readonly kind: "not"; readonly outcome: Step } => ({ kind: "not", outcome });

function onMonth(every: number, on: MonthDays): Days {
  switch (on.by) {
    case "date":
      return { by: "date", every, dates: on.dates };
    case "nth":
      return { by: "nth", every, list: on.list };
    case "position":
      return { by: "position", every, weekdays: on.weekdays, nths: on.nths };
  }
}

const WEEK = [0, 1, 2, 3, 4, 5, 6];

function without(days: Days, except: readonly number[]): Found<Days> {
  if (except.length === 0) return found(days);
  const all = days.by === "week" ? days.weekdays : days.by === "day" && days.every === 1 ? WEEK : null;
  if (all === null) return not(notUnderstood("days can be left out of weeks only", "every day except Sunday at 9:00"));
  const weekdays = all.filter((weekday) => !except.includes(weekday));
  if (weekdays.length === all.length)
    return not(notUnderstood("the day that is left out was not in it", "every day except Sunday at 9:00"));
  if (weekdays.length === 0) return not(refuse("never_fires", "no day is left"));
  return found({ by: "week", every: days.every, weekdays });
}

/** "every 2 weeks starting 4 December": the day it starts on is its day. */
function anchoredDays(draft: Draft, here: Here): Draft["days"] {
  const { days, start } = draft;
  const said = start?.date ?? null;
  const precise = said !== null && ["date", "days", "weekday", "monthday"].includes(said.kind) && days !== null;
  const wall = precise && start !== null ? wallOfMoment(start, here, 0) : null;
  if (days === null || wall?.kind !== "wall") return days;
  const day = Math.floor(wall.wall / DAY);
  const date = dateOfDay(day);
  if (days.by === "week" && days.weekdays === null) return { ...days, weekdays: [weekdayOfDay(day)] };
  if (days.by === "month" && days.on === null && draft.months.length === 0 && date.day < 29)
    return { ...days, on: { by: "date", dates: [date.day] } };
  if (days.by === "year" && days.month === null) return { ...days, month: date.month, dates: [date.day] };
  return days;
}

function daysOf(draft: Draft, here: Here): Found<Days> {
  const days = anchoredDays(draft, here);
  const options = (question: string, drafts: readonly Draft[]): Found<Days> => not(fork(question, drafts));
  switch (days?.by) {
    case undefined:
      return found({ by: "day", every: 1 });
    case "day":
      return found({ by: "day", every: days.every });
    case "week":
      if (days.weekdays !== null) return found({ by: "week", every: days.every, weekdays: days.weekdays });
      return options(
        "On which day of the week?",
        [0, 4].map((weekday) => ({ ...draft, days: { ...days, weekdays: [weekday] } })),
      );
    case "month":
      if (days.on !== null) return found(onMonth(days.every, days.on));
      return options(
        "On which day of the month?",
        [1, -1].map((date) => ({ ...draft, days: { ...days, on: { by: "date", dates: [date] } } })),
      );
    case "quarter":
      return options(
        "On which day of the quarter?",
        [
          { months: [1, 4, 7, 10], dates: [1] },
          { months: [3, 6, 9, 12], dates: [-1] },
        ].map(({ months, dates }) => ({
          ...draft,
          months,
          days: { by: "month", every: 1, on: { by: "date", dates } },
        })),
      );
    case "year":
      if (days.month !== null) return found({ by: "year", every: days.every, month: days.month, dates: days.dates });
      return options(
        "On which day of the year?",
        [{ month: 1, dates: [1] }].map((one) => ({ ...draft, days: { ...days, ...one } })),
      );
    case "weekdate":
      return found({ by: "weekdate", every: 1, weekday: days.weekday, date: days.date });
    case "weekday":
      return found({ by: "week", every: 1, weekdays: [days.weekday] });
    case "on":
      return found(onMonth(1, days.on));
  }
}

/** The hours between two times; "9 to 5pm" is one window, "9 to 5" is a question. */
function windowOf(from: TimeSaid, to: TimeSaid): readonly { from: number; to: number }[] {
  const here = { from: from.minute, to: to.minute };
  const later = { from: from.minute, to: to.minute + 720 };
  if (to.half === "loose" && to.minute <= from.minute && from.minute < 720) return [later, here];
  return from.half === "meridiem" && to.half === "loose" && to.minute < 720 && from.minute < 720
    ? [here, later]
    : [here];
}

/** Every `step` minutes from the beginning of the window to its end, both included. */
function timesWithin(draft: Draft, step: number): Found<readonly number[]> {
  const { window, past } = draft;
  if (window === null) {
    if (1440 % step !== 0) {
      return not(
        notUnderstood(
          "that distance does not divide the day; say between which times",
          "every 45 minutes between 9:00 and 18:00",
        ),
      );
    }
    const minutes = past.length === 0 ? [0] : past;
    const times = minutes.flatMap((minute) => Array.from({ length: 1440 / step }, (_, n) => n * step + minute));
    return found([...new Set(times)].sort((a, b) => a - b));
  }
  const windows = windowOf(window.from, window.to);
  if (windows.length > 1) {
    const drafts = windows.map((one) => ({
      ...draft,
      window: { from: saidTime(one.from), to: saidTime(one.to % 1440) },
    }));
    return not(fork("Until what time, exactly?", drafts));
  }
  const from = window.from.minute;
  const to = window.to.minute > from ? window.to.minute : window.to.minute + 1440;
  if (window.to.minute === from)
    return not(notUnderstood("the window ends where it begins", "every hour between 9:00 and 17:00"));
  const everyDay = draft.days === null || (draft.days.by === "day" && draft.days.every === 1);
  if (to > 1440 && !(everyDay && draft.except.length === 0)) {
    return not(notUnderstood("a window over midnight goes with every day only", "every hour between 22:00 and 6:00"));
  }
  const times: number[] = [];
  for (const first of past.length === 0 ? [from] : past.map((minute) => from + ((minute - (from % 60) + 60) % 60)))
    for (let time = first; time <= to; time += step) times.push(time % 1440);
  if (times.length === 0) return not(notUnderstood("nothing fits in that window", "every hour between 9:00 and 17:00"));
  return found([...new Set(times)].sort((a, b) => a - b));
}

/** The same on the day after each of its weekdays. */
function nextDay(draft: Draft): Draft[] {
  const { days } = draft;
  if (days?.by !== "week" || days.weekdays === null) return [];
  return [{ ...draft, days: { ...days, weekdays: days.weekdays.map((n) => (n + 1) % 7).sort((a, b) => a - b) } }];
}

function timesFor(draft: Draft, here: Here): Found<readonly number[]> {
  if (draft.every !== null) {
    if (draft.every % 60 !== 0)
      return not(notUnderstood("with days or hours I count in whole minutes", "every 5 minutes on weekdays"));
    if (draft.every > 86_400) return not(notUnderstood("that distance is longer than a day", "every 3 days at 9:00"));
    return timesWithin(draft, draft.every / 60);
  }
  if (draft.window !== null) {
    if (draft.times.length > 0)
      return not(notUnderstood("a window needs a distance, not a time", "every hour between 9:00 and 17:00"));
    const drafts = [3600, 1800].map((every) => ({ ...draft, every }));
    return not(fork("How often between these times?", drafts));
  }
  if (draft.times.length === 0 && draft.parts.length === 0) return not(askTime(draft));
  const times = timesOf(draft.times, draft.parts, here);
  if (times.kind === "none") return not(notUnderstood(times.reason));
  if (times.kind === "unclear") return not(askTimes(draft, times.options));
  // "Friday night at 1" is Saturday to some.
  const early = times.times.find((time) => time < 360);
  const namedDays = draft.days !== null && draft.days.by !== "day";
  if (early !== undefined && namedDays && draft.parts.includes("night")) {
    const plain: Draft = { ...draft, parts: [], times: times.times.map(saidTime) };
    return not(fork("After midnight it is the next day. Which day do you mean?", [plain, ...nextDay(plain)]));
  }
  return found(times.times);
}

/** Wall-clock start and end as said; null where nothing was said. */
function edgeOf(draft: Draft, edge: "start" | "until", here: Here): Found<number | null> {
  const moment = draft[edge];
  if (moment === null) return found(null);
  if (edge === "until" && moment.date === null) {
    return not(notUnderstood("an end needs a date", "every day at 9:00 until 18 December"));
  }
  const wall = wallOfMoment(moment, here, edge === "start" ? 0 : DAY - 1000);
  if (wall.kind === "none") return not(refuse("never_fires", wall.reason));
  if (wall.kind === "either") return not(askDate(draft, wall, edge));
  return found(wall.wall);
}

/** The first slot from `start` on that is still to come, whatever the interval. */
function firstSlot(plan: Plan, start: number | null, here: Here): number | null {
  const rule = ruleOfPlan({ ...plan, days: { ...plan.days, every: 1 } as Days, count: null });
  const after = start === null ? wallAt(here.zone, here.now) : start - 1;
  // A rule takes its seconds from its start.
  for (const slot of occurrences(rule, start ?? Math.floor(after / MINUTE) * MINUTE, after)) {
    if (start !== null || place(here.zone, slot) > here.now) return slot;
  }
  return null;
}

/** The start of its day when no earlier slot lies between the two, so that it can be said as a date. */
function startAt(plan: Plan, slot: number): number {
  const earliest = plan.times[0] ?? 0;
  const day = Math.floor(slot / DAY) * DAY;
  return day + earliest * MINUTE === slot ? day : slot;
}

function impossible(days: Days, months: readonly number[]): boolean {
  const most = (month: number): number => daysInMonth(2024, month);
  if (days.by === "year") return days.dates.every((n) => n > most(days.month));
  return (
    days.by === "date" &&
    months.length > 0 &&
    months.every((month) => days.dates.every((n) => Math.abs(n) > most(month)))
  );
}

/** Days and times of the wall clock as a `calendar` schedule. */
export function settleCalendar(draft: Draft, here: Here): Step {
  if (draft.days?.by === "weekday" && draft.every === null)
    return notUnderstood("I cannot tell whether that is once or every week");
  const base = daysOf(draft, here);
  if (base.kind === "not") return base.outcome;
  const days = without(base.value, draft.except);
  if (days.kind === "not") return days.outcome;
  const times = timesFor(draft, here);
  if (times.kind === "not") return times.outcome;
  if (draft.start?.weak && draft.every === null)
    return notUnderstood("from when to when? Say both hours, or one time", "every hour between 9:00 and 17:00");
  const start = edgeOf(draft, "start", here);
  if (start.kind === "not") return start.outcome;
  const until = edgeOf(draft, "until", here);
  if (until.kind === "not") return until.outcome;
  if (days.value.every > 1 && draft.months.length > 0) {
    return notUnderstood("every so many and certain months do not go together", "every Monday in July at 9:00");
  }
  if (impossible(days.value, draft.months)) return refuse("never_fires", "that date does not exist");
  const ends = [draft.until, draft.lasting, draft.count].filter((end) => end !== null).length;
  if (ends > 1) return notUnderstood("there is more than one end", "every day at 9:00 until 18 December");
  if (draft.count !== null && (draft.count < 1 || draft.count > 10_000)) {
    return notUnderstood("the number of times is from 1 to 10000", "every day at 9:00 10 times");
  }
  const plan: Plan = {
    days: days.value,
    months: draft.months,
    times: times.value,
    until: until.value,
    count: draft.count,
  };
  return withStart(plan, start.value, draft, here);
}

function withStart(plan: Plan, said: number | null, draft: Draft, here: Here): Step {
  const { lasting } = draft;
  const first = firstSlot(plan, said, here);
  if (first === null) return refuse("never_fires", "that never comes");
  let start = said;
  // The canonical sentence names its start; where the first slot lies on that day it is kept as it stands.
  const sameDay = said !== null && Math.floor(said / DAY) === Math.floor(first / DAY);
  if (needsStart(plan) && (said === null || (plan.days.every > 1 && !sameDay))) start = startAt(plan, first);
  let { until } = plan;
  if (lasting !== null) {
    const { count, unit } = lasting;
    if (unit === "minute" || unit === "hour" || count < 1 || count > 10_000) {
      return notUnderstood("that length makes no sense to me", "every day at 9:00 for 5 days");
    }
    until = (lastDayOf(Math.floor(first / DAY), count, unit) + 1) * DAY - 1000;
    if (dateOfDay(Math.floor(until / DAY)).year > 9999) return notUnderstood("that is too long");
  }
  const schedule: Schedule = {
    kind: "calendar",
    rrule: ruleText(ruleOfPlan({ ...plan, until })),
    start: start === null ? OPEN_START : wallText(start),
    zone: here.zone,
  };
  return alive(schedule, here);
}
