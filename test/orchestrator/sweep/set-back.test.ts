/** The clock was an hour ahead, and is set back: what was planned by it does not wait for the hour. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { createClockWatch } from "../../../src/orchestrator/sweep/set-back.ts";
import { bringForward, whatIsDue } from "../../../src/orchestrator/sweep/store.ts";
import { type EngineCase, engineCase, START } from "../engine-case.ts";
import { calls, fails, reports } from "../scripted-model.ts";

const HOUR = 3_600_000;
let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
  c.clock.set(START + HOUR);
});
afterEach(async () => {
  await c.close();
});
const setBack = () => c.clock.set(START);

it("begins a queued run at once, and the sweep asks for it", async () => {
  c.model.says(reports("Now"));
  const run = await c.start(await c.workflow());
  setBack();
  expect(await whatIsDue(c.db, new Date(START), 2_000)).toContain("runs.due");
  await c.work();
  expect(await c.run(run)).toMatchObject({ status: "succeeded" });
});

it("tries again after the pause that was meant, and keeps what was planned rightly", async () => {
  c.clock.set(START);
  c.model.says(fails("service_unavailable"));
  const planned = await c.start(await c.workflow({ policies: { retryDelaysMs: [300_000] } }));
  await c.work();
  const [before] = await c.waits(planned);
  c.clock.set(START + HOUR);
  c.model.says(reports("First"), fails("service_unavailable"), reports("After all"));
  await c.work();
  const run = await c.start(await c.workflow({ policies: { retryDelaysMs: [60_000] } }));
  await c.work();
  expect(await c.run(run)).toMatchObject({ status: "waiting" });
  setBack();
  await bringForward(c.db, new Date(START));
  await c.work();
  expect(await c.run(run)).toMatchObject({ status: "waiting" });
  c.clock.pass(90_000);
  await c.work();
  expect(await c.run(run)).toMatchObject({ status: "succeeded" });
  expect(before?.dueAt?.getTime()).toBeGreaterThan(START + 90_000);
  expect(await c.run(planned)).toMatchObject({ status: "succeeded" });
});

it("takes over what a worker held that was lost while the clock was ahead", async () => {
  c.on("look", () => new Promise<never>(() => {}));
  c.model.says(calls(["look", { what: "a" }]), reports("Done"));
  const run = await c.start(await c.workflow());
  const [held] = await c.claim("lost");
  if (!held) throw new Error("nothing to claim");
  void c.advance(held);
  await expect.poll(() => c.called.length).toBe(1);
  setBack();
  c.on("look", async () => ({ ok: true, value: { said: "a" } }));
  await bringForward(c.db, new Date(START));
  c.clock.pass(1);
  await c.work("next");
  expect(await c.run(run)).toMatchObject({ status: "succeeded" });
});

it("is noticed by a clock that nobody sets, once, and at the start", () => {
  const up = { ms: 0 };
  const clock = { at: START, now: () => clock.at };
  const watch = createClockWatch(clock, () => up.ms);
  const passes = (ms: number, wall = ms) => {
    up.ms += ms;
    clock.at += wall;
    return watch.look();
  };
  expect(watch.look()).toBe(true);
  expect([passes(5_000), passes(5_000, HOUR), passes(5_000)]).toEqual([false, false, false]);
  expect([passes(5_000, -HOUR), passes(5_000)]).toEqual([true, false]);
  watch.again();
  expect([passes(5_000), passes(5_000)]).toEqual([true, false]);
});
