import { describe, expect, test } from "vitest";
import {
  type ChannelMark,
  type ChannelPost,
  type ChannelRead,
  channelTools,
  invokeTool,
  ok,
  type ToolContract,
  validateInput,
  wantedTools,
} from "../../src/tools/index.ts";
import { toolContext } from "../support/tool-context.ts";

interface Asked {
  readonly post: ChannelPost[];
  readonly read: ChannelRead[];
  readonly pin: ChannelMark[];
  readonly react: (ChannelMark & { readonly emoji: string })[];
}

function channel(): { tool(name: string): ToolContract; tools: readonly ToolContract[]; asked: Asked } {
  const asked: Asked = { post: [], read: [], pin: [], react: [] };
  const marked = ({ channel, message }: ChannelMark) => ok({ channel, message, already: false });
  const tools = channelTools({
    post: async (request) => {
      asked.post.push(request);
      return ok({ messageId: "m1", channel: request.channel });
    },
    read: async (request) => {
      asked.read.push(request);
      return ok({ channel: request.channel, messages: [], more: false });
    },
    pin: async (request) => {
      asked.pin.push(request);
      return marked(request);
    },
    react: async (request) => {
      asked.react.push(request);
      return marked(request);
    },
  });
  const tool = (name: string): ToolContract => {
    const found = tools.find((each) => each.name === name);
    if (!found) throw new Error(`no tool ${name}`);
    return found;
  };
  return { tool, tools, asked };
}

const inputOf = (tool: ToolContract, raw: string) => {
  const input = validateInput(tool, raw);
  if (!input.ok) throw new Error(input.error.message);
  return input.value;
};

describe("channel_post", () => {
  test("posts the text to the channel, for the workflow's owner, with the key that keeps it from being posted twice", async () => {
    const { tool, asked } = channel();
    const post = tool("channel_post");
    const input = inputOf(post, '{"channel":" #ops ","text":"disk full\\nagain "}');
    const ctx = toolContext();
    expect(await invokeTool(post, input, ctx)).toEqual(ok({ messageId: "m1", channel: "#ops" }));
    expect(asked.post).toEqual([
      expect.objectContaining({
        workspaceId: "W1",
        channel: "#ops",
        text: "disk full\nagain",
        idempotencyKey: ctx.idempotencyKey,
        actsFor: ctx.actsFor,
        call: { tool: "channel_post", input },
      }),
    ]);
  });

  test("shows the text before it is posted, and what cannot be seen in it", () => {
    const post = channel().tool("channel_post");
    expect(post.preview?.({ channel: "#ops", text: "disk full\r\n\u200bnow" })).toEqual({
      action: "post to #ops",
      diff: ["+ disk full", "+ \\u{200b}now"],
      target: "#ops",
    });
    expect(post.destination?.({ channel: "#ops", text: "" })).toBe("#ops");
  });

  test.each([
    '{"channel":"","text":"x"}',
    '{"channel":"#a b","text":"x"}',
    '{"channel":"#a\\u202e","text":"x"}',
    '{"channel":"#ops","text":"  "}',
  ])("refuses %s", (raw) => {
    expect(validateInput(channel().tool("channel_post"), raw)).toMatchObject({ error: { code: "invalid_input" } });
  });
});

test("a call that nobody is known to be made for is made in no channel", async () => {
  const { tools, asked } = channel();
  const inputs: Readonly<Record<string, object>> = {
    channel_post: { channel: "#ops", text: "x" },
    channel_history: { channel: "#ops" },
    channel_pin: { channel: "#ops", message: "C1:1.1" },
    channel_react: { channel: "#ops", message: "C1:1.1", emoji: "eyes" },
  };
  for (const tool of tools) {
    const { actsFor: _, ...ctx } = toolContext();
    expect(await invokeTool(tool, inputs[tool.name], ctx)).toMatchObject({ error: { code: "not_permitted" } });
  }
  expect(asked).toEqual({ post: [], read: [], pin: [], react: [] });
});

