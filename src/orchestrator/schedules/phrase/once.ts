/** One-shot schedules: at a date, or some time from now. */
import { clockText, DAY, instantText, MINUTE } from "../civil.ts";
import { place } from "../wall.ts";
import { askDate, askTime, askTimes } from "./asking.ts";
import type { DateSaid } from "./date.ts";
import { dayOf } from "./day-of.ts";
import type { Draft } from "./draft.ts";
import { onTheCalendar } from "./merge.ts";
import { datesMeant, type Here, timesOf, todayOf } from "./moments.ts";
import { notUnderstood, refuse, type Step } from "./outcome.ts";

const repeats = (draft: Draft): boolean =>
  draft.every !== null ||
  draft.past.length > 0 ||
  onTheCalendar(draft) ||
  draft.count !== null ||
  draft.start !== null ||
  draft.until !== null ||
  draft.lasting !== null;

/** "in 20 minutes". */
export function settleDelay(draft: Draft, seconds: number, here: Here): Step {
  if (repeats(draft) || draft.times.length > 0 || draft.parts.length > 0 || draft.date !== null) {
    return notUnderstood("a time from now runs once; it does not go with days or times", "in 20 minutes");
  }
  if (seconds < 1) return refuse("never_fires", "that is now; it must be later", "in 20 minutes");
  const at = Math.floor(here.now / 1000) * 1000 + seconds * 1000;
  return { kind: "schedule", schedule: { kind: "once", at: instantText(at), zone: here.zone } };
}

/** "tomorrow at 5pm". */
export function settleOnce(draft: Draft, date: DateSaid, here: Here): Step {
  if (repeats(draft)) {
    return notUnderstood("one date and a repetition do not go together", "every day at 9:00 starting 1 December");
  }
  const meant = datesMeant(date, here);
  if (meant !== null) return askDate(draft, meant, "date");
  if (date.kind === "either" || date.kind === "options") return notUnderstood("that date is unclear");
  const found = dayOf(date, todayOf(here));
  if (found.kind === "none") return refuse("never_fires", found.reason);
  if (draft.times.length === 0 && draft.parts.length === 0) return askTime(draft);
  // One exact moment may have seconds; the canonical sentence of "in 20 minutes" has them.
  const seconds = draft.times.length === 1 ? (draft.times[0]?.seconds ?? 0) : 0;
  const said = seconds === 0 ? draft.times : draft.times.map((time) => ({ ...time, seconds: 0 }));
  const times = timesOf(said, draft.parts, here);
  if (times.kind === "none") return notUnderstood(times.reason);
  if (times.kind === "unclear") return askTimes(draft, times.options);
  const [minute] = times.times;
  if (minute === undefined || times.times.length > 1) {
    return notUnderstood("one date has one time; make one request for each", "tomorrow at 9:00");
  }
  // "Tonight at 1" is of the night that begins today.
  const late = draft.parts.includes("night") && minute < 360 && date.kind === "days" ? DAY : 0;
  const wall = found.day * DAY + late + minute * MINUTE + seconds * 1000;
  // With an offset it is one instant, whatever the zone.
  const at = draft.offset === null ? place(here.zone, wall) : wall - draft.offset * MINUTE;
  const loose = draft.times.length === 1 && draft.times[0]?.half === "loose" && minute < 720;
  if (at <= here.now && date.kind === "days" && date.days === 0 && loose && at + 720 * MINUTE > here.now)
    return refuse("never_fires", "that time has passed", `today at ${clockText((minute + 720) * MINUTE)}`);
  if (at <= here.now) return refuse("never_fires", "that time has passed", "tomorrow at 9:00");
  return { kind: "schedule", schedule: { kind: "once", at: instantText(at), zone: here.zone } };
}
