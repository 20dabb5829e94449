/** What a platform refuses for good reaches the owner of the workflow. */
import { v7 } from "uuid";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDeliverer, type Deliverer } from "../../../src/orchestrator/delivery/service.ts";
import { announce } from "../../../src/orchestrator/delivery/store.ts";
import type { Notice } from "../../../src/orchestrator/events.ts";
import { readStatus } from "../../../src/orchestrator/reading.ts";
import { CHANNEL, type EngineCase, engineCase, LEASE_MS, memberId, WORKSPACE } from "../engine-case.ts";
import { type ScriptedPlatform, scriptedPlatform } from "./scripted-platform.ts";

let c: EngineCase;
let platform: ScriptedPlatform;
let deliverer: Deliverer;
let workflow: string;
beforeEach(async () => {
  c = await engineCase();
  platform = scriptedPlatform();
  deliverer = createDeliverer({
    ...c.deps,
    platforms: new Map([["console", platform]]),
    owner: "bot-1",
    urgent: c.db,
    leaseMs: LEASE_MS,
  });
  workflow = await c.workflow({ name: "menu" });
});
afterEach(async () => {
  await deliverer.stop();
  await c.close();
});

const run = () => ({ workflowId: workflow, name: "menu", runId: v7(), number: 1 });
const report = (text: string): Notice => ({
  kind: "runReported",
  run: run(),
  text,
  figures: { durationMs: 1, costMicros: 0, steps: 1 },
  model: "rules",
  tainted: false,
});
/** Says something in the workflow's thread; an answer of the platform other than yes is given. */
async function say(notice: Notice, message: string | null, privateTo: string | null = null): Promise<void> {
  if (message !== null) platform.answers.push({ kind: "refused", failure: { code: "platform_refused", message } });
  await c.inWork((work) =>
    announce(work, {
      id: v7(),
      workspaceId: WORKSPACE,
      key: v7(),
      channelId: CHANNEL,
      place: { kind: "thread", threadId: `${CHANNEL}:t1` },
      workflowId: workflow,
      runId: null,
      privateTo,
      notice,
    }),
  );
  await deliverer.drain();
  // The message to the owner is announced while this one is recorded.
  await deliverer.drain();
}
const inPerson = () => platform.sent.filter(({ target }) => target.channelId === memberId("sam")).map(({ how }) => how);
const lost = async () => {
  const reader = { db: c.db, workspaceId: WORKSPACE, now: new Date(c.clock.now()), zone: "UTC", dayCeilingMicros: 1 };
  return (await readStatus(reader)).lost;
};

describe("a workflow whose channel takes no messages", () => {
  it("tells its owner once a cause, with the number brought up to date in place", async () => {
    await say(report("a"), "archived");
    await say(report("b"), "archived");
    await expect.poll(inPerson).toEqual(["post", "edit"]);
    expect(await c.notice("undelivered")).toMatchObject([
      { workflow: { name: "menu" }, count: 2, asks: false, failure: { message: "archived" } },
    ]);
    expect(await lost()).toMatchObject([
      { name: "menu", count: 2, isUnknown: false, failure: { message: "archived" } },
    ]);
    await say(report("c"), "deleted");
    await expect.poll(inPerson).toEqual(["post", "edit", "post"]);
  });

  it("tells it again when messages arrived in between, and status forgets what is over", async () => {
    await say(report("a"), "archived");
    await say(report("b"), null);
    expect(await lost()).toEqual([]);
    await say(report("c"), "archived");
    await expect.poll(inPerson).toEqual(["post", "post"]);
    expect(await c.notice("undelivered")).toMatchObject([{ count: 1 }, { count: 1 }]);
  });

  it("says when one of them asks something", async () => {
    await say(
      {
        kind: "unknownEffectAsked",
        run: run(),
        waitId: v7(),
        tool: "pay",
        action: "pay",
        startedAt: "2026-05-04T10:00:00Z",
        retryFrom: "2026-05-04T10:00:00Z",
        decision: null,
      },
      "archived",
    );
    expect(await c.notice("undelivered")).toMatchObject([{ asks: true }]);
  });

  it("says nothing of what is of the moment, or was for one person", async () => {
    const progress: Notice = {
      kind: "runProgress",
      run: run(),
      state: "running",
      step: 1,
      maxSteps: 30,
      figures: { durationMs: 1, costMicros: 0, steps: 1 },
      lines: [],
      note: null,
    };
    await say(progress, "archived");
    await say(report("for one"), "archived", memberId("lin"));
    expect(await c.notice("undelivered")).toEqual([]);
  });
});

it("a message to the owner that is refused too ends there", async () => {
  platform.answers.push({ kind: "refused", failure: { code: "platform_refused", message: "archived" } });
  await say(report("a"), "no direct messages");
  expect(await c.notice("undelivered")).toHaveLength(1);
  expect((await c.sql`select status from deliveries order by seq`).map(({ status }) => status)).toEqual([
    "undelivered",
    "undelivered",
  ]);
});

it("where nobody can be told in person, status shows it", async () => {
  platform.hasDirect = false;
  await say(report("a"), "archived");
  expect(await c.notice("undelivered")).toEqual([]);
  expect(await lost()).toHaveLength(1);
});
