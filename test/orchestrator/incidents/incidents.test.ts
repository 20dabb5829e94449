/** Failures with one cause on a real database: one card with a count, until a run ends well. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acknowledge } from "../../../src/orchestrator/incidents/service.ts";
import { readStatus, readWhy } from "../../../src/orchestrator/reading.ts";
import { cancel, discard, retry } from "../../../src/orchestrator/runs/service.ts";
import { claimDueSlots } from "../../../src/orchestrator/schedules/service.ts";
import { deleteWorkflow, resumeWorkflow } from "../../../src/orchestrator/workflows/service.ts";
import { fail } from "../../../src/tools/index.ts";
import { type EngineCase, engineCase, gate, START, WORKSPACE, type WorkflowOptions } from "../engine-case.ts";
import { calls, does, reports } from "../scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

const MINUTE = 60_000;
const at = (minutes: number): string => new Date(START + minutes * MINUTE).toISOString();
/** Its calls of `look` fail; the runs have no tries left for that. */
const breaks = (message: string) => c.on("look", async () => fail("service_unavailable", message));
const workflow = (more: WorkflowOptions = {}) =>
  c.workflow({ ...more, policies: { pauseAfterFailures: 100, retryDelaysMs: [], ...more.policies } });
async function failing(id: string, message: string): Promise<string> {
  breaks(message);
  c.model.says(calls(["look", { what: "x" }]));
  const run = await c.start(id);
  await c.work();
  expect(await c.run(run)).toMatchObject({ status: "dead" });
  return run;
}
async function succeeding(id: string): Promise<string> {
  c.model.says(reports("Fine"));
  const run = await c.start(id);
  await c.work();
  return run;
}
const cards = () => c.notice("runFailed");
const reader = () => ({
  db: c.db,
  workspaceId: WORKSPACE,
  now: new Date(c.clock.now()),
  zone: "UTC",
  dayCeilingMicros: 5_000_000,
});

describe("failures with one cause", () => {
  it("are one card, which counts", async () => {
    const id = await workflow();
    const first = await failing(id, "row 17 is missing");
    expect(await cards()).toMatchObject([
      { run: { runId: first }, state: "dead", count: 1, incident: { since: at(0), over: null, dead: 1 } },
    ]);
    c.clock.pass(MINUTE);
    await failing(id, "row 18 is missing");
    c.clock.pass(MINUTE);
    const last = await failing(id, "row 19 is missing");
    expect(await cards()).toMatchObject([
      {
        run: { runId: last, number: 3 },
        count: 3,
        failure: { message: "row 19 is missing" },
        incident: { since: at(0), lastAt: at(2), firstRun: 1, dead: 3, acknowledged: null, pausedAt: null },
      },
    ]);
    expect((await c.sql`select key, run_id from deliveries where key like 'failure:%'`).map(({ key }) => key)).toEqual([
      `failure:${first}`,
    ]);
  });

  it("are told apart by their cause, and each goes on counting", async () => {
    const id = await workflow();
    for (const message of ["no s3", "no queue", "no s3", "no queue", "no s3"]) await failing(id, message);
    expect((await cards()).map(({ count, failure }) => [failure.message, count])).toEqual([
      ["no s3", 3],
      ["no queue", 2],
    ]);
  });

  it("of two workflows are two", async () => {
    for (const id of [await workflow(), await workflow()]) await failing(id, "no s3");
    expect((await cards()).map(({ count }) => count)).toEqual([1, 1]);
  });

  it("are over when a run ends well, each card in its place; what fails then is a new one", async () => {
    const id = await workflow();
    for (const message of ["no s3", "no s3", "no queue"]) await failing(id, message);
    c.clock.pass(MINUTE);
    await succeeding(id);
    const over = { kind: "recovered", run: 4, at: at(1) };
    expect(await cards()).toMatchObject([
      { state: "recovered", count: 2, incident: { over, dead: 2 } },
      { state: "recovered", count: 1, incident: { over, dead: 1 } },
    ]);
    expect((await c.defined(id)).workflow.openIncidents).toBe(0);
    await failing(id, "no s3");
    expect((await cards()).map(({ state, count }) => [state, count])).toEqual([
      ["recovered", 2],
      ["recovered", 1],
      ["dead", 1],
    ]);
    expect(
      (await c.sql`select action from audit_events where action like 'incident.%' order by id`).map(
        (row) => row.action,
      ),
    ).toEqual(["incident.opened", "incident.opened", "incident.recovered", "incident.recovered", "incident.opened"]);
  });

  it("of runs that end in the same moment are one", async () => {
    const id = await workflow({ policies: { overlap: "allow", concurrency: 6 } });
    breaks("no s3");
    for (let n = 0; n < 6; n++) {
      c.model.says(calls(["look", { what: "x" }]));
      await c.start(id);
    }
    const held = await c.claim();
    await Promise.all(held.map((run) => c.advance(run)));
    expect(await cards()).toMatchObject([{ count: 6, incident: { dead: 6 } }]);
    const [row] = await c.sql`select count(*)::int as n, sum(count)::int as failures from incidents`;
    expect(row).toEqual({ n: 1, failures: 6 });
  });

  it("cannot be two open incidents, whoever writes them", async () => {
    const id = await workflow();
    await failing(id, "no s3");
    await expect(
      c.sql`insert into incidents select gen_random_uuid(), workspace_id, workflow_id, status, fingerprint, count, failure,
        first_run_id, first_run_number, last_run_id, last_run_number, started_at, last_at from incidents`,
    ).rejects.toThrow(/incidents_open/);
  });

  it("of a workflow that is deleted are over", async () => {
    const id = await workflow();
    await failing(id, "no s3");
    await c.act("sam", (caller) => deleteWorkflow(caller, { id }));
    expect(await cards()).toMatchObject([{ incident: { over: { kind: "closed" } } }]);
    expect((await readStatus(reader())).incidents).toEqual([]);
  });
});

