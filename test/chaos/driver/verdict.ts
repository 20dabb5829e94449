/** Whether the promises held, seen from the outside and in the tables. */
import type postgres from "postgres";
import { verifyAudit } from "../../../src/orchestrator/audit/verify.ts";
import type { OwnServer } from "../../support/own-server.ts";
import type { Fleet } from "./fleet.ts";
import type { People } from "./people.ts";

export interface Figures {
  readonly runs: number;
  readonly effects: number;
  readonly reports: number;
  /** What was done outside twice. */
  readonly duplicated: number;
  /** What a run says it did and the world never saw. */
  readonly lost: number;
  /** People were asked what had happened. */
  readonly asked: number;
  /** Slots that came, and those of them that were missed and told. */
  readonly slots: number;
  readonly missed: number;
  /** Starts that were given up; they were tried again. */
  readonly gaveUp: number;
}

export interface Outcome {
  readonly figures: Figures;
  /** A sentence for each promise that did not hold. */
  readonly broken: readonly string[];
}

/** Nothing is open any more: every run has ended, every message has arrived or is told as not, every event is handled. */
export async function isSettled(sql: postgres.Sql): Promise<boolean> {
  const [row] = await sql<{ open: number }[]>`
    select (select count(*) from runs where status in ('queued', 'running', 'waiting', 'dead'))
      + (select count(*) from deliveries where status in ('pending', 'sending'))
      + (select count(*) from inbound_events where status = 'received')
      + (select count(*) from workflows where status = 'draft') as open`;
  return Number(row?.open) === 0;
}

export interface Evidence {
  readonly server: OwnServer;
  readonly crowd: People;
  /** How often each effect was seen in the world, by its id. */
  readonly effects: ReadonlyMap<string, number>;
  readonly fleet: Fleet;
}

export async function judge({ server, crowd, effects, fleet }: Evidence): Promise<Outcome> {
  const { sql } = server;
  const { asked } = crowd;
  const broken: string[] = [];
  const say = (rows: readonly Record<string, unknown>[], what: string) => {
    for (const row of rows) broken.push(`${what}: ${JSON.stringify(row)}`);
  };
  say(await sql`select kind, key from firings where outcome is null`, "a firing without an outcome");
  say(
    await sql`select f.key from firings f where outcome = 'ran' and (select count(*) from runs r where r.firing_id = f.id) <> 1`,
    "a firing that ran without exactly one run",
  );
  say(
    await sql`select number, status, due_at, lease_until, failure, (select json_agg(json_build_object('kind', kind, 'due', due_at))
        from waits w where w.run_id = r.id and w.status = 'open') as waits
      from runs r where status in ('queued', 'running', 'waiting', 'dead')`,
    "a run that has not ended",
  );
  say(
    await sql`select run_id, turn, call_index from attempts where outcome = 'succeeded' group by 1, 2, 3 having count(*) > 1`,
    "a step that succeeded twice",
  );
  say(
    await sql`select r.number from runs r where r.status = 'succeeded' and not exists (select 1 from deliveries d where d.run_id = r.id and d.notice->>'kind' = 'runReported')`,
    "a run that reported nothing",
  );
  say(
    await sql`select key, status from deliveries where status not in ('sent', 'undelivered')`,
    "a message that neither arrived nor is told as undelivered",
  );
  say(await sql`select key, status from deliveries where status = 'undelivered'`, "a message that was refused");
  say(
    await sql`select d.key from deliveries d where (select count(*) from console_messages m where m.key = d.key) <> 1`,
    "a message that is not there exactly once",
  );
  say(
    // What was stored too late was refused when it was sent: doing it after all would be doing it twice.
    await sql`select key, status, failure from inbound_events
      where status <> 'handled' and failure->>'code' is distinct from 'database_unavailable'`,
    "an event that was not handled",
  );
  say(await sql`select id from ledger where status = 'reserved'`, "money that is still set aside");
  say(
    await sql`select action, subject_id from audit_events where action in ('run.succeeded', 'run.failed', 'run.cancelled', 'approval.approved', 'approval.denied') group by 1, 2 having count(*) > 1`,
    "something audited twice",
  );
  say(
    await sql`select * from (select workflow_id, outcome, count, planned_at, planned_at - lag(planned_at)
        over (partition by workflow_id order by planned_at) as after from firings where kind = 'slot') f
      where after <> count * interval '1 minute'`,
    "slots every minute of which some are left out or accounted for twice",
  );
  say(
    await sql`select f.key from firings f where outcome = 'missed'
      and not exists (select 1 from deliveries d where d.key = 'missed:' || f.id)`,
    "a missed slot that nobody was told of",
  );
  for (const fallen of fleet.fallen) broken.push(`a process ended by itself: ${fallen}`);
  const verdict = await verifyAudit(server.db, "console:demo");
  if (!verdict.intact) broken.push("the audit chain is broken");

  let duplicated = 0;
  for (const [id, count] of effects) {
    if (count > 1) {
      duplicated++;
      broken.push(`effect ${id} happened ${count} times`);
    }
    if (asked.find((each) => each.id === id)?.choice === "deny") broken.push(`effect ${id} was denied and happened`);
  }
  const done = await sql<{ id: string }[]>`
    select input->>'body' as id from steps
    where name = 'http_request' and status = 'succeeded' and coalesce((output->>'status')::int, 200) < 400`;
  const lost = done.filter(({ id }) => !effects.has(id));
  for (const { id } of lost) broken.push(`effect ${id} is recorded as done and never happened`);
  const [counts] = await sql<{ runs: number; reports: number; slots: number; missed: number }[]>`
    select (select coalesce(sum(count), 0)::int from firings where kind = 'slot') as slots,
      (select coalesce(sum(count), 0)::int from firings where outcome = 'missed') as missed,
      (select count(*)::int from runs) as runs, (select count(*)::int from deliveries where notice->>'kind' = 'runReported') as reports`;
  return {
    figures: {
      runs: counts?.runs ?? 0,
      reports: counts?.reports ?? 0,
      effects: effects.size,
      duplicated,
      lost: lost.length,
      asked: crowd.wondered(),
      slots: counts?.slots ?? 0,
      missed: counts?.missed ?? 0,
      gaveUp: fleet.gaveUp.length,
    },
    broken,
  };
}
