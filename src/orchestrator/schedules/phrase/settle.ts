/** From what was said to one schedule, or to the question that is left. */
import { DAY, wallText } from "../civil.ts";
import { parseRule } from "../rule.ts";
import { zonesOfOffset } from "../zone.ts";
import { alive, askDate } from "./asking.ts";
import { settleCalendar } from "./calendar.ts";
import type { Draft } from "./draft.ts";
import { settleCron, settleInterval } from "./elapsed.ts";
import { onTheCalendar, withClause } from "./merge.ts";
import { type Here, todayOf, wallOfMoment } from "./moments.ts";
import { settleOften } from "./often.ts";
import { settleDelay, settleOnce } from "./once.ts";
import { ask, fork, notUnderstood, type Outcome, refuse, type Step } from "./outcome.ts";

function settleRule(draft: Draft, rrule: string, here: Here): Step {
  const start = draft.start === null ? null : wallOfMoment(draft.start, here, 0);
  if (start?.kind === "none") return refuse("never_fires", start.reason);
  if (start?.kind === "either") return askDate(draft, start, "start");
  const wall = start?.wall ?? todayOf(here) * DAY;
  if (parseRule(rrule, wall) === null) return notUnderstood("I cannot evaluate that rule");
  // Kept as it was written: what the start fills in is not part of the text.
  return alive({ kind: "calendar", rrule, start: wallText(wall), zone: here.zone }, here);
}

/** "on Monday at 9", "at 9": once, or every time? */
function settleUnsaid(draft: Draft, here: Here): Step {
  const { days } = draft;
  if (days === null && draft.start !== null && draft.until !== null)
    return { kind: "same", draft: { ...draft, days: { by: "day", every: 1 } } };
  if (days?.by === "weekday") {
    const every: Draft = { ...draft, days: { by: "week", every: 1, weekdays: [days.weekday] } };
    const once: Draft = { ...draft, days: null, date: { kind: "weekday", weekday: days.weekday } };
    return fork("Only once, or every week?", [once, every]);
  }
  if (days?.by === "on") return fork("Every month?", [{ ...draft, days: { by: "month", every: 1, on: days.on } }]);
  const today: Draft = { ...draft, date: { kind: "days", days: 0 } };
  const once: Draft = settle(today, here).kind !== "schedule" ? { ...draft, date: { kind: "days", days: 1 } } : today;
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
  if (draft.offset !== null && draft.date === null) {
    const zones = zonesOfOffset(draft.offset);
    const rest: Draft = { ...draft, offset: null };
    const [zone] = zones;
    if (draft.zone !== null || zone === undefined)
      return notUnderstood("I know no zone of that offset", "every day at 9:00 UTC+2");
    return (zones.length === 1 && zone.startsWith("Etc")) || zone === "UTC"
      ? { kind: "same", draft: { ...rest, zone } }
      : fork(
          "Which place has that offset?",
          zones.map((name) => ({ ...rest, zone: name })),
        );
  }
  if (draft.choice !== null) {
    const rest: Draft = { ...draft, choice: null };
    const drafts = draft.choice.options.flatMap((option) => withClause(rest, option) ?? []);
    if (drafts.length === 0) return notUnderstood("those do not go together; that may be two schedules");
    return fork(draft.choice.question, drafts);
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
  if (draft.past.length > 0) {
    const hourly: Draft = { ...draft, every: 3600 };
    return draft.hourly ? { kind: "same", draft: hourly } : fork("Every hour?", [hourly]);
  }
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
