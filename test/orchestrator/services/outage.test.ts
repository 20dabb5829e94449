/** Runs whose outside service is away for a while. */
import { afterEach, describe, expect, test } from "vitest";
import type { Failure } from "../../../src/orchestrator/errors.ts";
import type { Model, ModelRequest } from "../../../src/orchestrator/ports.ts";
import { cancel } from "../../../src/orchestrator/runs/service.ts";
import { fail, ok } from "../../../src/tools/index.ts";
import { type EngineCase, engineCase, START } from "../engine-case.ts";
import { calls, reports, type ScriptedModel, scriptedModel } from "../scripted-model.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DOWN: Failure = { code: "model_unavailable", message: "llm.test is not able to answer now (503)." };

let c: EngineCase;
afterEach(() => c.close());

/** An endpoint that is up or down, and reports whenever it is asked while it is up. */
function endpoint(): { readonly model: ScriptedModel; up: boolean; readonly asked: ModelRequest[] } {
  const scripted = scriptedModel({ service: "model:llm.test" });
  const state = { up: false, asked: [] as ModelRequest[], model: scripted };
  const respond: Model["respond"] = async (request, signal) => {
    state.asked.push(request);
    if (!state.up) {
      const nothing = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };
      return { ok: false, failure: DOWN, usage: nothing };
    }
    scripted.says(reports("All is well"));
    return scripted.respond(request, signal);
  };
  state.model = { ...scripted, respond };
  return state;
}

/** Raw timestamps come as PostgreSQL writes them. */
const instant = (raw: unknown): number => new Date(String(raw)).getTime();

/** Works, then moves the clock to what is due next, as long as that is within the time. */
async function live(ms: number, each: () => Promise<void> = async () => {}): Promise<void> {
  const until = c.clock.now() + ms;
  for (;;) {
    await c.work();
    await each();
    const [row] = await c.sql`select min(due_at) as at from waits where status = 'open'`;
    const at = row?.at ? instant(row.at) : Number.POSITIVE_INFINITY;
    if (at > until) break;
    c.clock.set(Math.max(at, c.clock.now() + 1));
  }
  c.clock.set(until);
}

const column = async (query: Promise<readonly Record<string, unknown>[]>): Promise<unknown[]> =>
  (await query).map((row) => Object.values(row)[0]);
const statuses = () => column(c.sql`select status from runs order by number`);
const failuresInARow = () => column(c.sql`select distinct failures_in_a_row from workflows`);

