/** What happens starts what waits for it, once, under the same policies as a slot. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readWhy } from "../../../src/orchestrator/reading.ts";
import { pruneJournals } from "../../../src/orchestrator/retention/journals/store.ts";
import { START as FIRST } from "../../../src/orchestrator/retention/store.ts";
import {
  deleteWorkflow,
  editWorkflow,
  pauseWorkflow,
  resumeWorkflow,
} from "../../../src/orchestrator/workflows/service.ts";
import { CHANNEL, type EngineCase, engineCase, memberId, WORKSPACE } from "../engine-case.ts";
import { reports } from "../scripted-model.ts";
import { created, firingsOf, heard, message, outcomes, runsOf } from "./trigger-case.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

const ON_FAILURE = {
  kind: "message",
  channel: "#ops",
  match: { kind: "words", text: "deploy failed" },
  includingBots: false,
} as const;
const reader = () => ({
  db: c.db,
  workspaceId: WORKSPACE,
  now: new Date(c.clock.now()),
  zone: "UTC",
  dayCeilingMicros: 1,
});

describe("a message in a channel", () => {
  it("starts a run that is told of it, and of nothing it did not ask for", async () => {
    const id = await created(c, ON_FAILURE);
    await heard(c, message("all is well"));
    await heard(c, message("the Deploy  FAILED again!"));
    expect(await outcomes(c, id)).toEqual(["ran ×1"]);
    const [firing] = await firingsOf(c, id);
    expect(firing?.payload).toMatchObject({ kind: "message", from: "Ada", text: "the Deploy  FAILED again!" });
    c.model.says(reports("a node was full"));
    await c.work();
    const [request] = c.model.requests;
    expect(JSON.stringify(request?.messages)).toContain("Deploy  FAILED again");
    const [run] = await runsOf(c, id);
    expect((await c.run(run ?? "")).tainted).toBe(true);
  });

  it("is forgotten with the journal of its run", async () => {
    const id = await created(c, ON_FAILURE);
    await heard(c, message("deploy failed"));
    c.model.says(reports("a node was full"));
    await c.work();
    const before = new Date(c.clock.now() + 1);
    c.clock.pass(60_000);
    await c.inWork(({ tx, now }) => pruneJournals(tx, { before, after: FIRST, now }));
    expect((await firingsOf(c, id)).map(({ outcome, payload }) => [outcome, payload])).toEqual([["ran", null]]);
  });

  it("is taken once, however often it is told", async () => {
    const id = await created(c, ON_FAILURE);
    await heard(c, message("deploy failed"), {}, { key: "same" });
    c.clock.pass(120_000);
    await c.sql`update runs set status = 'cancelled'`;
    await heard(c, message("deploy failed"), {}, { key: "same" });
    expect(await outcomes(c, id)).toEqual(["ran ×1"]);
    expect(await runsOf(c, id)).toHaveLength(1);
  });

  it("of a bot starts only what says so", async () => {
    const people = await created(c, ON_FAILURE);
    const bots = await created(c, { ...ON_FAILURE, includingBots: true });
    await heard(c, message("deploy failed", true));
    expect(await runsOf(c, people)).toHaveLength(0);
    expect(await runsOf(c, bots)).toHaveLength(1);
  });

  it("starts one run a minute; the rest is counted into it, and said", async () => {
    const id = await created(c, ON_FAILURE);
    for (let times = 0; times < 4; times++) await heard(c, message("deploy failed"));
    expect(await outcomes(c, id)).toEqual(["ran ×1", "collapsed ×3"]);
    c.clock.pass(61_000);
    await c.sql`update runs set status = 'cancelled'`;
    await heard(c, message("deploy failed"));
    expect(await runsOf(c, id)).toHaveLength(2);
  });

  it("is skipped while a run is open, as a slot is", async () => {
    const id = await created(c, ON_FAILURE);
    await heard(c, message("deploy failed"));
    c.clock.pass(61_000);
    await heard(c, message("deploy failed"));
    expect(await outcomes(c, id)).toEqual(["ran ×1", "skipped ×1"]);
    expect((await firingsOf(c, id))[1]?.reason).toContain("overlap: run 1 was still queued");
    expect(await readWhy(reader(), { workflow: (await c.defined(id)).workflow.name })).toContain("overlap: run 1");
  });

  it("waits its turn when one may be queued", async () => {
    const id = await created(c, ON_FAILURE);
    await c.act("sam", async (caller) => {
      const { policies } = (await c.defined(id)).revision;
      return editWorkflow(caller, { id }, { policies: { ...policies, overlap: "queue_one" } });
    });
    c.model.says(reports("one"), reports("two"));
    await heard(c, message("deploy failed"));
    c.clock.pass(61_000);
    await heard(c, message("deploy failed"));
    expect(await outcomes(c, id)).toEqual(["ran ×1", "null ×1"]);
    await c.work();
    expect(await outcomes(c, id)).toEqual(["ran ×1", "ran ×1"]);
  });

  it("that falls into a pause is counted in one row, and told when the pause ends", async () => {
    const id = await created(c, ON_FAILURE);
    await c.act("sam", (caller) => pauseWorkflow(caller, { id }, "holiday"));
    for (let times = 0; times < 3; times++) await heard(c, message("deploy failed"));
    const [row, ...more] = await firingsOf(c, id);
    expect(more).toEqual([]);
    expect(row).toMatchObject({ outcome: "skipped", count: 3, reason: "paused by sam: holiday" });
    const resumed = await c.act("sam", (caller) => resumeWorkflow(caller, { id }));
    expect(resumed).toMatchObject({ leftOut: 3, waits: true });
    await heard(c, message("deploy failed"));
    expect(await runsOf(c, id)).toHaveLength(1);
  });

  it("starts nothing in another channel, nor once its workflow is deleted or waits for something else", async () => {
    const gone = await created(c, ON_FAILURE);
    const other = await created(c, ON_FAILURE);
    await c.act("sam", (caller) => deleteWorkflow(caller, { id: gone }));
    const trigger = { ...ON_FAILURE, match: { kind: "words", text: "fire" } } as const;
    await c.act("sam", (caller) => editWorkflow(caller, { id: other }, { trigger }));
    await heard(c, message("deploy failed"), {}, { channelId: `${WORKSPACE}:eng` });
    await heard(c, message("deploy failed"));
    expect([...(await runsOf(c, gone)), ...(await outcomes(c, gone))]).toEqual([]);
    await heard(c, message("fire!"));
    expect(await runsOf(c, other)).toHaveLength(1);
  });
});

describe("quiet hours", () => {
  it("leave out what happens in them, counted, unless the workflow ignores them", async () => {
    await c.close();
    c = await engineCase({ closedTimes: { quietHours: { from: 0, until: 23 * 60 }, zone: null, holidays: {} } });
    const id = await created(c, ON_FAILURE);
    await heard(c, message("deploy failed"));
    await heard(c, message("deploy failed"));
    expect(await outcomes(c, id)).toEqual(["skipped ×2"]);
    expect((await firingsOf(c, id))[0]?.reason).toContain("quiet hours");
  });
});

describe("a reaction", () => {
  const EYES = { kind: "reaction", emoji: "eyes", channel: "#ops", includingBots: false } as const;
  const reacts = (emoji: string) => ({ kind: "reaction", emoji, messageId: "m7", byBot: false }) as const;

  it("starts a run that is told the message", async () => {
    const id = await created(c, EYES);
    await heard(c, reacts("tada"));
    await heard(c, reacts("eyes::skin-tone-2"), { message: "the site is slow" });
    expect((await firingsOf(c, id)).map(({ payload }) => payload)).toEqual([
      expect.objectContaining({ kind: "reaction", text: "the site is slow", from: "Ada", messageId: "m7" }),
    ]);
  });

  it("of a bot starts nothing, and one of nobody knows whom is looked at again later", async () => {
    const id = await created(c, EYES);
    await heard(c, reacts("eyes"), { isBot: true });
    await expect(heard(c, reacts("eyes"), { isBot: null })).rejects.toThrow("not known");
    expect(await outcomes(c, id)).toEqual([]);
  });
});

describe("what cannot be waited for", () => {
  it.each([
    [{ ...ON_FAILURE, channel: "#nowhere" }, "I do not know the channel #nowhere"],
    [{ ...ON_FAILURE, match: { kind: "regex", source: "(?=x)", flags: "" } } as const, "RE2"],
    [{ ...ON_FAILURE, match: { kind: "regex", source: "x", flags: "g" } } as const, "not g"],
    [{ kind: "outcome", name: "nobody", on: "fails" } as const, 'no workflow "nobody"'],
  ])("is refused with what to say instead", async (trigger, why) => {
    await expect(created(c, trigger)).rejects.toThrow(why);
    expect(await c.count("firings")).toBe(0);
  });

  it("a channel that Claw is not in is refused with what to do", async () => {
    const channels = new Map([["#ops", { channelId: CHANNEL, cannotPost: "Invite me there." }]]);
    await expect(created(c, ON_FAILURE, "x", { channels })).rejects.toThrow("Invite me there.");
  });
});

it("people are shown what it waits for", async () => {
  const id = await created(c, ON_FAILURE);
  const [notice] = await c.notice("workflowCreated");
  expect(notice?.schedule).toBe('When a message in #ops matches "deploy failed"');
  expect((await c.defined(id)).workflow.ownerId).toBe(memberId("sam"));
});
