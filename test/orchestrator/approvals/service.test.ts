/** Votes: the first that satisfies the policy decides, and every click gets an answer. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { consumeApproval } from "../../../src/orchestrator/approvals/ask.ts";
import { listApprovals, vote } from "../../../src/orchestrator/approvals/service.ts";
import { strictest } from "../../../src/orchestrator/policy/decider.ts";
import { cancel } from "../../../src/orchestrator/runs/service.ts";
import { lockRun } from "../../../src/orchestrator/runs/store.ts";
import { type EngineCase, engineCase, type PEOPLE, WORKSPACE } from "../engine-case.ts";
import { calls, reports } from "../scripted-model.ts";

let c: EngineCase;
let run: string;
beforeEach(async () => {
  c = await engineCase();
  c.model.says(calls(["note", { what: "x" }]), reports("Over"));
  run = await c.start(await c.workflow());
  await c.work();
});
afterEach(async () => {
  await c.close();
});

const cast = (who: keyof typeof PEOPLE, choice: "approve" | "deny", reason: string | null = null) =>
  c.act(who, (caller) => vote(caller, { which: { number: 1 }, choice, reason }));
const status = async () => (await c.sql`select status from approvals`)[0]?.status;
const audited = async () =>
  (await c.sql`select action from audit_events where subject_kind = 'approval' order by id`).map(
    ({ action }) => action,
  );

describe("an approval", () => {
  it("says exactly what would be done, why it is asked, who may decide and until when", async () => {
    const [view] = await c.act("sam", ({ work }) => listApprovals(work.tx, WORKSPACE));
    expect(view).toMatchObject({
      number: 1,
      tool: "note",
      action: "note x",
      exactly: '{"what":"x"}',
      reasons: ["it changes something"],
      decidedBy: "approver",
      expiresAt: new Date(c.clock.now() + 72 * 3_600_000).toISOString(),
    });
  });

  it("cannot be decided by somebody who may not, and nobody else hears of the try", async () => {
    const before = await c.count("deliveries");
    for (const who of ["sam", "vic"] as const) {
      await expect(cast(who, "approve")).rejects.toMatchObject({ code: "forbidden" });
      await expect(cast(who, "deny")).rejects.toMatchObject({ code: "forbidden" });
    }
    expect(await status()).toBe("pending");
    expect(await c.count("votes")).toBe(0);
    expect(await c.count("deliveries")).toBe(before);
  });

  it("is decided by one of two approvers at once; the other is told who was first", async () => {
    const votes = await Promise.all([cast("lin", "approve"), cast("kim", "approve")]);
    expect(votes.filter(({ decidedNow }) => decidedNow)).toHaveLength(1);
    const first = votes.find(({ decidedNow }) => decidedNow)?.by;
    expect(votes.find(({ decidedNow }) => !decidedNow)).toMatchObject({ status: "approved", by: first });
    expect(await c.count("votes")).toBe(1);
    expect(await audited()).toEqual(["approval.requested", "approval.approved"]);
    await c.work();
    expect(c.called).toHaveLength(1);
  });

  it("approved and denied at once is one of both, and the call follows it", async () => {
    const votes = await Promise.all([cast("lin", "approve"), cast("kim", "deny")]);
    const decided = votes.find(({ decidedNow }) => decidedNow);
    expect(votes.every((each) => each.status === decided?.status)).toBe(true);
    await c.work();
    expect(c.called).toHaveLength(decided?.status === "approved" ? 1 : 0);
    expect((await c.run(run)).status).toBe("succeeded");
  });

  it("answers the same click again with what was decided", async () => {
    await cast("lin", "deny", "not today");
    expect(await cast("lin", "deny")).toMatchObject({
      decidedNow: false,
      status: "denied",
      by: "lin",
      reason: "not today",
    });
    expect(await cast("kim", "approve")).toMatchObject({ decidedNow: false, status: "denied" });
  });

  it("comes too late after its time, even before anybody wrote that down", async () => {
    c.clock.pass(72 * 3_600_000);
    await expect(cast("lin", "approve")).rejects.toMatchObject({ code: "conflict" });
    await c.work();
    expect(await status()).toBe("expired");
    expect((await c.run(run)).status).toBe("succeeded");
    expect(c.called).toHaveLength(0);
  });

  it("does not exist in another workspace, nor under a number that was never given", async () => {
    await c.sql`insert into workspaces (id, platform, team, name, timezone, created_at) values ('console:else', 'console', 'else', 'Else', 'UTC', now())`;
    await expect(
      c.act("lin", (caller) =>
        vote(
          { ...caller, actor: { ...caller.actor, workspaceId: "console:else" } },
          { which: { number: 1 }, choice: "approve", reason: null },
        ),
      ),
    ).rejects.toMatchObject({ code: "unknown_subject" });
    await expect(
      c.act("lin", (caller) => vote(caller, { which: { number: 9 }, choice: "approve", reason: null })),
    ).rejects.toMatchObject({ code: "unknown_subject" });
  });

  it("dies with its run", async () => {
    await c.act("sam", (caller) => cancel(caller, { id: run }));
    expect(await cast("lin", "approve")).toMatchObject({ decidedNow: false, status: "cancelled" });
    expect(c.called).toHaveLength(0);
  });
});

describe("the call an approval is bound to", () => {
  const consume = (change: { input?: string; contract?: string; callIndex?: number }) =>
    c.inWork(async (work) => {
      const held = await lockRun(work, WORKSPACE, { id: run });
      const step = (await c.journal(run)).find((each) => each.kind === "tool");
      if (!held || step?.kind !== "tool") throw new Error("no step");
      return consumeApproval(
        work,
        held,
        { ...step, inputHash: change.input ?? step.inputHash, callIndex: change.callIndex ?? step.callIndex },
        change.contract ?? c.deps.registry.contractHash("note"),
        strictest([]),
      );
    });

  it("is the exact one: other arguments, another contract or no approval at all mean no", async () => {
    expect(await consume({})).toMatchObject({ code: "not_permitted" });
    await cast("lin", "approve");
    expect(await consume({ callIndex: 9 })).toMatchObject({ code: "not_permitted" });
    expect(await consume({ input: "0".repeat(64) })).toMatchObject({ code: "not_permitted" });
    expect(await status()).toBe("void");
    expect(await consume({})).toMatchObject({ code: "not_permitted" });
    expect((await c.notice("approvalRequested"))[0]?.decision).toMatchObject({ kind: "void" });
  });

  it("is void under a changed contract, and its run is told", async () => {
    await cast("lin", "approve");
    await c.sql`update approvals set contract_hash = 'before the upgrade'`;
    await c.work();
    expect(await status()).toBe("void");
    expect(c.called).toHaveLength(0);
    expect((await c.steps(run))[1]).toBe("1.1 note refused");
    expect((await c.run(run)).status).toBe("succeeded");
  });

  it("may be used again by the same step, for a retry", async () => {
    await cast("lin", "approve");
    expect(await consume({})).toBeNull();
    expect(await status()).toBe("consumed");
    expect(await consume({})).toBeNull();
  });
});
