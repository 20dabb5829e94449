import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AuditCommand, runAuditCommand } from "../../src/cli/audit.ts";
import { type AuditCase, auditCase, event, OTHER, WORKSPACE } from "../orchestrator/audit/audit-case.ts";

let audit: AuditCase;
beforeAll(async () => {
  audit = await auditCase();
});
beforeEach(() => audit.reset());
afterAll(() => audit.close());

async function claw(action: AuditCommand["action"], options: Partial<AuditCommand> = {}) {
  const lines: string[] = [];
  const exitCode = await runAuditCommand(
    { action, json: false, ...options },
    { db: audit.db, clock: { now: () => Date.parse("2026-05-04T12:00:00Z") }, write: (line) => lines.push(line) },
  );
  return { exitCode, lines, text: lines.join("\n") };
}

describe("claw audit", () => {
  it("seal, then verify: every workspace is intact, and the tail is named", async () => {
    await audit.write(event("1"), event("2"));
    expect(await claw("seal")).toMatchObject({ exitCode: 0, text: "Sealed 2 events." });
    const [tail] = await audit.write(event("3"));
    const { exitCode, text } = await claw("verify");
    expect(exitCode).toBe(0);
    expect(text).toContain(`${WORKSPACE}: intact. 1 seal covers 2 events.`);
    expect(text).toContain(`Not sealed yet, and not checked: 1 event (event ${tail}, since 2026-05-04T10:00:00.123Z).`);
    expect(text).toContain("Not compared with a head kept elsewhere");
    expect(text).toContain(`${OTHER}: intact. 0 seals cover 0 events.`);
  });

  it("verify says what was tampered with, and fails", async () => {
    const [first] = await audit.sealedTen();
    await audit.sql`update audit_events set actor = 'console:bob' where id = ${first ?? 0}`;
    const { exitCode, text } = await claw("verify");
    expect(exitCode).toBe(1);
    expect(text).toContain(`${WORKSPACE}: TAMPERED WITH.`);
    expect(text).toContain(`Event ${first}, covered by seal 1, was changed.`);
    expect((await claw("verify", { workspace: OTHER })).exitCode).toBe(0);
  });

  it("verify finds a chain that was cut against the head that head printed", async () => {
    await audit.sealedTen();
    const printed = (await claw("head")).lines;
    expect(printed).toContain(`${OTHER} (nothing sealed yet)`);
    const head = printed.find((line) => line.startsWith(WORKSPACE))?.split(" ")[1] ?? "";
    expect((await claw("verify", { workspace: WORKSPACE, head })).exitCode).toBe(0);
    await audit.sql`delete from audit_events where seal = 3`;
    await audit.sql`delete from audit_seals where number = 3`;
    expect((await claw("verify", { workspace: WORKSPACE })).exitCode).toBe(0);
    const { exitCode, text } = await claw("verify", { workspace: WORKSPACE, head });
    expect(exitCode).toBe(1);
    expect(text).toContain("The chain was cut: the head kept elsewhere is seal 3, the last one here is 2.");
  });

  it("answers in JSON for other programs", async () => {
    await audit.sealedTen();
    const verify = await claw("verify", { json: true });
    expect(JSON.parse(verify.text)).toMatchObject([
      { workspaceId: WORKSPACE, intact: true, seals: 3, sealedEvents: 10 },
      { workspaceId: OTHER, intact: true, head: null },
    ]);
    expect(JSON.parse((await claw("head", { json: true })).text)).toMatchObject({ [OTHER]: null });
    expect(JSON.parse((await claw("seal", { json: true })).text)).toEqual({ sealed: 0 });
  });

  it.each<[string, Partial<AuditCommand>, string]>([
    [
      "an unknown workspace",
      { workspace: "slack:T404" },
      `There is no workspace slack:T404. Known: ${WORKSPACE}, ${OTHER}.`,
    ],
    ["a head without its workspace", { head: `1:${"0".repeat(64)}` }, "A head belongs to one workspace"],
    ["a head that is none", { workspace: WORKSPACE, head: "latest" }, "A head is a number, a colon and 64 hex digits"],
  ])("never calls %s fine", async (_what, options, answer) => {
    const { exitCode, text } = await claw("verify", options);
    expect(exitCode).toBe(2);
    expect(text).toContain(answer);
  });
});
