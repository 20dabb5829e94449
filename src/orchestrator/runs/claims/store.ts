/**
 * Who is next, in SQL: queued runs, as far as the limits of their workflow and workspace let them, and fairly
 * between workspaces; and running ones whose lease ran out.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import type { Database, Transaction } from "../../db/client.ts";
import { sqlState } from "../../db/work.ts";
import { ClawError } from "../../errors.ts";
import type { WorkspaceId } from "../../ports.ts";
import { goesOnText, stopOf } from "../../stops/store.ts";
import { CONCURRENCY } from "../../workflows/workflow.ts";

export interface Claim {
  /** Unique to the process. */
  readonly owner: string;
  readonly now: Date;
  /** Milliseconds until a run is anybody's again, unless its lease is kept. */
  readonly leaseMs: number;
  readonly limit: number;
  /** Runs of a workspace under way at once, in all processes together. */
  readonly perWorkspace: number;
  /** Runs this process works on: whatever their leases say, it does not take them from itself. */
  readonly held?: readonly string[];
  /** False leaves alone what was lost: lately nobody could keep a lease. */
  readonly lost?: boolean;
}

export interface Taken {
  readonly runs: readonly { readonly id: string; readonly wasLost: boolean }[];
  /** Others are due, and only the limits of their workflows or workspaces hold them back. */
  readonly heldBack: boolean;
}

/**
 * Takes queued runs; all are due, and `due_at` only says since when: a clock that was set back keeps none of them. Each claim is a new epoch. The workspace with fewer runs under way comes first, then the oldest run.
 * What was lost counts as under way already, so no limit keeps it from going on.
 */
export async function takeDue(db: Database, claim: Claim): Promise<Taken> {
  const runs: { id: string; wasLost: boolean }[] = [];
  for (let width = 2; ; width *= 8) {
    const look = await claimOnce(db, { ...claim, limit: claim.limit - runs.length }, { width, patient: width === 2 });
    // What was taken already does not wait for more.
    if (look.busy) return { runs, heldBack: true };
    runs.push(...look.taken);
    // A look sees the first few of each workspace only: behind many of one workflow, which may not all run, others may be.
    if (!look.more || look.taken.length === 0 || runs.length >= claim.limit) {
      return { runs, heldBack: runs.length < claim.limit && look.left };
    }
  }
}

interface Look extends Record<string, unknown> {
  /** Somebody else is claiming just now. */
  readonly busy: boolean;
  readonly taken: readonly { readonly id: string; readonly wasLost: boolean }[];
  /** It did not see all that is due. */
  readonly more: boolean;
  readonly left: boolean;
}

/** Who finds another one claiming looks again within that; milliseconds. */
const BUSY_MS = 40;

/**
 * Claims are made one at a time, in all processes together, or two of them would count the same runs and both add to them.
 * The lock has a statement of its own, as what is counted must be seen after it was taken; both travel in one message, so
 * the server ends the transaction also when the process that sent it is frozen meanwhile. Nobody waits for the lock in the
 * database: a lease that began before the wait might be over before the run is.
 */
async function claimOnce(
  db: Database,
  claim: Claim,
  { width, patient }: { readonly width: number; readonly patient: boolean },
): Promise<Look> {
  const began = performance.now();
  for (let waited = 0; ; waited = performance.now() - began) {
    const claimed = { ...claim, now: new Date(claim.now.getTime() + waited) };
    const look = await send(db, claimed, width);
    if (!look.busy || !patient) return look;
    // Not all at once, nor in step with a neighbour.
    await sleep(BUSY_MS * (0.25 + 0.75 * Math.random()));
  }
}

/** Many runs under way beside many queued ones are compared by a hash, although rows of tables are found by keys. */
const LOCK = `select set_config('enable_hashjoin', 'on', true), set_config('claw.claims', pg_try_advisory_xact_lock(hashtextextended('claw:claims', 0))::text, true)`;

/** What a connection calls the claim once it has planned it: planning takes longer than claiming. */
const NAME = "claw_claim";
/** `prepare` on a connection that has it, and `execute` on one that has not (PostgreSQL, appendix A). */
const [KNOWN, UNKNOWN] = ["42P05", "26000"];
/** Each try may meet another connection of the pool. */
const MAX_SENT = 6;

