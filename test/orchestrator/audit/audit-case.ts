/** A workspace with audit events, sealed or not. */
import type { AuditEvent } from "../../../src/orchestrator/audit/audit.ts";
import { sealAudit } from "../../../src/orchestrator/audit/seal.ts";
import { appendAudit } from "../../../src/orchestrator/audit/store.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";

export const WORKSPACE = "console:test";
export const OTHER = "slack:T1";
export const AT = new Date("2026-05-04T10:00:00.123Z");

export const event = (note: string, more: Partial<AuditEvent> = {}): AuditEvent => ({
  workspaceId: WORKSPACE,
  at: AT,
  actor: "console:ann",
  action: "workflow.paused",
  subject: { kind: "workflow", id: "w1" },
  workflowId: null,
  runId: null,
  detail: { note },
  ...more,
});

export interface AuditCase extends TestDatabase {
  /** Nothing written, nothing sealed. */
  reset(): Promise<void>;
  /** Writes events and answers their ids. */
  write(...events: readonly AuditEvent[]): Promise<number[]>;
  seal(batch?: number): Promise<number>;
  /** Ten events, sealed by fours: seals 1 and 2 of four events, seal 3 of two. */
  sealedTen(): Promise<number[]>;
}

export async function auditCase(): Promise<AuditCase> {
  const database = await testDatabase();
  const { db, sql } = database;
  await sql`insert into workspaces (id, platform, team, name, timezone, created_at) values
    (${WORKSPACE}, 'console', 'test', 'Test', 'UTC', now()), (${OTHER}, 'slack', 'T1', 'Other', 'UTC', now())`;
  const write = async (...events: readonly AuditEvent[]): Promise<number[]> => {
    const [before] = await sql`select coalesce(max(id), 0) as id from audit_events`;
    await db.transaction((tx) => appendAudit(tx, events));
    const rows = await sql`select id from audit_events where id > ${before?.id} order by id`;
    return rows.map((row) => Number(row.id));
  };
  const seal = (batch = 4) => sealAudit(db, { clock: { now: () => AT.getTime() + 5000 }, batch });
  return {
    ...database,
    async reset() {
      await sql`truncate audit_events, audit_seals`;
    },
    write,
    seal,
    async sealedTen() {
      const ids = await write(...Array.from({ length: 10 }, (_, i) => event(`change ${i}`)));
      await seal();
      return ids;
    },
  };
}
