/** A gate is asked before a run: no model is called unless it says yes, and no change is lost. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { claimDueSlots } from "../../../src/orchestrator/schedules/service.ts";
import type { Gate, SaidTrigger } from "../../../src/orchestrator/triggers/trigger.ts";
import { editWorkflow, pauseWorkflow } from "../../../src/orchestrator/workflows/service.ts";
import { createRegistry, defineTool, fail, type LookAtPage, ok, type PageSeen } from "../../../src/tools/index.ts";
import { type EngineCase, engineCase, START } from "../engine-case.ts";
import { reports } from "../scripted-model.ts";
import { checkerOf, created, firingsOf, heard, message, outcomes, runsOf } from "./trigger-case.ts";

let c: EngineCase;
beforeEach(async () => {
  const plain = await engineCase();
  // The tool whose name a watched page is read by.
  const http = defineTool({
    name: "http_get",
    description: "reads",
    input: z.strictObject({ url: z.url() }),
    output: z.object({ text: z.string() }),
    effect: "read",
    egress: "by_argument",
    retry: "safe",
    timeoutMs: 1_000,
    outputTrust: "untrusted",
    destination: ({ url }) => new URL(url).host,
    execute: async () => ok({ text: '{"status":"ok"}' }),
  });
  const registry = createRegistry([...plain.deps.registry.list(), http]);
  c = { ...plain, deps: { ...plain.deps, registry } };
  c.act = (member, use) => plain.act(member, (caller) => use({ ...caller, deps: { ...caller.deps, registry } }));
});
afterEach(async () => {
  await c.close();
});

const HOURLY = {
  kind: "interval",
  everySeconds: 3_600,
  anchor: "2026-05-04T00:00:00Z",
  zone: "UTC",
  until: null,
} as const;
const gateOn = (condition: Gate["condition"], path: string | null = "$.said"): SaidTrigger => ({
  kind: "schedule",
  schedule: HOURLY,
  words: "every hour",
  gate: { tool: "look", input: { what: "door" }, path, condition },
});

/** A page of the world, as it is now. */
function world() {
  const page = { text: "one", etag: null as string | null, broken: null as string | null };
  const looks: (PageSeen | null)[] = [];
  const look: LookAtPage = async (_url, before) => {
    looks.push(before);
    if (page.broken !== null) return fail("service_unavailable", page.broken);
    if (page.etag !== null && before?.etag === page.etag) return ok({ kind: "same" });
    return ok({
      kind: "seen",
      page: { hash: page.text, etag: page.etag, lastModified: null, title: null, text: page.text },
    });
  };
  return { page, looks, look };
}

/** The next full hour comes, its slots are claimed and gates are asked. */
async function hour(look: LookAtPage = world().look): Promise<void> {
  c.clock.set(START + Math.ceil((c.clock.now() + 1 - START) / 3_600_000) * 3_600_000);
  await claimDueSlots({ ...c.deps, closedTimes: null });
  await checkerOf(c, look).drain();
}

/** What is due at this moment. */
async function now(look: LookAtPage): Promise<void> {
  await claimDueSlots({ ...c.deps, closedTimes: null });
  await checkerOf(c, look).drain();
}

