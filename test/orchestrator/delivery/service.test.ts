/** Messages on their way: in order, once, or said to be lost. */

import { v7 } from "uuid";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimDeliveries } from "../../../src/orchestrator/delivery/claims/store.ts";
import { createDeliverer, type Deliverer } from "../../../src/orchestrator/delivery/service.ts";
import { type Announcement, announce, revise } from "../../../src/orchestrator/delivery/store.ts";
import { CHANNEL, type EngineCase, engineCase, gate, LEASE_MS, WORKSPACE } from "../engine-case.ts";
import { type ScriptedPlatform, scriptedPlatform } from "./scripted-platform.ts";

let c: EngineCase;
let platform: ScriptedPlatform;
let deliverer: Deliverer;
const restarted = (owner: string, leaseMs = LEASE_MS): Deliverer =>
  createDeliverer({ ...c.deps, platforms: new Map([["console", platform]]), owner, urgent: c.db, leaseMs });
beforeEach(async () => {
  c = await engineCase();
  platform = scriptedPlatform();
  deliverer = restarted("bot-1");
});
afterEach(async () => {
  await deliverer.stop();
  await c.close();
});

const THREAD = `${CHANNEL}:t1`;
const say = (key: string, text: string, more: Partial<Announcement> = {}) =>
  c.inWork((work) =>
    announce(work, {
      id: v7(),
      workspaceId: WORKSPACE,
      key,
      channelId: CHANNEL,
      place: { kind: "thread", threadId: THREAD },
      workflowId: null,
      runId: null,
      privateTo: null,
      notice: { kind: "channelPosted", run: null, text },
      ...more,
    }),
  );
const status = async (key: string) => (await c.sql`select status from deliveries where key = ${key}`)[0]?.status;
const unavailable = { code: "platform_unavailable", message: "503" } as const;
/** Claims what is due for a process that is then killed: its lease runs out. */
async function lose(): Promise<void> {
  await claimDeliveries(c.db, {
    platforms: ["console"],
    owner: "lost",
    now: new Date(c.clock.now()),
    leaseMs: 30_000,
    limit: 10,
  });
  c.clock.pass(30_001);
}

describe("a thread", () => {
  it("keeps its order, also when its first message has to be tried again", async () => {
    for (const n of ["1", "2", "3"]) await say(n, n);
    await say("other", "elsewhere", { place: { kind: "thread", threadId: `${CHANNEL}:t2` } });
    platform.answers.push({ kind: "retry", afterMs: 5_000, failure: unavailable });
    await deliverer.drain();
    expect(platform.said()).toEqual(["post 1", "post elsewhere"]);
    c.clock.pass(5_000);
    await deliverer.drain();
    await expect.poll(() => platform.said()).toEqual(["post 1", "post elsewhere", "post 1", "post 2", "post 3"]);
    expect(c.wakes).toContainEqual({ kind: "deliveries.due", at: expect.any(Number) });
  });

  it("with a long backlog hides no other, wherever the walk over the threads has got to", async () => {
    await c.inWork(async (work) => {
      for (let n = 0; n < 450; n++) {
        const place = { kind: "thread", threadId: `${CHANNEL}:${n < 440 ? "m" : `t${n}`}` } as const;
        const notice = { kind: "channelPosted", run: null, text: String(n) } as const;
        const more = { workflowId: null, runId: null, privateTo: null, channelId: CHANNEL, workspaceId: WORKSPACE };
        await announce(work, { id: v7(), key: `k${n}`, place, notice, ...more });
      }
    });
    await say("early", "of an early thread", { place: { kind: "thread", threadId: `${CHANNEL}:a` } });
    await say("edit", "one", { place: { kind: "thread", threadId: `${CHANNEL}:b` } });
    // The first of the long thread is being sent by somebody else, so all of it waits.
    await c.sql`update deliveries set status = 'sending', lease_owner = 'other', lease_until = ${new Date(c.clock.now() + 60_000).toISOString()} where key = 'k0'`;
    await deliverer.drain();
    const said = [...Array.from({ length: 10 }, (_, n) => `post ${440 + n}`), "post of an early thread", "post one"];
    expect(platform.said().toSorted()).toEqual(said.toSorted());
    expect((await c.sql`select count(*)::int as n from deliveries where status = 'sent'`)[0]?.n).toBe(12);
  });

  it("is not held up by an edit that fails", async () => {
    await say("1", "one");
    await deliverer.drain();
    platform.edits.push({ kind: "retry", afterMs: 60_000, failure: unavailable });
    await say("1", "one, edited");
    await deliverer.drain();
    await say("2", "two");
    await deliverer.drain();
    expect(platform.said()).toEqual(["post one", "edit one, edited", "post two"]);
  });
});

