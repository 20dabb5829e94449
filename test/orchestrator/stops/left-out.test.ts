/** What happens while everything is stopped: counted, told when it goes on, and done for whoever asks. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { runLeftOut } from "../../../src/orchestrator/index.ts";
import { resumeEverything, stopEverything } from "../../../src/orchestrator/stops/service.ts";
import { pauseWorkflow } from "../../../src/orchestrator/workflows/service.ts";
import { type EngineCase, engineCase } from "../engine-case.ts";
import { reports } from "../scripted-model.ts";
import { created, firingsOf, heard, message, outcomes, runsOf } from "../triggers/trigger-case.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(() => c.close());

const stop = () => c.act("ada", (caller) => stopEverything(caller));
const resume = () => c.act("ada", (caller) => resumeEverything(caller));
const ON_FAILURE = {
  kind: "message",
  channel: "#ops",
  match: { kind: "words", text: "deploy failed" },
  includingBots: false,
} as const;

it("a flood of events is one row, and no run is queued", async () => {
  const id = await created(c, ON_FAILURE);
  await stop();
  for (let n = 0; n < 50; n += 1) {
    c.clock.pass(1_000);
    await heard(c, message(`deploy failed ${n}`));
  }
  expect(await runsOf(c, id)).toEqual([]);
  const [row, ...more] = await firingsOf(c, id);
  expect(more).toEqual([]);
  expect(row).toMatchObject({ outcome: "skipped", count: 50, reason: "everything was stopped by ada" });
});

it("is told in the thread once everything goes on, and Run now does it for the last event, once kept", async () => {
  const id = await created(c, ON_FAILURE);
  await stop();
  await heard(c, message("deploy failed at first"));
  c.clock.pass(60_000);
  await heard(c, message("deploy failed at last"));
  expect(await c.notice("slotsMissed")).toEqual([]);
  expect(await resume()).toMatchObject({ leftOut: 1 });
  const [told, ...more] = await c.notice("slotsMissed");
  expect(more).toEqual([]);
  expect(told).toMatchObject({ count: 2, events: true, ranLatest: false, why: "everything was stopped by ada" });
  const at = (ms: number) => new Date(c.clock.now() - ms).toISOString();
  expect(told).toMatchObject({ first: at(60_000), last: at(0) });

  const viewer = c.act("vic", (caller) => runLeftOut(caller, told?.firingId ?? ""));
  await expect(viewer).rejects.toMatchObject({ code: "forbidden" });
  c.model.says(reports("a node was full"));
  await c.act("sam", (caller) => runLeftOut(caller, told?.firingId ?? ""));
  await c.work();
  const said = JSON.stringify(c.model.requests.at(-1)?.messages);
  expect(said).toContain("deploy failed at last");
  expect(said).not.toContain("at first");
  const [run] = await runsOf(c, id);
  expect((await c.run(run ?? "")).tainted).toBe(true);
  const nobody = "01a206a5-fbe6-7088-b428-0eea0990bee4";
  await expect(c.act("sam", (caller) => runLeftOut(caller, nobody))).rejects.toMatchObject({ code: "unknown_subject" });
});

it("goes on as before with the next event, and a second stop is counted apart", async () => {
  const id = await created(c, ON_FAILURE);
  await stop();
  await heard(c, message("deploy failed"));
  await resume();
  c.clock.pass(120_000);
  await heard(c, message("deploy failed"));
  await stop();
  await heard(c, message("deploy failed"));
  await resume();
  expect(await outcomes(c, id)).toEqual(["skipped ×1", "ran ×1", "skipped ×1"]);
  expect(await c.notice("slotsMissed")).toHaveLength(2);
});

it("a pause counts first: whoever paused it is told when they resume it", async () => {
  const id = await created(c, ON_FAILURE);
  await c.act("ada", async (caller) => {
    const [row] = await c.sql<{ name: string }[]>`select name from workflows where id = ${id}`;
    await pauseWorkflow(caller, { name: row?.name ?? "" }, null);
  });
  await stop();
  await heard(c, message("deploy failed"));
  expect((await firingsOf(c, id))[0]?.reason).toMatch(/^paused by/);
  await resume();
  expect(await c.notice("slotsMissed")).toEqual([]);
});

it("slots that came meanwhile are told as well", async () => {
  await c.workflow({ nextSlotAt: new Date(c.clock.now() + 60_000) });
  await stop();
  c.clock.pass(10 * 60_000);
  await resume();
  expect(await c.notice("slotsMissed")).toMatchObject([{ count: 10, why: "everything was stopped by ada" }]);
});