describe("a gate", () => {
  it("that says no costs nothing: no run, no message, and why says what it saw", async () => {
    const id = await created(c, gateOn({ kind: "contains", text: "open", not: false }));
    await hour();
    const [firing] = await firingsOf(c, id);
    expect(firing).toMatchObject({ kind: "slot", outcome: "nothing_to_do", gate: "checking" });
    expect(firing?.reason).toBe('it is "look door", and not: contains "open"');
    expect([(await runsOf(c, id)).length, c.model.requests.length]).toEqual([0, 0]);
    expect((await c.defined(id)).workflow.quietChecks).toBe(1);
  });

  it("that says yes lets the slot run", async () => {
    const id = await created(c, gateOn({ kind: "contains", text: "open", not: false }));
    c.on("look", async () => ok({ said: "the door is open" }));
    await hour();
    expect(await outcomes(c, id)).toEqual(["ran ×1"]);
    c.model.says(reports("closed it"));
    await c.work();
    expect(c.model.left()).toBe(0);
  });

  it("asks whether something changed since the last time; the first look only notes it", async () => {
    const id = await created(c, gateOn({ kind: "changed" }));
    await hour();
    await hour();
    c.on("look", async () => ok({ said: "other" }));
    await hour();
    expect(await outcomes(c, id)).toEqual(["nothing_to_do ×1", "nothing_to_do ×1", "ran ×1"]);
    expect((await firingsOf(c, id))[0]?.reason).toContain("first look");
  });

  it("finds a change again that was skipped because a run was open", async () => {
    const id = await created(c, gateOn({ kind: "changed" }));
    await hour();
    const run = await c.start(id);
    c.on("look", async () => ok({ said: "other" }));
    await hour();
    expect((await outcomes(c, id)).at(-1)).toBe("skipped ×1");
    await c.sql`update runs set status = 'cancelled' where id = ${run}`;
    await hour();
    expect((await outcomes(c, id)).at(-1)).toBe("ran ×1");
  });

  it("is asked once by two workers, and by another one when the first is lost", async () => {
    const id = await created(c, gateOn({ kind: "exists", not: false }));
    c.clock.pass(3_600_000);
    await claimDueSlots({ ...c.deps, closedTimes: null });
    const { look } = world();
    await Promise.all([checkerOf(c, look, "w1").drain(), checkerOf(c, look, "w2").drain()]);
    expect([c.called.length, (await runsOf(c, id)).length]).toEqual([1, 1]);
    await c.sql`update runs set status = 'cancelled'`;
    c.clock.pass(3_600_000);
    await claimDueSlots({ ...c.deps, closedTimes: null });
    const until = new Date(c.clock.now() + 60_000).toISOString();
    await c.sql`update checks set attempts = 1, lease_owner = 'lost', lease_until = ${until}::text::timestamptz`;
    await checkerOf(c, look, "w2").drain();
    expect(await runsOf(c, id)).toHaveLength(1);
    c.clock.pass(61_000);
    await checkerOf(c, look, "w2").drain();
    expect(await runsOf(c, id)).toHaveLength(2);
  });

  it("stands before what happens too, and what it is asked about is decided by nobody else", async () => {
    const id = await created(c, {
      kind: "message",
      channel: "#ops",
      match: { kind: "any" },
      includingBots: false,
      gate: { tool: "look", input: { what: "door" }, path: null, condition: { kind: "exists", not: false } },
    });
    const other = await c.start(id);
    await c.act("sam", async (caller) => {
      const { policies } = (await c.defined(id)).revision;
      return editWorkflow(caller, { id }, { policies: { ...policies, overlap: "queue_one" } });
    });
    await heard(c, message("hello"));
    c.model.says(reports("first"));
    await c.work();
    expect((await c.run(other)).status).toBe("succeeded");
    expect((await outcomes(c, id)).at(-1)).toBe("null ×1");
    await checkerOf(c, world().look).drain();
    expect((await outcomes(c, id)).at(-1)).toBe("ran ×1");
  });

  it("is tried three times, then its slot is left out and people are told once, until it answers again", async () => {
    const id = await created(c, gateOn({ kind: "exists", not: false }));
    c.on("look", async () => fail("service_unavailable", "the door does not answer"));
    for (let hours = 0; hours < 2; hours++) {
      await hour();
      for (const wait of [10_000, 60_000]) {
        c.clock.pass(wait);
        await checkerOf(c, world().look).drain();
      }
    }
    expect(c.called).toHaveLength(6);
    expect(await outcomes(c, id)).toEqual(["skipped ×1", "skipped ×1"]);
    expect((await firingsOf(c, id))[0]?.reason).toContain("could not be checked: the door does not answer");
    const told = await c.notice("checkFailing");
    expect(told).toMatchObject([{ count: 2, call: 'look {"what":"door"} $.said', overAt: null }]);
    c.on("look", async () => ok({ said: "here" }));
    await hour();
    const [over] = await c.notice("checkFailing");
    expect(over?.overAt).not.toBeNull();
    expect(await runsOf(c, id)).toHaveLength(1);
  });

  it("of a workflow whose only time has come is asked as well", async () => {
    const trigger = gateOn({ kind: "exists", not: false });
    const once = { kind: "once", at: new Date(START + 3_600_000).toISOString(), zone: "UTC" } as const;
    const id = await created(c, { ...trigger, schedule: once } as SaidTrigger);
    await hour();
    expect((await c.defined(id)).workflow.status).toBe("ended");
    expect(await outcomes(c, id)).toEqual(["ran ×1"]);
  });

  it("of a workflow that is paused meanwhile starts nothing", async () => {
    const id = await created(c, gateOn({ kind: "exists", not: false }));
    c.clock.pass(3_600_000);
    await claimDueSlots({ ...c.deps, closedTimes: null });
    await c.act("sam", (caller) => pauseWorkflow(caller, { id }, null));
    await checkerOf(c, world().look).drain();
    expect(await outcomes(c, id)).toEqual(["skipped ×1"]);
    expect(await c.sql`select 1 from checks`).toHaveLength(0);
  });

  it.each([
    [{ tool: "pay", input: { what: "x" }, path: null }, "may only read"],
    [{ tool: "no_tool", input: {}, path: null }, "there is no no_tool"],
    [{ tool: "look", input: { where: 1 }, path: null }, "cannot be called like that"],
    [{ tool: "look", input: { what: "x" }, path: "$." }, "is no JSON path"],
  ])("that could not be asked is refused with what to type", async (bad, why) => {
    const gate = { ...bad, condition: { kind: "exists", not: false } } as Gate;
    await expect(created(c, { kind: "webhook", gate })).rejects.toThrow(why);
    await expect(created(c, { kind: "schedule", schedule: HOURLY, words: "", gate })).rejects.toThrow(why);
  });
});

