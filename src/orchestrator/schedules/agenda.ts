/**
 * Agenda says when to look; our tables are the queues and the truth. The only file that knows Agenda and its table.
 * One definition per kind of wake. It keeps alarms that are some time away, and the sweep that repairs what was lost; it
 * begins each alarm a little early, and whoever takes it waits for the exact time. Agenda's own retries are off.
 */
import { PostgresBackend, type PostgresJobRepository } from "@agendajs/postgres-backend";
import { Agenda, type Job } from "agenda";
import type { Log } from "../../log.ts";
import type { Clock, WakeKind } from "../ports.ts";

const TABLE = "agenda_jobs";
/** The connections of a process that executes runs name themselves so: the watchdog counts them. */
export const WORKER_NAME = "claw-agenda-worker";
/** How often Agenda looks for alarms. Milliseconds. */
const PROCESS_EVERY_MS = 2_000;
/**
 * An alarm is taken that long before its time, so that neither the pause between two looks nor a timer of Agenda's that
 * fires a millisecond early (it then waits for the next look) makes it late. Milliseconds.
 */
export const LEAD_MS = 2 * PROCESS_EVERY_MS + 500;
/** Alarms of one second are one. Milliseconds. */
const SHARED_MS = 1_000;
/** How often lost wakes are looked for. Milliseconds. */
const SWEEP_EVERY_MS = 5_000;
/** An alarm whose process was lost may be taken again after that; doing so does no harm twice. Milliseconds. */
const LOCK_MS = 60_000;
const SWEEP_LOCK_MS = 15_000;
const HEARTBEAT_MS = 20_000;

export interface AlarmClockDeps {
  readonly url: string;
  /** Unique to this process. */
  readonly owner: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The kinds this process attends; the others are left to other processes. */
  readonly kinds: readonly WakeKind[];
  /** Called up to {@link LEAD_MS} before `at`, milliseconds since the epoch. */
  readonly onAlarm: (kind: WakeKind, at: number) => void;
  readonly onSweep: () => Promise<void>;
}

export interface AlarmClock {
  /** Asking twice for the same second is one alarm. @throws when the database is away */
  set(kind: WakeKind, at: number): Promise<void>;
  start(): Promise<void>;
  /**
   * Deletes wakes that nobody will take any more: those that are over, and those that have been due, or held by a process
   * that was lost, since before `before`. What they were for is found by the sweep. @returns how many
   */
  prune(before: Date): Promise<number>;
  /** The clock was set back: the sweep does not wait until it has caught up. Again is harmless. */
  bringForward(now: Date): Promise<void>;
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

export function createAlarmClock(deps: AlarmClockDeps): AlarmClock {
  const { log } = deps;
  const backend = new PostgresBackend({
    poolConfig: {
      connectionString: deps.url,
      max: 2,
      application_name: deps.kinds.includes("runs.due") ? WORKER_NAME : "claw-agenda",
    },
    tableName: TABLE,
    ensureSchema: false,
    // What is near is signalled by `wakes.ts`; each of Agenda's own jobs would cost three notifications more.
    disableNotifications: true,
  });
  const pool = (backend.repository as PostgresJobRepository).getPool();
  // Without a listener a dropped connection ends the process.
  pool.on("error", (error: Error) => log.warn({ err: error }, "alarm connection lost"));

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
  for (const kind of deps.kinds) {
    if (kind === "sweep") agenda.define(kind, (job: Job) => sweep(job, deps), { lockLifetime: SWEEP_LOCK_MS });
    else
      agenda.define(kind, async (job: Job<Partial<AlarmData>>) => deps.onAlarm(kind, job.attrs.data?.at ?? 0), {
        lockLifetime: LOCK_MS,
      });
  }

  let stopped: Promise<void> | null = null;
  return {
    async set(kind, at) {
      const data: AlarmData = { at: Math.ceil(at / SHARED_MS) * SHARED_MS };
      await pool.query(SET_ALARM, [kind, new Date(data.at - LEAD_MS), JSON.stringify(data)]);
    },
    async start() {
      await agenda.ready;
      await agenda.start();
      if (deps.kinds.includes("sweep")) await agenda.every(SWEEP_EVERY_MS, "sweep");
    },
    async bringForward(now) {
      await pool.query(BRING_FORWARD, [now, SWEEP_EVERY_MS + LOCK_MS]);
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

interface AlarmData {
  /** When to look, milliseconds since the epoch. */
  readonly at: number;
}

/** An alarm for that second that nobody has taken yet covers this one. */
const SET_ALARM = `
  insert into "${TABLE}" (name, next_run_at, data)
  select $1::varchar, $2::timestamptz, $3::jsonb
  where not exists (
    select 1 from "${TABLE}"
    where name = $1::varchar and disabled = false and locked_at is null
      and next_run_at = $2::timestamptz and data = $3::jsonb)`;

const BRING_FORWARD = `
  update "${TABLE}" set next_run_at = $1::timestamptz, locked_at = null
  where name = 'sweep' and next_run_at > $1::timestamptz + $2::int * interval '1 ms'`;

/** The row of a recurring wake has its next time as long as it is alive; Agenda makes it anew at the next start. */
const PRUNE = `
  delete from "${TABLE}"
  where (locked_at is null or locked_at < $1)
    and case when next_run_at is null or disabled then coalesce(updated_at, created_at) < $1 else next_run_at < $1 end`;

/** Sweeps, keeping the wake's lock while it does; what fails is swept next time. */
async function sweep(job: Job, { onSweep, log }: AlarmClockDeps): Promise<void> {
  const heartbeat = setInterval(() => void job.touch().catch(() => {}), HEARTBEAT_MS);
  heartbeat.unref();
  try {
    await onSweep();
  } catch (error) {
    log.error({ err: error }, "sweep failed; the next one is soon");
  } finally {
    clearInterval(heartbeat);
  }
}
