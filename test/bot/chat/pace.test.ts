import { expect, it } from "vitest";
import { createPace } from "../../../src/bot/chat/pace.ts";

it("paces a channel: some at once, then one a second, each in its turn", () => {
  const pace = createPace(1_000, 3);
  const waits = ["a", "b", "c", "d", "e"].map((key) => pace.take("C1", key, 10_000));
  expect(waits).toEqual([0, 0, 0, 1_000, 2_000]);
  expect(pace.take("C2", "f", 10_000)).toBe(0);
  // Who comes back at their turn goes, whoever else came meanwhile.
  expect(pace.take("C1", "g", 10_500)).toBe(2_500);
  expect(pace.take("C1", "d", 11_000)).toBe(0);
  expect(pace.take("C1", "e", 11_000)).toBe(1_000);
  expect(pace.take("C1", "e", 12_000)).toBe(0);
  expect(pace.take("C1", "g", 13_000)).toBe(0);
  expect(pace.take("C1", "h", 60_000)).toBe(0);
});
