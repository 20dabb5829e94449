/** Stores what people do: what comes while others are being stored goes with the next, so a burst waits for a few commits. */
import { createGather } from "../../gather.ts";
import type { Database } from "../db/client.ts";
import { isPassing } from "../db/work.ts";
import { insertEvents, type NewEvent } from "./store.ts";

/** Events that are stored in one statement at most. */
const TOGETHER = 64;
/** Statements under way at once: one that hangs does not hold up what comes after it. */
const LANES = 2;

/** @returns stores one event, and says whether its key is new */
export function createStoring(db: Database): (event: NewEvent) => Promise<boolean> {
  const lanes = Array.from({ length: LANES }, () => ({
    waiting: 0,
    insert: createGather<NewEvent, boolean>({
      most: TOGETHER,
      async together(events) {
        const stored = await insertEvents(db, events);
        return events.map(({ id }) => stored.has(id));
      },
      mayTryEach: (error) => !isPassing(error),
    }),
  }));
  return async (event) => {
    const lane = lanes.reduce((least, other) => (other.waiting < least.waiting ? other : least));
    lane.waiting++;
    try {
      return await lane.insert(event);
    } finally {
      lane.waiting--;
    }
  };
}
