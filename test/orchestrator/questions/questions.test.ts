/** A run asks people: the first answer counts, silence is none, and everybody hears what came of theirs. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dryRunWorkflow } from "../../../src/orchestrator/dry-run/service.ts";
import { ensureWorkspace } from "../../../src/orchestrator/members/store.ts";
import { remindOfQuestions } from "../../../src/orchestrator/questions/reminder.ts";
import { answerInThread, answerQuestion, type Said } from "../../../src/orchestrator/questions/service.ts";
import { findQuestion } from "../../../src/orchestrator/questions/store.ts";
import { readStatus, readWhy } from "../../../src/orchestrator/reading.ts";
import { replayRun } from "../../../src/orchestrator/replay/service.ts";
import { pruneJournals } from "../../../src/orchestrator/retention/journals/store.ts";
import { closeDueWaits } from "../../../src/orchestrator/runs/resume.ts";
import { cancel } from "../../../src/orchestrator/runs/service.ts";
import { claimDueSlots } from "../../../src/orchestrator/schedules/service.ts";
import { resumeEverything, stopEverything } from "../../../src/orchestrator/stops/service.ts";
import { bringForward } from "../../../src/orchestrator/sweep/store.ts";
import { ask, fail } from "../../../src/tools/index.ts";
import { CHANNEL, type EngineCase, engineCase, gate, LEASE_MS, memberId, START, WORKSPACE } from "../engine-case.ts";
import { calls, reports } from "../scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase({ tools: () => [ask] });
});
afterEach(async () => {
  await c.close();
});

type Who = Parameters<EngineCase["act"]>[0];
const HOUR = 3_600_000;
const COLOUR = { question: "Which colour?", choices: ["red", "blue"] };
const WORDS = { question: "What is it about?" };
const answer = (who: Who, said: Said, number = 1) => c.act(who, (caller) => answerQuestion(caller, { number }, said));
const write = (who: Who, text: string, thread: string, at = c.clock.now()) =>
  c.act(who, (caller) => answerInThread({ ...caller, event: { ...caller.event, threadId: thread, at } }, text));
const told = (turn: number) => JSON.stringify(c.model.requests[turn]?.messages.at(-1));
const reader = () => ({
  db: c.db,
  workspaceId: WORKSPACE,
  now: new Date(c.clock.now()),
  zone: "UTC",
  dayCeilingMicros: 5_000_000,
});

async function asks(question: object = COLOUR, workflow?: string): Promise<{ run: string; thread: string }> {
  c.model.says(calls(["ask", question]));
  const id = workflow ?? (await c.workflow());
  const run = await c.start(id);
  await c.work();
  return { run, thread: `${CHANNEL}:root-${id}` };
}

/** The run goes on to its end. */
async function done(run: string, owner?: string): Promise<void> {
  c.model.says(reports("Done"));
  await c.work(owner);
  expect(await c.run(run)).toMatchObject({ status: "succeeded" });
}

