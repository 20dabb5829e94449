/** Nothing is active before *Create*; a draft is its author's, and lives a day. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimDueSlots } from "../../../src/orchestrator/schedules/service.ts";
import {
  activateDraft,
  createDraft,
  dropDraft,
  expireOldDrafts,
  readDraft,
  reviseDraft,
  type Wanted,
} from "../../../src/orchestrator/workflows/drafts.ts";
import { type EngineCase, engineCase } from "../engine-case.ts";
import { reports } from "../scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

const daily: Wanted = {
  instruction: "summarise open PRs in acme/api",
  trigger: {
    kind: "schedule",
    schedule: { kind: "cron", expression: "0 9 * * *", zone: "Europe/Paris", from: null, until: null },
    words: "every day at 9",
  },
};
const now: Wanted = { instruction: "say hello", trigger: { kind: "person" } };
const draft = (wanted = daily, who: "sam" | "ada" | "vic" = "sam") =>
  c.act(who, (caller) => createDraft(caller, wanted));
const actions = async () => (await c.sql`select action from audit_events order by id`).map(({ action }) => action);

describe("a draft", () => {
  it("shows what was understood and does nothing", async () => {
    const view = await draft();
    expect(view).toMatchObject({
      name: "open-prs-acme-api",
      zone: "Europe/Paris",
      next: [
        "2026-05-05T07:00:00.000Z",
        "2026-05-06T07:00:00.000Z",
        "2026-05-07T07:00:00.000Z",
        "2026-05-08T07:00:00.000Z",
        "2026-05-09T07:00:00.000Z",
      ],
      clockChange: null,
      runsAMonth: 30,
      keptUntil: "2026-05-05T10:00:00.000Z",
    });
    expect(view.tools.map(({ name }) => name)).toEqual(["look", "browse", "note", "send", "wipe", "pay"]);
    c.clock.pass(23 * 3_600_000);
    expect(await claimDueSlots(c.deps)).toBe(0);
    expect(await c.count("deliveries")).toBe(0);
  });

  it("that says so is for the channel too, until it is said otherwise", async () => {
    const view = await draft({ ...daily, instruction: "summarise open PRs and show it in the channel" });
    expect(view).toMatchObject({ instruction: "summarise open PRs", broadcast: true });
    const { workflowId } = view;
    const revise = (wanted: Partial<Wanted>) => c.act("sam", (caller) => reviseDraft(caller, workflowId, wanted));
    expect(await revise({ trigger: now.trigger })).toMatchObject({
      instruction: "summarise open PRs",
      broadcast: true,
    });
    expect(await revise({ instruction: "count open PRs" })).toMatchObject({ broadcast: false });
    await revise({ instruction: "count open PRs and show it in the channel" });
    await c.act("sam", (caller) => activateDraft(caller, workflowId));
    expect((await c.defined(workflowId)).revision.destination).toMatchObject({ broadcast: true });
  });

  it("is its author's alone, admins included, and viewers make none", async () => {
    const { workflowId } = await draft();
    for (const use of [activateDraft, dropDraft, readDraft]) {
      await expect(c.act<unknown>("ada", (caller) => use(caller, workflowId))).rejects.toMatchObject({
        code: "forbidden",
      });
    }
    await expect(draft(daily, "vic")).rejects.toMatchObject({ code: "forbidden" });
    expect(await c.count("firings")).toBe(0);
  });

  it("is not created once its day is over, also before anybody has swept it away", async () => {
    const { workflowId } = await draft();
    c.clock.pass(24 * 3_600_000);
    for (const use of [activateDraft, readDraft]) {
      await expect(c.act<unknown>("sam", (caller) => use(caller, workflowId))).rejects.toMatchObject({
        code: "conflict",
        message: /kept for 24 h and is over; nothing was created/,
      });
    }
    expect(await c.count("runs")).toBe(0);
    await expireOldDrafts(c.deps);
    await expect(c.act("sam", (caller) => activateDraft(caller, workflowId))).rejects.toMatchObject({
      code: "unknown_subject",
    });
  });

  it("gets a name of its own, also when two people ask for the same at once", async () => {
    const views = await Promise.all([draft(), draft(daily, "ada"), draft(), draft(daily, "ada")]);
    expect(views.map(({ name }) => name).sort()).toEqual([
      "open-prs-acme-api",
      "open-prs-acme-api-2",
      "open-prs-acme-api-3",
      "open-prs-acme-api-4",
    ]);
  });

  it("created is active from its next slot, once, with a root message", async () => {
    const { workflowId } = await draft();
    const both = await Promise.allSettled(
      [1, 2].map(() => c.act("sam", (caller) => activateDraft(caller, workflowId))),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await c.defined(workflowId)).workflow).toMatchObject({
      status: "active",
      nextSlotAt: new Date("2026-05-05T07:00:00Z"),
    });
    expect(await c.notice("workflowCreated")).toHaveLength(1);
    await expect(c.act("sam", (caller) => activateDraft(caller, workflowId))).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await actions()).toEqual(["workflow.drafted", "workflow.created"]);
  });

  it("of a thing to do now runs at once, and only once", async () => {
    const { workflowId } = await draft(now);
    c.model.says(reports("Hello"));
    expect(await c.act("sam", (caller) => activateDraft(caller, workflowId))).toMatchObject({
      nextAt: null,
      runNumber: 1,
    });
    await c.work();
    expect((await c.sql`select status from runs`).map(({ status }) => status)).toEqual(["succeeded"]);
    expect((await c.defined(workflowId)).workflow.status).toBe("ended");
  });

  it("changed keeps its name and begins its day again", async () => {
    const { workflowId, name } = await draft();
    c.clock.pass(3_600_000);
    const view = await c.act("sam", (caller) => reviseDraft(caller, workflowId, { instruction: "count open PRs" }));
    expect(view).toMatchObject({ name, instruction: "count open PRs", keptUntil: "2026-05-05T11:00:00.000Z" });
    await c.act("sam", (caller) => activateDraft(caller, workflowId));
    expect((await c.defined(workflowId)).revision).toMatchObject({ number: 2, instruction: "count open PRs" });
  });

  it("whose only time has passed is not created", async () => {
    const once: Wanted = {
      ...daily,
      trigger: {
        kind: "schedule",
        schedule: { kind: "once", at: "2026-05-04T10:05:00Z", zone: "UTC" },
        words: "in 5 minutes",
      },
    };
    const { workflowId } = await draft(once);
    c.clock.pass(6 * 60_000);
    await expect(c.act("sam", (caller) => activateDraft(caller, workflowId))).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  it("dropped or expired frees its name, is on the record, and cannot be created any more", async () => {
    const dropped = await draft();
    await c.act("sam", (caller) => dropDraft(caller, dropped.workflowId));
    const old = await draft();
    expect(old.name).toBe(dropped.name);
    c.clock.pass(24 * 3_600_000);
    await expireOldDrafts(c.deps);
    await expireOldDrafts(c.deps);
    for (const { workflowId } of [dropped, old]) {
      await expect(c.act("sam", (caller) => activateDraft(caller, workflowId))).rejects.toMatchObject({
        code: "unknown_subject",
      });
    }
    expect(await actions()).toEqual([
      "workflow.drafted",
      "workflow.draft_dropped",
      "workflow.drafted",
      "workflow.draft_expired",
    ]);
    expect((await draft()).name).toBe(old.name);
  });
});
