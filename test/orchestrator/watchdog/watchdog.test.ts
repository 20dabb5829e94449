/** What is due and does not begin is told, with why, once. */
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Log } from "../../../src/log.ts";
import { claimDueSlots } from "../../../src/orchestrator/schedules/service.ts";
import { createWatchdog, type Watchdog } from "../../../src/orchestrator/watchdog/service.ts";
import { type Situation, whyLate } from "../../../src/orchestrator/watchdog/watchdog.ts";
import { quietLog } from "../../support/database.ts";
import { type EngineCase, engineCase, START, WORKSPACE } from "../engine-case.ts";

describe("why something is late", () => {
  const well: Situation = { readOnly: false, connections: 4, awake: 4, held: [] };
  it.each([
    ["slot", { ...well, readOnly: true }, /read-only/],
    ["slot", { ...well, connections: 0, awake: 0 }, /no worker is connected/],
    ["run", { ...well, awake: 0 }, /connected but ask for no work/],
    ["run", { ...well, held: [20, 20] }, /every worker is busy .*\(40 under way\)/],
    ["run", { ...well, held: [20, 3] }, /waits for its turn: 23 other runs/],
    ["slot", { ...well, held: [20] }, /its log may say why/],
    ["run", well, /its log may say why/],
  ] as const)("%s %j", (what, situation, why) => expect(whyLate(what, situation, 20)).toMatch(why));
});

describe("the watchdog", () => {
  const WORKER = "claw-test-worker";
  let c: EngineCase;
  let logged: { readonly fields: Record<string, unknown>; readonly message: string }[];
  let watchdog: Watchdog;
  const dog = (): Watchdog => {
    const log: Log = {
      ...quietLog,
      error: (fields: object, message: string) => void logged.push({ fields: { ...fields }, message }),
    };
    return createWatchdog({ ...c.deps, log, concurrency: 1, workerName: WORKER });
  };
  beforeEach(async () => {
    c = await engineCase();
    logged = [];
    watchdog = dog();
  });
  afterEach(async () => {
    await c.close();
  });

  const passLooking = async (ms: number, by = watchdog) => {
    for (let passed = 0; passed < ms; passed += 5_000) {
      c.clock.pass(5_000);
      await by.look();
    }
  };
  const due = (more = {}) => c.workflow({ name: "menu", nextSlotAt: new Date(START), ...more });

  it("says nothing of what is on time, or is claimed within the minute", async () => {
    await due();
    await passLooking(50_000);
    expect(logged).toEqual([]);
    await claimDueSlots(c.deps);
    await c.sql`update runs set status = 'succeeded'`;
    await passLooking(5_000);
    expect(logged).toEqual([]);
  });

  it("logs a slot that nobody has claimed within a minute once, and that no worker is there", async () => {
    await due();
    await passLooking(120_000);
    expect(logged).toEqual([
      {
        message: "due slots have not been claimed within a minute",
        fields: expect.objectContaining({
          count: 1,
          workflows: ["menu"],
          why: "no worker is connected to the database",
        }),
      },
    ]);
    expect(await c.notice("startLate")).toEqual([]);
  });

  it("tells the thread after five minutes, once however many look, and that it is over", async () => {
    const workflow = await due();
    const other = dog();
    await passLooking(300_000);
    await passLooking(60_000, other);
    const told = {
      kind: "startLate",
      workflow: { workflowId: workflow, name: "menu" },
      plannedAt: new Date(START).toISOString(),
      runNumber: null,
      why: "no worker is connected to the database",
      overAt: null,
    };
    expect(await c.notice("startLate")).toEqual([told]);
    const [delivery] = await c.sql`select awaits_home, workflow_id from deliveries`;
    expect(delivery).toMatchObject({ awaits_home: true, workflow_id: workflow });
    await claimDueSlots(c.deps);
    await c.sql`update runs set status = 'succeeded'`;
    await passLooking(5_000);
    expect(await c.notice("startLate")).toEqual([{ ...told, overAt: new Date(c.clock.now()).toISOString() }]);
  });

  it("gives a machine that slept time to begin what came meanwhile", async () => {
    await due();
    c.clock.pass(8 * 3_600_000);
    await watchdog.look();
    c.clock.pass(5_000);
    await watchdog.look();
    await claimDueSlots(c.deps);
    await c.sql`update runs set status = 'succeeded'`;
    await passLooking(60_000);
    expect(logged).toEqual([]);
  });

  it("logs a queued run that nobody starts, and that every worker is busy", async () => {
    const worker = postgres(c.url, { max: 1, connection: { application_name: WORKER } });
    try {
      await worker`select 1`;
      const [busy, waiting] = [await c.workflow({ name: "busy" }), await c.workflow({ name: "waiting" })];
      await c.start(busy);
      await c.claim();
      await c.sql`update runs set lease_until = now() + interval '10 years'`;
      await c.start(waiting);
      await passLooking(310_000);
      expect(logged).toMatchObject([
        {
          message: "queued runs have not been started within a minute",
          fields: { count: 1, workflows: ["waiting"], why: expect.stringMatching(/^every worker is busy/) },
        },
      ]);
      expect(await c.notice("startLate")).toMatchObject([{ workflow: { name: "waiting" }, runNumber: 2 }]);
    } finally {
      await worker.end();
    }
  });

  it("misses none of very many", async () => {
    const now = new Date(START).toISOString();
    await c.sql`insert into workflows (id, workspace_id, name, owner_id, status, revision, channel_id, next_slot_at, created_from, created_at, updated_at)
      select gen_random_uuid(), ${WORKSPACE}, 'w-' || n, 'o', 'active', 1, 'c', ${now}::timestamptz + n % 7 * interval '1 second', 'x-' || n, ${now}, ${now}
      from generate_series(1, 650) n`;
    await passLooking(400_000);
    expect(logged.reduce((sum, { fields }) => sum + Number(fields.count), 0)).toBe(650);
    expect(await c.notice("startLate")).toHaveLength(650);
  });
});
