import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { auditHead, verifyAudit } from "../../../src/orchestrator/audit/verify.ts";
import { canonicalHash } from "../../../src/orchestrator/ids.ts";
import { type AuditCase, auditCase, event, OTHER, WORKSPACE } from "./audit-case.ts";

let audit: AuditCase;
let ids: number[];
beforeAll(async () => {
  audit = await auditCase();
});
beforeEach(async () => {
  await audit.reset();
  ids = await audit.sealedTen();
});
afterAll(() => audit.close());

const findings = async (head?: string) =>
  (await verifyAudit(audit.db, WORKSPACE, head === undefined ? {} : { head })).findings;
const id = (index: number): number => ids[index] ?? Number.NaN;

describe("a record that nobody touched", () => {
  it("is intact, and its unsealed tail is named", async () => {
    const tail = await audit.write(event("new", { at: new Date("2026-05-04T11:00:00Z") }), event("newer"));
    const verdict = await verifyAudit(audit.db, WORKSPACE);
    expect(verdict).toMatchObject({ intact: true, seals: 3, sealedEvents: 10, findings: [], moreFindings: 0 });
    expect(verdict.tail).toEqual({
      count: 2,
      firstId: tail[0],
      lastId: tail[1],
      firstAt: "2026-05-04T10:00:00.123Z",
      lastAt: "2026-05-04T11:00:00.000Z",
    });
  });

  it("is intact against a head kept when it was shorter", async () => {
    const head = (await auditHead(audit.db, WORKSPACE)) ?? "";
    await audit.write(event("later"));
    await audit.seal();
    const verdict = await verifyAudit(audit.db, WORKSPACE, { head });
    expect(verdict).toMatchObject({ intact: true, headCompared: true, seals: 4 });
    expect(verdict.head).not.toBe(head);
  });

  it("is intact with numbers that JavaScript cannot hold and names it does not expect", async () => {
    await audit.sql`insert into audit_events (workspace_id, at, actor, action, subject_kind, subject_id, detail)
      values (${WORKSPACE}, now(), 'claw', 'a.b', 'run', 'r', '{"big": 1e400, "__proto__": {"x": 9007199254740993}, "s": "\\"1.0"}')`;
    expect(await audit.seal()).toBe(1);
    expect(await findings()).toEqual([]);
  });

  it("says so for a workspace without a single event", async () => {
    expect(await verifyAudit(audit.db, OTHER)).toMatchObject({ intact: true, seals: 0, head: null, tail: null });
  });
});

describe("a change of a sealed event shows", () => {
  it.each([
    ["its detail", `detail = '{"note": "nothing happened"}'`],
    ["a field added to its detail", `detail = detail || '{"extra": null}'`],
    ["its actor", "actor = 'console:bob'"],
    ["its time, by a millisecond", "at = at + interval '1 millisecond'"],
    ["its time, without end", "at = 'infinity'"],
    ["its action", "action = 'workflow.resumed'"],
    ["its kind of subject", "subject_kind = 'run'"],
    ["its subject", "subject_id = 'w2'"],
    ["its workflow", "workflow_id = '019a0000-0000-7000-8000-000000000000'"],
    ["its run", "run_id = '019a0000-0000-7000-8000-000000000000'"],
  ])("%s", async (_what, change) => {
    await audit.sql.unsafe(`update audit_events set ${change} where id = ${id(5)}`);
    expect(await findings()).toEqual([{ kind: "event_changed", id: id(5), seal: 2 }]);
  });

  it("by a digit that JavaScript would round away", async () => {
    const [price] = await audit.write(event("", { detail: { micros: 5 } }));
    await audit.seal();
    await audit.sql`update audit_events set detail = '{"micros": 5.00000000000000000001}' where id = ${price ?? 0}`;
    expect(await findings()).toEqual([{ kind: "event_changed", id: price, seal: 4 }]);
  });

  it("its id", async () => {
    await audit.sql`update audit_events set id = 9999 where id = ${id(5)}`;
    expect(await findings()).toEqual([
      { kind: "event_missing", id: id(5), seal: 2 },
      { kind: "events_unlisted", seal: 2, count: 1, firstId: 9999, lastId: 9999 },
    ]);
  });

  it("its workspace", async () => {
    await audit.sql`update audit_events set workspace_id = ${OTHER} where id = ${id(5)}`;
    expect(await findings()).toEqual([{ kind: "event_missing", id: id(5), seal: 2 }]);
    expect((await verifyAudit(audit.db, OTHER)).findings).toMatchObject([{ kind: "events_unlisted", firstId: id(5) }]);
  });

  it("its mark, taken away so that it is sealed anew", async () => {
    await audit.sql`update audit_events set seal = null where id = ${id(5)}`;
    expect(await findings()).toEqual([{ kind: "event_unmarked", id: id(5), seal: 2, marked: null }]);
    await audit.seal();
    expect(await findings()).toEqual([{ kind: "event_unmarked", id: id(5), seal: 2, marked: 4 }]);
  });
});

