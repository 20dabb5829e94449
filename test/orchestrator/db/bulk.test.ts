/** Many rows in one statement. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { insertMany } from "../../../src/orchestrator/db/bulk.ts";
import { auditEvents, firings } from "../../../src/orchestrator/db/schema.ts";
import { type EngineCase, engineCase, START, WORKSPACE } from "../engine-case.ts";

let c: EngineCase;
let workflowId: string;
beforeAll(async () => {
  c = await engineCase();
  workflowId = await c.workflow();
});
afterAll(async () => {
  await c.close();
});

const event = (n: number) => ({
  workspaceId: WORKSPACE,
  at: new Date(START + n),
  actor: `O'Neil "the" \\ ü 🎉`,
  action: "workflow.tried",
  subjectKind: "workflow",
  subjectId: `${n}`,
  workflowId,
  runId: null,
  detail: { n, list: [1, "a", null], deep: { at: "1999", "": true } },
});

it("stores more rows than a statement takes parameters for, in the order given, as they are", async () => {
  const rows = Array.from({ length: 10_000 }, (_, n) => event(n));
  await c.db.execute(insertMany(auditEvents, rows));
  const stored = await c.db.select().from(auditEvents).orderBy(auditEvents.id);
  const ours = stored.filter(({ action }) => action === "workflow.tried");
  expect(ours.map(({ id: _id, ...row }) => row)).toEqual(rows.map((row) => ({ ...row, seal: null })));
});

it("takes what the table says for columns that are not named, and null for null", async () => {
  const firing = {
    workspaceId: WORKSPACE,
    workflowId,
    kind: "person",
    plannedAt: new Date(START),
    reason: null,
  } as const;
  const ids = ["018f0000-0000-7000-8000-000000000001", "018f0000-0000-7000-8000-000000000002"];
  const rows = ids.map((id) => ({ ...firing, id, key: id, payload: { text: "x" }, createdAt: new Date(START) }));
  await c.db.execute(insertMany(firings, rows));
  const stored = await c.sql`select count, reason, outcome, payload, kind from firings where key = any(${ids})`;
  const one = { count: 1, reason: null, outcome: null, payload: { text: "x" }, kind: "person" };
  expect([...stored]).toEqual([one, one]);
});
