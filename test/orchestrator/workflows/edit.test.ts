/** Editing in fields: only what was touched changes, faults say what to type, and whoever is second loses nothing. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { planEdit, readWorkflowToEdit, saveEdit } from "../../../src/orchestrator/workflows/edit.ts";
import type { EditForm } from "../../../src/orchestrator/workflows/edit-form.ts";
import { planPolicy, savePolicy } from "../../../src/orchestrator/workflows/policy-change.ts";
import { deleteWorkflow, editWorkflow } from "../../../src/orchestrator/workflows/service.ts";
import { DEFAULT_POLICIES } from "../../../src/orchestrator/workflows/workflow.ts";
import { type EngineCase, engineCase, memberId, type PEOPLE, WORKSPACE } from "../engine-case.ts";

const EVERY_MINUTE = "Every minute, from Mon 4 May 2026 at 00:00, UTC";
let set: EngineCase;
let id: string;
beforeEach(async () => {
  set = await engineCase();
  await set.sql`update workspaces set timezone = 'Europe/Paris' where id = ${WORKSPACE}`;
  id = await set.workflow({ name: "stock", instruction: "look at the page" });
});
afterEach(() => set.close());

const opened = async (): Promise<EditForm> => {
  const view = await readWorkflowToEdit(set, WORKSPACE, id);
  if (!view) throw new Error("no workflow");
  return view.form;
};
const plan = (form: EditForm, who: keyof typeof PEOPLE = "sam") =>
  planEdit(
    { db: set.db, clock: set.clock, partsOfDay: { morning: 8 * 60 + 30 }, defaults: DEFAULT_POLICIES },
    WORKSPACE,
    { memberId: memberId(who), workflowId: id },
    form,
  );
const save = (form: unknown, who: keyof typeof PEOPLE = "sam") =>
  set.act(who, (caller) => saveEdit(caller, id, JSON.stringify(form)));
const revision = async () => (await set.defined(id)).revision;

describe("a form", () => {
  it("means by a part of the day, and in a zone, what its people's phrases mean", async () => {
    await set.sql`update workspaces set timezone = 'America/New_York' where id = ${WORKSPACE}`;
    const planned = await plan({ ...(await opened()), schedule: "every morning" });
    expect(JSON.stringify(planned)).toMatch(/08:30.*America\/New_York/);
  });

  it("that nobody touched changes nothing", async () => {
    const form = await opened();
    expect(form).toMatchObject({
      revision: 1,
      instruction: "look at the page",
      schedule: EVERY_MINUTE,
      broadcast: false,
    });
    expect(await plan(form)).toMatchObject({ kind: "edit", diff: [], changedBy: null });
    await expect(save(form)).rejects.toThrow("stock is just that already");
  });

  it("shows what it would change, and saves just that", async () => {
    const form = await opened();
    const wanted = {
      ...form,
      instruction: "look at both pages",
      schedule: "every weekday at 9",
      broadcast: true,
      policies: { ...form.policies, overlap: "queue one", "time limit": "2h" },
    };
    const planned = await plan(wanted);
    if (planned.kind !== "edit") throw new Error(planned.kind);
    expect(planned.diff).toEqual([
      `- ${EVERY_MINUTE}`,
      "+ Every weekday at 09:00, Europe/Paris",
      "- look at the page",
      "+ look at both pages",
      "- reports in the thread",
      "+ reports in the thread and in the channel",
      "- overlap: skip",
      "+ overlap: queue one",
      "- time limit: 30 min",
      "+ time limit: 2 h",
    ]);
    // What is shown is saved, and shown again it is the same.
    expect(await plan(planned.form)).toMatchObject({ form: planned.form, diff: planned.diff });
    expect(await save(planned.form)).toMatchObject({ kind: "saved", name: "stock", revision: 2, diff: planned.diff });
    expect(await revision()).toMatchObject({
      number: 2,
      instruction: "look at both pages",
      destination: { broadcast: true },
      policies: { overlap: "queue_one", runTimeLimitMs: 7_200_000, maxSteps: 30 },
      trigger: { kind: "schedule", schedule: { zone: "Europe/Paris" } },
    });
    const back = await opened();
    expect(await save({ ...back, broadcast: false })).toMatchObject({
      diff: ["- reports in the thread and in the channel", "+ reports in the thread"],
    });
  });

  it.each([
    ["schedule", { schedule: "every blue moon" }, /Type/],
    ["schedule", { schedule: "bi-weekly on Monday at 9" }, /Type ".*" or ".*"/],
    ["schedule", { schedule: " " }, /such as "every weekday at 9:00"/],
    ["schedule", { schedule: "every second" }, /Type/],
    ["instruction", { instruction: " " }, /Say what/],
    ["instruction", { instruction: "x".repeat(4_001) }, /at most 4,000 characters/],
    ["overlap", { policies: { overlap: "sometimes" } }, /skip, queue one, cancel running or allow/],
    ["cost a run", { policies: { "cost a run": "a lot" } }, /such as \$0.50/],
  ])("with a %s that cannot be read says what to type there: %j", async (field, change, says) => {
    const form = await opened();
    const planned = await plan({ ...form, ...(change as Partial<EditForm>) });
    expect(planned).toEqual({ kind: "faults", faults: [{ field, message: expect.stringMatching(says) }] });
    await expect(save({ ...form, ...change })).rejects.toThrow(says);
    expect((await revision()).number).toBe(1);
  });

  it("is for the owner and admins, and for a workflow that is there", async () => {
    const form = { ...(await opened()), instruction: "other" };
    expect(await plan(form, "kim")).toEqual({
      kind: "refused",
      message: "Only the owner of stock or an admin can do that.",
    });
    await expect(save(form, "kim")).rejects.toThrow("Only the owner");
    expect(await plan(form, "ada")).toMatchObject({ kind: "edit" });
    for (const forged of [null, "x", { ...form, revision: 0 }, { ...form, more: 1 }]) {
      await expect(save(forged)).rejects.toThrow("Open it again");
    }
    expect(await plan({ ...form, revision: 9 })).toEqual({ kind: "gone" });
    await set.act("sam", (caller) => deleteWorkflow(caller, { id }));
    expect(await plan(form)).toEqual({ kind: "gone" });
    expect(await readWorkflowToEdit(set, WORKSPACE, id)).toBeNull();
    await expect(save(form)).rejects.toThrow("no such workflow");
  });
});

describe("when somebody else was faster", () => {
  beforeEach(async () => {
    await set.sql`update members set name = 'Ada L' where id = ${memberId("ada")}`;
  });

  it("what they changed stays, where it was not touched", async () => {
    const form = await opened();
    await set.act("ada", (caller) => editWorkflow(caller, { id }, { instruction: "look at the other page" }));
    const token = await set.act("ada", (caller) => planPolicy(caller, { id }, "steps 7"));
    await set.act("ada", (caller) => savePolicy(caller, token.token));
    const planned = await plan({ ...form, schedule: "every hour" });
    if (planned.kind !== "edit") throw new Error(planned.kind);
    expect(planned).toMatchObject({ changedBy: "Ada L", form: { revision: 3, instruction: "look at the other page" } });
    expect(planned.diff[0]).toBe(`- ${EVERY_MINUTE}`);
    expect(planned.diff).toHaveLength(2);
    await save(planned.form);
    expect(await revision()).toMatchObject({
      number: 4,
      instruction: "look at the other page",
      policies: { maxSteps: 7 },
    });
  });

  it("between the look and the saving, nothing is saved and what was filled in is said", async () => {
    const planned = await plan({ ...(await opened()), instruction: "look twice" });
    if (planned.kind !== "edit") throw new Error(planned.kind);
    await set.act("ada", (caller) => editWorkflow(caller, { id }, { instruction: "look at the other page" }));
    expect(await save(planned.form)).toMatchObject({
      kind: "overtaken",
      by: "Ada L",
      diff: ["- look at the other page", "+ look twice"],
      form: { instruction: "look twice" },
    });
    expect(await revision()).toMatchObject({ number: 2, instruction: "look at the other page" });
  });

  it("with the same change, it is just that already", async () => {
    const planned = await plan({ ...(await opened()), instruction: "look twice" });
    if (planned.kind !== "edit") throw new Error(planned.kind);
    await save(planned.form, "ada");
    await expect(save(planned.form)).rejects.toThrow("is just that already");
  });
});
