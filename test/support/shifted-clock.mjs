/**
 * Loaded into a process before anything else (`node --import`): its wall clock is off by the milliseconds that a file
 * holds, and jumps when the file changes. Timers and `performance.now()` go on as they are, as when a clock is set.
 */
import { readFileSync } from "node:fs";

const file = process.env.SHIFTED_CLOCK_FILE ?? "";
/** Milliseconds after which the file is looked at again. */
const LOOK_EVERY_MS = 20;
const RealDate = Date;
const state = { shift: 0, lookedAt: Number.NEGATIVE_INFINITY };

function shift() {
  const at = performance.now();
  if (at - state.lookedAt < LOOK_EVERY_MS) return state.shift;
  state.lookedAt = at;
  try {
    const read = Number(readFileSync(file, "utf8"));
    if (Number.isFinite(read)) state.shift = read;
  } catch {
    // Not there yet: the clock is right.
  }
  return state.shift;
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, made) =>
    Reflect.construct(target, given.length === 0 ? [RealDate.now() + shift()] : given, made),
  apply: () => new RealDate(RealDate.now() + shift()).toString(),
  get: (target, name, receiver) =>
    name === "now" ? () => RealDate.now() + shift() : Reflect.get(target, name, receiver),
});
