/** Several people, separation of duties, time to think it over, and a right that is lost meanwhile. */
import { afterEach, describe, expect, it } from "vitest";
import { approveWithChanges } from "../../../src/orchestrator/approvals/change.ts";
import { remindOfApprovals } from "../../../src/orchestrator/approvals/reminder.ts";
import { vote } from "../../../src/orchestrator/approvals/service.ts";
import type { SomeTerms } from "../../../src/orchestrator/policy/decider.ts";
import { type EngineCase, engineCase, memberId, type PEOPLE, type WorkflowOptions } from "../engine-case.ts";
import { calls, reports } from "../scripted-model.ts";

const HOUR = 3_600_000;
let c: EngineCase;
let run: string;
afterEach(async () => {
  await c.close();
});

async function asks(approvals: SomeTerms, workflow: WorkflowOptions = {}): Promise<void> {
  c = await engineCase({ permissions: { approvals } });
  c.model.says(calls(["note", { what: "x" }]), reports("Over"));
  run = await c.start(await c.workflow(workflow));
  await c.work();
}
const cast = (who: keyof typeof PEOPLE, choice: "approve" | "deny" = "approve", number = 1) =>
  c.act(who, (caller) => vote(caller, { which: { number }, choice, reason: null }));
const status = async () => (await c.sql`select status from approvals order by number desc`)[0]?.status;
const card = async () => (await c.notice("approvalRequested", run)).at(-1);

describe("a quorum", () => {
  it("needs so many different people; the card counts them, and the last yes decides", async () => {
    await asks({ quorum: 2 });
    expect(await cast("lin")).toMatchObject({ status: "pending", missing: 1, decidedNow: true });
    expect(await cast("lin")).toMatchObject({ status: "pending", missing: 1, decidedNow: false });
    expect((await card())?.approval.votes).toEqual([{ by: "lin", at: expect.any(String) }]);
    await c.work();
    expect(c.called).toEqual([]);
    expect(await cast("kim")).toMatchObject({ status: "approved", decidedNow: true });
    await c.work();
    expect(c.called.map(({ tool }) => tool)).toEqual(["note"]);
    expect(await c.count("votes")).toBe(2);
  });

  it("of two at once decides once", async () => {
    await asks({ quorum: 2 });
    const both = await Promise.all([cast("lin"), cast("kim"), cast("lin"), cast("ada")]);
    expect(both.filter((voted) => voted.status === "approved" && voted.decidedNow)).toHaveLength(1);
    await c.work();
    expect(c.called).toHaveLength(1);
  });

  it("is denied by one no, also of somebody who said yes before", async () => {
    await asks({ quorum: 2 });
    await cast("lin");
    expect(await cast("lin", "deny")).toMatchObject({ status: "denied" });
    expect(await cast("kim")).toMatchObject({ status: "denied", decidedNow: false });
    await c.work();
    expect(c.called).toEqual([]);
  });

  it("does not count whoever lost their role meanwhile", async () => {
    await asks({ quorum: 2 });
    await cast("lin");
    await c.sql`update members set role = 'member' where id = ${memberId("lin")}`;
    expect(await cast("kim")).toMatchObject({ status: "pending", missing: 1 });
    expect(await cast("ada")).toMatchObject({ status: "approved" });
  });

  it("is not made up for by changing the arguments", async () => {
    await asks({ quorum: 2 });
    const changed = await c.act("lin", (caller) => approveWithChanges(caller, { number: 1 }, '{"what":"y"}'));
    expect(changed).toMatchObject({ kind: "changed", newNumber: 2, asks: ["1 more must approve it"] });
    await cast("kim", "approve", 2);
    await c.work();
    expect(c.called.map(({ what }) => what)).toEqual(["y"]);
  });
});