describe("a removal shows", () => {
  it("of one event, first, middle or last", async () => {
    await audit.sql`delete from audit_events where id in ${audit.sql([id(0), id(5), id(9)])}`;
    expect(await findings()).toEqual([
      { kind: "event_missing", id: id(0), seal: 1 },
      { kind: "event_missing", id: id(5), seal: 2 },
      { kind: "event_missing", id: id(9), seal: 3 },
    ]);
  });

  it("of everything but the seals, with a bounded answer", async () => {
    await audit.write(...Array.from({ length: 120 }, (_, i) => event(`${i}`)));
    await audit.seal();
    await audit.sql`delete from audit_events`;
    const verdict = await verifyAudit(audit.db, WORKSPACE);
    expect(verdict).toMatchObject({ intact: false, moreFindings: 30 });
    expect(verdict.findings).toHaveLength(100);
  });

  it("of seals, first or in the middle, also with their events", async () => {
    await audit.sql`delete from audit_seals where number = 2`;
    expect(await findings()).toEqual([
      { kind: "seals_missing", from: 2, to: 2 },
      { kind: "events_unlisted", seal: 2, count: 4, firstId: id(4), lastId: id(7) },
    ]);
    await audit.sql`delete from audit_seals where number = 1`;
    await audit.sql`delete from audit_events where seal in (1, 2)`;
    expect(await findings()).toEqual([{ kind: "seals_missing", from: 1, to: 2 }]);
  });

  it("of the last seal alone, by the events that it leaves", async () => {
    await audit.sql`delete from audit_seals where number = 3`;
    expect(await findings()).toEqual([{ kind: "events_unlisted", seal: 3, count: 2, firstId: id(8), lastId: id(9) }]);
  });

  it("of the last seal with its events, only against a head kept elsewhere", async () => {
    const head = (await auditHead(audit.db, WORKSPACE)) ?? "";
    await audit.sql`delete from audit_events where seal = 3`;
    await audit.sql`delete from audit_seals where number = 3`;
    expect(await findings()).toEqual([]);
    expect(await findings(head)).toEqual([{ kind: "head_missing", seal: 3, last: 2 }]);
    await audit.write(event("instead"));
    await audit.seal();
    expect(await findings()).toEqual([]);
    expect(await findings(head)).toEqual([{ kind: "head_differs", seal: 3 }]);
  });

  it("of the whole record, only against a head kept elsewhere", async () => {
    const head = (await auditHead(audit.db, WORKSPACE)) ?? "";
    await audit.sql`delete from audit_events`;
    await audit.sql`delete from audit_seals`;
    expect(await findings(head)).toEqual([{ kind: "head_missing", seal: 3, last: 0 }]);
  });
});

describe("a reordering shows", () => {
  it("two events that swapped their contents", async () => {
    await audit.sql`update audit_events a set detail = b.detail from audit_events b
      where (a.id, b.id) in ((${id(1)}, ${id(2)}), (${id(2)}, ${id(1)}))`;
    expect(await findings()).toEqual([
      { kind: "event_changed", id: id(1), seal: 1 },
      { kind: "event_changed", id: id(2), seal: 1 },
    ]);
  });

  it("two events that swapped their places in the seals", async () => {
    await audit.sql`update audit_events set seal = 3 - seal where id in ${audit.sql([id(1), id(5)])}`;
    expect(await findings()).toMatchObject([
      { kind: "event_unmarked", id: id(1), seal: 1, marked: 2 },
      { kind: "event_unmarked", id: id(5), seal: 2, marked: 1 },
      { kind: "events_unlisted", seal: 1 },
      { kind: "events_unlisted", seal: 2 },
    ]);
  });

  it("two seals that swapped their numbers", async () => {
    await audit.sql`update audit_seals set number = -1 where number = 1`;
    await audit.sql`update audit_seals set number = 1 where number = 2`;
    await audit.sql`update audit_seals set number = 2 where number = -1`;
    expect((await findings()).map((finding) => finding.kind)).toContain("seal_changed");
  });
});