describe("a question", () => {
  it("waits in the thread without a worker; the first answer counts and the model has it with who gave it", async () => {
    const { run } = await asks();
    expect(await c.run(run)).toMatchObject({ status: "waiting", lease_owner: null });
    const { name = "" } = (await readStatus(reader())).waiting[0] ?? {};
    expect(await readWhy(reader(), { workflow: name })).toMatch(
      /ran as run 1, which waits for an answer to question 1: Which colour\?/,
    );
    const [card] = await c.notice("questionAsked", run);
    expect(card).toMatchObject({
      question: {
        number: 1,
        question: "Which colour?",
        choices: ["red", "blue"],
        who: "its owner, an approver or an admin",
        until: new Date(START + 24 * HOUR).toISOString(),
        tainted: false,
      },
      decision: null,
    });
    c.clock.pass(HOUR);
    const at = new Date(c.clock.now());
    expect(await answer("lin", { choice: 1 })).toEqual({ number: 1, run: 1, now: true, answer: "blue", by: "lin", at });
    expect((await c.notice("questionAsked", run))[0]?.decision).toEqual({
      kind: "answered",
      answer: "blue",
      by: "lin",
      at: at.toISOString(),
    });
    await done(run, "another-process");
    expect(await c.run(run)).toMatchObject({ tainted: false });
    const [, step] = await c.journal(run);
    expect(step).toMatchObject({
      status: "succeeded",
      output: { answered: true, answer: "blue", by: "lin", at: at.toISOString() },
    });
    expect(told(1)).toContain('\\"answer\\":\\"blue\\"');
    const audited = await c.sql`select action, actor from audit_events where subject_kind = 'question' order by id`;
    expect(audited.map(({ action, actor }) => [action, actor])).toEqual([
      ["question.asked", "claw"],
      ["question.answered", memberId("lin")],
    ]);
  });

  it("takes a choice by its words or its number, and any text where it has none", async () => {
    const one = await asks();
    await expect(answer("lin", { text: "green" })).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringMatching(/1 red, 2 blue.*\/claw answer 1/),
    });
    await expect(answer("lin", { choice: 7 })).rejects.toMatchObject({ code: "invalid_input" });
    expect(await answer("lin", { text: " BLUE " })).toMatchObject({ answer: "blue" });
    await done(one.run);
    const two = await asks();
    expect(await answer("lin", { text: "1" }, 2)).toMatchObject({ answer: "red" });
    await done(two.run);
    const three = await asks(WORDS);
    await expect(answer("lin", { text: "  " }, 3)).rejects.toMatchObject({ code: "invalid_input" });
    await expect(answer("lin", { text: "x".repeat(2_001) }, 3)).rejects.toMatchObject({
      message: expect.stringMatching(/at most 2,000 characters; this has 2,001/),
    });
    expect(await answer("lin", { text: " it's fine \u0000" }, 3)).toMatchObject({
      now: true,
      answer: "it's fine \uFFFD",
    });
    await done(three.run);
  });

  it("is answered once by two people at once; the other hears who was first", async () => {
    const { run } = await asks();
    const both = await Promise.all([answer("lin", { choice: 0 }), answer("kim", { choice: 1 })]);
    const [first] = both.filter(({ now }) => now);
    const [second] = both.filter(({ now }) => !now);
    expect(first).toMatchObject({ by: expect.stringMatching(/lin|kim/) });
    expect(second).toMatchObject({ answer: first?.answer, by: first?.by, at: first?.at });
    await done(run);
    expect(told(1)).toContain(`\\"by\\":\\"${first?.by}\\"`);
    // Later still, whoever it is.
    expect(await answer("ada", { choice: 1 })).toMatchObject({ now: false, answer: first?.answer });
  });

  it("is for its workflow's owner, approvers and admins, unless it names others; a viewer never answers", async () => {
    await asks(COLOUR, await c.workflow({ owner: "ada" }));
    for (const who of ["sam", "vic"] as const) {
      await expect(answer(who, { choice: 0 })).rejects.toMatchObject({
        code: "forbidden",
        message: expect.stringContaining("Only its owner, an approver or an admin can answer this"),
      });
    }
    const named = await asks({ ...COLOUR, of: ["@sam"] });
    await expect(answer("ada", { choice: 0 }, 2)).rejects.toMatchObject({ code: "forbidden" });
    expect(await answer("sam", { choice: 0 }, 2)).toMatchObject({ now: true });
    await done(named.run);
    const vic = await asks({ ...COLOUR, of: ["@vic", "@sam"] });
    await expect(answer("vic", { choice: 0 }, 3)).rejects.toMatchObject({ code: "forbidden" });
    await answer("sam", { choice: 0 }, 3);
    await done(vic.run);
    // Its owner, who is no approver.
    const own = await asks();
    expect(await answer("sam", { choice: 0 }, 4)).toMatchObject({ now: true });
    await done(own.run);
  });

  it("to nobody is not asked: the model is told whom it can name", async () => {
    c.model.says(calls(["ask", { ...COLOUR, of: ["@nobody-i-know"] }]), reports("I asked nobody"));
    const run = await c.start(await c.workflow());
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(told(1)).toMatch(/I know nobody who is @nobody-i-know\. Name a role/);
    expect(await c.notice("questionAsked")).toEqual([]);
    expect(await c.sql`select 1 from questions`).toHaveLength(0);
  });

  it("of another workspace is not there, by number nor by id", async () => {
    await asks();
    const question = await findQuestion(c.db, WORKSPACE, { number: 1 });
    if (!question) throw new Error("no question");
    const at = new Date(START);
    const other = "console:other";
    await ensureWorkspace(c.db, {
      id: other,
      platform: "console",
      team: "other",
      name: "Other",
      timezone: "UTC",
      createdAt: at,
    });
    for (const which of [{ id: question.id }, { number: 1 }]) {
      await expect(
        c.act("ada", (caller) =>
          answerQuestion({ ...caller, actor: { ...caller.actor, workspaceId: other } }, which, { choice: 0 }),
        ),
      ).rejects.toMatchObject({ code: "unknown_subject" });
    }
  });

  it("says that the run had read text from outside before it asked", async () => {
    c.model.says(calls(["browse", { what: "one.test" }]), calls(["ask", COLOUR]), reports("Done"));
    const run = await c.start(await c.workflow({ instruction: "look at https://one.test" }));
    await c.work();
    expect((await c.notice("questionAsked", run))[0]?.question.tainted).toBe(true);
  });

  it("too many of one run are not asked", async () => {
    const six = Array.from({ length: 6 }, (_, at) => ["ask", { question: `What about ${at}?` }] as const);
    c.model.says(calls(...six), reports("Done"));
    const run = await c.start(await c.workflow());
    await c.work();
    const steps = (await c.steps(run)).slice(1);
    expect(steps.filter((step) => step.endsWith("waiting"))).toHaveLength(5);
    expect(steps[5]).toBe("1.6 ask refused");
    for (const number of [1, 2, 3, 4, 5]) await answer("lin", { text: "yes" }, number);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect(JSON.stringify(c.model.requests[1]?.messages)).toContain("has asked 5 questions, which is the limit");
  });

  it("that a rule wants to be allowed first is asked after the yes, once", async () => {
    await c.close();
    c = await engineCase({
      tools: () => [ask],
      permissions: { rules: [], limits: { callsPerTool: 0, writesPerHour: 30 } },
    });
    const { run } = await asks();
    expect((await c.waits(run)).map(({ kind }) => kind)).toEqual(["approval"]);
    const { vote } = await import("../../../src/orchestrator/approvals/service.ts");
    await c.act("lin", (caller) => vote(caller, { which: { number: 1 }, choice: "approve", reason: null }));
    await c.work();
    expect((await c.waits(run)).map(({ kind }) => kind)).toEqual(["answer"]);
    await answer("lin", { choice: 0 });
    await done(run);
    expect((await c.sql`select status from approvals`).map(({ status }) => status)).toEqual(["consumed"]);
  });
});

