/** The end of one workflow's run starts another, in the same transaction, and never in a circle. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Failure } from "../../../src/orchestrator/errors.ts";
import { deleteWorkflow, editWorkflow, renameWorkflow } from "../../../src/orchestrator/workflows/service.ts";
import { type EngineCase, engineCase, WORKSPACE } from "../engine-case.ts";
import { calls, fails, reports } from "../scripted-model.ts";
import { created, firingsOf, runsOf } from "./trigger-case.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

const on = (name: string, when: "fails" | "succeeds" | "reports") => ({ kind: "outcome", name, on: when }) as const;
const edit = (id: string, trigger: ReturnType<typeof on>) =>
  c.act("sam", (caller) => editWorkflow(caller, { id }, { trigger }));

describe("the end of a run", () => {
  it("starts what waits for it, with what it said", async () => {
    const menu = await c.workflow({ name: "menu" });
    const both = [await created(c, on("menu", "reports")), await created(c, on("menu", "succeeds"))];
    const failing = await created(c, on("menu", "fails"));
    await c.start(menu);
    c.model.says(reports("Today: soup"), reports("potage"), reports("fine"));
    await c.work();
    expect(await Promise.all(both.map((id) => runsOf(c, id)))).toMatchObject([
      [expect.anything()],
      [expect.anything()],
    ]);
    expect(await runsOf(c, failing)).toEqual([]);
    const [firing] = await firingsOf(c, both[0] ?? "");
    expect(firing).toMatchObject({ kind: "outcome", outcome: "ran" });
    expect(firing?.payload).toMatchObject({
      workflow: "menu",
      outcome: "succeeded",
      text: "Today: soup",
      tainted: false,
    });
    expect(c.model.left()).toBe(0);
    const [run] = await runsOf(c, both[0] ?? "");
    expect((await c.run(run ?? "")).tainted).toBe(false);
  });

  it("hands its taint on", async () => {
    const menu = await c.workflow({ name: "menu" });
    const next = await created(c, on("menu", "reports"));
    await c.start(menu);
    c.model.says(calls(["browse", { what: "the web" }]), reports("Today: soup"), reports("ok"));
    await c.work();
    expect((await firingsOf(c, next))[0]?.payload).toMatchObject({ tainted: true });
    const [run] = await runsOf(c, next);
    expect((await c.run(run ?? "")).tainted).toBe(true);
  });

  it("that failed says why", async () => {
    const menu = await c.workflow({ name: "menu", policies: { retryDelaysMs: [] } });
    const next = await created(c, on("menu", "fails"));
    await c.start(menu);
    const code: Failure["code"] = "bad_credentials";
    c.model.says(fails(code, { message: "the key is wrong" }), reports("told"));
    await c.work();
    const [firing] = await firingsOf(c, next);
    expect(firing?.payload).toMatchObject({ outcome: "failed", text: expect.stringContaining("the key is wrong") });
  });

  it("with nothing to say succeeds and does not report", async () => {
    const menu = await c.workflow({ name: "menu" });
    const told = await created(c, on("menu", "reports"));
    const done = await created(c, on("menu", "succeeds"));
    await c.start(menu);
    c.model.says(calls(["finish", { verdict: "nothing_to_report", text: "", notes: null }]), reports("ok"));
    await c.work();
    expect([(await runsOf(c, told)).length, (await runsOf(c, done)).length]).toEqual([0, 1]);
  });

  it("starts nothing when its work is undone, and then once", async () => {
    const menu = await c.workflow({ name: "menu" });
    const next = await created(c, on("menu", "succeeds"));
    const run = await c.start(menu);
    // The database refuses the end of the run for as long as this is there.
    // A sequence counts also what is undone.
    await c.sql.unsafe(`create sequence refused; create function refuse() returns trigger language plpgsql as
      $$ begin perform nextval('refused'); raise exception 'no' using errcode = '57P01'; end $$`);
    await c.sql.unsafe(`create trigger refuse before insert on firings for each row execute function refuse()`);
    c.model.says(reports("done"), reports("next"));
    const working = c.work();
    await expect.poll(async () => (await c.sql`select last_value from refused where is_called`).length).toBe(1);
    expect([(await c.run(run)).status, (await firingsOf(c, next)).length]).toEqual(["running", 0]);
    await c.sql.unsafe("drop trigger refuse on firings");
    await working;
    expect((await c.run(run)).status).toBe("succeeded");
    expect(await runsOf(c, next)).toHaveLength(1);
  });
});

describe("a circle", () => {
  it("is refused when a workflow would wait for itself, or for what waits for it", async () => {
    const a = await c.workflow({ name: "a-one" });
    await expect(edit(a, on("a-one", "fails"))).rejects.toThrow("cannot wait for itself");
    const b = await created(c, on("a-one", "fails"), "b two");
    const name = (await c.defined(b)).workflow.name;
    const third = await created(c, on(name, "fails"), "c three");
    const last = (await c.defined(third)).workflow.name;
    await expect(edit(a, on(last, "succeeds"))).rejects.toThrow("in a circle");
  });

  it("is not closed by two who edit at the same time", async () => {
    const a = await c.workflow({ name: "a-one" });
    const b = await c.workflow({ name: "b-two" });
    const both = await Promise.allSettled([edit(a, on("b-two", "fails")), edit(b, on("a-one", "fails"))]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const rows = await c.sql`select 1 from routes`;
    expect(rows).toHaveLength(1);
  });
});

it("follows a workflow that gets another name, and stops with one that is deleted, which is said", async () => {
  const menu = await c.workflow({ name: "menu" });
  const next = await created(c, on("menu", "succeeds"));
  await c.act("ada", (caller) => renameWorkflow(caller, { id: menu }, "lunch"));
  await c.start(menu);
  c.model.says(reports("soup"), reports("ok"));
  await c.work();
  expect(await runsOf(c, next)).toHaveLength(1);
  await c.act("ada", (caller) => deleteWorkflow(caller, { id: menu }));
  const { workflow } = await c.defined(next);
  expect([workflow.status, workflow.paused?.note]).toEqual(["paused", "lunch, which it waits for, was deleted"]);
  expect(workflow.workspaceId).toBe(WORKSPACE);
});
