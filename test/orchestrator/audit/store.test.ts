import { v7 } from "uuid";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { appendAudit, listAudit } from "../../../src/orchestrator/audit/store.ts";
import { AT, type AuditCase, auditCase, event, OTHER, WORKSPACE } from "./audit-case.ts";

let audit: AuditCase;
beforeAll(async () => {
  audit = await auditCase();
});
beforeEach(() => audit.reset());
afterAll(() => audit.close());

describe("writing", () => {
  it("happens with the change it records, or not at all", async () => {
    const undone = audit.db.transaction(async (tx) => {
      await appendAudit(tx, [event("never happened")]);
      throw new Error("the change failed");
    });
    await expect(undone).rejects.toThrow("the change failed");
    expect(await listAudit(audit.db, { workspaceId: WORKSPACE, limit: 10 })).toEqual([]);
  });

  it("of nothing is nothing", async () => {
    await audit.db.transaction((tx) => appendAudit(tx, []));
    expect(await listAudit(audit.db, { workspaceId: WORKSPACE, limit: 10 })).toEqual([]);
  });

  it("never undoes the change for odd text", async () => {
    await audit.write(event("a\u0000b \ud83d 😀 \udc00 'x'; drop table audit_events; --", { actor: "console:\u0000" }));
    const [view] = await listAudit(audit.db, { workspaceId: WORKSPACE, limit: 1 });
    expect(view?.detail).toEqual({ note: "a\uFFFDb \uFFFD 😀 \uFFFD 'x'; drop table audit_events; --" });
    expect(view?.actor).toBe("console:\uFFFD");
  });
});

describe("listing", () => {
  it("is newest first, by pages, with what is sealed", async () => {
    const ids = await audit.write(event("1"), event("2"), event("3"));
    await audit.seal();
    const [fourth] = await audit.write(event("4"));
    const first = await listAudit(audit.db, { workspaceId: WORKSPACE, limit: 2 });
    expect(first.map((view) => [view.id, view.sealed])).toEqual([
      [fourth, false],
      [ids[2], true],
    ]);
    const beforeId = first.at(-1)?.id ?? 0;
    const second = await listAudit(audit.db, { workspaceId: WORKSPACE, beforeId, limit: 2 });
    expect(second.map((view) => view.detail.note)).toEqual(["2", "1"]);
    expect(second[0]?.at).toBe("2026-05-04T10:00:00.123Z");
  });

  it("shows one workspace, one workflow or one run, with the names people know", async () => {
    const [workflowId, runId, firingId] = [v7(), v7(), v7()];
    const { sql } = audit;
    await sql`insert into members (workspace_id, id, name, role, created_at)
      values (${WORKSPACE}, 'console:ann', 'Ann', 'admin', now())`;
    await sql`insert into workflows
        (id, workspace_id, name, owner_id, status, revision, channel_id, created_from, created_at, updated_at)
      values (${workflowId}, ${WORKSPACE}, 'check-status', 'console:ann', 'active', 1, 'c', 'k', now(), now())`;
    await sql`insert into firings (id, workspace_id, workflow_id, kind, key, planned_at, created_at)
      values (${firingId}, ${WORKSPACE}, ${workflowId}, 'slot', 'k', now(), now())`;
    await sql`insert into runs (id, workspace_id, workflow_id, firing_id, number, status, revision, pins, due_at, created_at)
      values (${runId}, ${WORKSPACE}, ${workflowId}, ${firingId}, 12, 'queued', 1, '{}', now(), now())`;
    await audit.write(
      event("elsewhere", { workspaceId: OTHER }),
      event("about the workflow", { subject: { kind: "workflow", id: workflowId }, workflowId }),
      event("about the run", { actor: "claw", subject: { kind: "run", id: runId }, workflowId, runId }),
      event("about a vote", { subject: { kind: "approval", id: v7() }, workflowId, runId, detail: { number: 7 } }),
      event("about a failure", { subject: { kind: "incident", id: v7() }, workflowId, detail: { run: 12 } }),
      event("about its end", { subject: { kind: "incident", id: v7() }, workflowId, detail: {} }),
      event("about a message", { subject: { kind: "delivery", id: v7() }, workflowId, runId }),
      event("about a yes", { subject: { kind: "grant", id: v7() }, workflowId, detail: { number: 2 } }),
      event("about a member", { subject: { kind: "member", id: "console:bob" }, at: AT }),
    );
    const list = async (query: { workflowId?: string; runId?: string }) =>
      (await listAudit(audit.db, { workspaceId: WORKSPACE, limit: 10, ...query })).map(
        (view) => `${view.actor}: ${view.subject}`,
      );
    expect(await list({ runId })).toEqual([
      "Ann: message of check-status (run 12)",
      "Ann: approval #7",
      "claw: run check-status #12",
    ]);
    expect(await list({ workflowId })).toEqual([
      "Ann: grant #2",
      "Ann: message of check-status (run 12)",
      "Ann: incident of check-status",
      "Ann: incident of check-status (run 12)",
      "Ann: approval #7",
      "claw: run check-status #12",
      "Ann: workflow check-status",
    ]);
    expect(await list({})).toHaveLength(8);
    expect((await list({}))[0]).toBe("Ann: member console:bob");
  });
});
