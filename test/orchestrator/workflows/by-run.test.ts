/** What a run may do with other workflows: what its owner may, once a step, and never in a circle. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inWork } from "../../../src/orchestrator/db/work.ts";
import { DEFAULT_FILE_POLICY, decideCall } from "../../../src/orchestrator/policy/policy.ts";
import type { ChannelWork, Sight } from "../../../src/orchestrator/ports.ts";
import { startRuns } from "../../../src/orchestrator/runs/start.ts";
import { insertFirings } from "../../../src/orchestrator/schedules/firings/store.ts";
import { setRoute } from "../../../src/orchestrator/triggers/store.ts";
import type { ByRunDeps } from "../../../src/orchestrator/workflows/by-run/create.ts";
import { createByRun } from "../../../src/orchestrator/workflows/by-run/service.ts";
import {
  invokeTool,
  isTainted,
  type ToolContract,
  type ToolResult,
  validateInput,
  workflowTools,
} from "../../../src/tools/index.ts";
import { toolContext } from "../../support/tool-context.ts";
import { CHANNEL, type EngineCase, engineCase, memberId, type PEOPLE, WORKSPACE } from "../engine-case.ts";

let c: EngineCase;
let sight: Sight;
beforeEach(async () => {
  c = await engineCase();
  sight = { kind: "hidden" };
});
afterEach(() => c.close());

const deps = (): ByRunDeps => {
  const work: ChannelWork = {
    sight: async () => sight,
    channelCalled: async (called) =>
      called === "#ops" ? { kind: "channel", channelId: CHANNEL, name: "#ops" } : { kind: "none" },
  };
  return { ...c.deps, reach: new Map([["console", work]]), zone: "Europe/Paris" };
};
const tools = () => workflowTools(createByRun(deps()));
const tool = (name: string): ToolContract => tools().find((each) => each.name === name) as ToolContract;

interface Who {
  readonly workflowId: string;
  readonly runId: string;
  readonly owner?: keyof typeof PEOPLE;
  readonly step?: string;
}

async function call(name: string, input: object, who: Who): Promise<ToolResult<unknown>> {
  const contract = tool(name);
  const read = validateInput(contract, JSON.stringify(input));
  if (!read.ok) return read;
  const { workflow } = await c.defined(who.workflowId);
  return invokeTool(
    contract,
    read.value,
    toolContext({
      home: { workspaceId: WORKSPACE, channelId: CHANNEL, threadId: null },
      actsFor: {
        memberId: memberId(who.owner ?? "sam"),
        workflowId: who.workflowId,
        workflow: workflow.name,
        runId: who.runId,
        tainted: false,
      },
      idempotencyKey: who.step ?? randomUUID(),
    }),
  );
}

/** A workflow with a run. */
async function running(name: string, owner: keyof typeof PEOPLE = "sam"): Promise<Who> {
  const workflowId = await c.workflow({ name, owner });
  return { workflowId, runId: await c.start(workflowId), owner };
}
const runIdOf = async (number: number): Promise<string> => {
  const [row] = await c.sql<{ id: string }[]>`select id from runs where number = ${number}`;
  return row?.id ?? "";
};
const started = async (result: ToolResult<unknown>, workflowId: string): Promise<Who> => {
  if (!result.ok) throw new Error(result.error.message);
  return { workflowId, runId: await runIdOf((result.value as { run: number }).run) };
};
const message = (result: ToolResult<unknown>): string => (result.ok ? "it was done" : result.error.message);

