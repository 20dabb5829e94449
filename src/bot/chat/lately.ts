/** Does a thing on a chat platform once for a key, also when it is asked for twice at the same time. */

export interface Lately<T> {
  /** @returns what came of the first time, as long as that is remembered and was worth keeping */
  once(key: string, work: () => Promise<T>): Promise<T>;
}

const MAX_REMEMBERED = 1_000;

/** @param isKept whether an outcome stands; another is forgotten, so that the next call tries again */
export function createLately<T>(isKept: (outcome: T) => boolean): Lately<T> {
  const outcomes = new Map<string, Promise<T>>();
  return {
    once(key, work) {
      const known = outcomes.get(key);
      if (known) return known;
      const [oldest] = outcomes.keys();
      if (outcomes.size >= MAX_REMEMBERED && oldest !== undefined) outcomes.delete(oldest);
      const outcome = work();
      outcomes.set(key, outcome);
      const forget = () => {
        if (outcomes.get(key) === outcome) outcomes.delete(key);
      };
      outcome.then((value) => isKept(value) || forget(), forget);
      return outcome;
    },
  };
}
