/** Hours that people name without saying them: `during business hours`, `overnight`. */
import { saidTime } from "./asking.ts";
import type { Cursor } from "./cursor.ts";
import type { Clause } from "./draft.ts";

const window = (from: number, to: number): Clause => ({
  kind: "window",
  from: saidTime(from * 60),
  to: saidTime(to * 60),
  workdays: true,
});

const unsaid = (name: string): Clause => ({
  kind: "refusal",
  code: "not_understood",
  reason: `"${name}" is from when to when? Say the hours`,
  example: "every hour between 9:00 and 17:00",
});

/** `during business hours` asks which they are; `overnight` and `during the day` are refused. */
export function readHours(cursor: Cursor): Clause | null {
  if (cursor.take("overnight")) return unsaid("overnight");
  const during = cursor.word !== "in";
  if (!cursor.take("during", "in", "within", "throughout")) return null;
  cursor.take("the", "normal", "regular", "our", "my");
  const kind = cursor.take("business", "working", "work", "office", "school", "trading", "market", "opening", "peak");
  if (kind !== null) {
    cursor.take("day");
    if (!cursor.take("hours", "hrs", "time")) return null;
    if (!["business", "working", "work", "office"].includes(kind)) return unsaid(`${kind} hours`);
    const question = `From when to when are ${kind} hours?`;
    return { kind: "choice", choice: { question, options: [window(9, 17), window(9, 18), window(8, 18)] } };
  }
  if (!during) return null;
  const part = cursor.take("day", "daytime", "night", "nighttime", "daylight");
  return part === null ? null : unsaid(`during the ${part}`);
}
