/** What phrases mean by `morning` and the other parts of the day, as `claw.config.yaml` sets it. */
import { z } from "zod";
import { inPart } from "../orchestrator/schedules/phrase/time.ts";
import { PARTS, type Part, type PartTimes } from "../orchestrator/schedules/phrase/vocabulary.ts";
import { minuteOfDay } from "./units.ts";

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

/** A time that lies in its part of the day: the evening is not at 08:00. */
function timeIn(part: Part) {
  const what = `must be a time of the ${part}, such as ${clock(PARTS[part])}`;
  return z
    .string({ error: what })
    .transform((text, context) => {
      const minute = minuteOfDay(text);
      if (minute !== null && inPart({ minute, seconds: 0, half: "fixed" }, part) !== null) return minute;
      context.addIssue({ code: "custom", message: what });
      return z.NEVER;
    })
    .optional();
}

export const PartsOfDay = {
  morning: timeIn("morning"),
  lunch: timeIn("lunch"),
  afternoon: timeIn("afternoon"),
  evening: timeIn("evening"),
  night: timeIn("night"),
};

type Said = { readonly [P in Part]?: number | undefined };

/** Minutes since midnight of those that are set. */
export type SetParts = Partial<PartTimes>;

/** Those that the file sets. */
export const partsOfDayOf = ({ schedules = {} }: { readonly schedules?: Said | undefined }): SetParts =>
  Object.fromEntries(Object.entries(schedules).filter(([, minute]) => minute !== undefined));
