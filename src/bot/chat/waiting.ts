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

/** What comes of the work, or what `givenUp` says once the signal fires: what was sent by then may have arrived. */
export async function untilAborted<T, O>(signal: AbortSignal, work: Promise<T>, givenUp: () => O): Promise<T | O> {
  if (signal.aborted) return givenUp();
  let release = () => {};
  const aborted = new Promise<O>((resolve) => {
    const end = () => resolve(givenUp());
    signal.addEventListener("abort", end, { once: true });
    release = () => signal.removeEventListener("abort", end);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    release();
  }
}