describe("silence", () => {
  it("is said again at half time, once, with who can answer, and is no answer", async () => {
    const { run } = await asks({ ...COLOUR, hours: 4 });
    c.clock.pass(2 * HOUR - 1);
    await remindOfQuestions(c.deps);
    expect(await c.notice("questionReminder")).toEqual([]);
    c.clock.pass(1);
    await Promise.all([remindOfQuestions(c.deps), remindOfQuestions(c.deps)]);
    const reminders = await c.notice("questionReminder", run);
    expect(reminders).toHaveLength(1);
    expect(reminders[0]).toMatchObject({ able: ["ada", "kim", "lin", "sam"], more: 0, decision: null });
    c.clock.pass(2 * HOUR);
    // Due, and nobody has closed it yet: too late all the same.
    await expect(answer("lin", { choice: 0 })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("Too late for question 1"),
    });
    await done(run);
    expect(told(1)).toMatch(/neither yes nor no.*\\"answered\\":false/);
    const at = new Date(c.clock.now()).toISOString();
    expect((await c.notice("questionAsked", run))[0]?.decision).toEqual({ kind: "expired", at });
    expect((await c.notice("questionReminder", run))[0]?.decision).toEqual({ kind: "expired", at });
    await expect(answer("lin", { choice: 0 })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/nobody answered in time, and the run was told so/),
    });
  });

  it("is not said again when somebody answered, nor of what is over soon", async () => {
    const { run } = await asks({ ...COLOUR, hours: 4 });
    await answer("lin", { choice: 0 });
    await done(run);
    await asks({ ...COLOUR, hours: 0.1 });
    c.clock.pass(3 * HOUR);
    await remindOfQuestions(c.deps);
    expect(await c.notice("questionReminder")).toEqual([]);
  });

  it("closes a question against an answer at the same moment, one way or the other", async () => {
    const { run } = await asks({ ...COLOUR, hours: 1 });
    c.clock.pass(HOUR);
    const [closed, answered] = await Promise.allSettled([closeDueWaits(c.deps), answer("lin", { choice: 0 })]);
    expect(closed).toMatchObject({ status: "fulfilled", value: 1 });
    expect(answered).toMatchObject({ status: "rejected", reason: { code: "conflict" } });
    await done(run);
  });
});

