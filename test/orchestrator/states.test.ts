/** The state tables are those of DESIGN section 3, and the mutators know no other way. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { APPROVAL_TRANSITIONS } from "../../src/orchestrator/approvals/approval.ts";
import { moveApproval } from "../../src/orchestrator/approvals/store.ts";
import { DELIVERY_TRANSITIONS } from "../../src/orchestrator/delivery/delivery.ts";
import { insertSteps, moveStep } from "../../src/orchestrator/runs/journal/store.ts";
import { RUN_TRANSITIONS, type RunStatus } from "../../src/orchestrator/runs/run.ts";
import { STEP_TRANSITIONS, type StepStatus } from "../../src/orchestrator/runs/step.ts";
import { moveRun } from "../../src/orchestrator/runs/store.ts";
import { moveWorkflow } from "../../src/orchestrator/workflows/store.ts";
import { WORKFLOW_TRANSITIONS } from "../../src/orchestrator/workflows/workflow.ts";
import { type EngineCase, engineCase, WORKSPACE } from "./engine-case.ts";

type Table = Readonly<Record<string, readonly string[]>>;

/** `a → b | c` a line. */
const read = (lines: string): Table =>
  Object.fromEntries(
    lines
      .trim()
      .split("\n")
      .map((line) => {
        const [from = "", to = ""] = line.split("→").map((part) => part.trim());
        return [from, to === "" ? [] : to.split(" | ")];
      }),
  );

/** DESIGN section 3, with what it leaves to be read between the lines. */
const DESIGNED = {
  run: [
    RUN_TRANSITIONS,
    `queued → running | cancelled
     running → queued | waiting | succeeded | failed | cancelled | dead
     waiting → queued | failed | cancelled | dead
     dead → queued | discarded
     succeeded →
     failed →
     cancelled →
     discarded →`,
  ],
  step: [
    STEP_TRANSITIONS,
    `ready → started | waiting
     started → succeeded | failed | unknown | ready
     waiting → ready | refused
     unknown → succeeded | ready | failed
     succeeded →
     failed →
     refused →`,
  ],
  approval: [
    APPROVAL_TRANSITIONS,
    `pending → approved | denied | expired | cancelled | void | replaced
     approved → consumed | void | cancelled | expired
     denied →
     expired →
     cancelled →
     void →
     replaced →
     consumed →`,
  ],
  // Dropping a draft deletes it; "→ deleted" is from everywhere.
  workflow: [
    WORKFLOW_TRANSITIONS,
    `draft → active | expired | deleted
     active → paused | ended | deleted
     paused → active | deleted
     ended → active | deleted
     expired → deleted
     deleted →`,
  ],
  // `started → ready` and the ways back to `pending` are an edit, a retry, and a person who asks for it.
  delivery: [
    DELIVERY_TRANSITIONS,
    `pending → sending | undelivered
     sending → sent | pending | unknown | undelivered
     sent → pending
     unknown → pending
     undelivered → pending`,
  ],
} as const satisfies Record<string, readonly [Table, string]>;

describe.each(Object.entries(DESIGNED))("the states of a %s", (_name, [table, designed]) => {
  it("are as designed", () => {
    const sorted = (of: Table) => Object.fromEntries(Object.entries(of).map(([from, to]) => [from, [...to].sort()]));
    expect(sorted(table)).toEqual(sorted(read(designed)));
  });

  it("can all be reached, and lead only to states there are", () => {
    const all = Object.keys(table);
    const targets = new Set(Object.values(table as Table).flat());
    expect([...targets].filter((to) => !all.includes(to))).toEqual([]);
    expect(all.filter((state) => !targets.has(state))).toEqual(
      all.filter((state) => state === all[0] && !targets.has(state)),
    );
  });
});

describe("a mutator", () => {
  let c: EngineCase;
  let workflow: string;
  let run: { id: string; workspaceId: string };
  const step = { turn: 1, callIndex: 1 };
  const approval = { id: "01900000-0000-7000-8000-000000000001", workspaceId: WORKSPACE };
  beforeAll(async () => {
    c = await engineCase();
    workflow = await c.workflow();
    run = { id: await c.start(workflow), workspaceId: WORKSPACE };
    await c.inWork((work) => insertSteps(work.tx, run, [{ ...step, kind: "tool", status: "ready", name: "look" }]));
    await c.sql`insert into approvals (id, workspace_id, number, run_id, turn, call_index, status, call_hash, contract_hash, decided_by, expires_at, created_at)
      values (${approval.id}, ${WORKSPACE}, 1, ${run.id}, 1, 1, 'pending', '', '', 'approver', now(), now())`;
  });
  afterAll(async () => {
    await c.close();
  });

  const moves = {
    run: {
      table: RUN_TRANSITIONS,
      put: (at: string) => c.sql`update runs set status = ${at}::run_status where id = ${run.id}`,
      move: (from: RunStatus, to: RunStatus) => c.inWork((work) => moveRun(work.tx, run, from, to)),
    },
    step: {
      table: STEP_TRANSITIONS,
      put: (at: string) => c.sql`update steps set status = ${at}::step_status where run_id = ${run.id}`,
      move: (from: StepStatus, to: StepStatus) => c.inWork((work) => moveStep(work.tx, run, step, from, to)),
    },
    approval: {
      table: APPROVAL_TRANSITIONS,
      put: (at: string) => c.sql`update approvals set status = ${at}::approval_status`,
      move: (from: never, to: never) => c.inWork((work) => moveApproval(work.tx, approval, from, to)),
    },
    workflow: {
      table: WORKFLOW_TRANSITIONS,
      put: (at: string) => c.sql`update workflows set status = ${at}::workflow_status`,
      move: (from: never, to: never) =>
        c.inWork((work) => moveWorkflow(work.tx, { id: workflow, workspaceId: WORKSPACE }, from, to, { at: work.now })),
    },
  } as const;

  it.each(Object.keys(moves) as (keyof typeof moves)[])(
    "of a %s moves along its table, from where it is, and refuses the rest",
    async (name) => {
      const { table, put } = moves[name];
      const move = moves[name].move as (from: string, to: string) => Promise<boolean>;
      const states = Object.keys(table);
      for (const from of states) {
        for (const to of states) {
          const allowed = (table as Table)[from]?.includes(to) ?? false;
          if (!allowed) {
            await expect(move(from, to), `${from} to ${to}`).rejects.toMatchObject({ code: "bug" });
            continue;
          }
          await put(from);
          expect(await move(from, to), `${from} to ${to}`).toBe(true);
          await put(states.find((state) => state !== from) ?? "");
          expect(await move(from, to), `${from} to ${to} when it is there no more`).toBe(false);
        }
      }
    },
  );
});
