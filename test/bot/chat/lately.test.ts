import { describe, expect, it } from "vitest";
import { createLately } from "../../../src/bot/chat/lately.ts";

describe("a thing done once", () => {
  it("is done once for a key, also at the same time, and its outcome stands", async () => {
    const lately = createLately<string>(() => true);
    const done: string[] = [];
    const work = async () => `${done.push("x")}`;
    expect(await Promise.all([lately.once("a", work), lately.once("a", work)])).toEqual(["1", "1"]);
    expect(await lately.once("a", work)).toBe("1");
    expect(await lately.once("b", work)).toBe("2");
  });

  it("that came to nothing, or threw, is done again", async () => {
    const lately = createLately<string>((outcome) => outcome !== "no");
    expect(await lately.once("a", async () => "no")).toBe("no");
    await expect(lately.once("a", () => Promise.reject(new Error("lost")))).rejects.toThrow("lost");
    expect(await lately.once("a", async () => "yes")).toBe("yes");
    expect(await lately.once("a", async () => "no")).toBe("yes");
  });

  it("is forgotten after a thousand others", async () => {
    const lately = createLately<number>(() => true);
    for (let n = 0; n <= 1_000; n++) await lately.once(`k${n}`, async () => n);
    expect(await lately.once("k1000", async () => -1)).toBe(1_000);
    expect(await lately.once("k0", async () => -1)).toBe(-1);
  });
});
