/**
 * Discord shuts out an address that makes 10,000 invalid requests in ten minutes (answers 401, 403 and 429, but for those
 * of a limit that many share). Claw stops long before that. Pure but for what it counts; times are milliseconds.
 */

const WINDOW_MS = 10 * 60_000;
const MOST = 5_000;

export interface InvalidRequests {
  /** Notes an answer. @returns true when it is the one that begins a hold */
  count(status: number, scope: string | null, now: number): boolean;
  /** For how long nothing may be asked; 0: it may. */
  heldMs(now: number): number;
}

export function createInvalidRequests(most = MOST): InvalidRequests {
  const state = { since: 0, seen: 0 };
  return {
    count(status, scope, now) {
      if (now - state.since >= WINDOW_MS) Object.assign(state, { since: now, seen: 0 });
      if (![401, 403, 429].includes(status) || scope === "shared") return false;
      state.seen++;
      return state.seen === most;
    },
    heldMs: (now) => (state.seen >= most ? Math.max(0, state.since + WINDOW_MS - now) : 0),
  };
}
