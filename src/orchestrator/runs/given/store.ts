/** Which version of a source that changes a run is given, and which one the last run was that ended well. */
import { and, desc, eq, ne, sql } from "drizzle-orm";
import type { GivenVersion } from "../../../tools/index.ts";
import type { Database, Transaction } from "../../db/client.ts";
import { givenVersions, runs } from "../../db/schema.ts";
import { hashText } from "../../ids.ts";

export interface GivenTo {
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly runId: string;
}

/** The same at every call of one run, unless another one ends meanwhile. */
export async function lastGiven(db: Database, to: GivenTo, source: string): Promise<GivenVersion | null> {
  const [row] = await db
    .select({
      url: givenVersions.url,
      digest: givenVersions.digest,
      etag: givenVersions.etag,
      lastModified: givenVersions.lastModified,
      since: givenVersions.since,
    })
    .from(givenVersions)
    .innerJoin(runs, eq(runs.id, givenVersions.runId))
    .where(
      and(
        eq(givenVersions.workspaceId, to.workspaceId),
        eq(givenVersions.workflowId, to.workflowId),
        eq(givenVersions.source, hashText(source)),
        ne(givenVersions.runId, to.runId),
        eq(runs.status, "succeeded"),
      ),
    )
    .orderBy(desc(givenVersions.givenAt))
    .limit(1);
  if (!row) return null;
  const { since, ...version } = row;
  return { ...version, at: since.getTime() };
}

/**
 * Notes what a run is given; again it replaces its last word. What can no longer count goes: what runs were given before
 * the last one that ended well, and what runs were that did not.
 */
export async function noteGiven(
  db: Database,
  to: GivenTo,
  source: string,
  { url, digest, etag, lastModified, at }: GivenVersion,
  now: Date,
): Promise<void> {
  const name = hashText(source);
  const of = sql`v.workspace_id = ${to.workspaceId} and v.workflow_id = ${to.workflowId}::uuid and v.source = ${name}`;
  await db.execute(sql`
    with stale as (
      select v.ctid from given_versions v left join runs r on r.id = v.run_id
      where ${of} and v.run_id <> ${to.runId}::uuid
        and (coalesce(r.status, 'failed') in ('failed', 'cancelled', 'discarded')
          or v.given_at < (select max(v.given_at) from given_versions v join runs r on r.id = v.run_id
            where ${of} and v.run_id <> ${to.runId}::uuid and r.status = 'succeeded'))
      for update of v skip locked
    ), gone as (delete from given_versions where ctid in (select ctid from stale))
    insert into given_versions
      (workspace_id, workflow_id, source, run_id, url, digest, etag, last_modified, since, given_at)
    values (${to.workspaceId}, ${to.workflowId}::uuid, ${name}, ${to.runId}::uuid, ${url}, ${digest}, ${etag},
      ${lastModified}, ${new Date(at).toISOString()}::timestamptz, ${now.toISOString()}::timestamptz)
    on conflict (workflow_id, source, run_id) do update set url = excluded.url, digest = excluded.digest,
      etag = excluded.etag, last_modified = excluded.last_modified, since = excluded.since, given_at = excluded.given_at`);
}

/** Rows that one statement prunes at most. */
const ROWS = 5_000;

/** Forgets what no run was given since then: it would be given again. @returns how many versions */
export async function pruneGiven(tx: Transaction, before: Date): Promise<number> {
  const rows = await tx.execute(sql`
    delete from given_versions where ctid = any (array(
      select ctid from given_versions where given_at < ${before.toISOString()}::timestamptz limit ${ROWS}))
    returning source`);
  return rows.length;
}
