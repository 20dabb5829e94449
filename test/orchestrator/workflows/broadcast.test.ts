/** A report that is shown in the channel too, because the line says so. */
import { describe, expect, it } from "vitest";
import { BROADCAST_WORDS, splitBroadcast } from "../../../src/orchestrator/workflows/broadcast.ts";

describe("an instruction", () => {
  it.each([
    ["summarise open PRs and show it in the channel", "summarise open PRs"],
    ["summarise open PRs, and also show the report in this channel too.", "summarise open PRs"],
    ["check the page and post the results in the channel as well", "check the page"],
    [`remind us of lunch${BROADCAST_WORDS}`, "remind us of lunch"],
  ])("that ends so is for the channel too: %s", (text, instruction) => {
    expect(splitBroadcast(text)).toEqual({ instruction, broadcast: true });
  });

  it.each([
    "show it in the channel",
    "say what was said in the channel",
    "post a summary of it in the channel #ops",
    "show it in the channel and close it",
    "",
    `${"a ".repeat(5_000)}and show it in the channel`,
  ])("that means something else is left as it is", (text) => {
    expect(splitBroadcast(text)).toEqual({ instruction: text, broadcast: false });
  });
});
