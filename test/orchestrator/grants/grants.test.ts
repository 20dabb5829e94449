/** Standing yeses: given in two steps, used so often and no more, and void when what they stand on changes. */
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { vote } from "../../../src/orchestrator/approvals/service.ts";
import { readGrantLines } from "../../../src/orchestrator/grants/grant-text.ts";
import { proposeGrant, proposeGrantFor } from "../../../src/orchestrator/grants/propose.ts";
import { changeGrant, dropGrant, giveGrant, revoke, toggleOutside } from "../../../src/orchestrator/grants/service.ts";
import { type GrantView, readGrants } from "../../../src/orchestrator/grants/view.ts";
import { editWorkflow } from "../../../src/orchestrator/workflows/service.ts";
import { type EngineCase, engineCase, memberId, type PEOPLE } from "../engine-case.ts";
import { calls, reports } from "../scripted-model.ts";

let c: EngineCase;
let workflow: string;
beforeEach(async () => {
  c = await engineCase();
  workflow = await c.workflow({ name: "prs" });
});
afterEach(async () => {
  await c.close();
});

type Who = keyof typeof PEOPLE;
/** A run that makes these calls, one a turn. */
async function runs(...wanted: (readonly [string, string])[]): Promise<string> {
  await endWaiting();
  c.model.says(...wanted.map(([tool, what]) => calls([tool, { what }])), reports("Over"));
  const run = await c.start(workflow);
  await c.work();
  return run;
}
/** What the run before still asks for is denied, so that it says its last word before the next one speaks. */
async function endWaiting(): Promise<void> {
  for (const { number } of await c.sql<{ number: number }[]>`select number from approvals where status = 'pending'`) {
    await c.act("ada", (caller) => vote(caller, { which: { number }, choice: "deny", reason: null }));
  }
  await c.work();
}
const beforehand = (who: Who, tool: string, what: string) =>
  c.act(who, (caller) => proposeGrantFor(caller, { workflow: "prs", tool, json: JSON.stringify({ what }) }));
const give = async (who: Who, proposed: GrantView) => c.act(who, (caller) => giveGrant(caller, proposed.grantId));
const granted = async (who: Who, tool: string, what: string, lines: string | null = null) => {
  const proposed = await beforehand(who, tool, what);
  if (lines !== null) await c.act(who, (caller) => changeGrant(caller, proposed.grantId, lines));
  return (await give(who, proposed)).grant;
};
const asked = async (run: string) => (await c.notice("approvalRequested", run)).map(({ approval }) => approval);
const list = () => c.act("sam", (caller) => readGrants(caller));
const actions = async () =>
  (await c.sql`select action from audit_events where subject_kind = 'grant' order by id`).map(({ action }) => action);

