import { expect, test } from "vitest";
import { markdownPieces } from "../../../src/bot/chat/markdown.ts";

test("nothing that a model can write takes more than a moment", () => {
  const traps = [
    "[",
    "*a ",
    "> ",
    "`",
    "![[",
    "_*",
    "- ",
    "|a",
    "<a ",
    "www.",
    "a@",
    "~~a",
    "**a",
    "\\",
    "](",
    "[x](",
    "https://x.test/)",
    "&#",
    "{t:",
    "# ",
    "1. ",
    "  - a\n",
    "> - ",
    "|-|\n",
    "`a``b```c",
    "(((",
    "_a*",
  ];
  const began = process.cpuUsage();
  for (const trap of traps) {
    for (const end of ["", "\n|---|", "\n```"]) markdownPieces(trap.repeat(15_000 / trap.length) + end);
  }
  // Tens of milliseconds each when it is linear; a quadratic one takes minutes.
  expect(process.cpuUsage(began).user / 1e6).toBeLessThan(40);
});
