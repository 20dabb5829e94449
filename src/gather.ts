/**
 * Gathers what is asked for while something is under way, and does it together: one at a time costs as much as many. Of
 * writes it makes a group commit: each caller hears after the one commit what became of its own part.
 *
 * One group is under way at a time; what comes meanwhile makes the next one, so nobody waits for a timer and the groups
 * grow by themselves when there is much to do.
 */

export interface GatherDeps<T, R> {
  /** Done together at most. */
  readonly most: number;
  /** @returns one result for each item, in their order. What it throws is thrown to all who asked, see `mayTryEach`. */
  readonly together: (items: readonly T[]) => Promise<readonly R[]>;
  /**
   * Nothing was done, and not for a reason that would fail every other item too: then they are done one by one, so that
   * one that cannot be done does not take the others with it. Left out: never.
   */
  readonly mayTryEach?: (error: unknown) => boolean;
}

interface Asked<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (why: unknown) => void;
}

/**
 * @returns asks for one item. Alone it is done at once; while others are under way it waits for them, and goes with all
 *   that came meanwhile
 */
export function createGather<T, R>(deps: GatherDeps<T, R>): (item: T) => Promise<R> {
  const waiting: Asked<T, R>[] = [];
  const state = { underWay: false };

  async function doTogether(group: readonly Asked<T, R>[]): Promise<void> {
    try {
      const results = await deps.together(group.map(({ item }) => item));
      if (results.length !== group.length) throw new Error(`${group.length} items, ${results.length} results`);
      for (const [at, { resolve }] of group.entries()) resolve(results[at] as R);
    } catch (error) {
      if (group.length > 1 && deps.mayTryEach?.(error)) for (const each of group) await doTogether([each]);
      else for (const { reject } of group) reject(error);
    }
  }

  async function go(): Promise<void> {
    while (waiting.length > 0) await doTogether(waiting.splice(0, deps.most));
    state.underWay = false;
  }

  return (item) =>
    new Promise<R>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (state.underWay) return;
      state.underWay = true;
      // In a turn of its own, so that what is asked for in this one goes together.
      setImmediate(() => void go());
    });
}
