/** A quiet workflow shows once a day that it still checks. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ClosedTimes } from "../../../src/orchestrator/schedules/closed-times.ts";
import { heardAfter } from "../../../src/orchestrator/schedules/heartbeat/heartbeat.ts";
import { createHeartbeats } from "../../../src/orchestrator/schedules/heartbeat/service.ts";
import { pauseWorkflow } from "../../../src/orchestrator/workflows/service.ts";
import { type EngineCase, engineCase, START, WORKSPACE } from "../engine-case.ts";
import { calls, fails, reports } from "../scripted-model.ts";

const HOUR = 3_600_000;
let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

const quiet = () => calls(["finish", { verdict: "nothing_to_report", text: "", notes: null }]);
const run = async (workflow: string, says: ReturnType<typeof reports>) => {
  c.model.says(says);
  await c.start(workflow);
  await c.work();
};
const look = (closedTimes: ClosedTimes | null = null) => createHeartbeats({ ...c.deps, closedTimes }).look();
const heard = async (workflow: string) => (await c.defined(workflow)).workflow;

describe("what the end of a run changes", () => {
  const now = new Date(START);
  const ago = (ms: number) => new Date(START - ms);
  it("is counted when it was quiet, and begins anew when something was said", () => {
    expect(heardAfter({ lastSaidAt: null, quietChecks: 0 }, now, true)).toEqual({ lastSaidAt: now, quietChecks: 1 });
    expect(heardAfter({ lastSaidAt: ago(HOUR), quietChecks: 4 }, now, true)).toEqual({ quietChecks: 5 });
    expect(heardAfter({ lastSaidAt: ago(HOUR), quietChecks: 4 }, now, false)).toEqual({
      lastSaidAt: now,
      quietChecks: 0,
    });
  });
  it("costs no write for what is said all the time", () => {
    expect(heardAfter({ lastSaidAt: ago(60_000), quietChecks: 0 }, now, false)).toBe(null);
    expect(heardAfter({ lastSaidAt: ago(HOUR), quietChecks: 0 }, now, false)).toEqual({
      lastSaidAt: now,
      quietChecks: 0,
    });
  });
});

describe("a quiet workflow", () => {
  it("says after a day how often it has checked and when it checks next, and then is silent for another day", async () => {
    const next = new Date(START + 26 * HOUR);
    const workflow = await c.workflow({ name: "menu", nextSlotAt: next });
    await run(workflow, reports("all is well"));
    for (let checked = 0; checked < 3; checked++) {
      c.clock.pass(7 * HOUR);
      await run(workflow, quiet());
      await look();
    }
    expect(await c.notice("heartbeat")).toEqual([]);
    c.clock.pass(4 * HOUR);
    await look();
    await look();
    expect(await c.notice("heartbeat")).toEqual([
      {
        kind: "heartbeat",
        workflow: { workflowId: workflow, name: "menu" },
        checks: 3,
        since: new Date(START).toISOString(),
        nextAt: next.toISOString(),
      },
    ]);
    // Without a check since, there is nothing to say.
    c.clock.pass(30 * HOUR);
    await look();
    expect(await c.notice("heartbeat")).toHaveLength(1);
    await run(workflow, quiet());
    await look();
    expect(await c.notice("heartbeat")).toMatchObject([{ checks: 3 }, { checks: 1 }]);
  });

  it("begins anew with everything that is said: a report, a failure", async () => {
    const workflow = await c.workflow({ policies: { retryDelaysMs: [] } });
    for (const said of [reports("news"), fails("model_rejected")]) {
      await run(workflow, quiet());
      c.clock.pass(20 * HOUR);
      await run(workflow, said);
      expect(await heard(workflow)).toMatchObject({ quietChecks: 0, lastSaidAt: new Date(c.clock.now()) });
      c.clock.pass(20 * HOUR);
      await look();
    }
    expect(await c.notice("heartbeat")).toEqual([]);
  });

  it("that only reports when something is wrong is quiet while all is well", async () => {
    const workflow = await c.workflow({ policies: { report: "when_wrong" } });
    await run(workflow, reports("all is well"));
    c.clock.pass(24 * HOUR);
    await look();
    expect(await c.notice("heartbeat")).toMatchObject([{ checks: 1 }]);
  });

  it("says it once when two processes look at the same time", async () => {
    const workflow = await c.workflow();
    await run(workflow, quiet());
    c.clock.pass(25 * HOUR);
    await Promise.all([look(), look(), look()]);
    expect(await c.notice("heartbeat")).toHaveLength(1);
    expect(await heard(workflow)).toMatchObject({ quietChecks: 0 });
  });

  it("is not woken in quiet hours, and is silent while paused", async () => {
    const workflow = await c.workflow();
    await run(workflow, quiet());
    c.clock.pass(25 * HOUR);
    // 11:00 UTC
    await look({ quietHours: { from: 10 * 60, until: 12 * 60 }, zone: null, holidays: {} });
    expect(await c.notice("heartbeat")).toEqual([]);
    await c.act("sam", (caller) => pauseWorkflow(caller, { id: workflow }, null));
    await look();
    expect(await c.notice("heartbeat")).toEqual([]);
  });
});

it("every quiet one among very many is found, a page at a time", async () => {
  const now = new Date(START).toISOString();
  await c.sql`insert into workflows (id, workspace_id, name, owner_id, status, revision, channel_id, created_from, created_at, updated_at, quiet_checks, last_said_at)
    select gen_random_uuid(), ${WORKSPACE}, 'w-' || n, 'o', 'active', 1, 'c', 'x-' || n, ${now}, ${now}, case when n % 100 = 0 then 1 else 0 end, ${now}
    from generate_series(1, 1200) n`;
  c.clock.pass(25 * HOUR);
  const heartbeats = createHeartbeats(c.deps);
  for (let looked = 0; looked < 3; looked++) await heartbeats.look();
  expect(await c.notice("heartbeat")).toHaveLength(12);
});