describe("a run that is tried again by itself", () => {
  const flaky = async (id: string): Promise<string> => {
    c.on("look", async () => fail("service_unavailable", "it answers 503"));
    c.model.says(calls(["look", { what: "x" }]));
    const run = await c.start(id);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "waiting" });
    return run;
  };
  const once = { policies: { retryDelaysMs: [MINUTE] } };
  const dies = async (id: string): Promise<string> => {
    const run = await flaky(id);
    c.clock.pass(2 * MINUTE);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "dead" });
    return run;
  };

  it("says so on the card of its incident, and is counted when it has failed", async () => {
    const id = await workflow(once);
    await dies(id);
    const run = await flaky(id);
    expect(await cards()).toMatchObject([
      { run: { runId: run }, state: "retrying", count: 1, nextTryAt: expect.any(String), incident: { over: null } },
    ]);
    c.clock.pass(2 * MINUTE);
    await c.work();
    expect(await cards()).toMatchObject([{ run: { runId: run }, state: "dead", count: 2, nextTryAt: null }]);
  });

  it("and then goes well ends the incident", async () => {
    const id = await workflow(once);
    await dies(id);
    const run = await flaky(id);
    c.on("look", async () => ({ ok: true, value: { said: "here" } }));
    c.model.says(reports("Fine"));
    c.clock.pass(2 * MINUTE);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(await cards()).toMatchObject([{ state: "recovered", count: 1, incident: { over: { run: 2 } } }]);
  });

  it("and is cancelled leaves no card that says it tries again", async () => {
    const id = await workflow(once);
    await dies(id);
    const run = await flaky(id);
    await c.act("sam", (caller) => cancel(caller, { id: run }));
    expect(await cards()).toMatchObject([{ state: "failed", nextTryAt: null, count: 1 }]);
  });

  it("and is overtaken by its next slot each time is one incident, not a card a minute", async () => {
    const id = await workflow({ nextSlotAt: new Date(START), policies: { retryDelaysMs: [10 * MINUTE] } });
    c.on("look", async () => fail("timeout", "no answer in 20 s"));
    for (let n = 0; n < 4; n++) {
      c.model.says(calls(["look", { what: "x" }]));
      await claimDueSlots(c.deps);
      await c.work();
      c.clock.pass(MINUTE);
    }
    expect(await cards()).toMatchObject([{ count: 3, state: "retrying", run: { number: 4 } }]);
    expect((await c.defined(id)).workflow.failuresInARow).toBe(0);
  });
});

