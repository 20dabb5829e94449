/** Everything off and on again: nothing begins, nothing is lost, and what was under way says so. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { vote } from "../../../src/orchestrator/approvals/service.ts";
import { claimDeliveries } from "../../../src/orchestrator/delivery/claims/store.ts";
import { createPoster } from "../../../src/orchestrator/delivery/post.ts";
import { readStatus } from "../../../src/orchestrator/reading.ts";
import { EverythingStopped } from "../../../src/orchestrator/runs/interruption.ts";
import { claimDueSlots } from "../../../src/orchestrator/schedules/service.ts";
import { planStop, resumeEverything, stopEverything } from "../../../src/orchestrator/stops/service.ts";
import { stoppedRuns } from "../../../src/orchestrator/stops/store.ts";
import { whatIsDue } from "../../../src/orchestrator/sweep/store.ts";
import { runNow } from "../../../src/orchestrator/workflows/service.ts";
import { CHANNEL, type EngineCase, engineCase, gate, WORKSPACE } from "../engine-case.ts";
import { calls, reports } from "../scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

const stop = () => c.act("ada", (caller) => stopEverything(caller));
const resume = () => c.act("ada", (caller) => resumeEverything(caller));
const status = () =>
  readStatus({ db: c.db, workspaceId: WORKSPACE, now: new Date(c.clock.now()), zone: "UTC", dayCeilingMicros: 1 });
const audited = async () =>
  (await c.sql`select action from audit_events where subject_kind = 'workspace' order by id`).map(
    ({ action }) => action,
  );

describe("stop everything", () => {
  it("is an admin's, done once and undone once, both in the record, and the status says it on top", async () => {
    for (const who of ["sam", "lin", "vic"] as const) {
      await expect(c.act(who, (caller) => planStop(caller))).rejects.toMatchObject({ code: "forbidden" });
      await expect(c.act(who, (caller) => stopEverything(caller))).rejects.toMatchObject({ code: "forbidden" });
      await expect(c.act(who, (caller) => resumeEverything(caller))).rejects.toMatchObject({ code: "forbidden" });
    }
    await expect(resume()).rejects.toMatchObject({ code: "conflict" });
    await stop();
    await expect(stop()).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("ada") });
    expect((await status()).stopped).toMatchObject({ by: "ada" });
    await resume();
    expect((await status()).stopped).toBeNull();
    expect(await audited()).toEqual(["workspace.stopped", "workspace.resumed"]);
  });

  it("keeps queued runs from beginning, people from starting one, and everything goes on afterwards", async () => {
    const workflow = await c.workflow({ name: "prs" });
    c.model.says(reports("Over"));
    const run = await c.start(workflow);
    await stop();
    await c.work();
    expect((await c.run(run)).status).toBe("queued");
    expect((await status()).running[0]?.queued).toBe("everything was stopped by ada");
    expect(await whatIsDue(c.db, new Date(c.clock.now() + 60_000), 0)).not.toContain("runs.due");
    await c.workflow({ name: "other" });
    await expect(c.act("sam", (caller) => runNow(caller, { name: "other" }))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("resume everything"),
    });
    await resume();
    await c.work();
    expect((await c.run(run)).status).toBe("succeeded");
  });

  it("accounts for the slots that came meanwhile in one row, and the schedule goes on at its next time", async () => {
    const first = new Date(c.clock.now() + 60_000);
    const workflow = await c.workflow({ nextSlotAt: first });
    await stop();
    c.clock.pass(10 * 60_000);
    expect(await claimDueSlots({ ...c.deps, closedTimes: null })).toBe(0);
    expect(await c.count("firings")).toBe(0);
    expect(await resume()).toMatchObject({ stoppedBy: "ada", leftOut: 1 });
    const rows = await c.sql`select outcome, reason, count from firings`;
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      outcome: "skipped",
      count: 10,
      reason: expect.stringContaining("everything was stopped by ada"),
    });
    expect((await c.defined(workflow)).workflow.nextSlotAt?.getTime()).toBe(c.clock.now() + 60_000);
  });

  it("lets no other workspace stop", async () => {
    await stop();
    await c.sql`insert into workspaces (id, platform, team, name, timezone, created_at) values ('console:else', 'console', 'else', 'Else', 'UTC', now())`;
    await c.sql`update workspaces set stopped_at = null where id = ${WORKSPACE}`;
    await c.sql`update workspaces set stopped_at = now() where id = 'console:else'`;
    c.model.says(reports("Over"));
    const run = await c.start(await c.workflow());
    await c.work();
    expect((await c.run(run)).status).toBe("succeeded");
  });

  it("aborts what is under way, says what may have happened, and asks about it when it goes on", async () => {
    const begun = gate();
    c.on("pay", async (_, { signal }) => {
      begun.open();
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    c.model.says(calls(["pay", { what: "rent" }]), reports("Over"));
    const run = await c.start(await c.workflow());
    await c.work();
    await c.act("lin", (caller) => vote(caller, { which: { number: 1 }, choice: "approve", reason: null }));
    const [claimed] = await c.claim();
    if (!claimed) throw new Error("nothing to claim");
    const controller = new AbortController();
    const advancing = c.advance(claimed, controller.signal);
    await begun.opened;
    await stop();
    const [held] = await stoppedRuns(c.db, "worker-1");
    expect(held).toEqual({ id: run, by: "ada" });
    controller.abort(new EverythingStopped(held?.by ?? ""));
    await advancing;
    expect((await c.run(run)).status).toBe("queued");
    expect((await c.notice("runSuspended", run))[0]).toMatchObject({ by: "ada", underWay: ["pay rent"] });
    await c.work();
    expect(c.called).toHaveLength(1);
    await resume();
    await c.work();
    expect((await c.steps(run))[1]).toBe("1.1 pay unknown");
    expect(await c.notice("unknownEffectAsked", run)).toHaveLength(1);
    expect(c.called).toHaveLength(1);
  });

  it("is obeyed by a call that is about to begin, before its process has heard of it", async () => {
    c.model.says(calls(["note", { what: "x" }]), reports("Over"));
    const run = await c.start(await c.workflow());
    await c.work();
    await c.act("lin", (caller) => vote(caller, { which: { number: 1 }, choice: "approve", reason: null }));
    const [claimed] = await c.claim();
    if (!claimed) throw new Error("nothing to claim");
    await stop();
    await c.advance(claimed);
    expect(c.called).toEqual([]);
    expect((await c.run(run)).status).toBe("queued");
    await resume();
    await c.work();
    expect(c.called).toHaveLength(1);
  });

  it("holds back what a tool posts, and nothing of what people are told", async () => {
    await stop();
    const post = createPoster({ ...c.deps });
    const ended = AbortSignal.abort();
    await post({
      workspaceId: WORKSPACE,
      channel: "#ops",
      channelId: CHANNEL,
      actsFor: { memberId: "", workflowId: "", workflow: "", runId: null, tainted: false },
      call: { tool: "channel_post", input: {} },
      text: "hello",
      idempotencyKey: "k",
      signal: ended,
    });
    const claim = () =>
      claimDeliveries(c.db, {
        platforms: ["console"],
        owner: "d",
        now: new Date(c.clock.now()),
        leaseMs: 1_000,
        limit: 10,
      });
    expect(await claim()).toEqual([]);
    await resume();
    expect((await claim()).map(({ key }) => key)).toEqual(["tool:k"]);
  });
});