describe("an insertion shows", () => {
  const forge = (seal: number) =>
    audit.sql`insert into audit_events (workspace_id, at, actor, action, subject_kind, subject_id, detail, seal)
      values (${WORKSPACE}, now(), 'console:ann', 'approval.approved', 'approval', 'a1', '{}', ${seal})`;

  it("with the number of a seal that does not list it", async () => {
    await forge(2);
    expect(await findings()).toMatchObject([{ kind: "events_unlisted", seal: 2, count: 1 }]);
  });

  it("with the number of a seal that there is not", async () => {
    await forge(77);
    expect(await findings()).toMatchObject([{ kind: "events_unlisted", seal: 77, count: 1 }]);
  });

  it("of a seal before the first", async () => {
    await audit.sql`insert into audit_seals select workspace_id, 0, '{}', '{}', previous_hash, hash, sealed_at
      from audit_seals where number = 1`;
    expect((await findings()).map((finding) => finding.kind)).toContain("seal_out_of_chain");
  });
});

describe("a changed seal shows", () => {
  it.each([
    ["its hash", "hash = repeat('0', 64)"],
    ["its events", "event_ids = event_ids[1:3], event_hashes = event_hashes[1:3]"],
    ["the order of its events", "event_ids = array[event_ids[2], event_ids[1]] || event_ids[3:4]"],
    ["one of its hashes", "event_hashes[1] = repeat('0', 64)"],
    ["its time", "sealed_at = sealed_at - interval '1 day'"],
    ["the hash of the seal before", "previous_hash = repeat('0', 64)"],
    ["an event that is no number", "event_ids[1] = null"],
  ])("%s", async (_what, change) => {
    await audit.sql.unsafe(`update audit_seals set ${change} where number = 2`);
    const found = await findings();
    expect(found).toContainEqual(expect.objectContaining({ kind: "seal_changed", seal: 2 }));
  });

  it("also when its own hash was made anew: the next one does not follow it", async () => {
    await audit.sql`delete from audit_events where id = ${id(5)}`;
    const [seal] = await audit.sql`select * from audit_seals where number = 2`;
    const forged = {
      workspaceId: WORKSPACE,
      number: 2,
      eventIds: [id(4), id(6), id(7)],
      eventHashes: [0, 2, 3].map((index) => seal?.event_hashes[index]),
      previousHash: seal?.previous_hash,
      sealedAt: new Date("2026-05-04T10:00:05.123Z").toISOString(),
    };
    await audit.sql`update audit_seals set event_ids = ${forged.eventIds}, event_hashes = ${forged.eventHashes},
      hash = ${canonicalHash(forged)} where number = 2`;
    expect(await findings()).toEqual([{ kind: "seal_out_of_chain", seal: 3 }]);
  });
});

it("refuses a head that is none, instead of comparing with nothing", async () => {
  for (const head of ["", "3", "3:abc", `0:${"0".repeat(64)}`]) {
    await expect(verifyAudit(audit.db, WORKSPACE, { head })).rejects.toMatchObject({ code: "invalid_input" });
  }
});

it("reads a record of many pages while others write and seal", async () => {
  const writer = (async () => {
    for (let i = 0; i < 60; i++) {
      await audit.write(event(`more ${i}`));
      await audit.seal(1);
    }
  })();
  let verdict = await verifyAudit(audit.db, WORKSPACE);
  while (verdict.seals < 40) {
    verdict = await verifyAudit(audit.db, WORKSPACE);
    expect(verdict.findings).toEqual([]);
    expect(verdict.tail?.count ?? 0).toBeLessThanOrEqual(1);
  }
  await writer;
  expect(await verifyAudit(audit.db, WORKSPACE)).toMatchObject({
    intact: true,
    seals: 63,
    sealedEvents: 70,
    tail: null,
  });
});

it("reads one moment: what is committed while it reads shows the next time", async () => {
  const { sql } = audit;
  let verdict: ReturnType<typeof verifyAudit> | null = null;
  await sql.begin(async (tx) => {
    await tx`lock table audit_events in access exclusive mode`;
    // It has read the seals, and waits for the events.
    verdict = verifyAudit(audit.db, WORKSPACE);
    for (let waiting = 0; waiting === 0; ) {
      waiting = Number(
        (
          await sql`select count(*) as n from pg_locks
        where relation = 'audit_events'::regclass and not granted`
        )[0]?.n,
      );
    }
    await tx`insert into audit_events (workspace_id, at, actor, action, subject_kind, subject_id, detail, seal)
      values (${WORKSPACE}, now(), 'claw', 'a.b', 'run', 'r', '{}', 4)`;
  });
  expect(await verdict).toMatchObject({ intact: true, seals: 3 });
  expect(await findings()).toMatchObject([{ kind: "events_unlisted", seal: 4 }]);
});
