/** Keeps this process's runs going: claims them, keeps their leases, lets go of them at shutdown. */
import { withBefore } from "../context/opening.ts";
import type { Database } from "../db/client.ts";
import { createPool } from "../pool.ts";
import { stoppedRuns } from "../stops/store.ts";
import { advance } from "./engine.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { createHolding, type Moment } from "./holding.ts";
import { EverythingStopped, LimitReached, ShuttingDown } from "./interruption.ts";
import { releaseLeases } from "./leases/store.ts";
import { overdueRuns } from "./overdue/store.ts";
import { claimRuns, type HeldRun } from "./store.ts";
import { createRunWriter } from "./writes/writer.ts";

export interface WorkerDeps extends EngineDeps {
  /** Connections that no run holds: leases are kept also while every other one is busy. */
  readonly urgent: Database;
  /** The connection that ordinary moves are written on, one flush after the other. */
  readonly journal: Database;
  /** Connections that plan what takes the next runs once. */
  readonly queue: Database;
  /** Milliseconds since any moment, by a clock that nobody sets. */
  readonly uptime: () => number;
  /** Unique to this process. */
  readonly owner: string;
  /** Runs under way at once. */
  readonly concurrency: number;
  /** Runs of a workspace under way at once, in all processes together. */
  readonly perWorkspace: number;
  /** Milliseconds after which a run whose worker is silent is anybody's. */
  readonly leaseMs: number;
}

export interface Worker {
  /** Advances every due run; resolves when none is due. A second call makes the first look again, and returns at once. */
  drain(): Promise<void>;
  /** Lets steps under way end for `graceMs`, then interrupts them, and gives the runs back. */
  stop(graceMs: number): Promise<void>;
}

/** Longer timers fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A time limit that runs out while the database is away is looked at again that often; milliseconds. */
const AWAY_LOOK_MS = 1_000;

/** Runs that only their limits hold back are looked at again that often, for what ended in other processes; milliseconds. */
const HELD_BACK_MS = 1_000;

/** How often it is looked whether everything was stopped, while there are runs; milliseconds. */
const STOP_LOOK_MS = 700;

export function createWorker(deps: WorkerDeps): Worker {
  const state = {
    stopping: false,
    ending: null as Promise<void> | null,
    stops: undefined as NodeJS.Timeout | undefined,
    looking: null as Promise<void> | null,
    /** There are runs that could begin as soon as others end. */
    heldBack: false,
    again: undefined as NodeJS.Timeout | undefined,
  };

  const holding = createHolding({
    ...deps,
    onLook() {
      state.ending ??= endOverdue().finally(() => {
        state.ending = null;
      });
    },
  });

  async function claim(limit: number): Promise<readonly { readonly run: HeldRun; readonly since: Moment }[]> {
    const { owner, leaseMs, perWorkspace } = deps;
    const since = { up: deps.uptime(), at: deps.clock.now() };
    const now = new Date(since.at);
    const held = holding.all().map(([id]) => id);
    const lost = !holding.wasJustAway();
    const claim = { owner, now, leaseMs, limit, perWorkspace, held, lost };
    const { runs, heldBack } = await claimRuns(deps.queue, claim);
    state.heldBack = heldBack;
    clearTimeout(state.again);
    if ((heldBack || !lost) && !state.stopping) state.again = setTimeout(lookAgain, HELD_BACK_MS).unref();
    return (await withBefore(deps.queue, runs, new Date(deps.clock.now()))).map((run) => ({ run, since }));
  }

  function lookAgain(): void {
    pool.drain().catch((error: unknown) => deps.log.warn({ err: error }, "due runs not looked at; the sweep repairs"));
  }

  const advancing = { ...deps, holding, writer: createRunWriter({ ...deps, db: deps.journal }) };

  const pool = createPool<{ readonly run: HeldRun; readonly since: Moment }>({
    limit: deps.concurrency,
    claim,
    async work({ run, since }) {
      const controller = new AbortController();
      holding.hold(run.id, controller, since);
      state.stops ??= setInterval(() => {
        state.looking ??= letStoppedGo().finally(() => {
          state.looking = null;
        });
      }, STOP_LOOK_MS);
      const limit = timeLimit(run, () => controller.abort(new LimitReached("time")));
      try {
        await advance(advancing, run, controller.signal, () => state.stopping);
      } finally {
        limit.clear();
        holding.letGo(run.id, controller);
        if (holding.all().length === 0) {
          clearInterval(state.stops);
          state.stops = undefined;
        }
        // It may have made room for one that waits for that.
        if (state.heldBack) lookAgain();
      }
    },
  });

  /** What the database is away for does not count. */
  function timeLimit(run: HeldRun, onReached: () => void): { readonly clear: () => void } {
    const began = deps.uptime();
    const awayBefore = holding.awayMs();
    const left = () =>
      run.pinned.policies.runTimeLimitMs - run.activeMs - (deps.uptime() - began) + holding.awayMs() - awayBefore;
    let timer: NodeJS.Timeout | undefined;
    const look = () => {
      const ms = holding.isAway() ? AWAY_LOOK_MS : left();
      if (ms <= 0) onReached();
      else timer = setTimeout(look, Math.min(ms, MAX_TIMER_MS));
    };
    // At once: a run whose time was over before begins nothing more.
    look();
    return { clear: () => clearTimeout(timer) };
  }

  /** Ends what is over its limits; apart from the leases, which must not wait for it. */
  async function endOverdue(): Promise<void> {
    if (holding.isAway()) return;
    const look = { now: new Date(deps.clock.now()), owner: deps.owner, graceMs: 0 };
    try {
      for (const { id, limit } of await overdueRuns(deps.db, look)) holding.of(id)?.abort(new LimitReached(limit));
    } catch (error) {
      deps.log.warn({ err: error }, "limits not looked at; the next look is soon");
    }
  }

  /** Whoever stops everything is obeyed within a second. */
  async function letStoppedGo(): Promise<void> {
    try {
      for (const { id, by } of await stoppedRuns(deps.urgent, deps.owner))
        holding.of(id)?.abort(new EverythingStopped(by));
    } catch (error) {
      deps.log.warn({ err: error }, "whether everything is stopped is not known; the next look is soon");
    }
  }

  return {
    drain: () => pool.drain(),
    async stop(graceMs) {
      state.stopping = true;
      const interrupt = setTimeout(() => {
        for (const [, controller] of holding.all()) controller.abort(new ShuttingDown());
      }, graceMs);
      await pool.stop();
      clearTimeout(interrupt);
      holding.stop();
      clearInterval(state.stops);
      clearTimeout(state.again);
      await releaseLeases(deps.db, deps.owner, new Date(deps.clock.now())).catch((error: unknown) => {
        deps.log.warn({ err: error }, "leases not given back; they run out by themselves");
      });
    },
  };
}
