/** A yes with other arguments: a new call takes the old one's place, and nobody can mistake it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { approveWithChanges, readCallToChange } from "../../../src/orchestrator/approvals/change.ts";
import { listApprovals, vote } from "../../../src/orchestrator/approvals/service.ts";
import { callHash } from "../../../src/orchestrator/runs/plan.ts";
import { cancel } from "../../../src/orchestrator/runs/service.ts";
import { type EngineCase, engineCase, type PEOPLE, WORKSPACE } from "../engine-case.ts";
import { calls, reports } from "../scripted-model.ts";

let c: EngineCase;
let run: string;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

const asks = async (...script: readonly ReturnType<typeof calls>[]) => {
  c.model.says(...script);
  run = await c.start(await c.workflow());
  await c.work();
};
const note = () => asks(calls(["note", { what: "x" }]), reports("Over"));
const change = (who: keyof typeof PEOPLE, text: string, number = 1) =>
  c.act(who, (caller) => approveWithChanges(caller, { number }, text));
const cast = (who: keyof typeof PEOPLE, choice: "approve" | "deny", number = 1) =>
  c.act(who, (caller) => vote(caller, { which: { number }, choice, reason: null }));
const approvals = () =>
  c.sql`select number, status, call_hash, decider_id from approvals order by number` as Promise<
    { number: number; status: string; call_hash: string; decider_id: string | null }[]
  >;
const statuses = async () => (await approvals()).map(({ number, status }) => `${number} ${status}`);
const toldTo = (turn: number) => {
  const said = c.model.requests[turn - 1]?.messages.findLast((message) => message.role === "tool");
  return JSON.parse(said?.role === "tool" ? said.content : "null") as Record<string, unknown>;
};

describe("a call approved with other arguments", () => {
  beforeEach(note);

  it("is made with those, once, under an approval of its own that is bound to it", async () => {
    expect(await change("lin", '{ "what": "y" }')).toEqual({ kind: "changed", number: 1, newNumber: 2, asks: [] });
    expect(await approvals()).toEqual([
      expect.objectContaining({ status: "replaced", call_hash: callHash("note", { what: "x" }) }),
      expect.objectContaining({ status: "approved", call_hash: callHash("note", { what: "y" }) }),
    ]);
    expect(await c.waits(run)).toEqual([]);
    await c.work();
    expect(c.called.map(({ what }) => what)).toEqual(["y"]);
    expect(await statuses()).toEqual(["1 replaced", "2 consumed"]);
    expect((await c.run(run)).status).toBe("succeeded");
  });

  it("is told to the model as what a person made of it", async () => {
    await change("lin", '{"what":"y"}');
    await c.work();
    expect(toldTo(2)).toMatchObject({
      ok: true,
      arguments_changed: { by: "lin", to: { what: "y" }, why: expect.stringMatching(/person changed/) },
      output: { said: "note y" },
    });
  });

  it("is shown before and after, on a card that says who did it and what came of it", async () => {
    await change("lin", '{"what":"y"}');
    await c.work();
    const [old, now] = await c.notice("approvalRequested");
    expect(old).toMatchObject({ decision: { kind: "replaced", by: "lin", number: 2 }, outcome: null });
    expect(now).toMatchObject({
      approval: {
        number: 2,
        step: 2,
        action: "note y",
        exactly: '{"what":"y"}',
        changed: { by: "lin", was: '{"what":"x"}', lines: ['-   "what": "x"', '+   "what": "y"'] },
      },
      decision: { kind: "approved", by: "lin" },
      outcome: expect.stringMatching(/^done in/),
    });
  });

  it("is on the record: who changed what, and what each hash was", async () => {
    await change("lin", '{"what":"y"}');
    const rows =
      await c.sql`select action, actor, detail from audit_events where subject_kind = 'approval' order by id`;
    expect(rows.map(({ action, actor }) => `${action} ${String(actor).split(":").at(-1)}`)).toEqual([
      "approval.requested claw",
      "approval.requested claw",
      "approval.replaced lin",
      "approval.approved lin",
    ]);
    expect(rows[2]?.detail).toMatchObject({
      number: 1,
      by: 2,
      tool: "note",
      changed: ['-   "what": "x"', '+   "what": "y"'],
      callHash: callHash("note", { what: "x" }),
      newCallHash: callHash("note", { what: "y" }),
    });
  });

  it("with the arguments it had is a plain yes", async () => {
    expect(await change("lin", '{"what":"x"}')).toMatchObject({ kind: "voted", voted: { status: "approved" } });
    expect(await statuses()).toEqual(["1 approved"]);
  });

  it.each([
    ["{", /not JSON/],
    ["", /as JSON/],
    ['{"what": 7}', /what: expected string/],
    ['{"what": "y", "why": "z"}', /unknown "why"/],
    ["{}", /what: missing; expected string/],
  ])("is not made of %j: the field is named, nothing is decided and nothing lost", async (text, says) => {
    expect(await change("lin", text)).toMatchObject({
      kind: "wrong",
      number: 1,
      text,
      failure: { message: expect.stringMatching(says) },
    });
    expect(await statuses()).toEqual(["1 pending"]);
    expect(await c.count("votes")).toBe(0);
    expect(await change("lin", '{"what":"y"}')).toMatchObject({ kind: "changed" });
  });

  it("is nobody's who may not decide", async () => {
    await expect(change("sam", '{"what":"y"}')).rejects.toMatchObject({ code: "forbidden" });
    await expect(change("vic", "{")).rejects.toMatchObject({ code: "forbidden" });
    expect(await statuses()).toEqual(["1 pending"]);
  });

  it("changed twice at once is changed once; the other is told by whom and what took its place", async () => {
    const both = await Promise.all([change("lin", '{"what":"y"}'), change("kim", '{"what":"z"}')]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(["changed", "voted"]);
    const late = both.find((each) => each.kind === "voted");
    expect(late).toMatchObject({ voted: { status: "replaced", decidedNow: false, replacedBy: 2 } });
    expect(await change("lin", '{"what":"y"}')).toMatchObject({ voted: { status: "replaced", replacedBy: 2 } });
    await c.work();
    expect(c.called).toHaveLength(1);
  });

  it("changed and denied at once is one of both, and the call follows it", async () => {
    const [changed, denied] = await Promise.all([change("lin", '{"what":"y"}'), cast("kim", "deny")]);
    await c.work();
    expect(denied.decidedNow).toBe(changed.kind === "voted");
    expect(c.called.map(({ what }) => what)).toEqual(denied.decidedNow ? [] : ["y"]);
    if (denied.decidedNow) expect(changed).toMatchObject({ voted: { status: "denied", by: "kim" } });
    else expect(denied).toMatchObject({ status: "replaced", by: "lin", replacedBy: 2 });
  });

  it("comes too late after its time, and after the run was cancelled", async () => {
    c.clock.pass(72 * 3_600_000);
    await expect(change("lin", '{"what":"y"}')).rejects.toMatchObject({ code: "conflict" });
    await c.act("sam", (caller) => cancel(caller, { id: run }));
    expect(await change("lin", '{"what":"y"}')).toMatchObject({ voted: { status: "cancelled" } });
    expect(await statuses()).toEqual(["1 cancelled"]);
    expect(c.called).toHaveLength(0);
  });

  it("may be put right in a form made of its schema, while it waits", async () => {
    const [view] = await c.act("lin", ({ work }) => listApprovals(work.tx, WORKSPACE));
    const id = view?.approvalId ?? "";
    const call = await readCallToChange(c.deps, WORKSPACE, id);
    expect(call?.given).toEqual({ what: "x" });
    expect(call?.schema).toMatchObject({ properties: { what: { type: "string" } }, required: ["what"] });
    expect(call?.faults({ what: "y" })).toEqual([]);
    expect(call?.faults({ what: 7 })).toEqual([{ path: ["what"], message: "expected string" }]);
    expect(call?.faults({ what: "\u0000" })).toMatchObject([{ path: ["what"] }]);
    expect(await readCallToChange(c.deps, "console:else", id)).toBeNull();
    await change("lin", '{"what":"y"}');
    expect(await readCallToChange(c.deps, WORKSPACE, id)).toBeNull();
  });
});

describe("other arguments that have more to be asked for", () => {
  it("are not approved by whoever wrote them: they are asked for, like a first call", async () => {
    await asks(calls(["browse", { what: "a.example" }]), calls(["browse", { what: "b.example" }]), reports("Over"));
    expect(await change("lin", '{"what":"evil.example"}')).toMatchObject({
      kind: "changed",
      newNumber: 2,
      asks: ["this run read text from outside (browse a.example) and now wants to send to evil.example"],
    });
    expect(await statuses()).toEqual(["1 replaced", "2 pending"]);
    expect(await c.waits(run)).toMatchObject([{ kind: "approval", detail: { number: 2 } }]);
    await c.work();
    expect(c.called).toHaveLength(1);
    await cast("kim", "approve", 2);
    await c.work();
    expect(c.called.at(-1)).toMatchObject({ tool: "browse", what: "evil.example" });
    expect((await c.run(run)).status).toBe("succeeded");
  });

  it("can be changed again, and back to what the model gave, which is no change any more", async () => {
    await asks(calls(["browse", { what: "a.example" }]), calls(["browse", { what: "b.example" }]), reports("Over"));
    await change("lin", '{"what":"c.example"}');
    await change("lin", '{"what":"d.example"}', 2);
    const step = async () => (await c.journal(run)).find(({ turn, callIndex }) => turn === 2 && callIndex === 1);
    const hash = callHash("browse", { what: "b.example" });
    expect(await step()).toMatchObject({ changed: { by: "lin", was: { what: "b.example" }, hash } });
    await change("kim", '{"what":"b.example"}', 3);
    expect(await step()).toMatchObject({ input: { what: "b.example" }, changed: null });
    await cast("kim", "approve", 4);
    await c.work();
    expect(await statuses()).toEqual(["1 replaced", "2 replaced", "3 replaced", "4 consumed"]);
    expect(c.called.map(({ what }) => what)).toEqual(["a.example", "b.example"]);
    expect(toldTo(3)).not.toHaveProperty("arguments_changed");
  });

  it("that were refused before in this run stay refused", async () => {
    await asks(calls(["note", { what: "x" }]), calls(["note", { what: "y" }]), reports("Over"));
    await cast("lin", "deny");
    await c.work();
    await expect(change("lin", '{"what":"x"}', 2)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/refused before/),
    });
    expect(await statuses()).toEqual(["1 denied", "2 pending"]);
  });

  it("and are denied then, are told to the model with who wrote them", async () => {
    await asks(calls(["browse", { what: "a.example" }]), calls(["browse", { what: "b.example" }]), reports("Over"));
    await change("lin", '{"what":"c.example"}');
    await cast("kim", "deny", 2);
    await c.work();
    expect(toldTo(3)).toMatchObject({
      ok: false,
      arguments_changed: { by: "lin", to: { what: "c.example" } },
      error: { code: "approval_denied" },
    });
  });
});

it("a call that needs no yes by itself any more is made only under the one it was changed with", async () => {
  await asks(calls(["browse", { what: "a.example" }]), calls(["browse", { what: "b.example" }]), reports("Over"));
  await c.sql`update revisions set instruction = 'look at https://c.example/'`;
  expect(await change("lin", '{"what":"c.example"}')).toMatchObject({ asks: [] });
  await c.work();
  expect((await statuses()).at(-1)).toBe("2 consumed");
  expect(c.called.map(({ what }) => what)).toEqual(["a.example", "c.example"]);
});
