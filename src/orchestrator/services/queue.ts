/** The waits for a service whose time has come: while it is down, one goes and tries, the others stay where they are. */
import { inWork, type WorkDeps } from "../db/work.ts";
import type { Wait } from "../runs/waits/store.ts";
import { type Breaker, knock, QUIET } from "./breaker.ts";
import { nextMinute } from "./service-name.ts";
import { putOffWaits, readBreaker, type ServiceKey } from "./store.ts";

/** Milliseconds that the one who goes is given to become the probe before the next one is sent. */
const HAND_OVER_MS = 5_000;

/**
 * Called with due waits before they are closed, so that an outage does not send every run of a service through the
 * queue at each probe. Again is harmless. No statement when none of them waits for a service.
 * @returns the ids of those that are due later now
 */
export async function holdBack(deps: WorkDeps, due: readonly Wait[]): Promise<ReadonlySet<string>> {
  const held = new Set<string>();
  for (const { key, perMinute } of servicesOf(due)) {
    const ids = await inWork(deps, async (work) => {
      // Shared with nobody who changes it: a breaker that closes now frees its waits after this, not before.
      const breaker = await readBreaker(work.tx, key, "share");
      const put = putOff(breaker ?? QUIET, perMinute, work.now);
      if (!put) return [];
      const late = await putOffWaits(work.tx, key, { now: work.now, ...put });
      if (late.length > 0) work.wake("runs.due", put.until.getTime());
      return late;
    });
    for (const id of ids) held.add(id);
  }
  return held;
}

/** How many go, and when the others are looked at again; null: all go. */
function putOff(breaker: Breaker, perMinute: number | null, now: Date): { first: number; until: Date } | null {
  const gate = knock(breaker, now);
  switch (gate.kind) {
    case "go":
      return perMinute === null ? null : { first: perMinute, until: nextMinute(now) };
    case "wait":
      return { first: 0, until: gate.until };
    case "probe":
      return { first: 1, until: new Date(now.getTime() + HAND_OVER_MS) };
  }
}

/** In one order, though each has a work of its own. */
function servicesOf(due: readonly Wait[]): { key: ServiceKey; perMinute: number | null }[] {
  const services = new Map<string, { key: ServiceKey; perMinute: number | null }>();
  for (const { kind, workspaceId, detail } of due) {
    if (kind !== "service" || typeof detail.service !== "string") continue;
    const name = `${workspaceId} ${detail.service}`;
    const perMinute = typeof detail.perMinute === "number" ? detail.perMinute : (services.get(name)?.perMinute ?? null);
    services.set(name, { key: { workspaceId, service: detail.service }, perMinute });
  }
  return [...services.values()];
}
