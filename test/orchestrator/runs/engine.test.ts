/** A run from its claim to its end: journal, fences, money, and what interrupts it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { vote } from "../../../src/orchestrator/approvals/service.ts";
import { readBudget } from "../../../src/orchestrator/budget/store.ts";
import { keepThreadMessage } from "../../../src/orchestrator/context/store.ts";
import { RunCancelled } from "../../../src/orchestrator/runs/interruption.ts";
import { keepLeases } from "../../../src/orchestrator/runs/leases/store.ts";
import { cancel, retry } from "../../../src/orchestrator/runs/service.ts";
import { fail, ok } from "../../../src/tools/index.ts";
import { CHANNEL, type EngineCase, engineCase, gate, LEASE_MS, memberId, START, WORKSPACE } from "../engine-case.ts";
import { calls, does, reports, scriptedModel, text } from "../scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

const first = async (): Promise<string> => c.start(await c.workflow());

describe("a run", () => {
  it("calls the model and the tools it asks for, reports, and leaves nothing open", async () => {
    c.model.says(calls(["look", { what: "a" }], ["look", { what: "b" }]), reports("All is well"));
    const run = await first();
    await c.work();
    expect(await c.run(run)).toMatchObject({
      status: "succeeded",
      lease_owner: null,
      verdict: { text: "All is well" },
    });
    expect(await c.steps(run)).toEqual([
      "1.0 scripted succeeded",
      "1.1 look succeeded",
      "1.2 look succeeded",
      "2.0 scripted succeeded",
      "2.1 finish succeeded",
    ]);
    expect((await c.notice("runReported")).map(({ text }) => text)).toEqual(["All is well"]);
    expect(c.model.left()).toBe(0);
  });

  it("tells the model what was wrong with a call, and what tools there are", async () => {
    c.model.says(calls(["fly", {}], ["look", "{"], ["look", { where: 1 }]), reports("No luck"));
    const run = await first();
    await c.work();
    expect((await c.steps(run)).slice(1, 4)).toEqual(["1.1 fly failed", "1.2 look failed", "1.3 look failed"]);
    const told =
      c.model.requests[1]?.messages.filter(({ role }) => role === "tool").map(({ content }) => content) ?? [];
    expect(told[0]).toMatch(/unknown_tool.*look, browse/);
    expect(told[1]).toMatch(/malformed_arguments/);
    expect(told[2]).toMatch(/invalid_input/);
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
  });

  it("keeps odd text of the model without dying of it", async () => {
    const half = "\ud83d\ude00".slice(0, 1);
    c.model.says(
      calls([`fl\u0000y${"x".repeat(75)}${half}`, `{"a":"\u0000${half}`]),
      calls(["look", JSON.stringify({ what: "\u0000" })]),
      reports("Odd"),
    );
    const run = await first();
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
  });

  it("does not take an empty answer for success: nudges, then fails with the last words", async () => {
    c.model.says(text(""), text("Shall I?"), text("Hm."));
    const run = await first();
    await c.work();
    expect(c.model.requests.map(({ toolChoice }) => toolChoice)).toEqual([
      "auto",
      { name: "finish" },
      { name: "finish" },
    ]);
    expect(await c.run(run)).toMatchObject({ status: "failed", failure: { code: "no_verdict" } });
    expect((await c.notice("runFailed"))[0]?.failure.message).toContain("Hm.");
  });

  it("fails as blocked, refused, or out of steps, each said", async () => {
    c.model.says(calls(["finish", { verdict: "blocked", text: "No access to acme" }]), text("I will not", "refusal"));
    const blocked = await first();
    await c.work();
    const refused = await first();
    await c.work();
    expect(await c.run(blocked)).toMatchObject({
      status: "failed",
      failure: { code: "blocked", message: "No access to acme" },
    });
    expect(await c.run(refused)).toMatchObject({ status: "failed", failure: { code: "refused" } });
    c.model.says(calls(["look", { what: "1" }]), calls(["look", { what: "2" }]));
    const long = await c.start(await c.workflow({ policies: { maxSteps: 4 } }));
    await c.work();
    expect(await c.run(long)).toMatchObject({ status: "failed", failure: { code: "too_many_steps" } });
  });

  it("does not run for an owner who left or may no longer run workflows", async () => {
    const run = await first();
    await c.sql`update members set left_at = now() where id = ${memberId("sam")}`;
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "failed", failure: { code: "forbidden" } });
    expect(c.model.requests).toHaveLength(0);
  });

  it("is dead, not failed, after a bug, and goes on from its journal when a person retries it", async () => {
    c.model.says(
      calls(["look", { what: "a" }]),
      does(() => Promise.reject(new TypeError("oops"))),
      reports("Now it works"),
    );
    const run = await first();
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "dead", failure: { code: "bug" } });
    await c.act("sam", (caller) => retry(caller, { id: run }));
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded", failure: null });
    expect(c.called).toHaveLength(1);
  });
});

describe("a lease", () => {
  it("is taken by one of many workers", async () => {
    const workflow = await c.workflow({ policies: { concurrency: 8 } });
    for (let n = 0; n < 8; n++) await c.start(workflow);
    const claimed = (await Promise.all(["a", "b", "c", "d"].map((owner) => c.claim(owner)))).flat();
    expect(claimed.map(({ id }) => id).sort()).toEqual([...new Set(claimed.map(({ id }) => id))].sort());
    expect(claimed).toHaveLength(8);
  });

  it("that was lost fences the first worker out: nothing it hears later is written or done twice", async () => {
    const slow = gate();
    c.on("note", async ({ what }) => {
      await slow.opened;
      return ok({ said: what });
    });
    c.model.says(calls(["note", { what: "x" }]), reports("Noted"));
    const run = await first();
    await c.work();
    const number = Number((await c.sql`select number from approvals`)[0]?.number);
    await c.act("lin", (caller) => vote(caller, { which: { number }, choice: "approve", reason: null }));
    const [one] = await c.claim("worker-1");
    if (!one) throw new Error("not claimed");
    const working = c.advance(one);
    await expect.poll(() => c.called.length).toBe(1);
    c.clock.pass(LEASE_MS + 1);
    c.on("note", async ({ what }) => ok({ said: what }));
    await c.work("worker-2");
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    const before = await c.journal(run);
    slow.open();
    await working;
    expect(await c.journal(run)).toEqual(before);
    expect(await c.run(run)).toMatchObject({ status: "succeeded", epoch: 3 });
    expect(new Set(c.called.map(({ key }) => key)).size).toBe(1);
    expect(await c.notice("runReported")).toHaveLength(1);
    const attempts =
      await c.sql`select number, outcome, epoch from attempts where call_index = 1 and turn = 1 order by number`;
    expect(attempts.map(({ outcome, epoch }) => [outcome, epoch])).toEqual([
      ["abandoned", 2],
      ["succeeded", 3],
    ]);
  });

  it("is not kept for a run that its worker let go of", async () => {
    const workflow = await c.workflow({ policies: { overlap: "allow" } });
    const [left, kept] = [await c.start(workflow), await c.start(workflow)];
    await c.claim("worker-1");
    c.clock.pass(LEASE_MS - 1);
    const until = new Date(c.clock.now() + LEASE_MS);
    expect([...(await keepLeases(c.db, "worker-1", [kept], { until }))]).toEqual([kept]);
    c.clock.pass(2);
    const again = await c.claim("worker-2");
    expect(again.map(({ id, wasLost }) => [id, wasLost])).toEqual([[left, true]]);
  });
});

describe("cancelling", () => {
  it("interrupts a model call, books what it may have cost, and says so", async () => {
    await c.close();
    const model = scriptedModel({
      price: {
        inputMicrosPerMillion: 1_000_000,
        cachedInputMicrosPerMillion: 1_000_000,
        outputMicrosPerMillion: 1_000_000,
        source: "test",
      },
    });
    c = await engineCase({ model });
    const asked = gate();
    model.says(
      does(
        (signal) =>
          new Promise((resolve) => {
            signal.addEventListener("abort", () =>
              resolve({ ok: false, failure: { code: "cancelled", message: "cancelled" }, usage: null }),
            );
            asked.open();
          }),
      ),
    );
    const run = await first();
    const [held] = await c.claim();
    if (!held) throw new Error("not claimed");
    const stop = new AbortController();
    const working = c.advance(held, stop.signal);
    await asked.opened;
    expect(await c.act("sam", (caller) => cancel(caller, { id: run }))).toMatchObject({ how: "cancelling" });
    stop.abort(new RunCancelled("sam"));
    await working;
    expect(await c.run(run)).toMatchObject({ status: "cancelled" });
    expect(await c.steps(run)).toEqual(["1.0 scripted failed"]);
    const day = await readBudget(c.db, { workspaceId: WORKSPACE, scope: "workspace_day", key: "2026-05-04" });
    expect(day?.reservedMicros).toBe(0);
    expect(day?.spentMicros).toBeGreaterThan(0);
    expect(Number((await c.run(run)).cost_micros)).toBe(day?.spentMicros);
    expect((await c.notice("runCancelled"))[0]?.figures.costMicros).toBe(day?.spentMicros);
    expect(await c.count("attempts")).toBe(1);
  });

  it("keeps what a tool did before it heard of it, and names it", async () => {
    const run = await c.start(await c.workflow());
    c.on("look", async ({ what }) => {
      await c.act("sam", (caller) => cancel(caller, { id: run }));
      return ok({ said: what });
    });
    c.model.says(calls(["look", { what: "a" }]));
    await c.work();
    expect(await c.steps(run)).toEqual(["1.0 scripted succeeded", "1.1 look succeeded"]);
    expect(await c.run(run)).toMatchObject({ status: "cancelled" });
  });

  it("wins over a report that comes in at the same time", async () => {
    const run = await c.start(await c.workflow());
    const line = reports("Too late");
    c.model.says(
      does(async () => {
        await c.act("sam", (caller) => cancel(caller, { id: run }));
        return line.kind === "reply" ? { ok: true, reply: line.reply } : Promise.reject(new Error("no reply"));
      }),
    );
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "cancelled" });
    expect(await c.notice("runReported")).toHaveLength(0);
  });

  it("ends a queued run at once, and only for its owner or an admin", async () => {
    const run = await first();
    await expect(c.act("kim", (caller) => cancel(caller, { id: run }))).rejects.toMatchObject({ code: "forbidden" });
    expect(await c.act("ada", (caller) => cancel(caller, { id: run }))).toMatchObject({ how: "cancelled" });
    await expect(c.act("ada", (caller) => cancel(caller, { id: run }))).rejects.toMatchObject({ code: "conflict" });
    expect(await c.claim()).toEqual([]);
  });
});

describe("taint", () => {
  it("that the last run left behind holds from the first call of the next", async () => {
    const workflow = await c.workflow({ instruction: "look at https://good.example/x" });
    c.model.says(calls(["browse", { what: "good.example" }]), reports("Read it", "outsiders wrote this"));
    const one = await c.start(workflow);
    await c.work();
    expect(await c.run(one)).toMatchObject({ status: "succeeded", tainted: true });
    c.model.says(calls(["browse", { what: "evil.example" }], ["browse", { what: "good.example" }]));
    const two = await c.start(workflow);
    await c.work();
    expect(await c.steps(two)).toEqual(["1.0 scripted succeeded", "1.1 browse waiting", "1.2 browse succeeded"]);
    expect(c.called.map(({ what }) => what)).toEqual(["good.example", "good.example"]);
    expect((await c.notice("approvalRequested"))[0]?.approval.reasons.join()).toMatch(
      /read text from outside.*evil\.example/,
    );
  });

  it("asks about a call that was planned before the run was tainted and is tried again after", async () => {
    const state = { tries: 0 };
    c.on("browse", async ({ what }) =>
      what === "b.example" && ++state.tries === 1 ? fail("service_unavailable", "503") : ok({ said: what }),
    );
    c.model.says(calls(["browse", { what: "a.example" }], ["browse", { what: "b.example" }]), reports("Both"));
    const run = await first();
    await c.work();
    c.clock.pass(40_000);
    await c.work();
    expect(await c.steps(run)).toEqual(["1.0 scripted succeeded", "1.1 browse succeeded", "1.2 browse waiting"]);
    expect((await c.waits(run)).map(({ kind }) => kind)).toEqual(["approval"]);
    await c.act("lin", (caller) => vote(caller, { which: { number: 1 }, choice: "approve", reason: null }));
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
  });
});

it("shows the next run what people wrote while the last one ran", async () => {
  const workflow = await c.workflow();
  const say = (id: string, said: string) =>
    c.inWork((work) =>
      keepThreadMessage(work.tx, {
        workspaceId: WORKSPACE,
        workflowId: workflow,
        messageId: `${CHANNEL}:${id}`,
        memberId: memberId("lin"),
        memberName: "lin",
        text: said,
        at: new Date(c.clock.now()),
      }),
    );
  c.model.says(
    does(async () => {
      c.clock.pass(1_000);
      await say("1", "look at the other page too");
      c.clock.pass(1_000);
      const line = reports("One");
      return line.kind === "reply" ? { ok: true, reply: line.reply } : Promise.reject(new Error("no reply"));
    }),
    reports("Two"),
  );
  await c.start(workflow);
  await c.work();
  expect(c.clock.now()).toBe(START + 2_000);
  await c.start(workflow);
  await c.work();
  expect(c.model.requests[1]?.messages[1]?.content).toContain("lin: look at the other page too");
});
