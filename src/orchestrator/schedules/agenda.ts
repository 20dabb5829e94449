/**
 * Agenda says when to look; our tables are the queues and the truth. The only file that knows Agenda and its table.
 * One definition per kind of wake, an alarm per distinct due second. Agenda's own retries are off.
 */
import { PostgresBackend, type PostgresJobRepository } from "@agendajs/postgres-backend";
import { Agenda, type Job } from "agenda";
import type { Log } from "../../log.ts";
import type { Alarms, Clock, WakeKind } from "../ports.ts";

const TABLE = "agenda_jobs";
const CHANNEL = "claw_wakes";
/** The connections of a process that executes runs name themselves so: the watchdog counts them. */
export const WORKER_NAME = "claw-agenda-worker";
/** How often Agenda looks by itself; what comes sooner is notified. Milliseconds. */
const PROCESS_EVERY_MS = 1_000;
/** How often lost wakes are looked for. Milliseconds. */
const SWEEP_EVERY_MS = 5_000;
/** A wake whose worker was lost may be taken again after that; its handler does no harm twice. Milliseconds. */
const LOCK_MS = 60_000;
const SWEEP_LOCK_MS = 15_000;
const HEARTBEAT_MS = 20_000;

export interface WakesDeps {
  readonly url: string;
  /** Unique to this process. */
  readonly owner: string;
  readonly clock: Clock;
  readonly log: Log;
  /** What this process does at each kind of wake; kinds without a handler are left to other processes. */
  readonly handlers: Partial<Readonly<Record<WakeKind, () => Promise<void>>>>;
}

export interface Wakes extends Alarms {
  start(): Promise<void>;
  /**
   * Deletes wakes that nobody will take any more: those that are over, and those that have been due, or held by a process
   * that was lost, since before `before`. What they were for is found by the sweep. @returns how many
   */
  prune(before: Date): Promise<number>;
  /** Takes no more wakes, and gives back those it holds. A second call does no harm. */
  stop(): Promise<void>;
}

/** Makes Agenda's table. Call it under the migration lock: Agenda's own way races (two starts, one crash). */
export async function createAgendaSchema(url: string): Promise<void> {
  const backend = new PostgresBackend({
    poolConfig: { connectionString: url, max: 1 },
    tableName: TABLE,
    ensureSchema: true,
    disableNotifications: true,
  });
  try {
    await backend.connect();
  } finally {
    await backend.disconnect();
  }
}

export function createWakes(deps: WakesDeps): Wakes {
  const { log } = deps;
  const backend = new PostgresBackend({
    poolConfig: {
      connectionString: deps.url,
      max: 4,
      application_name: deps.handlers["runs.due"] ? WORKER_NAME : "claw-agenda",
    },
    tableName: TABLE,
    channelName: CHANNEL,
    ensureSchema: false,
  });
  const pool = (backend.repository as PostgresJobRepository).getPool();
  // Without listeners a dropped connection ends the process.
  pool.on("error", (error: Error) => log.warn({ err: error }, "wake connection lost"));
  backend.notificationChannel?.on("error", (error: Error) => log.warn({ err: error }, "wake channel lost"));

  const agenda = new Agenda({
    backend,
    name: deps.owner,
    processEvery: PROCESS_EVERY_MS,
    defaultLockLimit: 100,
    defaultLockLifetime: LOCK_MS,
    defaultConcurrency: 8,
    removeOnComplete: true,
  });
  agenda.on("error", (error: Error) => log.warn({ err: error }, "agenda reports an error"));
  for (const [kind, handler] of Object.entries(deps.handlers)) {
    const lockLifetime = kind === "sweep" ? SWEEP_LOCK_MS : LOCK_MS;
    agenda.define(kind, (job: Job) => attend(job, kind, handler, log), { lockLifetime });
  }

  let stopped: Promise<void> | null = null;
  return {
    async set(kind, at) {
      try {
        await pool.query(SET_ALARM, [kind, new Date(at), new Date(deps.clock.now()), CHANNEL]);
      } catch (error) {
        log.warn({ kind, err: error }, "wake not set; the sweep finds what is due");
      }
    },
    async start() {
      await agenda.ready;
      await agenda.start();
      if (deps.handlers.sweep) await agenda.every(SWEEP_EVERY_MS, "sweep");
    },
    async prune(before) {
      const gone = await pool.query(PRUNE, [before]);
      return gone.rowCount ?? 0;
    },
    stop() {
      stopped ??= (async () => {
        await agenda.stop(false);
        await pool
          .query(`update "${TABLE}" set locked_at = null where last_modified_by = $1 and locked_at is not null`, [
            deps.owner,
          ])
          .catch(() => {});
        await backend.disconnect();
      })();
      return stopped;
    },
  };
}

/** A wake that nobody has begun covers this one: whoever takes it looks after our commit. */
const SET_ALARM = `
  with alarm as (
    insert into "${TABLE}" (name, next_run_at, data)
    select $1::varchar, case when $2::timestamptz > $3::timestamptz then date_trunc('milliseconds', $2::timestamptz) else $3::timestamptz end, '{}'::jsonb
    where not exists (
      select 1 from "${TABLE}"
      where name = $1::varchar and disabled = false and locked_at is null
        and case when $2::timestamptz > $3::timestamptz then next_run_at = date_trunc('milliseconds', $2::timestamptz) else next_run_at <= $3::timestamptz end)
    returning id, next_run_at)
  select pg_notify($4, json_build_object('jobId', id, 'jobName', $1::varchar, 'nextRunAt', next_run_at, 'priority', 0,
    'timestamp', $3::timestamptz, 'source', 'claw')::text) from alarm`;

/** The row of a recurring wake has its next time as long as it is alive; Agenda makes it anew at the next start. */
const PRUNE = `
  delete from "${TABLE}"
  where (locked_at is null or locked_at < $1)
    and case when next_run_at is null or disabled then coalesce(updated_at, created_at) < $1 else next_run_at < $1 end`;

/** Runs a handler, keeping the wake's lock while it does; what fails is found again by the sweep. */
async function attend(job: Job, kind: string, handler: () => Promise<void>, log: Log): Promise<void> {
  const heartbeat = setInterval(() => void job.touch().catch(() => {}), HEARTBEAT_MS);
  heartbeat.unref();
  try {
    await handler();
  } catch (error) {
    log.error({ kind, err: error }, "wake failed; the sweep looks again");
  } finally {
    clearInterval(heartbeat);
  }
}
