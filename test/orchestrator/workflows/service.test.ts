/** What people do with their workflows. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { retry } from "../../../src/orchestrator/runs/service.ts";
import {
  deleteWorkflow,
  editWorkflow,
  pauseWorkflow,
  renameWorkflow,
  resumeWorkflow,
  runNow,
} from "../../../src/orchestrator/workflows/service.ts";
import { type EngineCase, engineCase } from "../engine-case.ts";
import { calls, reports } from "../scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

const next = new Date("2026-05-04T10:01:00Z");

describe("a workflow", () => {
  it("is nobody's to change but its owner's and admins', and the rest is told so", async () => {
    const id = await c.workflow();
    for (const use of [runNow, deleteWorkflow, resumeWorkflow]) {
      await expect(c.act<unknown>("lin", (caller) => use(caller, { id }))).rejects.toMatchObject({ code: "forbidden" });
    }
    await expect(c.act("lin", (caller) => pauseWorkflow(caller, { id }, null))).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(c.act("sam", (caller) => runNow(caller, { name: "nothing-like-it" }))).rejects.toMatchObject({
      code: "unknown_subject",
    });
    await c.act("ada", (caller) => pauseWorkflow(caller, { id }, "while I look"));
    expect((await c.defined(id)).workflow.paused).toMatchObject({ by: "ada", note: "while I look" });
  });

  it("takes a name nobody has, also when two are renamed to it at once", async () => {
    const [one, two] = [await c.workflow({ name: "one" }), await c.workflow({ name: "two" })];
    const both = await Promise.allSettled(
      [one, two].map((id) => c.act("sam", (caller) => renameWorkflow(caller, { id }, "prs"))),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(both.find((each) => each.status === "rejected")).toMatchObject({ reason: { code: "name_taken" } });
    for (const bad of ["Prs", "12", "a--b", "a b", "x".repeat(61)]) {
      await expect(c.act("sam", (caller) => renameWorkflow(caller, { id: two }, bad))).rejects.toMatchObject({
        code: "invalid_input",
      });
    }
  });

  it("edited is a new revision; an open run keeps its own", async () => {
    const id = await c.workflow({ nextSlotAt: next });
    const run = await c.start(id);
    const edited = await c.act("sam", (caller) => editWorkflow(caller, { id }, { instruction: "look twice" }));
    expect(edited).toEqual({ revision: 2, diff: ["- look at the page", "+ look twice"], nextAt: next.toISOString() });
    expect((await c.run(run)).revision).toBe(1);
    await expect(
      c.act("sam", (caller) => editWorkflow(caller, { id }, { instruction: "look twice" })),
    ).rejects.toMatchObject({ code: "conflict" });
  });

  it("edited to be shown in the channel too says so, and its next report is", async () => {
    const id = await c.workflow({ nextSlotAt: next });
    const instruction = "look at the page and show it in the channel";
    const edited = await c.act("sam", (caller) => editWorkflow(caller, { id }, { instruction }));
    expect(edited.diff).toEqual(["- reports in the thread", "+ reports in the thread and in the channel"]);
    c.model.says(reports("All is well"));
    await c.start(id);
    await c.work();
    expect(await c.notice("runReported")).toMatchObject([{ text: "All is well", broadcast: true }]);
  });

  it("deleted ends what is open, frees its name, and leaves the record", async () => {
    const id = await c.workflow({ name: "prs", nextSlotAt: next });
    c.model.says(calls(["note", { what: "x" }]));
    const waiting = await c.start(id);
    await c.work();
    const queued = await c.start(id);
    expect(await c.act("sam", (caller) => deleteWorkflow(caller, { id }))).toBe("prs");
    expect((await c.run(waiting)).status).toBe("cancelled");
    expect((await c.run(queued)).status).toBe("cancelled");
    expect((await c.sql`select status from approvals`)[0]?.status).toBe("cancelled");
    await expect(c.act("sam", (caller) => runNow(caller, { id }))).rejects.toMatchObject({ code: "unknown_subject" });
    await c.workflow({ name: "prs" });
    expect(await c.count("runs")).toBe(2);
  });

  it("shared between people is still one to the database: its run cannot be retried by a stranger", async () => {
    const run = await c.start(await c.workflow({ owner: "ada" }));
    await c.sql`update runs set status = 'dead'`;
    await expect(c.act("sam", (caller) => retry(caller, { id: run }))).rejects.toMatchObject({ code: "forbidden" });
  });
});
