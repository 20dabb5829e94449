/** From what was said to one schedule, or to the question that is left. */
import { DAY, wallText } from "../civil.ts";
import { parseRule } from "../rule.ts";
import { alive, askDate, saidTime } from "./asking.ts";
import { settleCalendar } from "./calendar.ts";
import type { Clause, Draft } from "./draft.ts";
import { settleCron, settleInterval } from "./elapsed.ts";
import { onTheCalendar, withClause } from "./merge.ts";
import { type Here, todayOf, wallOfMoment } from "./moments.ts";
import { settleDelay, settleOnce } from "./once.ts";
import { ask, fork, notUnderstood, type Outcome, refuse, type Step } from "./outcome.ts";

function settleRule(draft: Draft, rrule: string, here: Here): Step {
  const start = draft.start === null ? null : wallOfMoment(draft.start, here, 0);
  if (start?.kind === "none") return refuse("never_fires", start.reason);
  if (start?.kind === "either") return askDate(draft, start.options, "start");
  const wall = start?.wall ?? todayOf(here) * DAY;
  if (parseRule(rrule, wall) === null) return notUnderstood("I cannot evaluate that rule");
  // Kept as it was written: what the start fills in is not part of the text.
  return alive({ kind: "calendar", rrule, start: wallText(wall), zone: here.zone }, here);
}

const EVERY_DAY: Clause = { kind: "days", days: { by: "day", every: 1 } };

const onWeekdays = (weekdays: readonly number[] | null): Clause => ({
  kind: "days",
  days: { by: "week", every: 1, weekdays },
});

/** What `n` times a week or month may mean; anything else only the person can say. */
function spreadOver(times: number, unit: "week" | "month", first: number): Clause[] {
  if (unit === "month")
    return times === 2 ? [{ kind: "days", days: { by: "month", every: 1, on: { by: "date", dates: [1, 15] } } }] : [];
  const spread = times === 2 ? [0, 3] : times === 3 ? [0, 2, 4] : [];
  return spread.length === 0 ? [] : [onWeekdays(spread.map((n) => (first + n) % 7).sort((a, b) => a - b))];
}

const DAY_TIMES = [[], [], [540, 1020], [540, 780, 1020], [540, 720, 900, 1080]] as const;

/** "once a day", "3 times a week". */
function settleOften(draft: Draft, times: number, unit: "hour" | "day" | "week" | "month"): Step {
  const rest: Draft = { ...draft, often: null };
  const single: Clause =
    unit === "hour"
      ? { kind: "every", seconds: 3600 }
      : unit === "day"
        ? EVERY_DAY
        : unit === "week"
          ? onWeekdays(null)
          : { kind: "days", days: { by: "month", every: 1, on: null } };
  const together = withClause(rest, single);
  const said = (unit === "day" && rest.times.length === times) || (unit === "week" && weekdaysSaid(rest) === times);
  if (times === 1 || said) return { kind: "same", draft: together ?? rest };
  if (times < 1 || times > 60) return notUnderstood("I cannot count that", "every 15 minutes");
  const question = `When exactly, ${times === 2 ? "twice" : `${times} times`} ${unit === "hour" ? "an" : "a"} ${unit}?`;
  if (unit === "hour") {
    const every = withClause(rest, { kind: "every", seconds: 3600 / times });
    return fork(question, every === null || 60 % times !== 0 ? [] : [every]);
  }
  if (unit === "day") {
    const spread = DAY_TIMES[times] ?? [];
    return fork(
      question,
      together === null || spread.length === 0 || rest.times.length > 0
        ? []
        : [{ ...together, times: spread.map(saidTime) }],
    );
  }
  // A day that was said is one of them.
  const first = rest.days?.by === "weekday" ? rest.days.weekday : 0;
  const open: Draft = rest.days?.by === "weekday" ? { ...rest, days: null } : rest;
  return fork(
    question,
    spreadOver(times, unit, first).flatMap((clause) => withClause(open, clause) ?? []),
  );
}