describe("a message in the thread", () => {
  it("answers the one open question for a text, if whoever wrote it may, and is said to do so", async () => {
    const { run, thread } = await asks(WORDS);
    expect(await write("vic", "it is about X", thread)).toBeNull();
    expect(await write("lin", "   ", thread)).toBeNull();
    // Written before it was asked, told late.
    expect(await write("lin", "hello", thread, START - 1)).toBeNull();
    expect(await write("lin", "hello", `${CHANNEL}:another`)).toBeNull();
    expect(await write("lin", "x".repeat(2_001), thread)).toMatchObject({
      kind: "unclear",
      why: "too_long",
      open: [{ number: 1 }],
    });
    expect(await write("lin", "it is about *X*", thread)).toMatchObject({
      kind: "answered",
      answered: { number: 1, now: true, answer: "it is about *X*" },
    });
    expect(await write("kim", "no, about Y", thread)).toBeNull();
    await done(run);
    expect(told(1)).toContain("it is about *X*");
  });

  it("answers a question with choices by the words of one, and by nothing else", async () => {
    const { run, thread } = await asks();
    expect(await write("lin", "green", thread)).toBeNull();
    expect(await write("lin", "2", thread)).toBeNull();
    expect(await write("vic", "blue", thread)).toBeNull();
    expect(await write("lin", " Blue", thread)).toMatchObject({ kind: "answered", answered: { answer: "blue" } });
    expect(await write("kim", "red", thread)).toBeNull();
    await done(run);
    expect(told(1)).toContain("blue");
  });

  it("asks which when several are open", async () => {
    c.model.says(calls(["ask", WORDS], ["ask", { question: "And who?" }]));
    const workflow = await c.workflow();
    const run = await c.start(workflow);
    await c.work();
    const thread = `${CHANNEL}:root-${workflow}`;
    expect(await write("lin", "about X", thread)).toEqual({
      kind: "unclear",
      why: "several",
      open: [
        { number: 1, question: "What is it about?" },
        { number: 2, question: "And who?" },
      ],
    });
    await answer("lin", { text: "about X" }, 1);
    expect(await write("kim", "me", thread)).toMatchObject({ kind: "answered", answered: { number: 2, answer: "me" } });
    await done(run);
  });
});

