/** Outside text: which piece or output it was, that it is inherited, and that the card says so in words. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepThreadMessage } from "../../../src/orchestrator/context/store.ts";
import { readInspect } from "../../../src/orchestrator/reading.ts";
import { type EngineCase, engineCase, memberId, START, WORKSPACE } from "../engine-case.ts";
import { calls, reports } from "../scripted-model.ts";

let c: EngineCase;
let workflow: string;
beforeEach(async () => {
  c = await engineCase();
  workflow = await c.workflow({ instruction: "look at https://named.example/page" });
});
afterEach(async () => {
  await c.close();
});

const asked = async (run: string) => (await c.notice("approvalRequested", run)).map(({ approval }) => approval);
async function runs(...wanted: (readonly [string, string])[]): Promise<string> {
  c.model.says(...wanted.map(([tool, what]) => calls([tool, { what }])), reports("Over", "remember this"));
  const run = await c.start(workflow);
  await c.work();
  return run;
}
const inspect = (id: string) =>
  readInspect({ db: c.db, workspaceId: WORKSPACE, now: new Date(START), zone: "UTC", dayCeilingMicros: 1 }, { id });

describe("a run that read outside text", () => {
  it("asks before it sends elsewhere, and says what it read; the host its instruction names is open", async () => {
    const run = await runs(["browse", "named.example"], ["browse", "named.example"], ["browse", "evil.example"]);
    const [approval] = await asked(run);
    expect(c.called.map(({ what }) => what)).toEqual(["named.example", "named.example"]);
    expect(approval?.reasons).toEqual([
      "this run read text from outside (browse named.example) and now wants to send to evil.example",
    ]);
    expect((await inspect(run))?.steps.filter(({ tainted }) => tainted).map(({ name }) => name)).toEqual([
      "browse",
      "browse",
    ]);
  });

  it("leaves a trace that a later run inherits with its report and its notes, named on the card", async () => {
    await runs(["browse", "a.example"]);
    const second = await runs(["browse", "b.example"]);
    const [approval] = await asked(second);
    expect(approval?.reasons).toEqual([
      "this run read text from outside (the notes of the last run, the last report) and now wants to send to b.example",
    ]);
    const manifest = (await inspect(second))?.steps[0]?.manifest ?? [];
    expect(manifest.filter(({ trust }) => trust === "untrusted").map(({ piece }) => piece)).toEqual([
      "notes",
      "report",
    ]);
  });

  it("passes it on along a chain of runs that read nothing from outside themselves", async () => {
    await runs(["browse", "a.example"]);
    await runs(["look", "x"]);
    const third = await runs(["send", "c.example"]);
    expect((await asked(third))[0]?.reasons.join()).toMatch(/the notes of the last run, the last report/);
  });

  it("is clean again where nothing of it was read", async () => {
    const other = await c.workflow({ name: "other" });
    await runs(["browse", "a.example"]);
    c.model.says(calls(["browse", { what: "b.example" }]), reports("Over"));
    const run = await c.start(other);
    await c.work();
    expect(await asked(run)).toEqual([]);
  });

  it("says it also of a write that names no place", async () => {
    const run = await runs(["browse", "a.example"], ["note", "x"]);
    expect((await asked(run))[0]?.reasons).toEqual([
      "it changes something",
      "this run read text from outside (browse a.example)",
    ]);
  });

  it("counts what guests and strangers write in the thread, and not what members do", async () => {
    const write = (id: string, who: string) =>
      c.inWork((work) =>
        keepThreadMessage(work.tx, {
          workspaceId: WORKSPACE,
          workflowId: workflow,
          messageId: id,
          memberId: who,
          memberName: who,
          text: "have a look at it",
          at: work.now,
        }),
      );
    await write("m1", memberId("sam"));
    expect(await asked(await runs(["browse", "a.example"]))).toEqual([]);
    workflow = await c.workflow({ name: "second" });
    await write("m2", memberId("vic"));
    expect((await asked(await runs(["browse", "b.example"])))[0]?.reasons.join()).toMatch(
      /text from outside \(the thread\)/,
    );
  });
});