function weekdaysSaid(draft: Draft): number | null {
  if (draft.days?.by === "weekday") return 1;
  return draft.days?.by === "week" ? (draft.days.weekdays?.length ?? null) : null;
}

/** "on Monday at 9", "at 9": once, or every time? */
function settleUnsaid(draft: Draft, here: Here): Step {
  const { days } = draft;
  if (days?.by === "weekday") {
    const every: Draft = { ...draft, days: { by: "week", every: 1, weekdays: [days.weekday] } };
    const once: Draft = { ...draft, days: null, date: { kind: "weekday", weekday: days.weekday } };
    return fork("Only once, or every week?", [once, every]);
  }
  if (days?.by === "on") return fork("Every month?", [{ ...draft, days: { by: "month", every: 1, on: days.on } }]);
  const today: Draft = { ...draft, date: { kind: "days", days: 0 } };
  const once: Draft = settle(today, here).kind === "refuse" ? { ...draft, date: { kind: "days", days: 1 } } : today;
  return fork("Only once, or every day?", [once, { ...draft, days: { by: "day", every: 1 } }]);
}

/** "every weekday until 18 December at 9": days need a time, and the only one stands behind the date. */
function timeBehindBound(draft: Draft): Draft | null {
  if (draft.days === null || draft.times.length > 0 || draft.parts.length > 0 || draft.window !== null) return null;
  for (const edge of ["until", "start"] as const) {
    const moment = draft[edge];
    const other = draft[edge === "until" ? "start" : "until"];
    if (moment?.date && moment.time && moment.offset === null && !other?.time) {
      return { ...draft, [edge]: { ...moment, time: null }, times: [moment.time] };
    }
  }
  return null;
}

function stepOf(draft: Draft, here: Here): Step {
  if (draft.refusal !== null) {
    const { code, reason, example } = draft.refusal;
    return refuse(code, reason, code === "unknown_zone" ? `every day at 9:00 ${example ?? "UTC"}` : example);
  }
  if (draft.choice !== null) {
    const rest: Draft = { ...draft, choice: null };
    return fork(
      draft.choice.question,
      draft.choice.options.flatMap((option) => withClause(rest, option) ?? []),
    );
  }
  if (draft.cron !== null) return settleCron(draft, draft.cron, here);
  if (draft.rrule !== null) return settleRule(draft, draft.rrule, here);
  if (draft.often !== null) return settleOften(draft, draft.often.times, draft.often.unit);
  if (draft.delay !== null) return settleDelay(draft, draft.delay, here);
  if (draft.date !== null) return settleOnce(draft, draft.date, here);
  if (draft.single) {
    if (draft.days?.by !== "weekday") return notUnderstood("once needs a date", "tomorrow at 9:00");
    return settleOnce({ ...draft, days: null }, { kind: "weekday", weekday: draft.days.weekday }, here);
  }
  if (draft.every !== null) return settleInterval(draft, draft.every, here);
  if (draft.past !== null) return notUnderstood("minutes past the hour need every hour", "every hour at :30");
  const timed = timeBehindBound(draft);
  if (timed !== null) return { kind: "same", draft: timed };
  const unsaid = draft.days === null || draft.days.by === "weekday" || draft.days.by === "on";
  return unsaid && !onTheCalendar({ ...draft, days: null }) ? settleUnsaid(draft, here) : settleCalendar(draft, here);
}

/** One schedule, one question or one refusal. Pure: the same draft at the same time and place gives the same outcome. */
export function settle(draft: Draft, place: Here): Outcome {
  const here: Here = draft.zone === null ? place : { ...place, zone: draft.zone };
  const step = stepOf(draft, here);
  if (step.kind === "same") return settle(step.draft, here);
  if (step.kind !== "fork") return step;
  return ask(
    step.question,
    step.drafts.map((one) => settle(one, here)),
  );
}
