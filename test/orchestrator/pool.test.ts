/** Items taken from a queue, a bounded number at once. */
import { describe, expect, it } from "vitest";
import { createPool } from "../../src/orchestrator/pool.ts";
import { gate } from "./engine-case.ts";

function queue(items: number[], limit: number, work: (item: number) => Promise<void>) {
  const seen = { claims: 0, busy: 0, most: 0, done: [] as number[] };
  const pool = createPool<number>({
    limit,
    async claim(free) {
      seen.claims += 1;
      return items.splice(0, free);
    },
    async work(item) {
      seen.busy += 1;
      seen.most = Math.max(seen.most, seen.busy);
      await work(item);
      seen.busy -= 1;
      seen.done.push(item);
    },
  });
  return { pool, seen, items };
}

describe("a pool", () => {
  it("works through everything that is due, no more at once than its limit", async () => {
    const { pool, seen } = queue([1, 2, 3, 4, 5, 6, 7], 3, () => new Promise((resolve) => setImmediate(resolve)));
    await pool.drain();
    expect(seen.done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(seen.most).toBe(3);
  });

  it("looks again when asked while it is busy, and does not keep whoever asks", async () => {
    const slow = gate();
    const { pool, seen, items } = queue([1], 2, (item) => (item === 1 ? slow.opened : Promise.resolve()));
    const first = pool.drain();
    await expect.poll(() => seen.busy).toBe(1);
    items.push(2);
    await pool.drain();
    await expect.poll(() => seen.done).toEqual([2]);
    slow.open();
    await first;
    expect(seen.done).toEqual([2, 1]);
  });

  it("loses no wake that comes just as it ends", async () => {
    for (let turns = 0; turns < 12; turns++) {
      const { pool, seen, items } = queue([1], 1, async () => {});
      const first = pool.drain();
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      items.push(2);
      await Promise.all([first, pool.drain()]);
      await expect.poll(() => seen.done).toEqual([1, 2]);
    }
  });

  it("can be asked again after a look that failed", async () => {
    const state = { fails: true };
    const done: number[] = [];
    const items = [1];
    const pool = createPool<number>({
      limit: 1,
      claim: async (free) => (state.fails ? Promise.reject(new Error("down")) : items.splice(0, free)),
      work: async (item) => void done.push(item),
    });
    await expect(pool.drain()).rejects.toThrow("down");
    state.fails = false;
    await pool.drain();
    expect(done).toEqual([1]);
  });

  it("claims nothing more once it is stopped, and waits for what is under way", async () => {
    const slow = gate();
    const { pool, seen, items } = queue([1], 1, () => slow.opened);
    const draining = pool.drain();
    await expect.poll(() => seen.busy).toBe(1);
    items.push(2);
    const stopping = pool.stop();
    slow.open();
    await Promise.all([stopping, draining]);
    await pool.drain();
    expect(seen.done).toEqual([1]);
    expect(items).toEqual([2]);
  });
});