describe("acknowledging", () => {
  it("shows who and when; further failures are counted; a second one changes nothing and is told", async () => {
    const id = await workflow({ name: "menu" });
    await failing(id, "no s3");
    c.clock.pass(MINUTE);
    const [card] = await cards();
    const incidentId = card?.incident?.incidentId ?? "";
    expect(await c.act("lin", (caller) => acknowledge(caller, { id: incidentId }))).toEqual({
      name: "menu",
      now: 1,
      by: "lin",
      at: at(1),
    });
    const acknowledged = { by: "lin", at: at(1) };
    expect(await cards()).toMatchObject([{ incident: { acknowledged } }]);
    c.clock.pass(MINUTE);
    await failing(id, "no s3");
    expect(await cards()).toMatchObject([{ count: 2, incident: { acknowledged } }]);
    expect(await c.act("ada", (caller) => acknowledge(caller, { run: 2 }))).toEqual({
      name: "menu",
      now: 0,
      by: "lin",
      at: at(1),
    });
    expect(await cards()).toMatchObject([{ count: 2, incident: { acknowledged } }]);
  });

  it("by its workflow takes all that is open; by its run the one it belongs to", async () => {
    const id = await workflow({ name: "menu" });
    for (const message of ["no s3", "no queue", "no mail"]) await failing(id, message);
    expect(await c.act("sam", (caller) => acknowledge(caller, { run: 2 }))).toMatchObject({ now: 1 });
    expect((await cards()).map(({ incident }) => incident?.acknowledged?.by ?? null)).toEqual([null, "sam", null]);
    expect(await c.act("sam", (caller) => acknowledge(caller, { workflow: "menu" }))).toMatchObject({ now: 2 });
    expect((await c.sql`select from audit_events where action = 'incident.acknowledged'`).length).toBe(3);
  });

  it("is for the owner, approvers and admins; nobody else is told of the try", async () => {
    await failing(await workflow({ name: "menu", owner: "ada" }), "no s3");
    for (const member of ["sam", "vic"] as const) {
      await expect(c.act(member, (caller) => acknowledge(caller, { workflow: "menu" }))).rejects.toMatchObject({
        code: "forbidden",
        message: expect.stringContaining("Only the owner of menu, an approver or an admin"),
      });
    }
    expect(await cards()).toMatchObject([{ incident: { acknowledged: null } }]);
    expect(await c.act("kim", (caller) => acknowledge(caller, { workflow: "menu" }))).toMatchObject({ now: 1 });
  });

  it("what is over, or never was, is answered", async () => {
    const id = await workflow({ name: "menu" });
    const nothing = c.act("sam", (caller) => acknowledge(caller, { workflow: "menu" }));
    await expect(nothing).rejects.toMatchObject({ code: "conflict", message: /menu has no open incident/ });
    await failing(id, "no s3");
    await succeeding(id);
    for (const [which, code] of [
      [{ run: 1 }, "conflict"],
      [{ run: 2 }, "conflict"],
      [{ run: 99 }, "unknown_subject"],
      [{ workflow: "nope" }, "unknown_subject"],
      [{ id: "00000000-0000-4000-8000-000000000000" }, "unknown_subject"],
    ] as const) {
      await expect(c.act("sam", (caller) => acknowledge(caller, which))).rejects.toMatchObject({ code });
    }
  });
});

describe("pause on failure", () => {
  it("is one alert, and part of the incident", async () => {
    const id = await workflow({ policies: { pauseAfterFailures: 3 } });
    for (let n = 0; n < 3; n++) {
      await failing(id, `row ${n} is missing`);
      c.clock.pass(MINUTE);
    }
    expect(await c.notice("workflowPaused")).toMatchObject([
      {
        by: "Claw",
        note: "3 runs in a row failed",
        failures: { count: 3, since: at(0), message: "row 2 is missing" },
      },
    ]);
    expect(await cards()).toMatchObject([{ count: 3, incident: { pausedAt: at(2) } }]);
    await c.act("sam", (caller) => resumeWorkflow(caller, { id }));
    expect(await c.notice("workflowPaused")).toMatchObject([{ resumed: { by: "sam", at: at(3) } }]);
    expect(await cards()).toMatchObject([{ count: 3, incident: { pausedAt: null, over: null } }]);
    await failing(id, "row 3 is missing");
    expect(await cards()).toMatchObject([{ count: 4 }]);
    await succeeding(id);
    expect(await cards()).toMatchObject([{ count: 4, state: "recovered" }]);
    expect((await c.notice("workflowPaused")).length).toBe(1);
  });

  it("by runs that fail at once is one alert too", async () => {
    const id = await workflow({ policies: { overlap: "allow", concurrency: 6, pauseAfterFailures: 2 } });
    breaks("no s3");
    for (let n = 0; n < 6; n++) {
      c.model.says(calls(["look", { what: "x" }]));
      await c.start(id);
    }
    await Promise.all((await c.claim()).map((run) => c.advance(run)));
    expect(await c.notice("workflowPaused")).toHaveLength(1);
    expect(await cards()).toMatchObject([{ count: 6, incident: { pausedAt: at(0) } }]);
  });

  it("by a failure that is told now is on its card: nobody reads the same twice", async () => {
    const id = await workflow({ policies: { pauseAfterFailures: 1 } });
    await failing(id, "no s3");
    expect((await c.defined(id)).workflow.status).toBe("paused");
    expect(await c.notice("workflowPaused")).toEqual([]);
    expect(await cards()).toMatchObject([{ count: 1, incident: { pausedAt: at(0) } }]);
  });

  it("does not come of an outage, however long", async () => {
    const id = await c.workflow({ policies: { pauseAfterFailures: 1, retryDelaysMs: [1, 1, 1, 1, 1, 1, 1, 1] } });
    c.on("browse", async () => fail("service_unavailable", "it answers 503"));
    c.model.says(calls(["browse", { what: "down.example" }]));
    const run = await c.start(id);
    for (let n = 0; n < 12; n++) {
      await c.work();
      c.clock.pass(5 * MINUTE);
    }
    expect(await c.run(run)).toMatchObject({ status: "waiting" });
    expect((await c.defined(id)).workflow).toMatchObject({ status: "active", failuresInARow: 0, openIncidents: 0 });
  });
});

