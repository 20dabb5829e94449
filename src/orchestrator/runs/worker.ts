/** Keeps this process's runs going: claims them, keeps their leases, lets go of them at shutdown. */
import { withBefore } from "../context/opening.ts";
import type { Database } from "../db/client.ts";
import { createPool } from "../pool.ts";
import { stoppedRuns } from "../stops/store.ts";
import { advance } from "./engine.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { EverythingStopped, LimitReached, RunCancelled, ShuttingDown } from "./interruption.ts";
import { overdueRuns } from "./overdue/store.ts";
import { cancelRequests, claimRuns, type HeldRun, keepLeases, LeaseLost, releaseLeases } from "./store.ts";
import { createRunWriter } from "./writes/writer.ts";

export interface WorkerDeps extends EngineDeps {
  /** Connections that no run holds: leases are kept also while every other one is busy. */
  readonly urgent: Database;
  /** The connection that ordinary moves are written on, one flush after the other. */
  readonly journal: Database;
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

/** Runs that only their limits hold back are looked at again that often, for what ended in other processes; milliseconds. */
const HELD_BACK_MS = 1_000;

/** How often it is looked whether everything was stopped, while there are runs; milliseconds. */
const STOP_LOOK_MS = 700;

export function createWorker(deps: WorkerDeps): Worker {
  const held = new Map<string, AbortController>();
  const state = {
    stopping: false,
    keptAt: deps.clock.now(),
    timer: undefined as NodeJS.Timeout | undefined,
    keeping: null as Promise<void> | null,
    ending: null as Promise<void> | null,
    stops: undefined as NodeJS.Timeout | undefined,
    looking: null as Promise<void> | null,
    /** There are runs that could begin as soon as others end. */
    heldBack: false,
    again: undefined as NodeJS.Timeout | undefined,
  };

  async function claim(limit: number): Promise<readonly HeldRun[]> {
    const { owner, leaseMs, perWorkspace } = deps;
    const now = new Date(deps.clock.now());
    const { runs, heldBack } = await claimRuns(deps.db, { owner, now, leaseMs, limit, perWorkspace });
    state.heldBack = heldBack;
    clearTimeout(state.again);
    if (heldBack && !state.stopping) state.again = setTimeout(lookAgain, HELD_BACK_MS).unref();
    return withBefore(deps.db, runs);
  }

  function lookAgain(): void {
    pool.drain().catch((error: unknown) => deps.log.warn({ err: error }, "due runs not looked at; the sweep repairs"));
  }

  function mustHold(): void {
    if (deps.clock.now() - state.keptAt < deps.leaseMs) return;
    letGo();
    throw new LeaseLost();
  }

  const advancing = { ...deps, mustHold, writer: createRunWriter({ ...deps, db: deps.journal }) };

  const pool = createPool<HeldRun>({
    limit: deps.concurrency,
    claim,
    async work(run) {
      const controller = new AbortController();
      if (held.size === 0) state.keptAt = deps.clock.now();
      held.set(run.id, controller);
      state.timer ??= setInterval(() => {
        // A database that does not answer keeps no lease either.
        if (state.keeping && deps.clock.now() - state.keptAt >= deps.leaseMs) letGo();
        state.keeping ??= keep().finally(() => {
          state.keeping = null;
        });
        state.ending ??= endOverdue().finally(() => {
          state.ending = null;
        });
      }, deps.leaseMs / 4);
      state.stops ??= setInterval(() => {
        state.looking ??= letStoppedGo().finally(() => {
          state.looking = null;
        });
      }, STOP_LOOK_MS);
      const limit = setTimeout(
        () => controller.abort(new LimitReached("time")),
        Math.min(run.pinned.policies.runTimeLimitMs - run.activeMs, MAX_TIMER_MS),
      );
      try {
        await advance(advancing, run, controller.signal, () => state.stopping);
      } finally {
        clearTimeout(limit);
        if (held.get(run.id) === controller) held.delete(run.id);
        if (held.size === 0) {
          clearInterval(state.timer);
          state.timer = undefined;
          clearInterval(state.stops);
          state.stops = undefined;
        }
        // It may have made room for one that waits for that.
        if (state.heldBack) lookAgain();
      }
    },
  });

  /** Keeps the leases and hears of cancellations; what cannot be kept is let go before anybody else may claim it. */
  async function keep(): Promise<void> {
    const now = deps.clock.now();
    const before = [...held];
    try {
      const kept = await keepLeases(deps.urgent, deps.owner, [...held.keys()], new Date(now + deps.leaseMs));
      state.keptAt = now;
      // What was not kept is somebody else's by now, or has just ended, which the signal does not disturb.
      for (const [id, controller] of before) if (!kept.has(id)) controller.abort(new LeaseLost());
      for (const { id, by } of await cancelRequests(deps.urgent, deps.owner)) held.get(id)?.abort(new RunCancelled(by));
    } catch (error) {
      deps.log.warn({ err: error, runs: held.size }, "leases not kept");
      if (now - state.keptAt < deps.leaseMs) return;
      letGo();
    }
  }

  /** Ends what is over its limits; apart from the leases, which must not wait for it. */
  async function endOverdue(): Promise<void> {
    const look = { now: new Date(deps.clock.now()), owner: deps.owner, graceMs: 0 };
    try {
      for (const { id, limit } of await overdueRuns(deps.db, look)) held.get(id)?.abort(new LimitReached(limit));
    } catch (error) {
      deps.log.warn({ err: error }, "limits not looked at; the next look is soon");
    }
  }

  /** Whoever stops everything is obeyed within a second. */
  async function letStoppedGo(): Promise<void> {
    try {
      for (const { id, by } of await stoppedRuns(deps.urgent, deps.owner))
        held.get(id)?.abort(new EverythingStopped(by));
    } catch (error) {
      deps.log.warn({ err: error }, "whether everything is stopped is not known; the next look is soon");
    }
  }

  function letGo(): void {
    for (const controller of held.values()) controller.abort(new LeaseLost());
  }

  return {
    drain: () => pool.drain(),
    async stop(graceMs) {
      state.stopping = true;
      const interrupt = setTimeout(() => {
        for (const controller of held.values()) controller.abort(new ShuttingDown());
      }, graceMs);
      await pool.stop();
      clearTimeout(interrupt);
      clearInterval(state.timer);
      clearInterval(state.stops);
      clearTimeout(state.again);
      await releaseLeases(deps.db, deps.owner, new Date(deps.clock.now())).catch((error: unknown) => {
        deps.log.warn({ err: error }, "leases not given back; they run out by themselves");
      });
    },
  };
}
