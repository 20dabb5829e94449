/** Limits on runs under way at once: by workflow, by workspace, fair between workspaces, whoever claims. */
import type { SQL } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { statusCard } from "../../../src/bot/cards/status.ts";
import { cardText } from "../../../src/bot/cards/text.ts";
import { ensureWorkspace, setMember } from "../../../src/orchestrator/members/store.ts";
import { readRuns, readStatus, readWhy } from "../../../src/orchestrator/reading.ts";
import { claimText, valuesOf } from "../../../src/orchestrator/runs/claims/store.ts";
import { claimRuns } from "../../../src/orchestrator/runs/store.ts";
import { lateRuns } from "../../../src/orchestrator/watchdog/store.ts";
import { concurrencyOf, DEFAULT_POLICIES } from "../../../src/orchestrator/workflows/workflow.ts";
import { type EngineCase, engineCase, LEASE_MS, START, WORKSPACE } from "../engine-case.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(() => c.close());

const claim = async (limit: number, perWorkspace = 20, owner = "worker-1", db = c.db) =>
  claimRuns(db, { owner, now: new Date(c.clock.now()), leaseMs: LEASE_MS, limit, perWorkspace });

/** Queued runs, many at once, without what else belongs to a start. */
async function queue(workflowId: string, count: number, workspaceId = WORKSPACE, dueAt = START): Promise<void> {
  const at = new Date(dueAt).toISOString();
  await c.sql`
    with made as (
      insert into firings (id, workspace_id, workflow_id, kind, key, planned_at, outcome, created_at)
      select gen_random_uuid(), ${workspaceId}, ${workflowId}, 'person', gen_random_uuid()::text, ${at}, 'ran', ${at}
      from generate_series(1, ${count}) returning id)
    insert into runs (id, workspace_id, workflow_id, firing_id, number, status, revision, pins, due_at, created_at)
    select (substr(md5(${workspaceId}), 1, 20) || lpad(to_hex(n), 12, '0'))::uuid, ${workspaceId}, ${workflowId}, id, n,
      'queued', 1, '{}', ${at}, ${at}
    from (select id, (select coalesce(max(number), 0) from runs where workspace_id = ${workspaceId}) + row_number() over () as n
      from made) each`;
}

/** A workflow in another workspace, made from one of ours. */
async function elsewhere(name: string, policies = DEFAULT_POLICIES): Promise<{ workspace: string; workflow: string }> {
  const workspace = `console:${name}`;
  const at = new Date(START);
  await ensureWorkspace(c.db, { id: workspace, platform: "console", team: name, name, timezone: "UTC", createdAt: at });
  await setMember(c.db, { workspaceId: workspace, id: `${WORKSPACE}:sam`, name: "sam", role: "member", at });
  const workflow = await c.workflow({ policies });
  await c.sql`update revisions set workspace_id = ${workspace} where workflow_id = ${workflow}`;
  await c.sql`update workflows set workspace_id = ${workspace} where id = ${workflow}`;
  return { workspace, workflow };
}

const running = async (): Promise<Record<string, number>> => {
  const rows = await c.sql<{ workspace: string; n: number }[]>`
    select workspace_id as workspace, count(*)::int as n from runs where status = 'running' group by 1`;
  return Object.fromEntries(rows.map((row) => [row.workspace, row.n]));
};

describe("runs of one workflow at once", () => {
  it("are one, a few where overlap is allowed, or as many as its policy says", async () => {
    expect(concurrencyOf({ overlap: "skip" })).toBe(1);
    for (const [policies, most] of [
      [{}, 1],
      [{ overlap: "allow" }, 5],
      [{ concurrency: 3 }, 3],
      [{ overlap: "allow", concurrency: 2 }, 2],
    ] as const) {
      const workflow = await c.workflow({ policies });
      await queue(workflow, 7);
      const { runs, heldBack } = await claim(20);
      expect(runs.map((run) => run.workflowId)).toEqual(new Array(most).fill(workflow));
      expect(heldBack).toBe(true);
      await c.sql`update runs set status = 'cancelled'`;
    }
  });

  it("are held to what was stored before there was a limit, as to its default", async () => {
    const workflow = await c.workflow({ policies: { overlap: "allow" } });
    await c.sql`update revisions set policies = policies - 'concurrency'`;
    await queue(workflow, 7);
    expect((await claim(20)).runs).toHaveLength(5);
  });

  it("make room for the next when one ends, and when one waits", async () => {
    const workflow = await c.workflow();
    await queue(workflow, 3);
    const [first] = (await claim(5)).runs;
    expect((await claim(5)).runs).toEqual([]);
    await c.sql`update runs set status = 'waiting', lease_owner = null where id = ${first?.id ?? ""}`;
    expect((await claim(5)).runs).toHaveLength(1);
    expect((await claim(5)).runs).toEqual([]);
  });

  it("do not stand in the way of other workflows behind them", async () => {
    const many = await c.workflow();
    await queue(many, 300);
    const one = await c.workflow();
    await queue(one, 1, WORKSPACE, START + 1);
    c.clock.pass(10);
    expect((await claim(20)).runs.map((run) => run.workflowId).sort()).toEqual([many, one].sort());
  });

  it("do not count replays, nor hold them back", async () => {
    const workflow = await c.workflow();
    await queue(workflow, 3);
    await c.sql`update runs set replay_of = id where number > 1`;
    expect((await claim(5)).runs).toHaveLength(3);
  });

  it("count a run that lost its worker, which goes on whatever the limit", async () => {
    const workflow = await c.workflow();
    await queue(workflow, 2);
    const [first] = (await claim(5)).runs;
    c.clock.pass(LEASE_MS + 1);
    const again = (await claim(5)).runs;
    expect(again.map(({ id, wasLost }) => [id, wasLost])).toEqual([[first?.id, true]]);
  });
});