describe("a message", () => {
  it("said twice is one; said otherwise it is edited, and edits that come together are one", async () => {
    await say("1", "a");
    await say("1", "a");
    await deliverer.drain();
    await say("1", "b");
    await say("1", "c");
    await deliverer.drain();
    await say("1", "c");
    await deliverer.drain();
    expect(platform.said()).toEqual(["post a", "edit c"]);
    expect(await status("1")).toBe("sent");
  });

  it("edited while it is being sent is edited right after", async () => {
    const sending = gate();
    platform.answers.push(sending.opened.then(() => ({ kind: "posted", messageId: "m", threadId: THREAD })));
    await say("1", "old");
    const draining = deliverer.drain();
    await expect.poll(() => platform.sent.length).toBe(1);
    await c.inWork((work) =>
      revise(work, WORKSPACE, "1", (notice) => (notice.kind === "channelPosted" ? { ...notice, text: "new" } : null)),
    );
    sending.open();
    await draining;
    await expect.poll(() => platform.said()).toEqual(["post old", "edit new"]);
    await expect.poll(() => status("1")).toBe("sent");
  });

  it("is claimed by one of two processes", async () => {
    for (let n = 0; n < 20; n++) await say(`k${n}`, `${n}`, { place: { kind: "channel" } });
    const other = restarted("bot-2");
    await Promise.all([deliverer.drain(), other.drain()]);
    expect(platform.said().sort()).toEqual(Array.from({ length: 20 }, (_, n) => `post ${n}`).sort());
    await other.stop();
  });

  it("that is a report for the channel too goes to both", async () => {
    const figures = { durationMs: 1, costMicros: 0, steps: 1 };
    const run = { workflowId: v7(), name: "w", runId: v7(), number: 1 };
    const notice = { kind: "runReported", run, text: "a", figures, model: "rules", tainted: false } as const;
    await say("1", "", { notice: { ...notice, broadcast: true } });
    await say("2", "", { notice });
    await deliverer.drain();
    await expect.poll(() => platform.sent.map(({ target }) => target.broadcast ?? false)).toEqual([true, false]);
  });

  it("that a platform refuses is undelivered, and on the record", async () => {
    platform.answers.push({ kind: "refused", failure: { code: "platform_refused", message: "archived" } });
    await say("1", "a");
    await deliverer.drain();
    expect(await status("1")).toBe("undelivered");
    expect(
      (await c.sql`select action from audit_events where subject_kind = 'delivery'`).map(({ action }) => action),
    ).toEqual(["delivery.undelivered"]);
  });

  it("is given up after some 40 tries, each later than the one before", async () => {
    await say("1", "a");
    for (let n = 0; n < 45; n++) platform.answers.push({ kind: "retry", afterMs: 0, failure: unavailable });
    for (let n = 0; n < 45; n++) {
      await deliverer.drain();
      c.clock.pass(3_600_000);
    }
    expect(platform.said()).toHaveLength(40);
    expect(await status("1")).toBe("undelivered");
  });

  it("whose tries and edits were many starts to count anew when it was sent", async () => {
    await say("1", "a");
    await c.sql`update deliveries set attempts = 39`;
    await deliverer.drain();
    expect((await c.sql`select attempts from deliveries`)[0]?.attempts).toBe(0);
  });
});

