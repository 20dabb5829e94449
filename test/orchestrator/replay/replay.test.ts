/** A replay: the model is asked again, the tools answer from the journal, and nothing of it reaches the world or the thread. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { approveWithChanges } from "../../../src/orchestrator/approvals/change.ts";
import { vote } from "../../../src/orchestrator/approvals/service.ts";
import { readRuns, readStatus, readWhy } from "../../../src/orchestrator/reading.ts";
import type { ReplayMode } from "../../../src/orchestrator/replay/replay.ts";
import { replayRun } from "../../../src/orchestrator/replay/service.ts";
import { cancel } from "../../../src/orchestrator/runs/service.ts";
import { openRunsOf } from "../../../src/orchestrator/schedules/firings/store.ts";
import { editWorkflow } from "../../../src/orchestrator/workflows/service.ts";
import { workflowView } from "../../../src/orchestrator/workflows/views/store.ts";
import { fail } from "../../../src/tools/index.ts";
import { CHANNEL, type EngineCase, engineCase, memberId, WORKSPACE } from "../engine-case.ts";
import { calls, fails, reports } from "../scripted-model.ts";

let set: EngineCase;
let workflowId: string;

beforeEach(async () => {
  set = await engineCase();
  workflowId = await set.workflow({ name: "stock" });
});
afterEach(() => set.close());

const runId = async (number: number): Promise<string> => {
  const [row] = await set.sql<{ id: string }[]>`select id from runs where number = ${number}`;
  if (!row) throw new Error(`no run ${number}`);
  return row.id;
};
const original = async (): Promise<string> => {
  const id = await set.start(workflowId);
  await set.work();
  return id;
};
const replay = async (number: number, mode: ReplayMode = "pinned", who: "sam" | "ada" = "sam"): Promise<string> => {
  const started = await set.act(who, (caller) => replayRun(caller, { number }, mode));
  return runId(started.number);
};
const told = async () => {
  const [notice, ...more] = await set.notice("replayed");
  expect(more).toEqual([]);
  if (!notice) throw new Error("nobody was told of the replay");
  return notice;
};
const reader = () => ({
  db: set.db,
  workspaceId: WORKSPACE,
  now: new Date(set.clock.now()),
  zone: "UTC",
  dayCeilingMicros: 5_000_000,
});

describe("the same again", () => {
  it("answers reads and writes from the journal, asks nobody, and says privately that nothing differs", async () => {
    set.model.says(calls(["look", { what: "a" }]), calls(["note", { what: "b" }]), reports("12 left.", "seen 12"));
    const first = await set.start(workflowId);
    await set.work();
    await set.act("lin", (caller) => vote(caller, { which: { number: 1 }, choice: "approve", reason: null }));
    await set.work();
    expect(await set.run(first)).toMatchObject({ status: "succeeded" });
    expect(set.called.map(({ tool }) => tool)).toEqual(["look", "note"]);
    const asked = set.model.requests.slice();
    const said = await set.count("deliveries");

    set.model.says(calls(["look", { what: "a" }]), calls(["note", { what: "b" }]), reports("12 left.", "seen 12"));
    const second = await replay(1);
    await set.work();

    expect(await set.run(second)).toMatchObject({ status: "succeeded", number: 2, replay_of: first });
    expect(set.called).toHaveLength(2);
    expect(await set.count("approvals")).toBe(1);
    const again = set.model.requests.slice(asked.length);
    const heard = (requests: typeof asked) =>
      requests.map(({ messages, tools }) => ({ messages: words(messages), tools }));
    expect(heard(again)).toEqual(heard(asked));
    // One message more than before, to its asker only.
    expect(await set.count("deliveries")).toBe(said + 1);
    const [message] = await set.sql`select private_to, channel_id from deliveries where run_id = ${second}`;
    expect(message).toEqual({ private_to: memberId("sam"), channel_id: CHANNEL });
    expect(await told()).toMatchObject({
      run: { number: 2 },
      of: { number: 1 },
      calls: { same: 2, unanswered: 0, differences: [], more: 0 },
      report: [],
      was: { status: "succeeded", verdict: "report" },
      is: { status: "succeeded", verdict: "report" },
    });
  });

  it("gives equal calls their answers in the order they had, also when its worker is lost between them", async () => {
    const answers = ["first", "second", "third"];
    set.on("look", async () => ({ ok: true, value: { said: answers.shift() ?? "" } }));
    const same = ["look", { what: "a" }] as const;
    const script = () => set.model.says(calls(same, same), calls(same), reports("done"));
    script();
    await original();
    script();
    const id = await replay(1);
    const [held] = await set.claim("lost");
    if (!held) throw new Error("nothing to claim");
    const stops = [false, true];
    const { advance } = await import("../../../src/orchestrator/runs/engine.ts");
    await advance(set.deps, held, new AbortController().signal, () => stops.shift() ?? true);
    set.clock.pass(60_000);
    await set.work("heir");
    expect(await set.run(id)).toMatchObject({ status: "succeeded" });
    const outputs = (await set.journal(id)).flatMap((step) =>
      step.kind === "tool" && step.name === "look" ? [step.output] : [],
    );
    expect(outputs).toEqual([{ said: "first" }, { said: "second" }, { said: "third" }]);
    expect(set.called).toHaveLength(3);
  });

  it("answers what people denied as it was, and what failed as it failed", async () => {
    set.on("look", async () => fail("not_found", "there is no such page"));
    const script = () =>
      set.model.says(
        calls(["pay", { what: "rent" }], ["look", { what: "x" }]),
        calls(["pay", { what: "rent" }]),
        reports("Not paid."),
      );
    script();
    await original();
    await set.act("lin", (caller) => vote(caller, { which: { number: 1 }, choice: "deny", reason: "too much" }));
    await set.work();
    const asked = set.model.requests.length;
    script();
    await replay(1);
    await set.work();
    expect(set.model.requests.slice(asked).map(({ messages }) => words(messages))).toEqual(
      set.model.requests.slice(0, asked).map(({ messages }) => words(messages)),
    );
    expect(set.called.map(({ tool }) => tool)).toEqual(["look"]);
    expect(await told()).toMatchObject({ calls: { same: 3, unanswered: 0, differences: [] }, report: [] });
  });

  it("answers a call that a person changed with what came of theirs, and asks nobody", async () => {
    const script = () => set.model.says(calls(["pay", { what: "rent" }]), reports("Paid."));
    script();
    await original();
    await set.act("lin", (caller) => approveWithChanges(caller, { number: 1 }, '{"what":"half the rent"}'));
    await set.work();
    script();
    await replay(1);
    await set.work();
    expect(set.called.map(({ what }) => what)).toEqual(["half the rent"]);
    expect(JSON.stringify(set.model.requests.at(-1)?.messages)).toContain("pay half the rent");
    expect(await told()).toMatchObject({ calls: { same: 1, unanswered: 0, differences: [] }, report: [] });
  });
});

describe("what differs", () => {
  it("reports calls that are new, missing or have other arguments, and the lines of the report", async () => {
    set.model.says(
      calls(["look", { what: "a" }], ["look", { what: "b" }], ["browse", { what: "c" }]),
      reports("One\nTwo"),
    );
    await original();
    const called = set.called.length;
    set.model.says(
      calls(["look", { what: "a" }], ["look", { what: "z" }], ["pay", { what: "rent" }]),
      reports("One\nThree"),
    );
    const id = await replay(1);
    await set.work();
    expect(await told()).toMatchObject({
      calls: {
        same: 1,
        unanswered: 2,
        differences: [
          { kind: "changed", tool: "look", was: '{"what":"b"}', is: '{"what":"z"}' },
          { kind: "added", tool: "pay", is: '{"what":"rent"}' },
          { kind: "missing", tool: "browse", was: '{"what":"c"}' },
        ],
      },
      report: ["- Two", "+ Three"],
    });
    expect(set.called).toHaveLength(called);
    expect(await set.count("approvals")).toBe(0);
    const missed = (await set.journal(id)).filter((step) => step.status === "failed");
    expect(missed.map((step) => step.failure)).toEqual([
      { code: "not_found", message: "not in the journal" },
      { code: "not_found", message: "not in the journal" },
    ]);
  });

  it("stays on the revision the run had, or takes the present one, and is told of nothing that came since", async () => {
    set.model.says(reports("Old.", "the note of run 1"));
    await original();
    set.model.says(reports("Again.", "the note of run 2"));
    await original();
    await set.act("sam", (caller) => editWorkflow(caller, { id: workflowId }, { instruction: "count the pages" }));

    set.model.says(reports("Again."));
    const pinned = await replay(2);
    await set.work();
    expect(opening(-1)).toContain("look at the page");
    expect(opening(-1)).toContain("the note of run 1");
    expect(opening(-1)).not.toContain("the note of run 2");
    expect(await set.run(pinned)).toMatchObject({ revision: 1 });

    set.model.says(reports("Counted."));
    const present = await replay(2, "present");
    await set.work();
    expect(opening(-1)).toContain("count the pages");
    expect(opening(-1)).toContain("the note of run 1");
    expect(opening(-1)).not.toContain("look at the page");
    expect(await set.run(present)).toMatchObject({ revision: 2 });
    const notices = await set.notice("replayed");
    expect(notices.map(({ mode, is }) => [mode, is.revision])).toEqual([
      ["pinned", 1],
      ["present", 2],
    ]);
  });
});

describe("a replay is nobody else's business", () => {
  it("changes neither failures in a row, nor the last run, nor what the next run is told, nor overlap", async () => {
    set.model.says(reports("Good.", "good notes"));
    await original();
    set.model.says(reports("Other.", "notes of a replay"));
    await replay(1);
    expect((await openRunsOf(set.db, [workflowId])).get(workflowId)).toBeUndefined();
    await set.work();
    set.model.says(fails("model_rejected"));
    await replay(1);
    await set.work();

    const [row] = await set.sql`select failures_in_a_row from workflows where id = ${workflowId}`;
    expect(row).toEqual({ failures_in_a_row: 0 });
    const view = await workflowView(set.db, WORKSPACE, { id: workflowId }, new Date(set.clock.now()));
    expect(view?.lastRun?.number).toBe(1);
    expect(view?.lastFirings.map(({ kind }) => kind)).toEqual(["person"]);
    expect((await set.notice("runFailed")).length).toBe(0);
    expect((await set.notice("runReported")).map(({ run }) => run.number)).toEqual([1]);

    set.model.says(reports("Next."));
    await original();
    expect(opening(-1)).toContain("good notes");
    expect(opening(-1)).not.toContain("notes of a replay");

    const runs = await readRuns(reader(), "stock");
    expect(runs?.map(({ number, replayOf }) => [number, replayOf])).toEqual([
      [4, null],
      [3, 1],
      [2, 1],
      [1, null],
    ]);
    expect(await readWhy(reader(), { number: 2 })).toContain("a replay of run 1");
  });

  it("ends failed where a real run would die or ask for money, and tells its asker", async () => {
    set.model.says(calls(["look", { what: "a" }]), reports("Good."));
    await original();
    await set.sql`update revisions set policies = policies || '{"retryDelaysMs": []}'::jsonb`;
    set.model.says(fails("model_unavailable"));
    const id = await replay(1);
    await set.work();
    expect(await set.run(id)).toMatchObject({ status: "failed" });
    expect((await readStatus(reader())).dead).toEqual([]);
    expect(await told()).toMatchObject({
      is: { status: "failed", verdict: null },
      report: ["- Good.", "+ it said model_unavailable"],
      calls: { differences: [{ kind: "missing", tool: "look" }] },
    });
  });

  it("asks nobody for money: at a ceiling it is over", async () => {
    await set.close();
    const price = {
      inputMicrosPerMillion: 1_000_000,
      cachedInputMicrosPerMillion: 0,
      outputMicrosPerMillion: 0,
      source: "configured",
    };
    const { scriptedModel } = await import("../scripted-model.ts");
    set = await engineCase({ model: scriptedModel({ price }) });
    workflowId = await set.workflow({ name: "stock" });
    set.model.says(reports("Good."));
    await original();
    await set.sql`update revisions set policies = policies || '{"runCeilingMicros": 1}'::jsonb`;
    const id = await replay(1);
    await set.work();
    expect(await set.run(id)).toMatchObject({ status: "failed", failure: { code: "over_budget" } });
    expect(await set.notice("budgetAsked")).toEqual([]);
    expect(await set.waits(id)).toEqual([]);
    expect((await told()).is.status).toBe("failed");
  });

  it("can be cancelled, and its asker is told what had come of it", async () => {
    set.model.says(reports("Good."));
    await original();
    const id = await replay(1);
    await set.act("ada", (caller) => cancel(caller, { number: 2 }));
    expect(await set.run(id)).toMatchObject({ status: "cancelled" });
    expect((await told()).is.status).toBe("cancelled");
    expect(await set.notice("runCancelled")).toEqual([]);
  });
});

describe("what cannot be replayed", () => {
  const refusal = (number: number, who: "sam" | "kim" | "vic" = "sam") =>
    set
      .act(who, (caller) => replayRun(caller, { number }, "pinned"))
      .then(
        () => "done",
        (error: Error) => error.message,
      );

  it("is a run that is open, a replay, one that is being replayed, or none at all; and others' runs", async () => {
    const open = await set.start(workflowId);
    expect(await refusal(1)).toMatch(/still queued/);
    set.model.says(reports("Good."));
    await set.work();
    expect(await set.run(open)).toMatchObject({ status: "succeeded" });
    expect(await refusal(9)).toMatch(/no run 9/);
    expect(await refusal(1, "kim")).toMatch(/Only the owner/);
    expect(await refusal(1, "vic")).toMatch(/Viewers/);
    await replay(1);
    expect(await refusal(1)).toMatch(/being replayed already, as run 2/);
    set.model.says(reports("Good."));
    await set.work();
    expect(await refusal(2)).toMatch(/is a replay itself/);
    expect(await set.count("runs")).toBe(2);
  });
});

/** What a request says, without the ids that a model gives its calls. */
const words = (messages: readonly { readonly role: string; readonly content: string }[]) =>
  messages.map(({ role, content }) => ({ role, content }));

/** The second message of a request, counted from the end. */
const opening = (at: number): string => set.model.requests.at(at)?.messages[1]?.content ?? "";
