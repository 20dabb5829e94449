/** A gate is asked by the same rules as the calls of runs: policy, breakers, limits, the switch for everything. */
import { afterEach, describe, expect, it } from "vitest";
import type { FilePolicy } from "../../../src/orchestrator/policy/policy.ts";
import { claimDueSlots } from "../../../src/orchestrator/schedules/service.ts";
import type { SaidTrigger } from "../../../src/orchestrator/triggers/trigger.ts";
import { fail, ok } from "../../../src/tools/index.ts";
import { type EngineCase, engineCase, START, WORKSPACE } from "../engine-case.ts";
import { calls, reports } from "../scripted-model.ts";
import { checkerOf, created, firingsOf, outcomes, runsOf } from "./trigger-case.ts";

let c: EngineCase;
afterEach(() => c.close());

const HOUR_MS = 3_600_000;
const HOURLY = {
  kind: "interval",
  everySeconds: 3_600,
  anchor: "2026-05-04T00:00:00Z",
  zone: "UTC",
  until: null,
} as const;
const onPage: SaidTrigger = {
  kind: "schedule",
  schedule: HOURLY,
  words: "every hour",
  gate: { tool: "browse", input: { what: "a.example" }, path: null, condition: { kind: "exists", not: false } },
};
type SomeRule = { effect: "allow" | "ask" | "deny"; tool: string; to?: string[] };
const permissions = (fallback: "listed" | "deny", ...rules: SomeRule[]): { permissions: Partial<FilePolicy> } => ({
  permissions: {
    fallback,
    rules: rules.map(({ effect, tool, to }, at) => ({
      name: `permissions.rules[${at}]`,
      level: "file" as const,
      workflow: null,
      workflowId: null,
      effect,
      tool,
      to: to ?? null,
      with: {},
      terms: {},
    })),
  },
});

const check = () =>
  checkerOf(c, async () => {
    throw new Error("no page is watched here");
  }).drain();

/** The next full hour comes. */
async function hour(): Promise<void> {
  c.clock.set(START + Math.ceil((c.clock.now() + 1 - START) / HOUR_MS) * HOUR_MS);
  await claimDueSlots({ ...c.deps, closedTimes: null });
  await check();
}

/** Five calls of a run find the service down. */
async function breakService(): Promise<void> {
  c.on("browse", async () => fail("service_unavailable", "a.example answers 503"));
  c.model.says(...Array.from({ length: 5 }, () => calls(["browse", { what: "a.example" }])), reports("x"));
  await c.start(await c.workflow());
  for (let tries = 0; tries < 8; tries += 1) {
    await c.work();
    c.clock.pass(1);
    const [breaker] = await c.sql`select status from breakers where service = 'http:a.example'`;
    if (breaker?.status === "open") return;
    c.clock.pass(3_600_000);
  }
  throw new Error("the breaker did not open");
}

describe("a gate that the policy", () => {
  it.each([
    ["forbids", permissions("listed", { effect: "deny", tool: "browse" }), "A rule forbids browse here"],
    [
      "forbids there",
      permissions("listed", { effect: "deny", tool: "browse", to: ["*.example"] }),
      "forbids browse to",
    ],
    ["wants to be asked about", permissions("listed", { effect: "ask", tool: "browse" }), "nobody can be asked before"],
    [
      "does not allow",
      permissions("deny", { effect: "allow", tool: "look" }),
      "No rule of claw.config.yaml allows browse",
    ],
    [
      "allows elsewhere",
      permissions("listed", { effect: "allow", tool: "browse", to: ["b.example"] }),
      "allowed here only as",
    ],
  ])("%s is not asked: its firing is left out with the reason, and people are told", async (_what, options, why) => {
    c = await engineCase(options);
    const id = await created(c, onPage);
    await hour();
    expect(c.called).toEqual([]);
    expect(await outcomes(c, id)).toEqual(["skipped ×1"]);
    expect((await firingsOf(c, id))[0]?.reason).toMatch(/^its condition could not be checked: /);
    expect((await firingsOf(c, id))[0]?.reason).toContain(why);
    expect(await c.notice("checkFailing")).toMatchObject([{ failure: { code: "not_permitted" }, count: 1 }]);
    expect(await runsOf(c, id)).toEqual([]);
  });

  it("allows is asked", async () => {
    c = await engineCase(permissions("deny", { effect: "allow", tool: "browse", to: ["a.example"] }));
    const id = await created(c, onPage);
    await hour();
    expect(c.called).toHaveLength(1);
    expect(await outcomes(c, id)).toEqual(["ran ×1"]);
  });
});

describe("a gate whose service is down", () => {
  it("is not asked, uses up no try, and is asked when it may be back", async () => {
    c = await engineCase();
    await breakService();
    const id = await created(c, onPage);
    const before = c.called.length;
    await hour();
    // The breaker's pause is long over by the hour: one probe goes, and fails.
    expect(c.called).toHaveLength(before + 1);
    await check();
    expect(c.called).toHaveLength(before + 1);
    expect(await outcomes(c, id)).toEqual(["null ×1"]);
    c.on("browse", async () => ok({ said: "here" }));
    c.clock.pass(6 * 60_000);
    await check();
    expect(await outcomes(c, id)).toEqual(["ran ×1"]);
    expect((await c.sql`select status from breakers where service = 'http:a.example'`)[0]?.status).toBe("closed");
  });

  it("is left out with the reason when that takes too long", async () => {
    c = await engineCase();
    await breakService();
    const id = await created(c, onPage);
    await hour();
    for (let minute = 0; minute < 40 && (await outcomes(c, id))[0] === "null ×1"; minute += 1) {
      c.clock.pass(60_000);
      await check();
    }
    expect(await outcomes(c, id)).toEqual(["skipped ×1"]);
    expect((await firingsOf(c, id))[0]?.reason).toContain("a.example answers 503");
    expect(await runsOf(c, id)).toEqual([]);
  });

  it("tells the others: what gates hear opens the breaker for runs, too", async () => {
    c = await engineCase();
    c.on("browse", async () => fail("service_unavailable", "a.example answers 503"));
    for (let each = 0; each < 5; each += 1) await created(c, onPage);
    await hour();
    expect((await c.sql`select status from breakers where service = 'http:a.example'`)[0]?.status).toBe("open");
  });

  it("waits for the next minute when the service has had its calls", async () => {
    c = await engineCase({ limits: { "a.example": 1 } });
    const ids = [await created(c, onPage), await created(c, onPage)];
    await hour();
    expect(c.called).toHaveLength(1);
    c.clock.pass(60_000);
    await check();
    expect(c.called).toHaveLength(2);
    expect(await Promise.all(ids.map((id) => outcomes(c, id)))).toEqual([["ran ×1"], ["ran ×1"]]);
  });
});

describe("a gate while everything is stopped", () => {
  it("is asked when it goes on, and not before", async () => {
    c = await engineCase();
    const id = await created(c, onPage);
    c.clock.set(START + HOUR_MS);
    await claimDueSlots({ ...c.deps, closedTimes: null });
    await c.sql`update workspaces set stopped_at = now(), stopped_by = 'Ada' where id = ${WORKSPACE}`;
    await check();
    expect(c.called).toEqual([]);
    await c.sql`update workspaces set stopped_at = null, stopped_by = null where id = ${WORKSPACE}`;
    await check();
    expect(await outcomes(c, id)).toEqual(["ran ×1"]);
  });
});