describe("after a crash between sending and recording", () => {
  it("the message is looked for; found, it is brought up to date and not posted again", async () => {
    await say("1", "old");
    await lose();
    platform.there.set("1", "m-9");
    await say("1", "new");
    await deliverer.drain();
    expect(platform.said()).toEqual(["edit new"]);
    expect(platform.sent.find(({ how }) => how === "edit")?.messageId).toBe("m-9");
    expect(await status("1")).toBe("sent");
  });

  it("found and then not editable for a while, it is still not posted again", async () => {
    await say("1", "a");
    await lose();
    platform.there.set("1", "m-9");
    platform.edits.push(
      { kind: "retry", afterMs: 10_000, failure: unavailable },
      { kind: "unknown", failure: unavailable },
    );
    await deliverer.drain();
    c.clock.pass(60_000);
    await deliverer.drain();
    c.clock.pass(60_000);
    await deliverer.drain();
    expect(platform.said()).toEqual(["edit a", "edit a", "edit a"]);
    expect(await status("1")).toBe("sent");
  });

  it("absent, it is posted", async () => {
    await say("1", "a");
    await lose();
    await deliverer.drain();
    expect(platform.sent.map(({ how }) => how)).toEqual(["find", "post"]);
    expect(await status("1")).toBe("sent");
  });

  it("when its turn has not come, it is posted when it has, without an attempt used up", async () => {
    await say("1", "a");
    for (let looks = 0; looks < 100; looks++) {
      platform.answers.push({ kind: "later", afterMs: 1_000 });
      await deliverer.drain();
      c.clock.pass(1_000);
    }
    await deliverer.drain();
    expect(await status("1")).toBe("sent");
  });

  it("when nobody can tell, it is unknown and never silently sent again", async () => {
    await say("1", "a");
    await lose();
    platform.canTell = false;
    await deliverer.drain();
    c.clock.pass(3_600_000);
    await deliverer.drain();
    expect(platform.said()).toEqual([]);
    expect(await status("1")).toBe("unknown");
  });

  it("while it cannot be looked for, it is looked for again, for hours if need be, and sent once it is known", async () => {
    await say("1", "a");
    await lose();
    platform.away = true;
    for (let hour = 0; hour < 12; hour++) {
      await deliverer.drain();
      expect(await status("1")).toBe("sending");
      c.clock.pass(3_600_001);
    }
    expect(platform.said()).toEqual([]);
    platform.away = false;
    await deliverer.drain();
    expect(platform.said()).toEqual(["post a"]);
    expect(await status("1")).toBe("sent");
  });

  it("an edit is simply made again", async () => {
    await say("1", "a");
    await deliverer.drain();
    await say("1", "b");
    await lose();
    await deliverer.drain();
    expect(platform.said()).toEqual(["post a", "edit b"]);
  });
});

describe("a send that takes longer than its lease", () => {
  const leaseUntil = async () =>
    Number((await c.sql`select extract(epoch from lease_until) * 1000 as at from deliveries`)[0]?.at);

  it("keeps it, so that nobody else sends the same", async () => {
    const slow = restarted("bot-slow", 400);
    const sending = gate();
    platform.answers.push(sending.opened.then(() => ({ kind: "posted", messageId: "m", threadId: THREAD })));
    await say("1", "a");
    const draining = slow.drain();
    await expect.poll(() => platform.sent.length).toBe(1);
    for (let n = 0; n < 5; n++) {
      c.clock.pass(200);
      await expect.poll(leaseUntil).toBe(c.clock.now() + 400);
    }
    await deliverer.drain();
    expect(platform.said()).toEqual(["post a"]);
    sending.open();
    await draining;
    expect(await status("1")).toBe("sent");
    await slow.stop();
  });

  it("is given up when another has it, and leaves the outcome to that one", async () => {
    const slow = restarted("bot-slow", 400);
    platform.answers.push("hangs");
    await say("1", "a");
    const draining = slow.drain();
    await expect.poll(() => platform.sent.length).toBe(1);
    await c.sql`update deliveries set lease_owner = 'bot-2'`;
    await draining;
    expect(await status("1")).toBe("sending");
    expect((await c.sql`select lease_owner from deliveries`)[0]?.lease_owner).toBe("bot-2");
    await slow.stop();
  });
});

it("a process that stood still while it looked for a message sends nothing before it has claimed it again", async () => {
  await say("1", "a");
  await lose();
  const { find } = platform;
  const frozen = gate();
  platform.find = async () => {
    platform.find = find;
    c.clock.pass(LEASE_MS + 1);
    await restarted("bot-2").drain();
    frozen.open();
    return { kind: "absent" };
  };
  await deliverer.drain();
  await frozen.opened;
  expect(platform.said()).toEqual(["post a"]);
  expect(await status("1")).toBe("sent");
});

it("a post whose answer was lost is looked for at once", async () => {
  platform.answers.push({ kind: "unknown", failure: unavailable });
  platform.there.set("1", "m-3");
  await say("1", "a");
  await deliverer.drain();
  expect(platform.sent.map(({ how }) => how)).toEqual(["post", "find", "edit"]);
  expect(await status("1")).toBe("sent");
});

it("what is being sent when the process stops is not lost to `unknown`: the next one looks for it at once", async () => {
  platform.answers.push("hangs");
  await say("1", "a");
  const draining = deliverer.drain();
  await expect.poll(() => platform.sent.length).toBe(1);
  await deliverer.stop();
  await draining;
  expect(await status("1")).toBe("sending");
  const next = restarted("bot-2");
  await next.drain();
  expect(platform.sent.map(({ how }) => how).slice(-2)).toEqual(["find", "post"]);
  expect(await status("1")).toBe("sent");
  await next.stop();
});