describe("what happens meanwhile", () => {
  it("a worker that is lost after the answer asks nobody again", async () => {
    const { run } = await asks();
    await answer("lin", { choice: 0 });
    expect(await c.claim("lost")).toHaveLength(1);
    c.clock.pass(LEASE_MS + 1_000);
    await done(run, "next");
    expect(await c.sql`select 1 from questions`).toHaveLength(1);
  });

  it("an answer that comes while a call beside it still executes is used without another claim", async () => {
    const slow = gate();
    c.on("look", async ({ what }) => {
      await slow.opened;
      return { ok: true, value: { said: what } };
    });
    c.model.says(calls(["look", { what: "a" }], ["ask", COLOUR]), reports("Both"));
    const run = await c.start(await c.workflow());
    const working = c.work();
    await expect.poll(async () => (await c.notice("questionAsked", run)).length).toBe(1);
    await answer("lin", { choice: 1 });
    slow.open();
    await working;
    expect(await c.run(run)).toMatchObject({ status: "succeeded", epoch: 1 });
    expect(JSON.stringify(c.model.requests[1]?.messages)).toContain('\\"answer\\":\\"blue\\"');
  });

  it("the run is cancelled: the card says so, and an answer comes too late", async () => {
    const { run } = await asks();
    await c.act("sam", (caller) => cancel(caller, { number: 1 }));
    expect((await c.notice("questionAsked", run))[0]?.decision).toMatchObject({ kind: "cancelled" });
    await expect(answer("lin", { choice: 0 })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("run 1 ended, so it is not asked any more"),
    });
    c.clock.pass(48 * HOUR);
    await remindOfQuestions(c.deps);
    await c.work();
    expect(await c.notice("questionReminder")).toEqual([]);
    expect(await c.run(run)).toMatchObject({ status: "cancelled" });
  });

  it("everything is stopped: an answer is kept, and the run goes on with it once resumed", async () => {
    const { run } = await asks();
    await c.act("ada", (caller) => stopEverything(caller));
    expect(await answer("lin", { choice: 0 })).toMatchObject({ now: true });
    await c.work();
    expect((await c.run(run)).status).toBe("queued");
    await c.act("ada", (caller) => resumeEverything(caller));
    await done(run);
  });

  it("the next slot is left out, and names the question; status and why name it, too", async () => {
    const workflow = await c.workflow({ name: "colours", nextSlotAt: new Date(START + 60_000) });
    await asks(COLOUR, workflow);
    c.clock.pass(61_000);
    await claimDueSlots(c.deps);
    const [slot] = await c.sql`select outcome, reason from firings where kind = 'slot'`;
    expect(slot).toEqual({
      outcome: "skipped",
      reason: "overlap: run 1 was still waiting for an answer to question 1",
    });
    expect(await readWhy(reader(), { number: 1 })).toContain("It waits for an answer to question 1: Which colour?");
    expect((await readStatus(reader())).waiting[0]?.waits).toMatchObject([{ kind: "answer" }]);
  });

  it("the run dies of something else: retried, it does not take the old answer for a new one", async () => {
    c.on("look", async () => fail("tool_bug", "broken"));
    c.model.says(calls(["ask", COLOUR], ["look", { what: "a" }]));
    const run = await c.start(await c.workflow());
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "dead" });
    await expect(answer("lin", { choice: 0 })).rejects.toMatchObject({ code: "conflict" });
    expect((await c.notice("questionAsked", run))[0]?.decision).toMatchObject({ kind: "cancelled" });
  });

  it("the clock was an hour ahead and is set back: people have the time that they were given", async () => {
    c.clock.set(START + HOUR);
    const { run } = await asks({ ...COLOUR, hours: 4 });
    c.clock.set(START);
    await bringForward(c.db, new Date(START));
    c.clock.set(START + 2 * HOUR);
    await remindOfQuestions(c.deps);
    expect(await c.notice("questionReminder", run)).toHaveLength(1);
    c.clock.set(START + 4 * HOUR);
    await done(run);
  });

  it("its journal is pruned in the end, and the question with it", async () => {
    const { run } = await asks();
    await answer("lin", { choice: 0 });
    await done(run);
    c.clock.pass(1_000 * HOUR);
    const now = new Date(c.clock.now());
    await c.inWork((work) =>
      pruneJournals(work.tx, { before: now, after: "00000000-0000-0000-0000-000000000000", now }),
    );
    expect(await c.sql`select 1 from questions`).toHaveLength(0);
    await expect(answer("lin", { choice: 0 })).rejects.toMatchObject({ code: "unknown_subject" });
  });
});

describe("a rehearsal asks nobody", () => {
  it("a dry run is told so, and says what it would have asked", async () => {
    await c.workflow({ name: "colours" });
    c.model.says(calls(["ask", COLOUR]), reports("I would have asked"));
    const { runId } = await c.act("sam", (caller) => dryRunWorkflow(caller, { name: "colours" }));
    await c.work();
    expect(await c.run(runId)).toMatchObject({ status: "succeeded" });
    expect(told(1)).toContain("Nobody is asked in a dry run");
    expect((await c.notice("dryRan", runId))[0]?.would).toMatchObject([
      { tool: "ask", action: 'ask "Which colour?" (red / blue)', waits: true },
    ]);
    expect(await c.sql`select 1 from questions`).toHaveLength(0);
  });

  it("a replay has the answer of then", async () => {
    const { run } = await asks();
    await answer("lin", { choice: 1 });
    await done(run);
    c.model.says(calls(["ask", COLOUR]), reports("Done"));
    await c.act("sam", (caller) => replayRun(caller, { number: 1 }, "pinned"));
    await c.work();
    expect((await c.sql`select status from runs where replay_of = ${run}`)[0]?.status).toBe("succeeded");
    expect(told(3)).toContain('\\"answer\\":\\"blue\\"');
    expect(await c.sql`select 1 from questions`).toHaveLength(1);
  });
});