describe("workflow_run", () => {
  test("starts one run, however often its step is tried, and records which run asked", async () => {
    const digest = await running("digest");
    const check = await c.workflow({ name: "deploy-check" });
    const first = await call("workflow_run", { workflow: "deploy-check" }, { ...digest, step: "r-1-1" });
    expect(first).toEqual({ ok: true, value: { workflow: "deploy-check", run: 2 } });
    const again = [1, 2, 3].map(() => call("workflow_run", { workflow: "deploy-check" }, { ...digest, step: "r-1-1" }));
    expect(await Promise.all(again)).toEqual([first, first, first]);
    expect(await c.count("runs")).toBe(2);
    const [firing] = await c.sql`select kind, outcome, key from firings where workflow_id = ${check}`;
    expect(firing).toEqual({ kind: "workflow", outcome: "ran", key: `${digest.runId}:r-1-1` });
    const [noted] =
      await c.sql`select actor, run_id, detail from audit_events where action = 'workflow.run_by_workflow'`;
    expect(noted).toMatchObject({ actor: memberId("sam"), run_id: digest.runId, detail: { by: "digest", run: 2 } });
  });

  test("two processes that try the same step at once start one run", async () => {
    const digest = await running("digest");
    await c.workflow({ name: "deploy-check" });
    const both = Array.from({ length: 6 }, () =>
      call("workflow_run", { workflow: "deploy-check" }, { ...digest, step: "r-1-1" }),
    );
    const results = await Promise.all(both);
    expect(new Set(results.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(await c.count("runs")).toBe(2);
  });

  test("does what its owner may, and tells what they may not from what is not there", async () => {
    const digest = await running("digest", "sam");
    await c.workflow({ name: "payroll", owner: "lin" });
    const foreign = await call("workflow_run", { workflow: "payroll" }, digest);
    const none = await call("workflow_run", { workflow: "nothing" }, digest);
    expect(foreign).toMatchObject({ error: { code: "not_found" } });
    expect(message(foreign).replace("payroll", "nothing")).toBe(message(none));
    const byViewer = await call("workflow_run", { workflow: "digest" }, { ...digest, owner: "vic" });
    expect(byViewer).toMatchObject({ error: { code: "not_permitted" } });
    await c.sql`update members set left_at = now() where id = ${memberId("sam")}`;
    await c.workflow({ name: "own" });
    expect(message(await call("workflow_run", { workflow: "own" }, digest))).toMatch(/owner of digest is not here/);
    expect(await c.count("runs")).toBe(1);
    const admin = await running("overseer", "ada");
    expect(await call("workflow_run", { workflow: "payroll" }, admin)).toMatchObject({ ok: true });
  });

  test("not while one is open, paused, or everything is stopped", async () => {
    const digest = await running("digest");
    const check = await running("deploy-check");
    const run = () => call("workflow_run", { workflow: "deploy-check" }, digest);
    expect(message(await run())).toMatch(/Run 2 of deploy-check is still queued/);
    await c.sql`update runs set status = 'succeeded', ended_at = now() where id = ${check.runId}`;
    await c.sql`update workflows set status = 'paused' where id = ${check.workflowId}`;
    expect(message(await run())).toMatch(/is paused; a person resumes it/);
    expect(await c.count("runs")).toBe(2);
  });

  test("not more often than twelve times an hour", async () => {
    const digest = await running("digest");
    const check = await c.workflow({ name: "deploy-check", policies: { overlap: "allow" } });
    for (let n = 0; n < 12; n++) {
      expect(await call("workflow_run", { workflow: "deploy-check" }, digest)).toMatchObject({ ok: true });
    }
    expect(message(await call("workflow_run", { workflow: "deploy-check" }, digest))).toMatch(
      /12 times in the last hour/,
    );
    c.clock.pass(3_600_001);
    expect(await call("workflow_run", { workflow: "deploy-check" }, digest)).toMatchObject({ ok: true });
    const [many] = await c.sql`select count(*)::int as n from firings where workflow_id = ${check}`;
    expect(many?.n).toBe(13);
  });
});

describe("a circle is refused", () => {
  test("of one", async () => {
    const digest = await running("digest");
    expect(message(await call("workflow_run", { workflow: "digest" }, digest))).toMatch(/digest cannot run itself/);
  });

  test("of two and of three that ask for each other", async () => {
    const a = await running("a");
    const b = await c.workflow({ name: "b" });
    const third = await c.workflow({ name: "c" });
    await c.sql`update runs set status = 'succeeded', ended_at = now()`;
    const inB = await started(await call("workflow_run", { workflow: "b" }, a), b);
    expect(message(await call("workflow_run", { workflow: "a" }, inB))).toBe(
      "That would go in a circle: a starts b starts a.",
    );
    const inC = await started(await call("workflow_run", { workflow: "c" }, inB), third);
    await c.sql`update runs set status = 'succeeded', ended_at = now()`;
    for (const name of ["a", "b", "c"]) {
      expect(message(await call("workflow_run", { workflow: name }, inC))).toMatch(/circle|itself/);
    }
    expect(await c.count("runs")).toBe(3);
  });

  test("that goes by the end of a run", async () => {
    const a = await running("a");
    const b = await c.workflow({ name: "b" });
    await inWork(c.deps, (work) =>
      setRoute(
        work.tx,
        { workspaceId: WORKSPACE, id: b },
        { kind: "outcome", channelId: null, watchesId: a.workflowId },
      ),
    );
    // b runs because a's run has ended, as `triggers/outcome.ts` has it.
    const { revision } = await c.defined(b);
    const firingId = randomUUID();
    const [run] = await inWork(c.deps, async (work) => {
      const firing = { id: firingId, workspaceId: WORKSPACE, workflowId: b, plannedAt: work.now, createdAt: work.now };
      await insertFirings(work.tx, [
        {
          ...firing,
          kind: "outcome",
          key: `${a.runId}:succeeds`,
          outcome: "ran",
          reason: null,
          count: 1,
          payload: null,
        },
      ]);
      return startRuns(c.deps, work, [{ workspaceId: WORKSPACE, firingId, revision, by: "claw" }]);
    });
    await c.sql`update runs set status = 'succeeded', ended_at = now()`;
    const inB = { workflowId: b, runId: run?.runId ?? "" };
    expect(message(await call("workflow_run", { workflow: "a" }, inB))).toMatch(/circle/);
    // The other way round it is seen before there is a second lap: what a starts would start a again by its end.
    const waits = await c.workflow({ name: "waits" });
    await inWork(c.deps, (work) =>
      setRoute(
        work.tx,
        { workspaceId: WORKSPACE, id: a.workflowId },
        { kind: "outcome", channelId: null, watchesId: waits },
      ),
    );
    expect(message(await call("workflow_run", { workflow: "waits" }, a))).toBe(
      "That would go in a circle: a is started by the end of waits, so it cannot start it.",
    );
  });

  test("and no more than four go one after the other", async () => {
    let at = await running("w0");
    for (const n of [1, 2, 3]) {
      const id = await c.workflow({ name: `w${n}` });
      at = await started(await call("workflow_run", { workflow: `w${n}` }, at), id);
    }
    await c.workflow({ name: "w4" });
    expect(message(await call("workflow_run", { workflow: "w4" }, at))).toBe(
      "w0 started w1 started w2 started w3: so many workflows in a row are enough.",
    );
  });
});

describe("workflow_pause", () => {
  test("pauses, says who did, and does it once", async () => {
    const digest = await running("digest");
    const check = await c.workflow({ name: "deploy-check" });
    const pause = () => call("workflow_pause", { workflow: "deploy-check", why: "the site is down" }, digest);
    expect(await pause()).toEqual({ ok: true, value: { workflow: "deploy-check", already: false } });
    expect(await pause()).toEqual({ ok: true, value: { workflow: "deploy-check", already: true } });
    expect((await c.defined(check)).workflow).toMatchObject({
      status: "paused",
      paused: { by: "digest, for sam", note: "the site is down" },
    });
    expect(await c.notice("workflowPaused")).toHaveLength(1);
  });

  test("not itself, and not what its owner may not", async () => {
    const digest = await running("digest");
    await c.workflow({ name: "payroll", owner: "lin" });
    expect(message(await call("workflow_pause", { workflow: "digest" }, digest))).toMatch(/does not pause itself/);
    expect(await call("workflow_pause", { workflow: "payroll" }, digest)).toMatchObject({
      error: { code: "not_found" },
    });
    const [paused] = await c.sql`select 1 from workflows where status = 'paused'`;
    expect(paused).toBeUndefined();
  });
});

describe("workflow_list", () => {
  const names = (result: ToolResult<unknown>): string[] =>
    result.ok ? (result.value as { workflows: { name: string }[] }).workflows.map(({ name }) => name) : [];

  test("shows the owner's own and what lives where they see it, an admin all of them", async () => {
    const digest = await running("digest", "sam");
    await c.workflow({ name: "payroll", owner: "lin" });
    expect(names(await call("workflow_list", {}, digest))).toEqual(["digest"]);
    sight = { kind: "cannot_tell", why: "", passes: true };
    expect(names(await call("workflow_list", {}, digest))).toEqual(["digest"]);
    sight = { kind: "sees" };
    expect(names(await call("workflow_list", {}, digest))).toEqual(["digest", "payroll"]);
    sight = { kind: "hidden" };
    expect(names(await call("workflow_list", {}, { ...digest, owner: "ada" }))).toEqual(["digest", "payroll"]);
  });

  test("taints who reads it as soon as a run that it tells of had read outside text", async () => {
    const digest = await running("digest");
    const clean = await call("workflow_list", {}, digest);
    expect(clean.ok && isTainted(tool("workflow_list"), clean.value)).toBe(false);
    await c.sql`update runs set tainted = true`;
    const tainted = await call("workflow_list", {}, digest);
    expect(tainted.ok && isTainted(tool("workflow_list"), tainted.value)).toBe(true);
  });
});

describe("workflow_create", () => {
  const wanted = { when: "every weekday at 9", instruction: "look at the deploys, use look and wipe" };

  test("makes a workflow of the same owner, in the same place, with no more than the run has, once", async () => {
    const digest = await running("digest");
    await c.sql`update revisions set tools = '{look}', policies = jsonb_set(policies, '{runCeilingMicros}', '1000')`;
    const create = () => call("workflow_create", wanted, { ...digest, step: "r-2-1" });
    const made = await create();
    expect(made).toMatchObject({
      ok: true,
      value: { workflow: expect.any(String), next: expect.stringMatching(/T07:00/) },
    });
    expect(await create()).toEqual(made);
    const name = made.ok ? (made.value as { workflow: string }).workflow : "";
    const [row] = await c.sql<{ id: string }[]>`select id from workflows where name = ${name}`;
    const { workflow, revision } = await c.defined(row?.id ?? "");
    expect(workflow).toMatchObject({ ownerId: memberId("sam"), channelId: CHANNEL, status: "active" });
    expect(revision).toMatchObject({ number: 1, tools: ["look"], policies: { runCeilingMicros: 1_000 } });
    expect(await c.notice("workflowCreated")).toHaveLength(1);
    const actions = await c.sql<
      { action: string }[]
    >`select action from audit_events where action like 'workflow.%' order by id`;
    expect(actions.map(({ action }) => action)).toEqual([
      "workflow.drafted",
      "workflow.created",
      "workflow.created_by_workflow",
    ]);
    // What a run that had read outside text has made carries that text on.
    await c.sql`update runs set tainted = true where id = ${digest.runId}`;
    const listed = await call("workflow_list", {}, { ...digest, owner: "sam" });
    expect(listed.ok && isTainted(tool("workflow_list"), listed.value)).toBe(true);
  });

  test.each([
    ["soon", /every weekday at 9/],
    ["now", /has to repeat|every weekday/],
    ["tomorrow at 9", /has to repeat/],
    ["when a webhook arrives", /has a secret/],
    ["every day at 9 tell everybody", /says more than when/],
  ])("is not asked about %s", async (when, why) => {
    const digest = await running("digest");
    expect(message(await call("workflow_create", { ...wanted, when }, digest))).toMatch(why);
    expect(await c.sql`select 1 from workflows where name <> 'digest'`).toEqual([]);
  });

  test("waits for messages only where its owner sees them", async () => {
    const digest = await running("digest");
    const waits = { ...wanted, when: 'when a message in #ops matches "down"' };
    expect(message(await call("workflow_create", waits, digest))).toMatch(
      /do not know the channel #ops, or you cannot see it/,
    );
    sight = { kind: "sees" };
    expect(await call("workflow_create", waits, digest)).toMatchObject({ ok: true });
  });

  test("is shown as a preview: when, the next times, what it does, its tools, its cost", () => {
    expect(tool("workflow_create").preview?.(wanted, ["look"])).toEqual({
      action: "create a workflow",
      target: null,
      diff: [
        expect.stringMatching(/^\+ when: Every weekday at 09:00.*Europe\/Paris/),
        expect.stringMatching(/^\+ next: \w+/),
        "+ does: look at the deploys, use look and wipe",
        "+ may: look",
        expect.stringMatching(/^\+ cost: /),
        "+ owner: as of the workflow that asks",
      ],
    });
  });

  test("is asked about every time, whatever was granted", () => {
    const situation = {
      contract: tool("workflow_create"),
      input: wanted,
      workflow: { id: "w", name: "digest" },
      taint: [],
      places: new Set<string>(),
      callsBefore: 0,
    };
    const decision = decideCall({ file: DEFAULT_FILE_POLICY, chat: [] }, situation);
    expect(decision).toMatchObject({ kind: "ask", grantable: false });
    const run = { ...situation, contract: tool("workflow_run"), input: { workflow: "x" } };
    expect(decideCall({ file: DEFAULT_FILE_POLICY, chat: [] }, run)).toMatchObject({ kind: "ask", grantable: true });
  });
});

test("what no run asks for is not done", async () => {
  const id = await c.workflow({ name: "digest" });
  for (const [name, input] of [
    ["workflow_run", { workflow: "digest" }],
    ["workflow_pause", { workflow: "digest" }],
    ["workflow_create", { when: "every day at 9", instruction: "look" }],
  ] as const) {
    const actsFor = { memberId: memberId("sam"), workflowId: id, workflow: "digest", runId: null, tainted: false };
    expect(await invokeTool(tool(name), input, toolContext({ actsFor }))).toMatchObject({
      error: { code: "not_permitted" },
    });
  }
});
