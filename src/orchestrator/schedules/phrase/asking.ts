/** Questions and refusals that several kinds of schedule share. */
import type { Schedule } from "../schedule.ts";
import { nextSlots } from "../slots.ts";
import type { DateSaid } from "./date.ts";
import type { Draft } from "./draft.ts";
import type { Here } from "./moments.ts";
import { fork, type Outcome, refuse, type Step } from "./outcome.ts";
import type { TimeSaid } from "./time.ts";

export const saidTime = (minute: number): TimeSaid => ({ minute, seconds: 0, half: "fixed" });

const NINE = saidTime(540);
const SIX_PM = saidTime(1080);

/** No time was said: a guess would be wrong half of the time. */
export const askTime = (draft: Draft): Step =>
  fork(
    "At what time?",
    [NINE, SIX_PM].map((time) => ({ ...draft, times: [time] })),
  );

export function askTimes(draft: Draft, options: readonly (readonly number[])[]): Step {
  return fork(
    "Which of these times do you mean?",
    options.slice(0, 3).map((times) => ({ ...draft, times: times.map(saidTime), parts: [] })),
  );
}

/** `3/12`: a draft with `edge` on each of the two dates. */
export function askDate(
  draft: Draft,
  meant: { readonly question: string; readonly options: readonly DateSaid[] },
  edge: "date" | "start" | "until",
): Step {
  const drafts = meant.options.map((date): Draft => {
    if (edge === "date") return { ...draft, date };
    const moment = draft[edge];
    return { ...draft, [edge]: moment === null ? null : { ...moment, date } };
  });
  return fork(meant.question, drafts);
}

/** Refuses a schedule with no slot left. */
export function alive(schedule: Schedule, here: Here): Outcome {
  if (nextSlots(schedule, here.now, 1).length > 0) return { kind: "schedule", schedule };
  return refuse("never_fires", "that never comes, or is over");
}
