/** What people do with memories: who may see, change and confirm what, and that the record says so. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Caller } from "../../../src/orchestrator/caller.ts";
import { ensureWorkspace } from "../../../src/orchestrator/members/store.ts";
import { createRunMemory } from "../../../src/orchestrator/memory/run-memory.ts";
import {
  confirmMemory,
  correctMemory,
  dropOver,
  exportMemories,
  forgetMemory,
  keepMemory,
  readMemories,
  readMemory,
  remember,
  type ToRemember,
} from "../../../src/orchestrator/memory/service.ts";
import { deleteWorkflow, editWorkflow } from "../../../src/orchestrator/workflows/service.ts";
import { memoryTools } from "../../../src/tools/index.ts";
import { type EngineCase, engineCase, memberId, type PEOPLE, START, WORKSPACE } from "../engine-case.ts";

const DAY = 86_400_000;
let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

type Who = keyof typeof PEOPLE;
const OTHER = "console:test:elsewhere";
const inChannel = (caller: Caller, channelId: string, threadId: string | null = null): Caller => ({
  ...caller,
  event: { ...caller.event, channelId, threadId },
});
const say = (who: Who, text: string, more: Partial<ToRemember> = {}) =>
  c.act(who, (caller) => remember(caller, { text, where: "here", isPrivate: false, ...more }));
const list = async (who: Who, workflow: string | null = null, channelId?: string) =>
  (await c.act(who, (caller) => readMemories(channelId ? inChannel(caller, channelId) : caller, workflow))).map(
    ({ text }) => text,
  );
const actions = async () =>
  (
    await c.sql<{ action: string; actor: string; detail: unknown }[]>`
    select action, actor, detail from audit_events where subject_kind = 'memory' order by id`
  ).map(({ action, actor }) => `${action} by ${actor.split(":").at(-1)}`);

describe("what a person says to be remembered", () => {
  it("is for the workflow in its thread, for the channel elsewhere, kept 90 days, once", async () => {
    const id = await c.workflow({ name: "prs" });
    const [{ thread_id: threadId } = { thread_id: "" }] = await c.sql<{ thread_id: string }[]>`
      select thread_id from workflows where id = ${id}`;
    const said = await c.act("kim", (caller) =>
      remember(inChannel(caller, caller.event.channelId, threadId), {
        text: " drafts\ndo not count ",
        where: "here",
        isPrivate: false,
      }),
    );
    expect(said).toMatchObject({
      isNew: true,
      view: {
        number: 1,
        text: "drafts do not count",
        scope: "workflow",
        workflow: "prs",
        owner: "kim",
        byRun: false,
        fromOutside: false,
        expiresAt: new Date(START + 90 * DAY).toISOString(),
      },
    });
    expect((await say("sam", "Lunch is at noon")).view).toMatchObject({ number: 2, scope: "channel" });
    c.clock.pass(DAY);
    expect(await say("kim", "lunch is at noon.")).toMatchObject({
      isNew: false,
      view: { number: 2, expiresAt: new Date(START + 91 * DAY).toISOString() },
    });
    expect(await list("sam")).toEqual(["Lunch is at noon", "drafts do not count"]);
    expect(await list("sam", "prs")).toEqual(["drafts do not count"]);
    expect(await actions()).toEqual(["memory.remembered by kim", "memory.remembered by sam", "memory.repeated by kim"]);
    // The record is kept for good; what is forgotten must not stand in it.
    const [audit] = await c.sql<{ n: number }[]>`
      select count(*)::int as n from audit_events where detail::text ilike '%lunch%'`;
    expect(audit?.n).toBe(0);
  });

  it.each([
    ["a viewer", "vic", {}, "forbidden"],
    ["a member for everybody", "sam", { where: "everywhere" }, "forbidden"],
    ["too much", "sam", { text: "x".repeat(501) }, "invalid_input"],
    ["nothing", "sam", { text: " \n" }, "invalid_input"],
    ["for no workflow", "sam", { where: { workflow: "nope" } }, "unknown_subject"],
  ] as const)("is refused: %s", async (_, who, more, code) => {
    await expect(say(who, "Otto", more as Partial<ToRemember>)).rejects.toMatchObject({ code });
    expect(await list("ada")).toEqual([]);
  });

  it("is for everybody's workflows when an approver says so, and for one's own when it is private", async () => {
    await say("lin", "Staging is ducky", { where: "everywhere" });
    await say("sam", "My code is 4711", { where: "everywhere", isPrivate: true });
    await say("kim", "My code is 4711", { where: "everywhere", isPrivate: true });
    expect(await list("sam")).toEqual(["My code is 4711", "Staging is ducky"]);
    expect(await list("vic")).toEqual(["Staging is ducky"]);
    // Not even an admin, and not by its number.
    expect(await list("ada")).toEqual(["Staging is ducky"]);
    await expect(c.act("ada", (caller) => readMemory(caller, { number: 2 }))).rejects.toMatchObject({
      code: "unknown_subject",
    });
    await expect(c.act("ada", (caller) => forgetMemory(caller, { number: 2 }))).rejects.toMatchObject({
      code: "unknown_subject",
    });
  });

  it("has room for so many, and says which could go", async () => {
    await say("sam", "The first");
    await c.sql`insert into memories (id, workspace_id, number, text, text_hash, scope, place, owner_id, sensitivity, trust, key, created_at, updated_at)
      select gen_random_uuid(), workspace_id, n, 'thing ' || n, n::text, scope, place, owner_id, sensitivity, trust, n::text, created_at, updated_at + interval '1 s'
      from memories, generate_series(2, 50) n`;
    await expect(say("sam", "One more")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/50 memories here.*the oldest are 1, 2, 3 .*\/claw forget 1/),
    });
    // Private ones are counted apart.
    await c.sql`update workspaces set memory_counter = 50`;
    expect(await say("sam", "One more", { isPrivate: true })).toMatchObject({ view: { number: 51 } });
    await c.act("sam", (caller) => forgetMemory(caller, { number: 1 }));
    expect(await say("sam", "One more")).toMatchObject({ view: { number: 52 } });
  });

  it("is one when two say it at once, and keeps to the room there is", async () => {
    const all = await Promise.all(["a", "b", "c", "d"].map((_, at) => say(at % 2 ? "sam" : "kim", "The same")));
    expect(all.map(({ view }) => view.number)).toEqual([1, 1, 1, 1]);
    expect(all.filter(({ isNew }) => isNew)).toHaveLength(1);
  });
});

describe("who may see and change", () => {
  it("what belongs to a channel is seen there, by its owner and by admins", async () => {
    const at = (who: Who, channel: string) => list(who, null, channel);
    await say("sam", "Of the channel");
    const id = await c.workflow({ name: "prs", owner: "kim" });
    await say("lin", "Of the workflow", { where: { workflow: "prs" } });
    expect(await at("vic", "console:test:ops")).toEqual(["Of the workflow", "Of the channel"]);
    expect(await at("vic", OTHER)).toEqual([]);
    expect(await at("sam", OTHER)).toEqual(["Of the channel"]);
    // Kim owns the workflow, Lin said it.
    expect(await at("kim", OTHER)).toEqual(["Of the workflow"]);
    expect(await at("lin", OTHER)).toEqual(["Of the workflow"]);
    expect(await at("ada", OTHER)).toHaveLength(2);
    await expect(c.act("vic", (caller) => readMemories(inChannel(caller, OTHER), "prs"))).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(c.act("sam", (caller) => forgetMemory(inChannel(caller, OTHER), { number: 2 }))).rejects.toMatchObject(
      { code: "unknown_subject" },
    );
    await c.act("kim", (caller) => forgetMemory(inChannel(caller, OTHER), { number: 2 }));
    expect(id).toBeTruthy();
  });

  it("is exported in the order of its numbers, page by page, and no more than may be seen", async () => {
    for (const text of ["One", "Two", "Three"]) await say("sam", text);
    await say("kim", "Secret", { isPrivate: true });
    await c.act("sam", (caller) => correctMemory(caller, { number: 1 }, "The latest"));
    const exported = async (after: number) =>
      (await c.act("sam", (caller) => exportMemories(caller, after))).map(({ text }) => text);
    expect(await exported(0)).toEqual(["The latest", "Two", "Three"]);
    expect(await exported(2)).toEqual(["Three"]);
    expect(await exported(4)).toEqual([]);
  });

  it("its owner and admins change it, others do not", async () => {
    await say("sam", "Deploys are on Tuesdays");
    for (const who of ["kim", "vic"] as const) {
      for (const use of [
        (caller: Caller) => forgetMemory(caller, { number: 1 }),
        (caller: Caller) => correctMemory(caller, { number: 1 }, "x"),
        (caller: Caller) => confirmMemory(caller, { number: 1 }),
        (caller: Caller) => keepMemory(caller, { number: 1 }, null),
      ]) {
        await expect(c.act(who, use)).rejects.toMatchObject({ code: "forbidden" });
      }
    }
    expect(
      await c.act("ada", (caller) => correctMemory(caller, { number: 1 }, "Deploys are on Mondays")),
    ).toMatchObject({
      number: 1,
      text: "Deploys are on Mondays",
      owner: "sam",
    });
    expect((await c.act("sam", (caller) => keepMemory(caller, { number: 1 }, null))).expiresAt).toBeNull();
    expect((await c.act("sam", (caller) => keepMemory(caller, { number: 1 }, 5))).expiresAt).toBe(
      new Date(START + 5 * DAY).toISOString(),
    );
    await expect(c.act("sam", (caller) => keepMemory(caller, { number: 1 }, 9_999))).rejects.toMatchObject({
      code: "invalid_input",
    });
    await c.act("sam", (caller) => forgetMemory(caller, { number: 1 }));
    await expect(c.act("sam", (caller) => forgetMemory(caller, { number: 1 }))).rejects.toMatchObject({
      code: "unknown_subject",
    });
    expect(await actions()).toEqual([
      "memory.remembered by sam",
      "memory.corrected by ada",
      "memory.kept by sam",
      "memory.kept by sam",
      "memory.forgotten by sam",
    ]);
    // Its number is never another's.
    expect((await say("sam", "Something else")).view.number).toBe(2);
  });

  it("two that would say the same stay two", async () => {
    await say("sam", "One");
    await say("sam", "Two");
    await expect(c.act("sam", (caller) => correctMemory(caller, { number: 2 }, "one."))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("Memory 1 says that already"),
    });
    expect(await list("sam")).toEqual(["Two", "One"]);
  });

  it("those of another workspace are not there", async () => {
    await say("sam", "Ours");
    await ensureWorkspace(c.db, {
      id: "console:other",
      platform: "console",
      team: "other",
      name: "Other",
      timezone: "UTC",
      createdAt: new Date(START),
    });
    const [{ id } = { id: "" }] = await c.sql<{ id: string }[]>`select id from memories`;
    const there = (use: (caller: Caller) => Promise<unknown>) =>
      c.act("ada", (caller) => use({ ...caller, actor: { ...caller.actor, workspaceId: "console:other" } }));
    expect(await there((caller) => readMemories(caller, null))).toEqual([]);
    for (const which of [{ number: 1 }, { id }]) {
      await expect(there((caller) => forgetMemory(caller, which))).rejects.toMatchObject({ code: "unknown_subject" });
      await expect(there((caller) => correctMemory(caller, which, "Theirs"))).rejects.toMatchObject({
        code: "unknown_subject",
      });
    }
    expect(await list("sam")).toEqual(["Ours"]);
  });
});

describe("what came from outside", () => {
  const learnt = async () => {
    const workflowId = await c.workflow({ name: "prs" });
    const runId = await c.start(workflowId);
    await createRunMemory(c.deps).remember({
      workspaceId: WORKSPACE,
      runId,
      tainted: true,
      now: START,
      text: "Bo reviews",
      days: null,
      idempotencyKey: "k",
    });
    return workflowId;
  };

  it("is trusted once its owner confirms, corrects or says the same, and not before", async () => {
    const workflowId = await learnt();
    const outside = async () => (await c.act("sam", (caller) => readMemory(caller, { number: 1 }))).fromOutside;
    expect(await c.act("sam", (caller) => readMemory(caller, { number: 1 }))).toMatchObject({
      fromOutside: true,
      byRun: true,
      run: 1,
      owner: "sam",
    });
    await c.act("sam", (caller) => keepMemory(caller, { number: 1 }, null));
    expect(await outside()).toBe(true);
    await c.act("sam", (caller) => confirmMemory(caller, { number: 1 }));
    expect(await outside()).toBe(false);
    await expect(c.act("sam", (caller) => confirmMemory(caller, { number: 1 }))).rejects.toMatchObject({
      code: "conflict",
    });
    for (const clean of [
      () => c.act("sam", (caller) => correctMemory(caller, { number: 1 }, "Bo reviews docs")),
      () => say("kim", "bo reviews docs", { where: { workflow: "prs" } }),
    ]) {
      await c.sql`update memories set trust = 'untrusted'`;
      await clean();
      expect(await outside()).toBe(false);
    }
    expect(workflowId).toBeTruthy();
  });

  it("goes with its workflow", async () => {
    await learnt();
    await c.act("sam", (caller) => deleteWorkflow(caller, { name: "prs" }));
    expect(await c.sql`select * from memories`).toHaveLength(0);
    const [row] = await c.sql<{ detail: unknown }[]>`
      select detail from audit_events where action = 'workflow.deleted'`;
    expect(row?.detail).toMatchObject({ forgotten: 1 });
  });
});

describe("a workflow whose instruction comes to speak of it", () => {
  it("is given the tools with the edit, which says so, and loses them with the next", async () => {
    await c.close();
    c = await engineCase({ tools: (deps) => memoryTools(createRunMemory(deps)) });
    const id = await c.workflow({ name: "prs", instruction: "look at the page, remember it" });
    const edit = (instruction: string) => c.act("sam", (caller) => editWorkflow(caller, { id }, { instruction }));
    expect((await edit("look at the page")).diff).toEqual([
      "- look at the page, remember it",
      "+ look at the page",
      "- may call remember, recall, forget",
    ]);
    expect((await edit("look, and remember what you saw")).diff.at(-1)).toBe("+ may call remember, recall, forget");
    expect((await c.defined(id)).revision.tools).toContain("remember");
  });
});

describe("what is over", () => {
  it("is not there any more, makes room for the same again, and is pruned once, on record", async () => {
    await say("sam", "One");
    await say("sam", "Two");
    await c.act("sam", (caller) => keepMemory(caller, { number: 2 }, null));
    c.clock.pass(91 * DAY);
    expect(await list("sam")).toEqual(["Two"]);
    expect((await say("sam", "one")).view.number).toBe(3);
    c.clock.pass(91 * DAY);
    await Promise.all([dropOver(c.deps), dropOver(c.deps)]);
    await dropOver(c.deps);
    expect((await c.sql`select number from memories`).map(({ number }) => number)).toEqual([2]);
    expect((await actions()).filter((action) => action.startsWith("memory.expired"))).toHaveLength(2);
  });

  it("is also what was private to somebody who left a month ago", async () => {
    await say("kim", "Mine", { isPrivate: true });
    await say("kim", "Ours");
    await c.act("kim", (caller) => keepMemory(caller, { number: 1 }, null));
    await c.sql`update members set left_at = ${new Date(START).toISOString()} where id = ${memberId("kim")}`;
    c.clock.pass(29 * DAY);
    await dropOver(c.deps);
    expect(await c.sql`select * from memories`).toHaveLength(2);
    c.clock.pass(2 * DAY);
    await dropOver(c.deps);
    expect((await c.sql`select text from memories`).map(({ text }) => text)).toEqual(["Ours"]);
  });
});