describe("the right to decide", () => {
  it("is looked at again when the call is made: who left meanwhile has not approved it", async () => {
    await asks({});
    await cast("lin");
    await c.sql`update members set left_at = now() where id = ${memberId("lin")}`;
    await c.work();
    expect(c.called).toEqual([]);
    expect(await status()).toBe("void");
    expect((await card())?.decision).toMatchObject({
      kind: "void",
      reason: "Who approved it may not decide about it any more.",
    });
    expect((await c.steps(run))[1]).toBe("1.1 note refused");
  });

  it("is not the author's where duties are separated; a no is", async () => {
    await asks({ authorMayApprove: false }, { owner: "lin" });
    await expect(cast("lin")).rejects.toMatchObject({ code: "forbidden", message: expect.stringContaining("yours") });
    expect(await status()).toBe("pending");
    await cast("kim");
    await c.work();
    expect(c.called).toHaveLength(1);
  });

  it("is not whoever's who changed the arguments, where duties are separated", async () => {
    await asks({ authorMayApprove: false });
    const changed = await c.act("lin", (caller) => approveWithChanges(caller, { number: 1 }, '{"what":"y"}'));
    expect(changed).toMatchObject({ kind: "changed", asks: [expect.stringContaining("somebody else")] });
    await expect(cast("lin", "approve", 2)).rejects.toMatchObject({ code: "forbidden" });
    await cast("kim", "approve", 2);
    await c.work();
    expect(c.called.map(({ what }) => what)).toEqual(["y"]);
  });

  it("comes by a group as the platform says it, and goes with it", async () => {
    await asks({ by: ["@leads"] });
    await expect(cast("lin")).rejects.toMatchObject({ code: "forbidden", message: expect.stringContaining("@leads") });
    await expect(cast("ada")).rejects.toMatchObject({ code: "forbidden" });
    await c.sql`update members set groups = '{@leads}' where id in (${memberId("sam")}, ${memberId("vic")})`;
    // A viewer never decides, whatever their groups.
    await expect(cast("vic")).rejects.toMatchObject({ code: "forbidden" });
    expect(await cast("sam")).toMatchObject({ status: "approved" });
  });
});

describe("time to think it over", () => {
  it("lets a yes take effect only when it is over", async () => {
    await asks({ waitMs: HOUR });
    await cast("lin");
    c.clock.pass(HOUR - 1);
    await c.work();
    expect(c.called).toEqual([]);
    expect((await c.waits(run)).map(({ kind }) => kind)).toEqual(["timer"]);
    c.clock.pass(1);
    await c.work();
    expect(c.called).toHaveLength(1);
  });

  it("does not hold up a yes that comes after it", async () => {
    await asks({ waitMs: HOUR });
    c.clock.pass(2 * HOUR);
    await cast("lin");
    await c.work();
    expect(c.called).toHaveLength(1);
  });
});

describe("the expiry", () => {
  it("is the shorter of the workflow's and the policy's; nobody by then means no", async () => {
    await asks({ expiryMs: HOUR });
    c.clock.pass(HOUR + 1);
    await expect(cast("lin")).rejects.toMatchObject({ code: "conflict" });
    await c.work();
    expect(await status()).toBe("expired");
    expect(c.called).toEqual([]);
  });

  it("is said at half time, once: who can decide, in the thread and in the second channel", async () => {
    await asks({ expiryMs: 2 * HOUR, escalateTo: "#oncall" });
    await remindOfApprovals(c.deps);
    expect(await c.notice("approvalReminder")).toEqual([]);
    c.clock.pass(HOUR);
    await remindOfApprovals(c.deps);
    await remindOfApprovals(c.deps);
    const said = await c.notice("approvalReminder");
    expect(said).toHaveLength(2);
    expect(said[0]).toMatchObject({ able: ["ada", "kim", "lin"], more: 0, approval: { number: 1 } });
    const places =
      await c.sql`select channel_id, thread_id from deliveries where notice->>'kind' = 'approvalReminder' order by seq`;
    expect(places[0]?.thread_id).not.toBeNull();
    expect(places[1]).toMatchObject({ channel_id: "console:test:oncall", thread_id: null });
    await cast("lin");
    for (const each of await c.notice("approvalReminder"))
      expect(each.decision).toMatchObject({ kind: "approved", by: "lin" });
  });

  it("of what was decided is not said again", async () => {
    await asks({ expiryMs: 2 * HOUR });
    await cast("lin");
    c.clock.pass(HOUR);
    await remindOfApprovals(c.deps);
    expect(await c.notice("approvalReminder")).toEqual([]);
  });
});
