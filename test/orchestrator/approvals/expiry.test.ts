/** A yes that nobody used in its time does not hold any more. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { expireUnused } from "../../../src/orchestrator/approvals/expiry.ts";
import { vote } from "../../../src/orchestrator/approvals/service.ts";
import { type EngineCase, engineCase } from "../engine-case.ts";
import { calls, reports } from "../scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

const HOUR = 3_600_000;
const statuses = async () => (await c.sql`select status from approvals order by number`).map(({ status }) => status);

/** Approved, and no worker there to use it. */
async function approved(): Promise<string> {
  c.model.says(calls(["note", { what: "x" }]));
  const run = await c.start(await c.workflow());
  await c.work();
  c.clock.pass(HOUR);
  await c.act("lin", (caller) => vote(caller, { which: { number: 1 }, choice: "approve", reason: null }));
  return run;
}

it("is used while it holds, however late the sweep looks", async () => {
  const run = await approved();
  c.clock.pass(70 * HOUR);
  await expireUnused(c.deps);
  c.model.says(reports("Noted"));
  await c.work();
  expect(await statuses()).toEqual(["consumed"]);
  expect(c.called).toHaveLength(1);
  c.clock.pass(10 * HOUR);
  await expireUnused(c.deps);
  expect(await statuses(), "what was used stays used").toEqual(["consumed"]);
  expect(await c.run(run)).toMatchObject({ status: "succeeded" });
});

it.each([
  ["the sweep", true],
  ["the call itself", false],
])("expires, found by %s: the call is not made, and the model is told", async (_, swept) => {
  const run = await approved();
  c.clock.pass(72 * HOUR);
  if (swept) {
    await Promise.all([expireUnused(c.deps), expireUnused(c.deps)]);
    expect(await statuses()).toEqual(["expired"]);
  }
  c.model.says(reports("It was not done"));
  await c.work();
  expect(c.called).toEqual([]);
  expect(await statuses()).toEqual(["expired"]);
  expect((await c.steps(run))[1]).toBe("1.1 note refused");
  expect(JSON.stringify(c.model.requests.at(-1)?.messages)).toContain("not used in its time");
  expect(await c.notice("approvalRequested")).toMatchObject([{ decision: { kind: "expired", reason: /not used/ } }]);
  expect((await c.sql`select from audit_events where action = 'approval.expired'`).length).toBe(1);
});
