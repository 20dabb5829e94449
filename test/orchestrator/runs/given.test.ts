/** Which version of a page a run is compared with: what the last run was given that ended well. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dryRunWorkflow } from "../../../src/orchestrator/dry-run/service.ts";
import { pruneGiven } from "../../../src/orchestrator/runs/given/store.ts";
import { ok } from "../../../src/tools/index.ts";
import { type EngineCase, engineCase } from "../engine-case.ts";
import { calls, fails, reports } from "../scripted-model.ts";

let c: EngineCase;
/** The page as it is, and the version the last look was compared with. */
let page: string;
let before: string | null;
beforeEach(async () => {
  c = await engineCase();
  page = "v1";
  c.on("look", async ({ what }, ctx) => {
    before = (await ctx.given?.last(what))?.digest ?? null;
    const version = { url: "https://a.example/", digest: page, etag: null, lastModified: null, at: ctx.now() };
    await ctx.given?.note(what, version);
    return ok({ said: page });
  });
});
afterEach(() => c.close());

const look = (what = "page") => calls(["look", { what }]);

async function runOnce(workflow: string, end = reports("Told"), what = "page"): Promise<string | null> {
  c.clock.pass(60_000);
  c.model.says(look(what), end);
  await c.start(workflow);
  await c.work();
  return before;
}

describe("a page that a run is given", () => {
  it("is compared with what the last run that ended well was given", async () => {
    const workflow = await c.workflow();
    expect(await runOnce(workflow)).toBeNull();
    page = "v2";
    expect(await runOnce(workflow)).toBe("v1");
    page = "v3";
    expect(await runOnce(workflow, fails("bad_credentials"))).toBe("v2");
    expect(await runOnce(workflow)).toBe("v2");
    expect(await runOnce(workflow)).toBe("v3");
  });

  it("is the same at every call of one run", async () => {
    const workflow = await c.workflow();
    await runOnce(workflow);
    page = "v2";
    c.model.says(look(), look(), reports("Told"));
    await c.start(workflow);
    await c.work();
    expect(before).toBe("v1");
  });

  it("is another workflow's own affair, and another source another matter", async () => {
    const workflow = await c.workflow();
    await runOnce(workflow);
    expect(await runOnce(await c.workflow())).toBeNull();
    expect(await runOnce(workflow, reports("Told"), "other")).toBeNull();
  });

  it("is only looked at by a dry run", async () => {
    const workflow = await c.workflow({ name: "news" });
    await runOnce(workflow);
    page = "v2";
    c.model.says(look(), reports("Told"));
    await c.act("sam", (caller) => dryRunWorkflow(caller, { name: "news" }));
    await c.work();
    expect(before).toBe("v1");
    expect(await runOnce(workflow)).toBe("v1");
  });

  it("keeps no more rows than can still count, and none that is long past", async () => {
    const workflow = await c.workflow();
    for (const end of [reports("a"), fails("bad_credentials"), fails("bad_credentials"), reports("b"), reports("c")]) {
      await runOnce(workflow, end);
    }
    const count = async () => (await c.sql`select count(*)::int as n from given_versions`)[0]?.n;
    expect(await count()).toBe(2);
    expect(await c.db.transaction((tx) => pruneGiven(tx, new Date(c.clock.now() + 1_000)))).toBe(2);
    expect(await runOnce(workflow)).toBeNull();
  });
});