describe("a model endpoint that is down for half an hour", () => {
  test("runs wait for it without using up attempts, are told once, and go on when it is back", async () => {
    const llm = endpoint();
    c = await engineCase({ model: llm.model });
    const runs: string[] = [];
    for (let n = 0; n < 8; n++) runs.push(await c.start(await c.workflow()));
    const counts: number[] = [];
    await live(30 * MINUTE, async () => void counts.push(llm.asked.length));

    expect(await statuses()).toEqual(Array(8).fill("waiting"));
    const jumps = counts.slice(1).map((count, at) => count - (counts[at] ?? 0));
    expect(counts[0], "five calls find out").toBe(5);
    expect(Math.max(...jumps), "then one at a time").toBe(1);
    expect(llm.asked.length, "at 30 s, and 1, 2, 4, 5, 5, … min after each other").toBe(5 + 8);
    expect(await c.count("attempts"), "the probes cost nobody an attempt").toBe(5);
    const claims = await column(c.sql`select sum(epoch)::int as claims from runs`);
    expect(Number(claims[0]), "an outage does not send everybody round at every probe").toBeLessThan(8 + 4 + 3 * 8);

    const [breaker] = await c.sql`select status, failures, probe_at from breakers`;
    expect(breaker).toMatchObject({ status: "open" });
    const told = await c.notice("serviceDown");
    expect(told.map(({ run }) => run.runId).toSorted()).toEqual(runs.toSorted());
    for (const notice of told) {
      expect(notice).toMatchObject({ service: "model:llm.test", failure: DOWN, since: new Date(START).toISOString() });
      expect(notice).toMatchObject({ nextTryAt: new Date(instant(breaker?.probe_at)).toISOString(), backAt: null });
    }

    llm.up = true;
    await live(6 * MINUTE);
    expect(await statuses()).toEqual(Array(8).fill("succeeded"));
    expect(await failuresInARow()).toEqual([0]);
    expect(llm.asked.length, "the probe's own answer counts").toBe(5 + 8 + 8);
    const back = await c.notice("serviceDown");
    expect(back).toHaveLength(8);
    for (const notice of back) expect(notice).toMatchObject({ nextTryAt: null, backAt: expect.any(String) });
    expect(await column(c.sql`select status from breakers`)).toEqual(["closed"]);
  });

  test("when it is back, all that waits is due at once and a look is asked for", async () => {
    const llm = endpoint();
    c = await engineCase({ model: llm.model });
    for (let n = 0; n < 8; n++) await c.start(await c.workflow());
    await live(10 * MINUTE);
    llm.up = true;
    const [due] = await c.sql`select probe_at from breakers`;
    c.clock.set(instant(due?.probe_at));
    c.wakes.length = 0;
    const [first] =
      await c.sql`select run_id from waits where status = 'open' and due_at <= ${new Date(c.clock.now()).toISOString()} order by id`;
    await c.work();
    expect(await c.run(String(first?.run_id)), "the one that waited longest tried").toMatchObject({
      status: "succeeded",
    });
    expect(c.wakes).toContainEqual({ kind: "runs.due", at: c.clock.now() });
    await c.work();
    expect(await statuses()).toEqual(Array(8).fill("succeeded"));
  });

  test("a run that waits can be cancelled, and the others go on", async () => {
    const llm = endpoint();
    c = await engineCase({ model: llm.model });
    const runs: string[] = [];
    for (let n = 0; n < 6; n++) runs.push(await c.start(await c.workflow()));
    await c.work();
    const [last = ""] = runs.slice(-1);
    expect((await c.waits(last)).map(({ kind }) => kind)).toEqual(["service"]);
    await c.act("sam", (caller) => cancel(caller, { id: last }));
    expect(await c.run(last)).toMatchObject({ status: "cancelled" });
    llm.up = true;
    await live(2 * MINUTE);
    expect(await statuses()).toEqual([...Array(5).fill("succeeded"), "cancelled"]);
  });
});

test("a run that may be the probe but has no money for it leaves its turn to another", async () => {
  const price = {
    inputMicrosPerMillion: 1e9,
    cachedInputMicrosPerMillion: 1e9,
    outputMicrosPerMillion: 1e9,
    source: "test",
  };
  c = await engineCase({ model: scriptedModel({ service: "model:llm.test", price }), dayCeilingMicros: 10 });
  const now = new Date(START).toISOString();
  await c.sql`insert into breakers (workspace_id, service, status, failures, opens, opened_at, probe_at, updated_at)
    values ('console:test', 'model:llm.test', 'open', 5, 1, ${now}, ${now}, ${now})`;
  const run = await c.start(await c.workflow());
  await c.work();
  expect((await c.waits(run)).map(({ kind }) => kind)).toEqual(["budget"]);
  const [breaker] = await c.sql`select status, probe_at from breakers`;
  expect(breaker).toMatchObject({ status: "open" });
  expect(instant(breaker?.probe_at)).toBe(START);
});