it("a run that lost its worker comes after those that are queued, but before them once that is past doubt", async () => {
  await queue(await c.workflow(), 1);
  await claim(1);
  for (let n = 0; n < 3; n++) await queue(await c.workflow(), 1);
  c.clock.pass(LEASE_MS + 1);
  expect((await claim(1)).runs.map(({ wasLost }) => wasLost)).toEqual([false]);
  c.clock.pass(LEASE_MS);
  expect((await claim(1)).runs.map(({ wasLost }) => wasLost)).toEqual([true]);
});

describe("workspaces", () => {
  it("have a limit each", async () => {
    for (let n = 0; n < 6; n++) await queue(await c.workflow(), 1);
    const other = await elsewhere("other");
    await queue(other.workflow, 1, other.workspace);
    expect((await claim(20, 4)).runs).toHaveLength(5);
    expect(await running()).toEqual({ [WORKSPACE]: 4, [other.workspace]: 1 });
    expect(await claim(20, 4)).toEqual({ runs: [], heldBack: true });
  });

  it("are served in turn: a thousand queued runs of one do not keep another's one waiting", async () => {
    const crowded = await c.workflow({ policies: { concurrency: 1_000 } });
    await queue(crowded, 1_000);
    const small = await elsewhere("small");
    await queue(small.workflow, 1, small.workspace, START + 1_000);
    c.clock.pass(2_000);
    expect((await claim(2)).runs.map((run) => run.workspaceId).sort()).toEqual([small.workspace, WORKSPACE].sort());
  });

  it("with fewer runs under way come first, then the oldest run", async () => {
    const policies = { ...DEFAULT_POLICIES, concurrency: 100 };
    const a = await elsewhere("a", policies);
    const b = await elsewhere("b", policies);
    const d = await elsewhere("d", policies);
    await queue(a.workflow, 50, a.workspace, START);
    await claim(5);
    await queue(b.workflow, 50, b.workspace, START + 2);
    await queue(d.workflow, 3, d.workspace, START + 1);
    c.clock.pass(10);
    await claim(1);
    expect(await running()).toEqual({ [a.workspace]: 5, [d.workspace]: 1 });
    await claim(9);
    // 3 is all that there is of one; the others are level.
    expect(await running()).toEqual({ [a.workspace]: 6, [b.workspace]: 6, [d.workspace]: 3 });
  });
});

describe("many workers that claim at the same time", () => {
  it("never exceed a limit together, take no run twice, and leave none that may run", async () => {
    const policies = { concurrency: 3 };
    const flows = [await c.workflow({ policies }), await c.workflow({ policies }), await c.workflow({ policies })];
    for (const flow of flows) await queue(flow, 40);
    const other = await elsewhere("other", { ...DEFAULT_POLICIES, concurrency: 50 });
    await queue(other.workflow, 40, other.workspace);
    for (let round = 0; round < 6; round++) {
      const claims = await Promise.all(Array.from({ length: 8 }, (_, at) => claim(4, 7, `worker-${round}-${at}`)));
      const ids = claims.flatMap(({ runs }) => runs.map(({ id }) => id));
      expect(new Set(ids).size).toBe(ids.length);
      expect(await running()).toEqual({ [WORKSPACE]: 7, [other.workspace]: 7 });
      const [most] = await c.sql`
        select max(n)::int as n from (select count(*) as n from runs where status = 'running' and workspace_id = ${WORKSPACE}
          group by workflow_id) each`;
      expect(most?.n).toBeLessThanOrEqual(3);
      await c.sql`update runs set status = 'cancelled', lease_owner = null
        where id in (select id from runs where status = 'running' order by random() limit 9)`;
    }
  });
});

