/** A run that waits for a yes costs its schedule slots, and its card says how many. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { approvalCard } from "../../../src/bot/cards/approval.ts";
import { vote } from "../../../src/orchestrator/approvals/service.ts";
import { claimDueSlots } from "../../../src/orchestrator/schedules/service.ts";
import { type EngineCase, engineCase } from "../engine-case.ts";
import { calls, reports } from "../scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(() => c.close());

const minutes = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) {
    c.clock.pass(60_000);
    await claimDueSlots({ ...c.deps, closedTimes: null });
  }
};

it("counts the slots that are skipped while it waits, and no more once it is decided", async () => {
  await c.workflow({ nextSlotAt: new Date(c.clock.now()) });
  c.model.says(calls(["pay", { what: "rent" }]), reports("Over"));
  await claimDueSlots({ ...c.deps, closedTimes: null });
  await c.work();
  const card = async () => (await c.notice("approvalRequested"))[0];
  expect((await card())?.approval.slots).toBeUndefined();
  await minutes(3);
  const waiting = await card();
  expect(waiting?.approval.slots).toEqual({ count: 3, last: new Date(c.clock.now()).toISOString() });
  const facts = waiting ? approvalCard(waiting).facts : [];
  expect(facts.find(({ label }) => label === "skipped")?.value).toMatch(/^3 slots meanwhile, the last /);

  await c.act("lin", (caller) => vote(caller, { which: { number: 1 }, choice: "approve", reason: null }));
  await minutes(1);
  expect((await card())?.approval.slots?.count).toBe(3);
});
