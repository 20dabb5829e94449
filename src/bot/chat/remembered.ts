/** Remembers answers for a while. A question that has none is asked again the next time; equal ones at once are asked once. */
import type { Clock } from "../../orchestrator/index.ts";

export interface Remembered<T> {
  /** Null when nobody could say. */
  of(key: string, ask: () => Promise<T | undefined>): Promise<T | null>;
  put(key: string, answer: T): void;
  forget(key: string): void;
  /** Forgets every key that begins so. */
  forgetAll(prefix: string): void;
}

const REMEMBERED_MS = 5 * 60_000;
const MAX_REMEMBERED = 5_000;

export function createRemembered<T>(clock: Clock, forMs: number = REMEMBERED_MS): Remembered<T> {
  const known = new Map<string, { readonly until: number; readonly answer: Promise<T | undefined> }>();
  const put = (key: string, answer: Promise<T | undefined>): void => {
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(key, { until: clock.now() + forMs, answer });
  };
  return {
    async of(key, ask) {
      const before = known.get(key);
      if (before && before.until > clock.now()) return (await before.answer.catch(() => undefined)) ?? null;
      const answer = ask();
      put(key, answer);
      const said = await answer.catch(() => undefined);
      if (said === undefined && known.get(key)?.answer === answer) known.delete(key);
      return said ?? null;
    },
    put: (key, answer) => put(key, Promise.resolve(answer)),
    forget: (key) => void known.delete(key),
    forgetAll(prefix) {
      for (const key of known.keys()) if (key.startsWith(prefix)) known.delete(key);
    },
  };
}