it("a claim that had to wait for its turn begins its lease when it is made, not when it was asked for", async () => {
  await queue(await c.workflow(), 1);
  const other = await c.sql.reserve();
  await other`select pg_advisory_lock(hashtextextended('claw:claims', 0))`;
  const state = { looks: 0, claimed: false };
  const watched = new Proxy(c.db, {
    get: (db, name) =>
      name !== "execute"
        ? Reflect.get(db, name)
        : async (query: SQL) => {
            const found = await db.execute(query);
            state.looks += 1;
            return found;
          },
  });
  const began = performance.now();
  const claiming = claim(5, 20, "worker-1", watched).finally(() => {
    state.claimed = true;
  });
  await expect.poll(() => state.looks > 0 && performance.now() - began > 300).toBe(true);
  // One look may have been under way at that time; the next one is younger.
  const looks = state.looks;
  await expect.poll(() => state.looks).toBeGreaterThan(looks + 1);
  expect(state.claimed).toBe(false);
  await other`select pg_advisory_unlock(hashtextextended('claw:claims', 0))`;
  other.release();
  const [run] = (await claiming).runs;
  expect(run?.leaseUntil?.getTime()).toBeGreaterThan(START + LEASE_MS + 200);
  expect(run?.claimedAt?.getTime()).toBe((run?.leaseUntil?.getTime() ?? 0) - LEASE_MS);
});

describe("a queued run says what keeps it from beginning", () => {
  const reader = () => ({
    db: c.db,
    workspaceId: WORKSPACE,
    now: new Date(c.clock.now()),
    zone: "UTC",
    dayCeilingMicros: 0,
    perWorkspace: 4,
  });
  const says = async (number: number) => {
    const run = (await readRuns(reader(), null))?.find((each) => each.number === number);
    return [run?.status, run?.queued ?? null];
  };

  it("the runs of its workflow, of its workspace, or nothing but a worker", async () => {
    await queue(await c.workflow({ policies: { concurrency: 3 } }), 4);
    expect(await says(4)).toEqual(["queued", null]);
    await claim(3, 4);
    expect(await says(4)).toEqual(["queued", "3 of 3 runs of this workflow are running"]);
    expect(await readWhy(reader(), { number: 4 })).toContain(
      "has not begun: 3 of 3 runs of this workflow are running.",
    );
    await queue(await c.workflow({ policies: { concurrency: 3 } }), 3);
    await claim(3, 4);
    expect(await says(5)).toEqual(["running", null]);
    expect(await says(6)).toEqual(["queued", "4 of 4 runs of this workspace are running"]);
    const { running: open } = await readStatus(reader());
    expect(cardText(statusCard(await readStatus(reader())))).toContain("4 running · 3 queued");
    expect(open.map((run) => run.queued ?? null)).toContain("3 of 3 runs of this workflow are running");
  });

  it("and is not late: the watchdog does not bark at it", async () => {
    await queue(await c.workflow(), 2);
    await claim(5);
    await queue(await c.workflow(), 1);
    const look = { before: new Date(START + 1), after: null, limit: 10 };
    expect((await lateRuns(c.db, look)).map(({ runNumber, inTurn }) => [runNumber, inTurn]).sort()).toEqual([
      [2, true],
      [3, false],
    ]);
  });
});

it("reads a few runs only, however many are queued", async () => {
  for (let n = 0; n < 50; n++) await queue(await c.workflow(), 100);
  await c.sql`analyze`;
  const claimed = { owner: "w", now: new Date(START), leaseMs: LEASE_MS, limit: 20, perWorkspace: 20 };
  const results = await c.sql.unsafe(
    `select set_config('claw.claims', 'true', true);\nexplain (analyze, format json) ${claimText(valuesOf(claimed, 2))}`,
  );
  const [row] = (results as unknown as Record<string, unknown>[][])[1] ?? [];
  const [explained] = (row?.["QUERY PLAN"] ?? []) as { readonly Plan: PlanNode }[];
  if (!explained) throw new Error("no plan");
  const { Plan: plan } = explained;
  expect(rowsRead(plan)).toBeGreaterThan(20);
  expect(rowsRead(plan)).toBeLessThan(400);
  // All that was seen was of one workflow, of which one may run: the next looks see further.
  expect(await running()).toEqual({ [WORKSPACE]: 1 });
  expect((await claim(20)).runs).toHaveLength(19);
});

interface PlanNode {
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Rows of `runs` that a plan has looked at. */
function rowsRead(node: PlanNode): number {
  const own =
    node["Relation Name"] === "runs"
      ? (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"]
      : 0;
  return own + (node.Plans ?? []).reduce((sum, plan) => sum + rowsRead(plan), 0);
}
