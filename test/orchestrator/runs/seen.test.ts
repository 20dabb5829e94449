/** What is new to a run: what no run before it told of. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dryRunWorkflow } from "../../../src/orchestrator/dry-run/service.ts";
import { pruneSeen } from "../../../src/orchestrator/runs/seen/store.ts";
import { fail, ok } from "../../../src/tools/index.ts";
import { type EngineCase, engineCase } from "../engine-case.ts";
import { calls, fails, reports } from "../scripted-model.ts";

let c: EngineCase;
/** What the feed holds, and what the last call of the tool found new. */
let feed: string[];
let found: string[];
beforeEach(async () => {
  c = await engineCase();
  feed = ["a", "b"];
  found = [];
  c.on("look", async (_input, ctx) => {
    found = [...((await ctx.unseen?.("https://news.example/feed", feed)) ?? [])].sort();
    return ok({ said: found.join(" ") });
  });
});
afterEach(() => c.close());

const look = calls(["look", { what: "feed" }]);

async function runOnce(workflow: string, end = reports("Told")): Promise<string[]> {
  c.model.says(look, end);
  await c.start(workflow);
  await c.work();
  return found;
}

describe("a run that asks what is new", () => {
  it("is given everything first, and then what came since", async () => {
    const workflow = await c.workflow();
    expect(await runOnce(workflow)).toEqual(["a", "b"]);
    expect(await runOnce(workflow)).toEqual([]);
    feed = ["c", "a", "b"];
    expect(await runOnce(workflow)).toEqual(["c"]);
  });

  it("is given the same at every attempt", async () => {
    const workflow = await c.workflow();
    let tries = 0;
    c.on("look", async (_input, ctx) => {
      found = [...((await ctx.unseen?.("feed", feed)) ?? [])].sort();
      tries += 1;
      return tries === 1 ? fail("service_unavailable", "later", 1) : ok({ said: found.join(" ") });
    });
    c.model.says(look, reports("Told"));
    await c.start(workflow);
    await c.work();
    c.clock.pass(60_000);
    await c.work();
    expect({ tries, found }).toEqual({ tries: 2, found: ["a", "b"] });
  });

  it("is given again what a run was given that did not end well", async () => {
    const workflow = await c.workflow();
    c.model.says(look, fails("bad_credentials"));
    const failed = await c.start(workflow);
    await c.work();
    expect(await c.run(failed)).toMatchObject({ status: "failed" });
    expect(await runOnce(workflow)).toEqual(["a", "b"]);
    expect(await runOnce(workflow)).toEqual([]);
  });

  it("does not know what other workflows were given, nor other sources", async () => {
    await runOnce(await c.workflow());
    const other = await c.workflow();
    expect(await runOnce(other)).toEqual(["a", "b"]);
    c.on("look", async (_input, ctx) => {
      found = [...((await ctx.unseen?.("https://other.example/feed", feed)) ?? [])].sort();
      return ok({ said: "" });
    });
    expect(await runOnce(other)).toEqual(["a", "b"]);
  });

  it("leaves everything new when it is a dry run", async () => {
    const workflow = await c.workflow({ name: "news" });
    expect(await runOnce(workflow)).toEqual(["a", "b"]);
    feed = ["c", "a", "b"];
    const dryRun = async () => {
      c.model.says(look, reports("Told"));
      await c.act("sam", (caller) => dryRunWorkflow(caller, { name: "news" }));
      await c.work();
      return found;
    };
    expect(await dryRun()).toEqual(["c"]);
    expect(await dryRun()).toEqual(["c"]);
    expect(await runOnce(workflow)).toEqual(["c"]);
  });

  it("is not given again what is long past, as long as it is still there", async () => {
    const workflow = await c.workflow();
    await runOnce(workflow);
    feed = ["b"];
    c.clock.pass(300 * 86_400_000);
    await runOnce(workflow);
    c.clock.pass(200 * 86_400_000);
    const before = new Date(c.clock.now() - 400 * 86_400_000);
    expect(await c.db.transaction((tx) => pruneSeen(tx, before))).toBe(1);
    feed = ["a", "b"];
    expect(await runOnce(workflow)).toEqual(["a"]);
  });
});
