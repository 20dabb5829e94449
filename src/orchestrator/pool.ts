/** A bounded number of items under way at once, taken from a queue in the database until none is due. */

export interface PoolDeps<T> {
  /** Items under way at once in this process. */
  readonly limit: number;
  /** Takes up to `free` due items. */
  readonly claim: (free: number) => Promise<readonly T[]>;
  /** Must not reject: what goes wrong with an item is recorded by it. */
  readonly work: (item: T) => Promise<void>;
}

export interface Pool {
  /**
   * Looks for due items and works on them; resolves when none is due and none under way, or after {@link stop}.
   * Called while it is draining, it makes that drain look again and resolves at once: whoever began it waits. (A wake
   * that waited too would hold one of its few places for as long as the longest item takes.)
   */
  drain(): Promise<void>;
  /** Claims nothing more; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

export function createPool<T>(deps: PoolDeps<T>): Pool {
  const underWay = new Set<Promise<void>>();
  const state: { draining: Promise<void> | null; poked: boolean; stopped: boolean; wake: () => void } = {
    draining: null,
    poked: false,
    stopped: false,
    wake: () => {},
  };

  const changed = () =>
    new Promise<void>((resolve) => {
      state.wake = resolve;
    });

  async function loop(): Promise<void> {
    let mayHaveMore = true;
    try {
      while (true) {
        const wake = changed();
        const free = state.stopped ? 0 : deps.limit - underWay.size;
        if (free > 0 && (mayHaveMore || state.poked)) {
          state.poked = false;
          const claimed = await deps.claim(free);
          mayHaveMore = claimed.length === free;
          for (const item of claimed) start(item);
          if (mayHaveMore && underWay.size < deps.limit) continue;
        }
        if (underWay.size === 0 && (state.stopped || !(state.poked || mayHaveMore))) return;
        if (state.poked && free > 0) continue;
        await wake;
      }
    } finally {
      // Here and not a turn later: a drain asked for in between would be left to a loop that looks no more.
      state.draining = null;
    }
  }

  function start(item: T): void {
    const working = deps.work(item).finally(() => {
      underWay.delete(working);
      state.wake();
    });
    underWay.add(working);
  }

  return {
    drain() {
      if (state.stopped) return Promise.resolve();
      state.poked = true;
      state.wake();
      if (state.draining) return Promise.resolve();
      state.draining = loop();
      return state.draining;
    },
    async stop() {
      state.stopped = true;
      state.wake();
      await state.draining?.catch(() => {});
      await Promise.allSettled(underWay);
    },
  };
}