describe("always allow this", () => {
  it("shows what it would allow, allows nothing before it is given, approves the call that waits, and the next asks nobody", async () => {
    const first = await runs(["note", "x"]);
    const [approval] = await asked(first);
    expect(approval?.grantable).toBe(true);
    const proposed = await c.act("lin", (caller) => proposeGrant(caller, approval?.approvalId ?? ""));
    expect(proposed).toMatchObject({
      number: null,
      words: 'note with what = "x"',
      uses: 20,
      afterOutside: false,
      over: null,
    });
    expect(await list()).toEqual([]);
    expect(c.called).toEqual([]);
    expect(await give("lin", proposed)).toMatchObject({ approved: 1, grant: { number: 1, usesLeft: 20 } });
    await c.work();
    expect(c.called).toHaveLength(1);
    expect((await c.notice("approvalRequested", first))[0]?.decision).toMatchObject({
      kind: "approved",
      reason: "always, by grant 1",
    });

    const second = await runs(["note", "x"]);
    expect(await asked(second)).toEqual([]);
    expect(c.called).toHaveLength(2);
    expect((await c.notice("runReported", second))[0]?.grants).toEqual(["grant 1 (note)"]);
    expect((await list())[0]).toMatchObject({ usesLeft: 19 });
    expect(await actions()).toEqual(["grant.given", "grant.used"]);

    const third = await runs(["note", "y"]);
    expect(await asked(third)).toHaveLength(1);
  });

  it("can be loosened and shortened before it is given, and then covers just that", async () => {
    await granted("lin", "note", "x", "what = a*\n---\nuses = 2\nlasts = 1 h\neven after outside text = no");
    for (const what of ["ab", "ac"]) expect(await asked(await runs(["note", what]))).toEqual([]);
    expect(await asked(await runs(["note", "ad"]))).toHaveLength(1);
    expect((await list())[0]).toMatchObject({ usesLeft: 0, over: "used up" });
  });

  it("is nobody's who may not decide, and nobody else's to decide about", async () => {
    const run = await runs(["note", "x"]);
    const [approval] = await asked(run);
    const id = approval?.approvalId ?? "";
    await expect(c.act("sam", (caller) => proposeGrant(caller, id))).rejects.toMatchObject({ code: "forbidden" });
    await expect(beforehand("sam", "note", "x")).rejects.toMatchObject({ code: "forbidden" });
    const proposed = await c.act("lin", (caller) => proposeGrant(caller, id));
    for (const use of [giveGrant, dropGrant, toggleOutside] as const) {
      await expect(c.act<unknown>("kim", (caller) => use(caller, proposed.grantId))).rejects.toMatchObject({
        code: "forbidden",
      });
    }
    await c.sql`update members set role = 'member' where id = ${memberId("lin")}`;
    await expect(
      c.act("lin", (caller) => giveGrant({ ...caller, actor: { ...caller.actor, role: "member" } }, proposed.grantId)),
    ).rejects.toMatchObject({ code: "forbidden" });
    expect(await list()).toEqual([]);
  });

  it("is not to be had where several must agree, or for a call that runs unasked or is forbidden", async () => {
    await c.close();
    c = await engineCase({ permissions: { approvals: { quorum: 2 } } });
    workflow = await c.workflow({ name: "prs" });
    const run = await runs(["note", "x"]);
    const [approval] = await asked(run);
    expect(approval?.grantable).toBe(false);
    await expect(c.act("lin", (caller) => proposeGrant(caller, approval?.approvalId ?? ""))).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(beforehand("lin", "note", "x")).rejects.toMatchObject({ code: "conflict" });
    await expect(beforehand("lin", "look", "x")).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("a grant", () => {
  it("ends with its time, with its revocation, and with its giver's right", async () => {
    await granted("lin", "note", "x", "---\nlasts = 1 h");
    c.clock.pass(3_600_001);
    expect(await asked(await runs(["note", "x"]))).toHaveLength(1);

    await granted("lin", "note", "y");
    await expect(c.act("vic", (caller) => revoke(caller, 2))).rejects.toMatchObject({ code: "forbidden" });
    await c.act("sam", (caller) => revoke(caller, 2));
    await expect(c.act("sam", (caller) => revoke(caller, 2))).rejects.toMatchObject({ code: "conflict" });
    expect(await asked(await runs(["note", "y"]))).toHaveLength(1);

    await granted("kim", "note", "z");
    await c.sql`update members set role = 'member' where id = ${memberId("kim")}`;
    const [approval] = await asked(await runs(["note", "z"]));
    expect(approval?.reasons).toContain("grant 3 would cover it, but who gave it may not decide this any more");
  });

  it("is void under a changed contract or instruction, and says so", async () => {
    await granted("lin", "note", "x");
    await c.sql`update grants set contract_hash = 'before the upgrade'`;
    const [approval] = await asked(await runs(["note", "x"]));
    expect(approval?.reasons.at(-1)).toMatch(/grant 1 would cover it, but void: the tool has changed/);
    expect((await list())[0]?.over).toMatch(/the tool has changed/);

    await granted("lin", "note", "y");
    await c.act("sam", (caller) => editWorkflow(caller, { name: "prs" }, { instruction: "do something else" }));
    expect(await asked(await runs(["note", "y"]))).toHaveLength(1);
    expect((await list())[0]?.over).toMatch(/instruction has changed/);
  });

  it("covers another workflow's calls, another tool's, or more arguments in no case", async () => {
    await granted("lin", "note", "x");
    const other = await c.workflow({ name: "other" });
    c.model.says(calls(["note", { what: "x" }]), reports("Over"));
    const run = await c.start(other);
    await c.work();
    expect(await asked(run)).toHaveLength(1);
    expect(await asked(await runs(["pay", "x"]))).toHaveLength(1);
  });

  it("is used once by a step that is tried again", async () => {
    await granted("lin", "note", "x");
    let tries = 0;
    c.on("note", async () =>
      ++tries === 1
        ? { ok: false, error: { code: "service_unavailable", message: "down", mayHaveHappened: false } }
        : { ok: true, value: { said: "done" } },
    );
    const run = await runs(["note", "x"]);
    c.clock.pass(60_000);
    await c.work();
    expect(tries).toBe(2);
    expect((await c.run(run)).status).toBe("succeeded");
    expect((await list())[0]).toMatchObject({ usesLeft: 19 });
  });

  it("cannot be used more often than it says by runs side by side", async () => {
    workflow = await c.workflow({ name: "busy", policies: { overlap: "allow", concurrency: 10 } });
    const proposed = await c.act("lin", (caller) =>
      proposeGrantFor(caller, { workflow: "busy", tool: "note", json: '{"what":"x"}' }),
    );
    await c.act("lin", (caller) => changeGrant(caller, proposed.grantId, "---\nuses = 2"));
    await give("lin", proposed);
    for (let n = 0; n < 5; n++) await c.start(workflow);
    // All of them have planned the call before any of them makes it.
    c.model.says(...Array.from({ length: 5 }, () => calls(["note", { what: "x" }])));
    c.model.says(...Array.from({ length: 5 }, () => reports("Over")));
    const claimed = await c.claim();
    expect(claimed).toHaveLength(5);
    await Promise.all(claimed.map((run) => c.advance(run)));
    expect(c.called).toHaveLength(2);
    expect(await c.count("approvals")).toBe(3);
    expect((await list())[0]).toMatchObject({ usesLeft: 0 });
  });

  it("does not help over the limit of changes an hour: then people are asked, and told why", async () => {
    await c.close();
    c = await engineCase({ permissions: { limits: { callsPerTool: 50, writesPerHour: 2 } } });
    workflow = await c.workflow({ name: "prs" });
    await granted("lin", "note", "*");
    expect(await asked(await runs(["note", "1"], ["note", "2"]))).toEqual([]);
    const [approval] = await asked(await runs(["note", "3"]));
    expect(approval?.reasons.at(-1)).toMatch(/changed things 2 times in the last hour, and 2 is the limit/);
    c.clock.pass(3_700_000);
    expect(await asked(await runs(["note", "4"]))).toEqual([]);
  });
});

describe("after outside text", () => {
  it("a grant holds only where a person ticked that and every argument that says where is fixed", async () => {
    // Nothing was read yet, but it has a tool for it.
    expect((await granted("lin", "send", "a.example")).readsOutside).toEqual(["browse"]);
    const [plain] = await asked(await runs(["browse", "page"], ["send", "a.example"]));
    expect(plain?.reasons.at(-1)).toBe('grant 1 would cover it, but it was given without "even after outside text"');
    expect(c.called.map(({ tool }) => tool)).toEqual(["browse"]);
    const proposed = await beforehand("lin", "send", "b.example");
    expect(proposed.mayHoldOutside).toBe(true);
    expect(proposed.readsOutside).toEqual(["browse", "its last run did"]);
    expect(await c.act("lin", (caller) => toggleOutside(caller, proposed.grantId))).toMatchObject({
      afterOutside: true,
    });
    await give("lin", proposed);
    // Nothing of outside is read in this run itself: the last report carries it on.
    const [ticked] = await asked(await runs(["send", "b.example"]));
    expect(ticked).toBeUndefined();
    expect(c.called.at(-1)).toMatchObject({ tool: "send", what: "b.example" });
  });

  it("a loose place cannot be ticked, nor a tick be kept while it is loosened", async () => {
    const loose = await beforehand("lin", "send", "*.example");
    expect(loose.mayHoldOutside).toBe(false);
    await expect(c.act("lin", (caller) => toggleOutside(caller, loose.grantId))).rejects.toMatchObject({
      code: "conflict",
    });
    const fixed = await beforehand("lin", "send", "a.example");
    await c.act("lin", (caller) => toggleOutside(caller, fixed.grantId));
    await expect(c.act("lin", (caller) => changeGrant(caller, fixed.grantId, "what = *\n---"))).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("what is destructive always asks, whatever was granted", async () => {
    const proposed = await beforehand("lin", "wipe", "x");
    await expect(c.act("lin", (caller) => toggleOutside(caller, proposed.grantId))).rejects.toMatchObject({
      code: "conflict",
    });
    await give("lin", proposed);
    await c.sql`update grants set after_outside = true`;
    expect(await asked(await runs(["wipe", "x"]))).toEqual([]);
    expect(await asked(await runs(["browse", "page"], ["wipe", "x"]))).toHaveLength(1);
  });
});

describe("the lines of a grant", () => {
  const before = { pattern: { channel: "#ops", text: "hi" }, uses: 20, lastsMs: 86_400_000, afterOutside: false };
  test("are read as they were changed", () => {
    expect(
      readGrantLines("channel = #ops\ntext = *\n---\nuses = 3\nlasts = 2 d\neven after outside text = yes", before),
    ).toEqual({ pattern: { channel: "#ops", text: "*" }, uses: 3, lastsMs: 172_800_000, afterOutside: true });
    expect(readGrantLines("---", before)).toEqual(before);
  });
  test.each([
    ["extra = 1\n---", /no argument/],
    ["text =\n---", /write a value/],
    ["---\nuses = 0", /1 to 10000/],
    ["---\nuses = many", /1 to 10000/],
    ["---\nlasts = 9999 d", /366 d/],
    ["---\neven after outside text = perhaps", /yes or no/],
    ["---\nowner = me", /can not be set/],
    ["nonsense\n---", /a name, = and a value/],
  ] as const)("say what is wrong: %j", (text, says) => expect(() => readGrantLines(text, before)).toThrow(says));
});