describe("channel_history", () => {
  test("reads a day and fifty messages unless it is told otherwise", async () => {
    const { tool, asked } = channel();
    const read = tool("channel_history");
    const now = Date.parse("2026-05-04T10:00:00Z");
    const ctx = toolContext({ now: () => now });
    await invokeTool(read, inputOf(read, '{"channel":"#ops"}'), ctx);
    await invokeTool(
      read,
      inputOf(read, '{"channel":"#ops","hours":2,"limit":5,"before":"C1:1.2","thread":"C1:1.1"}'),
      ctx,
    );
    expect(asked.read).toEqual([
      expect.objectContaining({ since: now - 86_400_000, limit: 50, before: null, thread: null }),
      expect.objectContaining({ since: now - 7_200_000, limit: 5, before: "C1:1.2", thread: "C1:1.1" }),
    ]);
  });

  test("what it gives was written by people, so that it taints", () => {
    expect(channel().tool("channel_history")).toMatchObject({ effect: "read", outputTrust: "untrusted" });
  });

  test.each([
    '{"channel":"#ops","hours":0}',
    '{"channel":"#ops","hours":100000}',
    '{"channel":"#ops","limit":101}',
    '{"channel":"#ops","limit":0}',
    '{"channel":"#ops","before":"../x y"}',
    '{"channel":"#ops","thread":""}',
    '{"channel":"#ops","since":"ever"}',
  ])("refuses %s", (raw) => {
    expect(validateInput(channel().tool("channel_history"), raw)).toMatchObject({ error: { code: "invalid_input" } });
  });
});

describe("channel_pin and channel_react", () => {
  test("say what they are about to do", () => {
    const { tool } = channel();
    expect(tool("channel_pin").preview?.({ channel: "#ops", message: "C1:1.1" })).toMatchObject({
      action: "pin a message in #ops",
      target: "#ops",
    });
    expect(tool("channel_react").preview?.({ channel: "#ops", message: "C1:1.1", emoji: "eyes" })).toMatchObject({
      action: "react with eyes in #ops",
      diff: ["+ eyes on message C1:1.1"],
    });
  });

  test.each(["eyes", ":eyes:", "👀", "👍🏽", "+1", "white_check_mark"])("takes the emoji %s", async (emoji) => {
    const { tool, asked } = channel();
    const react = tool("channel_react");
    const input = inputOf(react, JSON.stringify({ channel: "#ops", message: "C1:1.1", emoji }));
    expect(await invokeTool(react, input, toolContext())).toMatchObject({ ok: true });
    expect(asked.react[0]?.emoji).toBe(emoji);
  });

  test.each(["", "two words", "<!channel>", "a\u202eb", "eyes/../x"])("takes no %s for an emoji", (emoji) => {
    const raw = JSON.stringify({ channel: "#ops", message: "C1:1.1", emoji });
    expect(validateInput(channel().tool("channel_react"), raw)).toMatchObject({ error: { code: "invalid_input" } });
  });
});

describe("a workflow is given them when its instruction speaks of them", () => {
  const given = (instruction: string) => wantedTools(instruction, channel().tools);
  test.each([
    ["remind us to drink water", ["channel_post"]],
    ["check https://status.example.com and tell #ops", ["channel_post"]],
    ["post the result to #ops", ["channel_post"]],
    ["summarise #support", ["channel_post", "channel_history"]],
    ["tell me which questions in #help nobody has answered", ["channel_post", "channel_history"]],
    ["summarise what was said in this channel", ["channel_post", "channel_history"]],
    ["pin the answer", ["channel_post", "channel_pin"]],
    ["react with :eyes: to it", ["channel_post", "channel_react"]],
    ["put a 👀 to it", ["channel_post", "channel_react"]],
  ])("%s", (instruction, tools) => {
    expect(given(instruction)).toEqual(tools);
  });
});
