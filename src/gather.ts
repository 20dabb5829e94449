/** Gathers what is asked for while something is under way, and does it together: one at a time costs as much as many. */

export interface GatherDeps<T, R> {
  /** Done together at most. */
  readonly most: number;
  /** @returns one result for each item, in their order. What it throws is thrown to all who asked. */
  readonly together: (items: readonly T[]) => Promise<readonly R[]>;
}

/**
 * @returns asks for one item. Alone it is done at once; while others are under way it waits for them, and goes with all
 *   that came meanwhile
 */
export function createGather<T, R>({ most, together }: GatherDeps<T, R>): (item: T) => Promise<R> {
  const waiting: {
    readonly item: T;
    readonly resolve: (result: R) => void;
    readonly reject: (why: unknown) => void;
  }[] = [];
  const state = { underWay: false };

  async function go(): Promise<void> {
    state.underWay = true;
    while (waiting.length > 0) {
      const asked = waiting.splice(0, most);
      try {
        const results = await together(asked.map(({ item }) => item));
        if (results.length !== asked.length) throw new Error(`${asked.length} items, ${results.length} results`);
        for (const [at, { resolve }] of asked.entries()) resolve(results[at] as R);
      } catch (error) {
        for (const { reject } of asked) reject(error);
      }
    }
    state.underWay = false;
  }

  return (item) =>
    new Promise<R>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      // In a turn of its own, so that what is asked for in this one goes together.
      if (!state.underWay) {
        state.underWay = true;
        setImmediate(() => void go());
      }
    });
}
