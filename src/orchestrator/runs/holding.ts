/** Keeps the leases of the runs that this process works on, and says whether they are kept. */
import type { Log } from "../../log.ts";
import type { Database } from "../db/client.ts";
import type { Clock } from "../ports.ts";
import { DatabaseAway, RunCancelled } from "./interruption.ts";
import { cancelRequests, keepLeases } from "./leases/store.ts";
import { LeaseLost } from "./store.ts";

/** The part of a lease that is left when it is renewed. Four looks are made in the time of one. */
const RENEWED_BELOW = 0.6;

export interface HoldingDeps {
  /** Connections that no run holds: leases are kept also while every other one is busy. */
  readonly urgent: Database;
  readonly clock: Clock;
  /** Milliseconds since any moment, by a clock that nobody sets. */
  readonly uptime: () => number;
  readonly log: Log;
  /** Unique to this process. */
  readonly owner: string;
  /** Milliseconds after which a run whose worker is silent is anybody's. */
  readonly leaseMs: number;
  /** Called as often as leases are kept. */
  readonly onLook: () => void;
}

/** One moment by both clocks. */
export interface Moment {
  /** Of `uptime`. */
  readonly up: number;
  /** Of the wall. */
  readonly at: number;
}

export interface Holding {
  /**
   * From now on its lease is kept; the controller hears that it was lost, or that somebody cancels the run.
   * @param since when it was claimed, or before
   */
  hold(runId: string, controller: AbortController, since: Moment): void;
  letGo(runId: string, controller: AbortController): void;
  of(runId: string): AbortController | undefined;
  all(): readonly (readonly [runId: string, controller: AbortController])[];
  /**
   * Asked right before a call leaves: a process that was frozen after it wrote that it begins may have lost the run
   * meanwhile, and people may have had the call made again. Looks at the database only after a silence; whose run was
   * lost hears it by its signal. @throws DatabaseAway when the leases cannot be kept
   */
  must(runId: string): Promise<void>;
  /**
   * Whether no other process can have the run yet, told by this process's own clocks alone: asked once more at the last
   * moment before bytes leave, where there is no time to look. False after a freeze until {@link must} has looked.
   */
  isMine(runId: string): boolean;
  /** Aborts once the leases may be over and cannot be kept: a call that another worker would make again ends by then. */
  unheld(): AbortSignal;
  /** Milliseconds that the database was away for, or this process frozen, longer than a lease is sure to last; all told. */
  awayMs(): number;
  /** The database is away now, or its return has not been told to the runs yet. */
  isAway(): boolean;
  /** It was away so lately that others cannot have kept their leases either. */
  wasJustAway(): boolean;
  stop(): void;
}

export function createHolding(deps: HoldingDeps): Holding {
  /** `kept`: when its lease was last renewed, at the latest. */
  const held = new Map<string, { readonly controller: AbortController; kept: Moment }>();
  const moment = (): Moment => ({ up: deps.uptime(), at: deps.clock.now() });
  const state = {
    kept: moment(),
    timer: undefined as NodeJS.Timeout | undefined,
    keeping: null as Promise<void> | null,
    unheld: new AbortController(),
    awayMs: 0,
    troubledAt: Number.NEGATIVE_INFINITY,
  };

  /** By either clock: one may be set, the other stands still while a machine sleeps. Too much only costs a look. */
  const silentMs = (since: Moment): number => Math.max(deps.uptime() - since.up, deps.clock.now() - since.at);
  /** After a look, every lease lasts at least for that; milliseconds. */
  const sureMs = deps.leaseMs * RENEWED_BELOW;
  const isAway = (): boolean => held.size > 0 && silentMs(state.kept) >= sureMs;
  const isMine = (runId: string): boolean => {
    const run = held.get(runId);
    return run !== undefined && !run.controller.signal.aborted && silentMs(run.kept) < sureMs;
  };

  async function keep(): Promise<void> {
    const now = moment();
    const before = [...held];
    const silent = now.up - state.kept.up;
    const awayMs = silent >= sureMs ? silent : 0;
    try {
      const ids = before.map(([id]) => id);
      const inMs = (ms: number) => new Date(now.at + ms);
      const leases = { until: inMs(deps.leaseMs), soon: inMs(sureMs), awayMs };
      const kept = await keepLeases(deps.urgent, deps.owner, ids, leases);
      state.kept = now;
      state.awayMs += awayMs;
      if (state.unheld.signal.aborted) state.unheld = new AbortController();
      // What was not kept is somebody else's by now, or has just ended, which the signal does not disturb.
      for (const [id, run] of before) {
        if (kept.has(id)) run.kept = now;
        else run.controller.abort(new LeaseLost());
      }
      for (const { id, by } of await cancelRequests(deps.urgent, deps.owner)) {
        held.get(id)?.controller.abort(new RunCancelled(by));
      }
    } catch (error) {
      state.troubledAt = deps.uptime();
      deps.log.warn({ err: error, runs: held.size }, "leases not kept");
      if (isAway()) state.unheld.abort(new DatabaseAway());
    }
  }

  function keepOnce(): Promise<void> {
    state.keeping ??= keep().finally(() => {
      state.keeping = null;
    });
    return state.keeping;
  }

  function look(): void {
    // A database that does not answer keeps no lease either.
    if (state.keeping && isAway()) {
      state.troubledAt = deps.uptime();
      state.unheld.abort(new DatabaseAway());
    }
    void keepOnce();
    deps.onLook();
  }

  function rest(): void {
    clearInterval(state.timer);
    state.timer = undefined;
  }

  return {
    hold(runId, controller, since) {
      // Claimed just now, so the database was there.
      if (held.size === 0) state.kept = moment();
      held.set(runId, { controller, kept: since });
      state.timer ??= setInterval(look, deps.leaseMs / 4);
    },
    letGo(runId, controller) {
      if (held.get(runId)?.controller === controller) held.delete(runId);
      if (held.size === 0) rest();
    },
    of: (runId) => held.get(runId)?.controller,
    all: () => [...held].map(([id, { controller }]) => [id, controller] as const),
    async must(runId) {
      const settled = () => isMine(runId) || held.get(runId)?.controller.signal.aborted !== false;
      // A look that was under way when the run was claimed did not see it.
      for (let looks = 0; looks < 2 && !settled(); looks++) await keepOnce();
      if (!settled()) throw new DatabaseAway();
    },
    isMine,
    unheld: () => state.unheld.signal,
    awayMs: () => state.awayMs,
    isAway,
    wasJustAway: () => isAway() || deps.uptime() - state.troubledAt < deps.leaseMs,
    stop: rest,
  };
}
