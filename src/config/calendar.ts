/** Quiet hours and holidays as `claw.config.yaml` says them; the days of an iCalendar file are read with it. */
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { ClosedTimes } from "../orchestrator/schedules/closed-times.ts";
import { readIcs } from "./ics.ts";
import type { Problem } from "./problem.ts";
import type { ConfigFile } from "./schema.ts";

const MOST_BYTES = 5_000_000;
const KEY = "calendar.ics";

export interface ReadCalendar {
  /** Null: no time is closed. */
  readonly closedTimes: ClosedTimes | null;
  readonly problems: readonly Problem[];
}

/** @param folder what a relative path of the iCalendar file starts from */
export function readCalendar(file: ConfigFile, folder: string): ReadCalendar {
  const set = file.calendar;
  if (!set) return { closedTimes: null, problems: [] };
  const read = set.ics === undefined ? { days: {}, problems: [] } : readDays(path.resolve(folder, set.ics));
  const named = Object.fromEntries((set.holidays ?? []).map(({ date, name }) => [date, name]));
  const holidays = { ...read.days, ...named };
  const quietHours = set.quietHours ?? null;
  const nothing = quietHours === null && Object.keys(holidays).length === 0;
  return { closedTimes: nothing ? null : { quietHours, zone: set.zone ?? null, holidays }, problems: read.problems };
}

function readDays(file: string): { days: Readonly<Record<string, string>>; problems: readonly Problem[] } {
  const bad = (problem: string) => ({ days: {}, problems: [{ key: KEY, problem }] });
  try {
    if (statSync(file).size > MOST_BYTES) return bad("names a file of more than 5 MB");
    const read = readIcs(readFileSync(file, "utf8"));
    return read.ok ? { days: read.days, problems: [] } : bad(`names a file that cannot be used: ${read.problem}`);
  } catch (error) {
    const absent = error instanceof Error && "code" in error && error.code === "ENOENT";
    return bad(absent ? `names a file that does not exist: ${file}` : "names a file that cannot be read");
  }
}
