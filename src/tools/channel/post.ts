/** Posting to a channel of the run's own platform. */
import { z } from "zod";
import { defineTool, type ToolContract, type ToolResult } from "../contract.ts";
import { addedLines } from "../text.ts";
import { Channel, type ChannelCall, channelCall } from "./words.ts";

export interface ChannelPost extends ChannelCall {
  readonly text: string;
  /** The same for every attempt of one step: a message with this key is posted once. */
  readonly idempotencyKey: string;
}

export type Post = (
  request: ChannelPost,
) => Promise<ToolResult<{ readonly messageId: string | null; readonly channel: string }>>;

const NAME = "channel_post";

/** @param post posts a message, once for a key; `messageId` is null when the platform gave none */
export const channelPost = (post: Post): ToolContract =>
  defineTool({
    name: NAME,
    description: "Posts a message to another channel. The run's own thread gets the report by itself.",
    input: z.strictObject({ channel: Channel, text: z.string().trim().min(1).max(10_000) }),
    output: z.object({ messageId: z.string().nullable(), channel: z.string() }),
    effect: "write",
    egress: "by_argument",
    retry: "idempotent",
    timeoutMs: 20_000,
    outputTrust: "trusted",
    destination: ({ channel }) => channel,
    where: ["channel"],
    preview: ({ channel, text }) => ({
      action: `post to ${channel}`,
      diff: addedLines(text),
      target: channel,
    }),
    execute: async (input, ctx) => {
      const call = channelCall(NAME, input, ctx);
      if (!call.ok) return call;
      return post({ ...call.value, text: input.text, idempotencyKey: ctx.idempotencyKey });
    },
  });