describe("dead letters of an incident", () => {
  it("are counted on its card as people decide about them", async () => {
    const id = await workflow();
    const [first, second] = [await failing(id, "no s3"), await failing(id, "no s3")];
    await c.act("sam", (caller) => discard(caller, { id: first }, "old"));
    expect(await cards()).toMatchObject([{ run: { runId: second }, state: "dead", incident: { dead: 1 } }]);
    expect((await cards())[0]?.decision).toBeUndefined();
    await c.act("sam", (caller) => discard(caller, { id: second }, "not needed"));
    expect(await cards()).toMatchObject([
      { incident: { dead: 0 }, decision: { kind: "discarded", by: "sam", reason: "not needed" } },
    ]);
  });

  it("that go well when they are retried end it", async () => {
    const id = await workflow();
    const run = await failing(id, "no s3");
    c.on("look", async () => ({ ok: true, value: { said: "here" } }));
    c.model.says(reports("Fine"));
    await c.act("sam", (caller) => retry(caller, { id: run }));
    expect(await cards()).toMatchObject([{ state: "retrying", incident: { dead: 0 } }]);
    await c.work();
    expect(await cards()).toMatchObject([{ state: "recovered", incident: { over: { kind: "recovered", run: 1 } } }]);
  });
});

describe("status and why", () => {
  it("tell of an incident once, with its count, cause and who has seen it", async () => {
    const id = await workflow({ name: "menu" });
    for (let n = 0; n < 3; n++) {
      await failing(id, `row ${n} is missing`);
      c.clock.pass(MINUTE);
    }
    await c.act("lin", (caller) => acknowledge(caller, { workflow: "menu" }));
    const status = await readStatus(reader());
    expect(status.incidents).toMatchObject([
      { name: "menu", count: 3, dead: 3, since: at(0), lastRun: { number: 3 }, acknowledged: { by: "lin" } },
    ]);
    expect(status.dead[0]).toMatchObject({
      incidentId: status.incidents[0]?.incidentId,
      letter: { since: at(2), step: { turn: 1, callIndex: 1, name: "look", attempts: 1 } },
    });
    expect(await readWhy(reader(), { number: 3 })).toMatch(
      /It is dead at step 1\.1 look, until .*row 2 is missing It failed that way 3 times since .*\. Acknowledged by lin/s,
    );
    await c.sql`update firings set kind = 'slot'`;
    expect(await readWhy(reader(), { workflow: "menu" })).toMatch(
      /ran as run 3, which is dead: row 2 is missing\. It failed/,
    );
  });

  it("are asked of other workspaces in vain", async () => {
    await failing(await workflow({ name: "menu" }), "no s3");
    expect((await readStatus({ ...reader(), workspaceId: "console:other" })).incidents).toEqual([]);
  });
});

it("a run that succeeds while another fails leaves one truth: what committed last", async () => {
  const id = await workflow({ policies: { overlap: "allow", concurrency: 6 } });
  await failing(id, "no s3");
  const door = gate();
  const fine = reports("Fine");
  if (fine.kind !== "reply") throw new Error("a report is a reply");
  c.model.says(
    does(async () => {
      await door.opened;
      return { ok: true, reply: fine.reply };
    }),
    calls(["look", { what: "x" }]),
  );
  await c.start(id);
  await c.start(id);
  const [well, ill] = await c.claim();
  if (!well || !ill) throw new Error("two runs were expected");
  const going = c.advance(well);
  // The one that is to succeed has asked the model before the other does.
  while (c.model.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
  await c.advance(ill);
  expect((await cards())[0]).toMatchObject({ count: 2 });
  door.open();
  await going;
  expect(await cards()).toMatchObject([{ state: "recovered", count: 2 }]);
});
