/** What people are told of the tools: whether they ask, and how they fare. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toolsCard } from "../../src/bot/cards/tools.ts";
import { readTools } from "../../src/orchestrator/tool-figures/reading.ts";
import { fail, ok } from "../../src/tools/index.ts";
import { type EngineCase, engineCase, WORKSPACE } from "./engine-case.ts";
import { calls, reports } from "./scripted-model.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(() => c.close());

const seen = (workspace: string | null = WORKSPACE) =>
  readTools(c.db, c.deps.registry.list(), { file: c.deps.policy.file, chat: [] }, workspace, new Date(c.clock.now()));
const of = async (name: string, workspace?: string) => (await seen(workspace)).find((tool) => tool.name === name);

describe("the tools", () => {
  it("are counted by workspace, with what failed and how long they took, for thirty days", async () => {
    let tries = 0;
    c.on("look", async () => {
      c.clock.pass(40);
      tries += 1;
      return tries === 2 ? fail("not_found", "nothing there") : ok({ said: "x" });
    });
    c.model.says(calls(["look", { what: "a" }]), calls(["look", { what: "b" }]), reports("Done"));
    await c.start(await c.workflow());
    await c.work();
    expect(await of("look")).toMatchObject({ effect: "read", figures: { calls: 2, failures: 1, p95Ms: 40 } });
    expect(await of("browse")).toMatchObject({ figures: null });
    expect(await of("look", "console:other")).toMatchObject({ figures: null });
    expect((await seen(null)).find(({ name }) => name === "look")).toMatchObject({ figures: { calls: 2 } });
    c.clock.pass(31 * 86_400_000);
    expect(await of("look")).toMatchObject({ figures: null });
  });

  it("are all on the card, with whether they ask; what only ends a run is not", async () => {
    const card = toolsCard(await seen());
    const rows = card.rows.map(({ title, text }) => `${title}: ${text}`);
    expect(rows).toHaveLength(c.deps.registry.list().length - 1);
    expect(rows).toContainEqual(expect.stringMatching(/^look: read · does not ask .*not called yet$/));
    expect(rows).toContainEqual(expect.stringMatching(/^browse: read · asks after outside text/));
    expect(rows).toContainEqual(expect.stringMatching(/^pay: write · asks unless a grant covers it .*never repeated/));
    expect(rows.join()).not.toContain("finish");
  });
});