/** One message: the lock, and the claim as this connection has planned it, or as it plans it now and keeps it. */
async function send(db: Database, claim: Claim, width: number): Promise<Look> {
  const values = valuesOf(claim, width);
  const execute = `${LOCK};\nexecute ${NAME}(${Object.values(values).join(", ")})`;
  let planned = true;
  for (let sent = 1; ; sent++) {
    const known = sent < MAX_SENT;
    const text = !known ? `${LOCK};\n${claimText(values)}` : planned ? execute : `${PREPARE};\n${execute}`;
    try {
      const results = (await db.execute(sql.raw(text))) as unknown as readonly Look[][];
      const [look] = results.at(-1) ?? [];
      if (!look) throw new ClawError("bug", "a claim said nothing");
      return look;
    } catch (error) {
      const state = sqlState(error);
      if (!known || (state !== KNOWN && state !== UNKNOWN)) throw error;
      planned = state === KNOWN;
    }
  }
}

/**
 * The limit of a workflow as its present revision says: `concurrencyOf` in SQL. Two probes by key, whatever the planner thinks.
 * @param workflowId a column in the statement around it
 */
export const limitOf = (workflowId: string): string => `(
      select coalesce((v.policies->>'concurrency')::int,
        case when v.policies->>'overlap' = 'allow' then ${CONCURRENCY.overlapping} else ${CONCURRENCY.alone} end)
      from workflows w join revisions v on v.workflow_id = w.id and v.number = w.revision where w.id = ${workflowId})`;

/** Several statements in one message take no parameters. */
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const timestamp = (at: Date): string => `${text(at.toISOString())}::timestamptz`;
const number = (value: number): string => String(Math.max(Math.trunc(value), 0));

/** The lock is ours: `claw.claims` says so since the statement before. */
const LOCKED = "(select current_setting('claw.claims', true) = 'true')";

/** What varies from claim to claim, in SQL. */
export interface ClaimValues {
  readonly now: string;
  readonly until: string;
  readonly stale: string;
  readonly limit: string;
  readonly perWorkspace: string;
  readonly owner: string;
  readonly held: string;
  readonly lost: string;
  readonly width: string;
}

/** @param width how many runs are looked at for each one that is wanted */
export const valuesOf = (claim: Claim, width: number): ClaimValues => ({
  now: timestamp(claim.now),
  until: timestamp(new Date(claim.now.getTime() + claim.leaseMs)),
  stale: timestamp(new Date(claim.now.getTime() - claim.leaseMs)),
  limit: number(claim.limit),
  perWorkspace: number(claim.perWorkspace),
  owner: text(claim.owner),
  held: `${text(`{${(claim.held ?? []).join(",")}}`)}::uuid[]`,
  lost: String(claim.lost ?? true),
  width: number(width),
});

/**
 * One claim, to be sent after its lock, without which it takes nothing.
 * @returns a statement with one row, a {@link Look}
 */
