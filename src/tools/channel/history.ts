/** Reading what was said in a channel, bounded in time and number. */
import { z } from "zod";
import { defineTool, type ToolContract, type ToolResult } from "../contract.ts";
import { Channel, type ChannelCall, channelCall, MessageName } from "./words.ts";

export interface ChannelRead extends ChannelCall {
  /** Milliseconds since the epoch: nothing older. */
  readonly since: number;
  /** So many messages at most, the newest of those that are meant. */
  readonly limit: number;
  /** Only what is older than this message; null: from the newest on. */
  readonly before: string | null;
  /** A message whose thread is read; null: the channel itself. */
  readonly thread: string | null;
}

const Said = z.object({
  id: z.string(),
  at: z.string(),
  from: z.string(),
  text: z.string(),
  /** Messages in its thread. */
  replies: z.int(),
});

const output = z.object({
  channel: z.string(),
  /** The oldest first. */
  messages: z.array(Said),
  /** There are older ones within the hours: ask again with `before`. */
  more: z.boolean(),
});
export type ChannelHistory = z.infer<typeof output>;

export type Read = (request: ChannelRead) => Promise<ToolResult<ChannelHistory>>;

const NAME = "channel_history";
const HOUR_MS = 3_600_000;
const HOURS = 24;
const MOST_HOURS = 31 * 24;
const LIMIT = 50;
const MOST = 100;

/** A channel's name stands beside much that only wants to tell it something; those words alone call for no history. */
const CALLED_BY =
  /(?<!(?:\b(?:to|tell|notify|alert|ping|warn|inform)|post\w* (?:it |this |that )?in)\s)#[\p{L}\p{N}_-]*\p{L}|\b(?:history|conversations?|discussions?|threads?|channels?|messages?|chats?|(?:said|wrote|written|asked|discussed|mentioned) (?:in|on)|slack|discord)\b/iu;

export const channelHistory = (read: Read): ToolContract =>
  defineTool({
    name: NAME,
    description: "Reads what was said in a channel, or in one of its threads.",
    input: z.strictObject({
      channel: Channel,
      hours: z.number().positive().max(MOST_HOURS).optional().describe(`back from now; ${HOURS} if not given`),
      limit: z.int().min(1).max(MOST).optional(),
      before: MessageName.optional().describe("id of a message: only older ones"),
      thread: MessageName.optional().describe("id of a message: its thread"),
    }),
    output,
    effect: "read",
    // What is asked goes nowhere but to the platform that the run is on.
    egress: "none",
    retry: "safe",
    timeoutMs: 20_000,
    outputTrust: "untrusted",
    calledBy: CALLED_BY,
    destination: ({ channel }) => channel,
    execute: async (input, ctx) => {
      const call = channelCall(NAME, input, ctx);
      if (!call.ok) return call;
      const { hours = HOURS, limit = LIMIT, before = null, thread = null } = input;
      return read({ ...call.value, since: ctx.now() - hours * HOUR_MS, limit, before, thread });
    },
  });