describe("a page's host that is down", () => {
  test("one run alone finds out by its retries, then waits for hours without becoming a dead letter", async () => {
    c = await engineCase();
    const state = { up: false };
    c.on("browse", async ({ what }) =>
      state.up ? ok({ said: what }) : fail("service_unavailable", `${what} cannot be reached`),
    );
    c.model.says(calls(["browse", { what: "status.example.com" }]), reports("It is up"));
    const run = await c.start(await c.workflow());
    await live(3 * HOUR);
    expect(await c.steps(run)).toEqual(["1.0 scripted succeeded", "1.1 browse waiting"]);
    expect((await c.journal(run))[1]).toMatchObject({ attempts: 5 });
    expect(c.called.length, "many probes were made meanwhile").toBeGreaterThan(20);
    expect(await c.notice("runFailed"), "the card of its retries names no time any more").toMatchObject([
      { state: "retrying", nextTryAt: null },
    ]);
    state.up = true;
    await live(6 * MINUTE);
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect((await c.journal(run))[1]).toMatchObject({ status: "succeeded", attempts: 6 });
    expect(await c.notice("runFailed")).toMatchObject([{ state: "recovered" }]);
    expect(await c.notice("serviceDown")).toMatchObject([
      { service: "http:status.example.com", backAt: expect.any(String) },
    ]);
  });

  test("after a day the run ends, for somebody to look at", async () => {
    c = await engineCase();
    c.on("browse", async () => fail("service_unavailable", "gone.example.com cannot be reached"));
    c.model.says(calls(["browse", { what: "gone.example.com" }]));
    const run = await c.start(await c.workflow());
    await live(2 * HOUR);
    expect(await c.run(run)).toMatchObject({ status: "waiting" });
    await c.sql`update breakers set opened_at = opened_at - interval '1 day'`;
    await live(8 * HOUR);
    expect(await c.run(run)).toMatchObject({ status: "dead", failure: { code: "service_unavailable" } });
  });

  test("holds back no call to another host, and none that leaves for no service", async () => {
    c = await engineCase();
    c.on("browse", async ({ what }) =>
      what === "down.example.com" ? fail("timeout", "no answer") : ok({ said: what }),
    );
    for (let n = 0; n < 6; n++) {
      c.model.says(calls(["browse", { what: "down.example.com" }]));
      await c.start(await c.workflow());
      await c.work();
    }
    expect(c.called).toHaveLength(5);
    c.model.says(calls(["browse", { what: "up.example.com" }], ["look", { what: "a" }]), reports("Fine"));
    const run = await c.start(await c.workflow());
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
  });
});

describe("a limit of calls a minute", () => {
  test("makes runs wait for the next minute; that costs them nothing and nobody is told", async () => {
    const llm = endpoint();
    llm.up = true;
    c = await engineCase({ model: llm.model, limits: { model: 3 } });
    for (let n = 0; n < 8; n++) await c.start(await c.workflow());
    await c.work();
    expect(await statuses()).toEqual([...Array(3).fill("succeeded"), ...Array(5).fill("waiting")]);
    await live(1 * MINUTE);
    expect((await statuses()).filter((status) => status === "succeeded")).toHaveLength(6);
    await live(1 * MINUTE);
    expect(await statuses()).toEqual(Array(8).fill("succeeded"));
    expect(await column(c.sql`select calls from service_minutes order by minute`)).toEqual([3, 3, 2]);
    expect(await column(c.sql`select distinct attempts from steps where kind = 'model'`)).toEqual([1]);
    expect(await c.notice("serviceDown")).toEqual([]);
    expect(await failuresInARow()).toEqual([0]);
  });

  test("holds for tools too", async () => {
    c = await engineCase({ limits: { "api.example.com": 2 } });
    const browse = ["browse", { what: "api.example.com" }] as const;
    c.model.says(calls(browse, browse, browse), reports("Read"));
    const run = await c.start(await c.workflow({ instruction: "read https://api.example.com three times" }));
    await c.work();
    const made = (await c.journal(run)).map(({ status }) => status).toSorted();
    expect(made).toEqual(["succeeded", "succeeded", "succeeded", "waiting"]);
    await live(1 * MINUTE);
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(c.called).toHaveLength(3);
  });
});
