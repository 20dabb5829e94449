/** A bound on what is done at the same time. */

export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

/** Does so many things at once; the others wait for their turn, in order. */
export function createTurns(atOnce: number): Turns {
  const waiting: (() => void)[] = [];
  const state = { underWay: 0 };
  return async (work) => {
    if (state.underWay >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else state.underWay++;
    try {
      return await work();
    } finally {
      // Whoever is next takes the place over, so that nobody comes in between.
      const next = waiting.shift();
      if (next) next();
      else state.underWay--;
    }
  };
}
