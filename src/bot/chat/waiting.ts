/** Waits for a chat platform that are not longer than somebody has time for. */
import { setTimeout as sleep } from "node:timers/promises";

/** What comes of the work, or `otherwise` when that takes longer than so many milliseconds; the work goes on unheard. */
export async function inTime<T, O>(ms: number, work: Promise<T>, otherwise: O): Promise<T | O> {
  const over = new AbortController();
  try {
    return await Promise.race([work, sleep(ms, otherwise, { signal: over.signal })]);
  } finally {
    over.abort();
  }
}

/** So many milliseconds, or until the signal fires. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => {});
}
