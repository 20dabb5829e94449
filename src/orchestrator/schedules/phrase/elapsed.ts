/** Schedules that count elapsed time, and cron expressions: both end at an instant. */
import { DAY, instantText, MINUTE } from "../civil.ts";
import type { Schedule } from "../schedule.ts";
import { nextSlots } from "../slots.ts";
import { place, wallAt } from "../wall.ts";
import { clockAnchor, keepsToClock } from "../words.ts";
import { alive, askDate } from "./asking.ts";
import { settleCalendar } from "./calendar.ts";
import type { DateSaid } from "./date.ts";
import type { Draft } from "./draft.ts";
import { onTheCalendar } from "./merge.ts";
import { type Here, instantOf, lastDayOf, wallOfMoment } from "./moments.ts";
import { fork, notUnderstood, refuse, type Step } from "./outcome.ts";

/** A shorter distance than this is refused. */
const MIN_SECONDS = 60;
const LONGEST = 100 * 366 * 86_400;

const STRANGE_OFFSET = "that offset is not the zone's at that time";

type Edge = { readonly kind: "at"; readonly at: number | null } | { readonly kind: "not"; readonly step: Step };

/** The instant a schedule starts or ends at; null where nothing was said. */
function edgeOf(draft: Draft, edge: "start" | "until", here: Here): Edge {
  const moment = draft[edge];
  if (moment === null) return { kind: "at", at: null };
  const wall = wallOfMoment(moment, here, edge === "start" ? 0 : DAY - 1000);
  if (wall.kind === "either") return { kind: "not", step: askDate(draft, wall, edge) };
  if (wall.kind === "none") return { kind: "not", step: refuse("never_fires", wall.reason) };
  // "Until midnight" is the coming one.
  const midnight = edge === "until" && moment.date === null && wall.wall % DAY === 0 ? DAY : 0;
  const at = instantOf(wall.wall + midnight, here.zone, moment.offset);
  return at === null ? { kind: "not", step: notUnderstood(STRANGE_OFFSET) } : { kind: "at", at };
}

type Endless = Extract<Schedule, { kind: "interval" | "cron" }>;

function withLength(
  schedule: Endless,
  count: number,
  unit: "minute" | "hour" | "day" | "week" | "month" | "year",
  here: Here,
): Step {
  const first = nextSlots(schedule, here.now, 1)[0]?.getTime() ?? here.now;
  if (count < 1 || count > 10_000) return notUnderstood("that length makes no sense to me", "every hour for 5 days");
  if (unit === "minute" || unit === "hour") {
    const anchor = schedule.kind === "interval" ? Date.parse(schedule.anchor) : here.now;
    const until = Math.max(here.now, anchor) + count * (unit === "hour" ? 60 : 1) * MINUTE;
    return alive({ ...schedule, until: instantText(until) }, here);
  }
  if (unit === "day" || unit === "week") {
    const end = wallAt(here.zone, here.now) + count * (unit === "week" ? 7 : 1) * DAY;
    return alive({ ...schedule, until: instantText(place(here.zone, end)) }, here);
  }
  const lastDay = lastDayOf(Math.floor(wallAt(here.zone, first) / DAY), count, unit);
  const until = instantOf((lastDay + 1) * DAY - 1000, here.zone, null);
  return until === null ? notUnderstood(STRANGE_OFFSET) : alive({ ...schedule, until: instantText(until) }, here);
}

