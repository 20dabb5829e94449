/** Pinning a message of a channel, and putting an emoji to one. Doing either again changes nothing. */
import { z } from "zod";
import { defineTool, type ToolContract, type ToolResult } from "../contract.ts";
import { visible } from "../text.ts";
import { Channel, type ChannelCall, channelCall, MessageName } from "./words.ts";

export interface ChannelMark extends ChannelCall {
  readonly message: string;
}

const output = z.object({
  channel: z.string(),
  message: z.string(),
  /** It was so before. */
  already: z.boolean(),
});
export type Marked = z.infer<typeof output>;

export type Pin = (request: ChannelMark) => Promise<ToolResult<Marked>>;
export type React = (request: ChannelMark & { readonly emoji: string }) => Promise<ToolResult<Marked>>;

const WRITE = {
  output,
  effect: "write",
  egress: "by_argument",
  retry: "idempotent",
  timeoutMs: 20_000,
  outputTrust: "trusted",
  where: ["channel"],
} as const;

const PIN = "channel_pin";
const REACT = "channel_react";

/** `white_check_mark`, `:eyes:` or the sign itself. */
const Emoji = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .refine(
    (emoji) => /^(:?[\w+'-]+:?|(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\u200D|\uFE0F)+)$/u.test(emoji),
    "expected one emoji, such as eyes",
  )
  .describe("eyes");

export const channelPin = (pin: Pin): ToolContract =>
  defineTool({
    ...WRITE,
    name: PIN,
    description: "Pins a message of a channel.",
    input: z.strictObject({ channel: Channel, message: MessageName }),
    calledBy: /\bpin(?:s|ned|ning)?\b|📌/iu,
    destination: ({ channel }) => channel,
    preview: ({ channel, message }) => ({
      action: `pin a message in ${channel}`,
      diff: [`+ pinned: message ${visible(message)}`],
      target: channel,
    }),
    execute: async (input, ctx) => {
      const call = channelCall(PIN, input, ctx);
      return call.ok ? pin({ ...call.value, message: input.message }) : call;
    },
  });

export const channelReact = (react: React): ToolContract =>
  defineTool({
    ...WRITE,
    name: REACT,
    description: "Puts an emoji to a message of a channel.",
    input: z.strictObject({ channel: Channel, message: MessageName, emoji: Emoji }),
    calledBy: /\b(?:re-?act\w*|emojis?)\b|(?<!\w):[a-z][\w+'-]*:|\p{Emoji_Presentation}/iu,
    destination: ({ channel }) => channel,
    preview: ({ channel, message, emoji }) => ({
      action: `react with ${visible(emoji)} in ${channel}`,
      diff: [`+ ${visible(emoji)} on message ${visible(message)}`],
      target: channel,
    }),
    execute: async (input, ctx) => {
      const call = channelCall(REACT, input, ctx);
      return call.ok ? react({ ...call.value, message: input.message, emoji: input.emoji }) : call;
    },
  });
