/** What must be true of a story that has ended, however often its process was killed: on the page, in the database, outside. */
import { expect } from "vitest";
import { sealAudit } from "../../src/orchestrator/audit/seal.ts";
import { verifyAudit } from "../../src/orchestrator/audit/verify.ts";
import { isReport, isRoot, pageOf, type Story } from "./story.ts";

const WORKSPACE = "console:demo";

export async function expectDoneOnce(story: Story): Promise<void> {
  await onThePage(story);
  const runId = await inTheDatabase(story);
  await nothingTwice(story, runId);
  await nothingLeft(story);
}

async function onThePage(story: Story): Promise<void> {
  const { sam } = story.people;
  const roots = (await pageOf(sam, null)).filter((message) => isRoot(story, message));
  expect(roots).toHaveLength(1);
  const thread = await pageOf(sam, roots[0]?.messageId ?? "");
  expect(thread.filter(isReport)).toHaveLength(1);
  const asked = thread.filter(({ words }) => /May I/.test(words));
  expect(asked).toEqual([expect.objectContaining({ words: expect.stringMatching(/Approved by @Lin/), buttons: [] })]);
}

/** @returns the run */
async function inTheDatabase({ scene, reads }: Story): Promise<string> {
  const { sql } = scene.database;
  const about = `%${reads}%`;
  const made = await sql<{ id: string; status: string }[]>`
    select w.id, w.status from workflows w join revisions v on v.workflow_id = w.id where v.instruction like ${about}`;
  expect(made).toEqual([expect.objectContaining({ status: "ended" })]);
  const workflow = made[0]?.id ?? "";
  expect(await sql`select kind, outcome from firings where workflow_id = ${workflow}`).toEqual([
    { kind: "person", outcome: "ran" },
  ]);
  const runs = await sql<{ id: string; status: string }[]>`
    select id, status from runs where workflow_id = ${workflow}`;
  expect(runs).toEqual([expect.objectContaining({ status: "succeeded" })]);
  const runId = runs[0]?.id ?? "";
  expect(await sql`select status from approvals where run_id = ${runId}`).toEqual([{ status: "consumed" }]);
  expect(await sql`select distinct status from steps where run_id = ${runId}`).toEqual([{ status: "succeeded" }]);
  expect(await sql`select distinct status from waits where run_id = ${runId}`).toEqual([{ status: "closed" }]);
  return runId;
}

/** One call outside; and what was finished at a kill was left alone ever after. */
async function nothingTwice({ scene, reads, writes, killsBefore }: Story, runId: string): Promise<void> {
  const { database, site } = scene;
  const seen = (path: string, first = site.requests.length): number =>
    site.requests.slice(0, first).filter((request) => request.path === path).length;
  expect(seen(writes)).toBe(1);
  const tries = await database.sql<{ step: string; tries: number; succeeded: number }[]>`
    select s.turn || '.' || s.call_index || ' ' || s.name as step, s.attempts as tries,
      (select count(*) from attempts a where (a.run_id, a.turn, a.call_index) = (s.run_id, s.turn, s.call_index)
        and a.outcome = 'succeeded')::int as succeeded
    from steps s where s.run_id = ${runId}`;
  expect(tries.filter(({ succeeded }) => succeeded > 1)).toEqual([]);
  const kills = scene.kills.slice(killsBefore);
  for (const kill of kills) {
    for (const done of kill.succeeded.filter((each) => each.runId === runId)) {
      expect(tries).toContainEqual(expect.objectContaining({ step: done.step, tries: done.tries }));
      if (done.step.endsWith(" http_get")) expect(seen(reads)).toBe(seen(reads, kill.requests));
    }
  }
  expect(seen(reads)).toBeLessThanOrEqual(1 + kills.length);
}

/** Of this story or any before it. */
async function nothingLeft({ scene }: Story): Promise<void> {
  const { sql, db } = scene.database;
  expect(await sql`select distinct status from inbound_events`).toEqual([{ status: "handled" }]);
  expect(await sql`select distinct status, version = sent_version as shown from deliveries`).toEqual([
    { status: "sent", shown: true },
  ]);
  expect(await sql`select id from ledger where status = 'reserved'`).toEqual([]);
  expect(await sql`select key from budgets where reserved_micros <> 0`).toEqual([]);
  await sealAudit(db, { clock: { now: () => Date.now() }, batch: 500 });
  expect(await verifyAudit(db, WORKSPACE)).toMatchObject({ intact: true, tail: null });
}
