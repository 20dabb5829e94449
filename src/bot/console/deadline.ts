/** Bounds a wait for the database: a pool that cannot connect would keep a person waiting without an answer. */
import { setMaxListeners } from "node:events";

/** There was no answer in time. */
export class Overdue extends Error {
  override readonly name = "Overdue";
}

/** Rejects with {@link Overdue} after `ms` milliseconds or when the signal fires; the work itself goes on unheard. */
export async function within<T>(ms: number, work: Promise<T>, signal?: AbortSignal): Promise<T> {
  let release = () => {};
  const limit = new Promise<never>((_, reject) => {
    const late = () => reject(new Overdue(`no answer within ${ms} ms`));
    const timer = setTimeout(late, ms);
    // One signal that ends everything has as many listeners as there is work; that is no leak.
    if (signal) setMaxListeners(0, signal);
    signal?.addEventListener("abort", late, { once: true });
    if (signal?.aborted) late();
    release = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", late);
    };
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, limit]);
  } finally {
    release();
  }
}
