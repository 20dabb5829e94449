/** A home that was deleted: a new root message, everything along, once, whoever notices first. */
import { v7 } from "uuid";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sendAgain } from "../../../src/orchestrator/delivery/again/service.ts";
import { createDeliverer, type Deliverer } from "../../../src/orchestrator/delivery/service.ts";
import { announce } from "../../../src/orchestrator/delivery/store.ts";
import type { Notice } from "../../../src/orchestrator/events.ts";
import type { PostOutcome } from "../../../src/orchestrator/ports.ts";
import { CHANNEL, type EngineCase, engineCase, LEASE_MS, memberId, WORKSPACE } from "../engine-case.ts";
import { type ScriptedPlatform, scriptedPlatform } from "./scripted-platform.ts";

let c: EngineCase;
let platform: ScriptedPlatform;
let deliverers: Deliverer[];
let workflow: string;
let home: string;

beforeEach(async () => {
  c = await engineCase();
  platform = scriptedPlatform();
  deliverers = ["bot-1", "bot-2"].map((owner) =>
    createDeliverer({ ...c.deps, platforms: new Map([["console", platform]]), owner, urgent: c.db, leaseMs: LEASE_MS }),
  );
  workflow = await c.workflow({ name: "menu" });
  await c.sql`update workflows set thread_id = null where id = ${workflow}`;
  await root();
  await drain();
  home = await homeNow();
  platform.sent.length = 0;
});
afterEach(async () => {
  for (const each of deliverers) await each.stop();
  await c.close();
});

const homeNow = async (): Promise<string> => (await c.defined(workflow)).workflow.threadId ?? "";
const say = (notice: Notice, key = v7(), place: "home" | "root" = "home", privateTo: string | null = null) =>
  c.inWork((work) =>
    announce(work, {
      id: v7(),
      workspaceId: WORKSPACE,
      key,
      channelId: CHANNEL,
      place: { kind: place },
      workflowId: workflow,
      runId: null,
      privateTo,
      notice,
    }),
  );
const root = () =>
  say(
    {
      kind: "workflowCreated",
      workflow: { workflowId: workflow, name: "menu" },
      instruction: "look",
      schedule: "Every minute",
      nextAt: null,
      by: "sam",
    },
    `root:${workflow}`,
    "root",
  );
const report = (text: string): Notice => ({
  kind: "runReported",
  run: { workflowId: workflow, name: "menu", runId: v7(), number: 1 },
  text,
  figures: { durationMs: 1, costMicros: 0, steps: 1 },
  model: "rules",
  tainted: false,
});
const asked = (decision: unknown, kind: "unknownEffectAsked" | "questionAsked" = "unknownEffectAsked"): Notice =>
  ({
    kind,
    run: { workflowId: workflow, name: "menu", runId: v7(), number: 1 },
    waitId: v7(),
    tool: "pay",
    action: "pay",
    startedAt: "2026-05-04T10:00:00Z",
    retryFrom: "2026-05-04T10:00:00Z",
    decision,
  }) as Notice;
async function drain(): Promise<void> {
  for (let n = 0; n < 4; n++) await Promise.all(deliverers.map((each) => each.drain()));
}
const gone: PostOutcome = {
  kind: "refused",
  failure: { code: "platform_refused", message: "that thread was deleted" },
  gone: "thread",
};
/** Everything that is posted into a thread that is gone is refused. */
const deleteThread = (thread: string) => {
  const post = platform.post;
  platform.post = async (target, ...rest) => (target.threadId === thread ? gone : post(target, ...rest));
};
const posted = () =>
  platform.sent.filter(({ how }) => how === "post").map(({ target, words }) => [target.threadId, words] as const);

