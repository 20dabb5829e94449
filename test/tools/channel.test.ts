import { describe, expect, test } from "vitest";
import {
  type ChannelPost,
  channelTools,
  invokeTool,
  ok,
  type ToolContract,
  validateInput,
} from "../../src/tools/index.ts";
import { toolContext } from "../support/tool-context.ts";

function channelPost(): { tool: ToolContract; posted: ChannelPost[] } {
  const posted: ChannelPost[] = [];
  const [tool] = channelTools({
    post: async (request) => {
      posted.push(request);
      return ok({ messageId: "m1", channel: request.channel });
    },
  });
  if (!tool) throw new Error("no tool");
  return { tool, posted };
}

describe("channel_post", () => {
  test("posts the text to the channel, with the key that keeps it from being posted twice", async () => {
    const { tool, posted } = channelPost();
    const input = validateInput(tool, '{"channel":" #ops ","text":"disk full\\nagain "}');
    if (!input.ok) throw new Error(input.error.message);
    const ctx = toolContext();
    expect(await invokeTool(tool, input.value, ctx)).toEqual(ok({ messageId: "m1", channel: "#ops" }));
    expect(posted).toEqual([
      expect.objectContaining({
        workspaceId: "W1",
        channel: "#ops",
        text: "disk full\nagain",
        idempotencyKey: ctx.idempotencyKey,
        home: ctx.home,
      }),
    ]);
  });

  test("shows the text before it is posted, and what cannot be seen in it", () => {
    const { tool } = channelPost();
    expect(tool.preview?.({ channel: "#ops", text: "disk full\r\n\u200bnow" })).toEqual({
      action: "post to #ops",
      diff: ["+ disk full", "+ \\u{200b}now"],
      target: "#ops",
    });
    expect(tool.destination?.({ channel: "#ops", text: "" })).toBe("#ops");
  });

  test.each([
    '{"channel":"","text":"x"}',
    '{"channel":"#a b","text":"x"}',
    '{"channel":"#a\\u202e","text":"x"}',
    '{"channel":"#ops","text":"  "}',
  ])("refuses %s", (raw) => {
    expect(validateInput(channelPost().tool, raw)).toMatchObject({ error: { code: "invalid_input" } });
  });
});