describe("a page that is watched", () => {
  const WATCH = { kind: "change", url: "https://example.com/prices", schedule: HOURLY } as const;

  it("starts a run when it has changed, and costs no call of a model while it has not", async () => {
    const { page, looks, look } = world();
    const id = await created(c, WATCH);
    await now(look);
    expect((await firingsOf(c, id)).map(({ kind, outcome }) => [kind, outcome])).toEqual([["change", "nothing_to_do"]]);
    await hour(look);
    page.text = "two";
    await hour(look);
    await c.sql`update runs set status = 'cancelled'`;
    await hour(look);
    expect(await outcomes(c, id)).toEqual(["nothing_to_do ×1", "nothing_to_do ×1", "ran ×1", "nothing_to_do ×1"]);
    expect(looks.map((before) => before?.text ?? null)).toEqual([null, "one", "one", "two"]);
    const payload = (await firingsOf(c, id))[2]?.payload;
    expect(payload).toMatchObject({ kind: "change", url: WATCH.url, before: "one", now: "two" });
    expect(c.model.requests).toHaveLength(0);
  });

  it("is asked for only when it is newer", async () => {
    const { page, looks, look } = world();
    page.etag = '"v1"';
    const id = await created(c, WATCH);
    await now(look);
    await hour(look);
    expect(looks.map((before) => before?.etag ?? null)).toEqual([null, '"v1"']);
    expect(await outcomes(c, id)).toEqual(["nothing_to_do ×1", "nothing_to_do ×1"]);
  });

  it("begins anew when another page is watched", async () => {
    const { page, look } = world();
    const id = await created(c, WATCH);
    await now(look);
    page.text = "another page";
    await c.act("sam", (caller) =>
      editWorkflow(caller, { id }, { trigger: { ...WATCH, url: "https://example.com/other" } }),
    );
    await now(look);
    expect((await outcomes(c, id)).every((line) => line === "nothing_to_do ×1")).toBe(true);
    expect(await runsOf(c, id)).toEqual([]);
  });
});
