import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { appendAudit } from "../../../src/orchestrator/audit/store.ts";
import { auditHead, verifyAudit } from "../../../src/orchestrator/audit/verify.ts";
import { type AuditCase, auditCase, event, OTHER, WORKSPACE } from "./audit-case.ts";

let audit: AuditCase;
beforeAll(async () => {
  audit = await auditCase();
});
beforeEach(() => audit.reset());
afterAll(() => audit.close());

it("seals everything in batches, each workspace in a chain of its own", async () => {
  await audit.sealedTen();
  await audit.write(event("there", { workspaceId: OTHER }));
  expect(await audit.seal()).toBe(1);
  expect(await audit.seal()).toBe(0);
  expect(await verifyAudit(audit.db, WORKSPACE)).toMatchObject({
    intact: true,
    seals: 3,
    sealedEvents: 10,
    tail: null,
  });
  expect(await verifyAudit(audit.db, OTHER)).toMatchObject({ intact: true, seals: 1, sealedEvents: 1 });
});

it("has no head before the first seal, and a new one with each", async () => {
  expect(await auditHead(audit.db, WORKSPACE)).toBeNull();
  await audit.write(event("1"));
  await audit.seal();
  const first = await auditHead(audit.db, WORKSPACE);
  expect(first).toMatch(/^1:[0-9a-f]{64}$/);
  await audit.write(event("2"));
  await audit.seal();
  expect(await auditHead(audit.db, WORKSPACE)).toMatch(/^2:[0-9a-f]{64}$/);
});

it("seals later what commits later, and never waits for it", async () => {
  let commit = () => {};
  const held = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let slow: Promise<void> = Promise.resolve();
  await new Promise<void>((written, failed) => {
    slow = audit.db.transaction(async (tx) => {
      await appendAudit(tx, [event("slow")]);
      written();
      await held;
    });
    slow.catch(failed);
  });
  const [fast] = await audit.write(event("fast"));
  expect(await audit.seal()).toBe(1);
  commit();
  await slow;
  expect(await audit.seal()).toBe(1);
  const seals = await audit.sql`select event_ids from audit_seals order by number`;
  expect(seals.map((seal) => seal.event_ids.map(Number))).toEqual([[fast], [Number(fast) - 1]]);
  expect(await verifyAudit(audit.db, WORKSPACE)).toMatchObject({ intact: true, sealedEvents: 2, tail: null });
});

it("leaves a workspace that another process is sealing to it", async () => {
  await audit.write(event("1"));
  await audit.sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended(${`claw.audit.seal:${WORKSPACE}`}, 0))`;
    expect(await audit.seal()).toBe(0);
  });
  expect(await audit.seal()).toBe(1);
});

it("loses nothing and doubles nothing with many writers and many sealers at once", async () => {
  let writing = true;
  const sealer = async () => {
    let sealed = 0;
    while (writing) sealed += await audit.seal(7);
    return sealed;
  };
  const sealers = [sealer(), sealer(), sealer()];
  const writers = Array.from({ length: 6 }, async (_, writer) => {
    for (let i = 0; i < 25; i++) {
      const workspaceId = (writer + i) % 3 === 0 ? OTHER : WORKSPACE;
      await audit.db.transaction(async (tx) => {
        await appendAudit(tx, [event(`${writer}.${i}`, { workspaceId })]);
        // Commits out of the order of the ids.
        if (i % 2 === 0) await tx.execute(`select pg_sleep(${(writer % 3) / 200})`);
      });
    }
  });
  await Promise.all(writers);
  writing = false;
  const sealed = (await Promise.all(sealers)).reduce((sum, each) => sum + each, 0) + (await audit.seal(7));
  expect(sealed).toBe(150);

  const verdicts = [await verifyAudit(audit.db, WORKSPACE), await verifyAudit(audit.db, OTHER)];
  for (const verdict of verdicts) expect(verdict).toMatchObject({ intact: true, findings: [], tail: null });
  expect(verdicts.reduce((sum, verdict) => sum + verdict.sealedEvents, 0)).toBe(150);
  const [listed] = await audit.sql`
    select count(*)::int as all, count(distinct id)::int as different
    from (select unnest(event_ids) as id from audit_seals) as each`;
  expect(listed).toEqual({ all: 150, different: 150 });
});