export function claimText({ now, until, stale, limit, perWorkspace, owner, held, lost, width }: ClaimValues): string {
  return `
  with recursive busy as materialized (
    -- Rehearsals change nothing and are in no workflow's way.
    select workspace_id, case when not rehearsal then workflow_id end as flow from runs
    where status = 'running' and ${LOCKED}),
  busy_spaces as materialized (select workspace_id, count(*)::int as n from busy group by 1),
  busy_flows as materialized (
    select b.flow, b.n, ${limitOf("b.flow")} as most
    from (select flow, count(*)::int as n from busy where flow is not null group by 1) b),
  spaces as (
    -- One probe a workspace, however many runs are queued.
    (select workspace_id as id from runs where status = 'queued' and ${LOCKED} order by workspace_id limit 1)
    union all
    select (select r.workspace_id from runs r where r.status = 'queued' and r.workspace_id > s.id
      order by r.workspace_id limit 1) from spaces s where s.id is not null),
  wide as (select greatest(4, ceil(${width}::numeric * ${limit} / greatest(count(s.id), 1)))::int as n from spaces s),
  seen as materialized (
    select q.id, q.workspace_id, q.due_at, q.flow, coalesce(b.n, 0) as space_n
    from spaces s left join busy_spaces b on b.workspace_id = s.id
    cross join lateral (
      select r.id, r.workspace_id, r.due_at, case when not r.rehearsal then r.workflow_id end as flow
      from runs r
      where r.status = 'queued' and r.workspace_id = s.id
        and (r.rehearsal
          or r.workflow_id not in (select f.flow from busy_flows f where f.n >= f.most))
      order by r.due_at limit (select n from wide)) q
    where s.id is not null and coalesce(b.n, 0) < ${perWorkspace} and ${goesOnText("s.id")}),
  fitting as (
    select id, workspace_id, due_at, space_n from (
      select s.*, coalesce(f.n, 0) + row_number() over (partition by s.flow order by s.due_at, s.id) as nth
      from seen s left join busy_flows f on f.flow = s.flow) each
    where flow is null or nth <= ${limitOf("flow")}),
  chosen as materialized (
    select id, nth, due_at from (
      select id, due_at, space_n + row_number() over (partition by workspace_id order by due_at, id) as nth from fitting) each
    where nth <= ${perWorkspace} order by nth, due_at, id limit ${limit}),
  queued as (
    select r.id, false as was_lost, 1 as rank from runs r where r.id in (select id from chosen) and r.status = 'queued'
    for update skip locked),
  lost as (
    -- A row that its holder has locked for long is not kept meanwhile: what has only just run out may still be alive.
    select id, true as was_lost, case when lease_until < ${stale} then 0 else 2 end as rank from runs
    where status = 'running' and lease_until < ${now} and ${LOCKED} and ${lost}
      and id <> all(${held}) and ${goesOnText("runs.workspace_id")}
    order by lease_until limit ${limit} for update skip locked),
  due as (select * from (select * from queued union all select * from lost) each order by rank limit ${limit}),
  taken as (
    update runs r
    set status = 'running', epoch = r.epoch + 1, lease_owner = ${owner}, lease_until = ${until},
      started_at = coalesce(r.started_at, ${now}), claimed_at = ${now},
      active_ms = r.active_ms + case when d.was_lost
        then greatest((extract(epoch from r.lease_until - coalesce(r.claimed_at, r.lease_until)) * 1000)::bigint, 0) else 0 end
    from due d where r.id = d.id
    returning r.id, d.was_lost)
  select not ${LOCKED} as busy, coalesce((select json_agg(json_build_object('id', id, 'wasLost', was_lost)) from taken), '[]'::json) as taken,
    exists (select 1 from seen group by workspace_id having count(*) >= (select n from wide)) as more,
    exists (select 1 from runs r where r.status = 'queued' and ${goesOnText("r.workspace_id")}
      and not exists (select 1 from taken t where t.id = r.id)) as left`;
}

const PREPARE = `prepare ${NAME} (timestamptz, timestamptz, timestamptz, int, int, text, uuid[], boolean, int) as
${claimText({
  now: "$1",
  until: "$2",
  stale: "$3",
  limit: "$4",
  perWorkspace: "$5",
  owner: "$6",
  held: "$7",
  lost: "$8",
  width: "$9",
})}`;

/**
 * What keeps queued runs from beginning, in a few words for people: `3 of 3 runs of this workflow are running`. Runs that
 * only wait for a worker, or are not queued, are not among them.
 * @param limits.perWorkspace null: what it is, the caller does not know
 */
export async function whyQueued(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  runIds: readonly string[],
  limits: { readonly perWorkspace: number | null },
): Promise<Map<string, string>> {
  if (runIds.length === 0) return new Map();
  const stop = await stopOf(db, workspaceId);
  if (stop) return new Map(runIds.map((id) => [id, `everything was stopped by ${stop.by}`]));
  const rows = await db.execute<{
    id: string;
    isRehearsal: boolean;
    ofFlow: number;
    most: number;
    ofSpace: number;
  }>(sql`
    with busy as materialized (
      select workflow_id, rehearsal from runs where status = 'running' and workspace_id = ${workspaceId})
    select r.id, r.rehearsal as "isRehearsal", ${sql.raw(limitOf("r.workflow_id"))} as most,
      (select count(*)::int from busy) as "ofSpace",
      (select count(*)::int from busy b where b.workflow_id = r.workflow_id and not b.rehearsal) as "ofFlow"
    from runs r
    where r.workspace_id = ${workspaceId} and r.status = 'queued' and r.id = any(${sql.param([...runIds])}::uuid[])`);
  return new Map(
    rows.flatMap(({ id, isRehearsal, ofFlow, most, ofSpace }) => {
      if (!isRehearsal && ofFlow >= most) return [[id, busyWords(ofFlow, most, "workflow")]];
      const { perWorkspace } = limits;
      if (perWorkspace === null || ofSpace < perWorkspace) return [];
      return [[id, busyWords(ofSpace, perWorkspace, "workspace")]];
    }),
  );
}

const busyWords = (running: number, most: number, what: "workflow" | "workspace"): string =>
  most === 1
    ? `another run of this ${what} is running, and one may at a time`
    : `${running} of ${most} runs of this ${what} are running`;