describe("a workflow's home", () => {
  const homeless = async (): Promise<string> => {
    const workflow = await c.workflow();
    await c.sql`update workflows set thread_id = null`;
    return workflow;
  };
  const root = (workflow: string) => say(`root:${workflow}`, "root", { place: { kind: "root" }, workflowId: workflow });
  const home = (workflow: string, text: string) => say(text, text, { place: { kind: "home" }, workflowId: workflow });

  it("opens with the root message; what was said before waits for it and lands in its thread", async () => {
    const workflow = await homeless();
    await home(workflow, "early");
    await deliverer.drain();
    expect(platform.said()).toEqual([]);
    await root(workflow);
    await deliverer.drain();
    await expect.poll(() => platform.said()).toEqual(["post root", "post early"]);
    expect(platform.sent.at(-1)?.target.threadId).toBe("thread-of-m-1");
    expect((await c.defined(workflow)).workflow.threadId).toBe("thread-of-m-1");
  });

  it("stays open when its root message can no longer be edited", async () => {
    const workflow = await homeless();
    await root(workflow);
    await deliverer.drain();
    platform.edits.push({ kind: "refused", failure: { code: "platform_refused", message: "deleted" } });
    await say(`root:${workflow}`, "root, edited", { place: { kind: "root" }, workflowId: workflow });
    await home(workflow, "a report");
    await deliverer.drain();
    await expect.poll(() => status("a report")).toBe("sent");
    expect(platform.sent.at(-1)?.target.threadId).toBe("thread-of-m-1");
  });

  it("is found by what was announced in a transaction that began before it opened", async () => {
    const workflow = await homeless();
    await root(workflow);
    const open = gate();
    const announced = gate();
    const late = c.inWork(async (work) => {
      await announce(work, {
        id: v7(),
        workspaceId: WORKSPACE,
        key: "late",
        channelId: CHANNEL,
        place: { kind: "home" },
        workflowId: workflow,
        runId: null,
        privateTo: null,
        notice: { kind: "channelPosted", run: null, text: "late" },
      });
      announced.open();
      await open.opened;
    });
    await announced.opened;
    await deliverer.drain();
    open.open();
    await late;
    await deliverer.drain();
    await expect.poll(() => platform.said()).toEqual(["post root", "post late"]);
    expect(platform.sent.at(-1)?.target.threadId).toBe("thread-of-m-1");
  });

  it("that could not be opened: what waits for it is undelivered, what comes later goes to the channel", async () => {
    const workflow = await homeless();
    await home(workflow, "early");
    platform.answers.push({ kind: "refused", failure: { code: "platform_refused", message: "no permission" } });
    await root(workflow);
    await deliverer.drain();
    expect(await status("early")).toBe("undelivered");
    await home(workflow, "later");
    await deliverer.drain();
    expect(platform.said()).toEqual(["post root", "post later"]);
    expect(platform.sent.at(-1)?.target.threadId).toBeNull();
    expect(await status("later")).toBe("sent");
  });
});

describe("many at once", () => {
  const many = async (count: number) => {
    for (let n = 0; n < count; n++)
      await say(`k${n}`, String(n), { place: { kind: "thread", threadId: `${CHANNEL}:t${n}` } });
  };

  it("are sent once each by two processes", async () => {
    await many(60);
    const other = restarted("bot-2");
    await Promise.all([deliverer.drain(), other.drain()]);
    await other.stop();
    expect(platform.said()).toHaveLength(60);
    expect(new Set(platform.said()).size).toBe(60);
    expect((await c.sql`select count(*)::int as n from deliveries where status = 'sent'`)[0]?.n).toBe(60);
  });

  it("are noted together: those that ended at the same time in one transaction", async () => {
    await many(12);
    await deliverer.drain();
    const [noted] = await c.sql`select count(distinct xmin::text)::int as n from deliveries where status = 'sent'`;
    expect(noted?.n).toBeLessThan(6);
  });

  it("one that is changed while it is sent is edited next, and one that somebody else has locked is noted later", async () => {
    await many(3);
    const sending = gate();
    platform.answers.push(sending.opened.then(() => ({ kind: "posted", messageId: "m", threadId: `${CHANNEL}:t0` })));
    const drained = deliverer.drain();
    await expect.poll(() => platform.said()).toHaveLength(3);
    await say("k0", "0, edited", { place: { kind: "thread", threadId: `${CHANNEL}:t0` } });
    const locked = gate();
    const held = c.sql.begin(async (tx) => {
      await tx`select id from deliveries where key = 'k0' for update`;
      sending.open();
      await locked.opened;
    });
    await expect.poll(() => status("k2")).toBe("sent");
    expect(await status("k0")).toBe("sending");
    locked.open();
    await held;
    await drained;
    await deliverer.drain();
    await expect.poll(() => status("k0")).toBe("sent");
    expect(platform.said().at(-1)).toBe("edit 0, edited");
  });
});