function withEnd(schedule: Endless, draft: Draft, here: Here): Step {
  const ends = [draft.until, draft.lasting, draft.count].filter((end) => end !== null).length;
  if (ends > 1) return notUnderstood("there is more than one end", "every hour until 18 December");
  const until = edgeOf(draft, "until", here);
  if (until.kind === "not") return until.step;
  if (until.at !== null) return alive({ ...schedule, until: instantText(until.at) }, here);
  if (draft.lasting !== null) return withLength(schedule, draft.lasting.count, draft.lasting.unit, here);
  if (draft.count === null) return alive(schedule, here);
  if (schedule.kind === "cron")
    return notUnderstood("a cron expression has no number of times", "cron 0 9 * * 1-5 until 18 December");
  if (draft.count < 1 || draft.count > 10_000)
    return notUnderstood("the number of times is from 1 to 10000", "every hour 10 times");
  const first = nextSlots(schedule, here.now, 1)[0]?.getTime() ?? here.now;
  return alive({ ...schedule, until: instantText(first + (draft.count - 1) * schedule.everySeconds * 1000) }, here);
}

/** "every hour starting at 9am until 5pm": on every day, or today only? */
function windowOrToday(draft: Draft): Step | null {
  const { start, until } = draft;
  if (!start?.time || !until?.time || start.date !== null || until.date !== null || draft.window !== null) return null;
  const today: DateSaid = { kind: "days", days: 0 };
  return fork("On every day, or only today?", [
    { ...draft, start: null, until: null, window: { from: start.time, to: until.time } },
    { ...draft, start: { ...start, date: today }, until: { ...until, date: today } },
  ]);
}

/** "every 15 minutes": elapsed time, or the calendar where days or hours of the clock were said too. */
export function settleInterval(draft: Draft, seconds: number, here: Here): Step {
  if (seconds < MIN_SECONDS) return refuse("too_often", "the shortest distance is one minute", "every minute");
  if (draft.times.length > 0 || draft.parts.length > 0) {
    return notUnderstood(
      "a distance and a time of day do not go together; between two times they do",
      "every hour between 9:00 and 17:00",
    );
  }
  const { past } = draft;
  if (past.length > 0 && seconds % 3600 !== 0)
    return notUnderstood("minutes past the hour go with hours only", "every hour at :30");
  // "At :00 and :30 past every hour" is every 30 minutes.
  const step = 60 / past.length;
  if (seconds === 3600 && past.length > 1 && past.every((minute, at) => minute === at * step))
    return { kind: "same", draft: { ...draft, past: [], hourly: false, every: step * 60 } };
  const daily = windowOrToday(draft);
  if (daily !== null) return daily;
  if (onTheCalendar(draft)) return settleCalendar(draft, here);
  if (past.length > 1) return settleCalendar({ ...draft, days: { by: "day", every: 1 } }, here);
  if (seconds > LONGEST)
    return notUnderstood("that distance is too long to count in hours", "every year on 3 December at 9:00");
  const start = edgeOf(draft, "start", here);
  if (start.kind === "not") return start.step;
  const [minute = 0] = past;
  // An hour that was asked for at 08:07 is counted from 08:00; minutes that do not divide the hour from 08:07.
  const unit = seconds % 3600 === 0 ? 60 * MINUTE : MINUTE;
  const asked = here.now - (wallAt(here.zone, here.now) % unit) + minute * MINUTE;
  const anchor =
    start.at !== null ? start.at + minute * MINUTE : keepsToClock(seconds) ? clockAnchor(here.zone, minute) : asked;
  return withEnd(
    { kind: "interval", everySeconds: seconds, anchor: instantText(anchor), zone: here.zone, until: null },
    draft,
    here,
  );
}

/** A cron expression with its start and end. */
export function settleCron(draft: Draft, expression: string, here: Here): Step {
  const more =
    draft.every !== null ||
    draft.times.length > 0 ||
    draft.parts.length > 0 ||
    draft.date !== null ||
    draft.past.length > 0;
  if (more || onTheCalendar(draft))
    return notUnderstood("a cron expression says days and times by itself", "cron 0 9 * * 1-5");
  const start = edgeOf(draft, "start", here);
  if (start.kind === "not") return start.step;
  const from = start.at === null ? null : instantText(start.at);
  return withEnd({ kind: "cron", expression, zone: here.zone, from, until: null }, draft, here);
}