describe("a workflow's thread that was deleted", () => {
  it("is replaced by another, which gets everything that was to be said, in order, and the owner is told once", async () => {
    deleteThread(home);
    await say(report("a"));
    await say(report("b"));
    await drain();
    const next = await homeNow();
    expect(next).not.toBe(home);
    expect(posted()).toEqual(expect.arrayContaining([[null, ""]]));
    expect(posted().filter(([, words]) => words !== "")).toEqual([
      [next, "a"],
      [next, "b"],
    ]);
    expect(platform.sent.filter(({ target }) => target.channelId === memberId("sam"))).toHaveLength(1);
    expect(await c.notice("homeMoved")).toHaveLength(1);
    expect(await c.notice("workflowCreated")).toMatchObject([{}, { by: "sam", movedFrom: home }]);
    expect(await c.sql`select 1 from deliveries where status <> 'sent'`).toHaveLength(0);
    await say(report("c"));
    await drain();
    expect(posted().at(-1)).toEqual([next, "c"]);
  });

  it.each(["unknownEffectAsked", "questionAsked"] as const)(
    "is asked again what it was asked (%s), unless that is decided",
    async (kind) => {
      await say(asked(null, kind), "open");
      await say(asked({ kind: "stopped", by: "sam", at: "2026-05-04T10:00:00Z" }, kind), "decided");
      await drain();
      platform.sent.length = 0;
      deleteThread(home);
      await say(report("a"));
      await drain();
      const next = await homeNow();
      expect(platform.sent.filter(({ how, key }) => how === "post" && key === "open")).toMatchObject([
        { target: { threadId: next } },
      ]);
      expect(platform.sent.filter(({ key }) => key === "decided")).toEqual([]);
    },
  );

  it("is not replaced again and again where every thread is gone at once", async () => {
    const post = platform.post;
    platform.post = async (target, ...rest) => (target.threadId === null ? post(target, ...rest) : gone);
    await say(report("a"));
    await drain();
    await drain();
    expect(await c.notice("workflowCreated")).toHaveLength(4);
    expect(await c.notice("undelivered")).toMatchObject([{ failure: { message: "that thread was deleted" } }]);
  });

  it("is left to its fate when it was no home, or the new root message is refused too", async () => {
    await say(report("private"), v7(), "home", memberId("sam"));
    deleteThread(home);
    await drain();
    expect(await homeNow()).toBe(home);
    expect(await c.notice("homeMoved")).toEqual([]);

    platform.answers.push({ kind: "refused", failure: { code: "platform_refused", message: "archived" } });
    await say(report("a"));
    await drain();
    const lost = await c.sql`select status from deliveries where notice->>'kind' in ('runReported', 'workflowCreated')
      and message_id is null order by seq`;
    expect(lost.map(({ status }) => status)).toEqual(["undelivered", "undelivered", "undelivered"]);
    expect(await c.notice("undelivered")).toHaveLength(1);
  });
});

describe("what did not arrive", () => {
  const archived: PostOutcome = { kind: "refused", failure: { code: "platform_refused", message: "archived" } };
  const again = () => c.act("sam", (caller) => sendAgain(caller, workflow));

  it("is sent again once, in its order, and fails again as it did", async () => {
    for (const words of ["a", "b"]) {
      platform.answers.push(archived);
      await say(report(words));
      await drain();
    }
    platform.sent.length = 0;
    platform.answers.push(archived);
    expect(await again()).toEqual({ name: "menu", count: 2 });
    expect(await c.notice("undelivered")).toMatchObject([{ again: { by: "sam", count: 2 } }]);
    await drain();
    // The first was refused once more: its owner is asked again.
    const [notice] = await c.notice("undelivered");
    expect(notice).not.toHaveProperty("again");
    await Promise.allSettled([again(), again()]);
    await drain();
    const words = posted().map(([, said]) => said);
    expect(words.filter((said) => said === "a")).toHaveLength(2);
    expect(words.filter((said) => said === "b")).toHaveLength(1);
    await expect(again()).rejects.toThrow("Nothing of menu is left to send");
    expect(await c.sql`select 1 from deliveries where status <> 'sent'`).toHaveLength(0);
  });

  it("is its owner's or an admin's to send, and never what may have arrived or only told how it stood", async () => {
    await say(report("a"));
    await drain();
    await c.sql`update deliveries set status = 'unknown', message_id = null where notice->>'kind' = 'runReported'`;
    await expect(again()).rejects.toThrow("Nothing of menu is left");
    await expect(c.act("kim", (caller) => sendAgain(caller, workflow))).rejects.toThrow("Only the owner of menu");
    expect(posted().filter(([, said]) => said === "a")).toHaveLength(1);
  });
});
