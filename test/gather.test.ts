/** What many write at once goes together, and each hears what became of its own part. */
import { describe, expect, it } from "vitest";
import { createGather } from "../src/gather.ts";
import { gate } from "./orchestrator/engine-case.ts";

class Refused extends Error {}
class Away extends Error {}

function recording(fails: (items: readonly number[]) => Error | null = () => null, most = 100) {
  const flushed: number[][] = [];
  const add = createGather<number, string>({
    most,
    mayTryEach: (error) => error instanceof Refused,
    async together(items) {
      flushed.push([...items]);
      await new Promise((resolve) => setImmediate(resolve));
      const failure = fails(items);
      if (failure) throw failure;
      return items.map((item) => `wrote ${item}`);
    },
  });
  return { flushed, add };
}

describe("a group commit", () => {
  it("takes together what comes in one turn, and answers each with its own", async () => {
    const { flushed, add } = recording();
    expect(await Promise.all([1, 2, 3].map(add))).toEqual(["wrote 1", "wrote 2", "wrote 3"]);
    expect(flushed).toEqual([[1, 2, 3]]);
  });

  it("has one flush under way, and takes what comes meanwhile with the next", async () => {
    const held = gate();
    const state = { underWay: 0, most: 0 };
    const flushed: number[][] = [];
    const add = createGather<number, number>({
      most: 100,
      mayTryEach: () => false,
      async together(items) {
        state.underWay += 1;
        state.most = Math.max(state.most, state.underWay);
        flushed.push([...items]);
        if (flushed.length === 1) await held.opened;
        state.underWay -= 1;
        return items;
      },
    });
    const first = add(1);
    await expect.poll(() => flushed.length).toBe(1);
    const rest = [2, 3, 4].map(add);
    held.open();
    expect(await Promise.all([first, ...rest])).toEqual([1, 2, 3, 4]);
    expect(flushed).toEqual([[1], [2, 3, 4]]);
    expect(state.most).toBe(1);
  });

  it("cuts what is more than one flush may have", async () => {
    const { flushed, add } = recording(() => null, 2);
    await Promise.all([1, 2, 3, 4, 5].map(add));
    expect(flushed).toEqual([[1, 2], [3, 4], [5]]);
  });

  it("writes one by one when one of them cannot be written, and only that one is told", async () => {
    const { flushed, add } = recording((items) => (items.includes(2) ? new Refused("2 is not right") : null));
    const settled = await Promise.allSettled([1, 2, 3].map(add));
    expect(settled.map((each) => (each.status === "fulfilled" ? each.value : String(each.reason)))).toEqual([
      "wrote 1",
      "Error: 2 is not right",
      "wrote 3",
    ]);
    expect(flushed).toEqual([[1, 2, 3], [1], [2], [3]]);
  });

  it("does not write again what may have been written: all are told that nobody knows", async () => {
    const { flushed, add } = recording(() => new Away("connection lost"));
    const settled = await Promise.allSettled([1, 2].map(add));
    expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(flushed).toEqual([[1, 2]]);
    await expect(add(3)).rejects.toThrow("connection lost");
  });
});
