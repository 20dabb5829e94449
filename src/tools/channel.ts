/** Posting to a channel of the run's own platform. */
import { z } from "zod";
import { defineTool, type ToolContext, type ToolContract, type ToolResult } from "./contract.ts";
import { addedLines } from "./text.ts";

export interface ChannelPost {
  readonly workspaceId: string;
  /** As the model wrote it: `#ops`, `ops` or an id. */
  readonly channel: string;
  readonly text: string;
  /** The same for every attempt of one step: a message with this key is posted once. */
  readonly idempotencyKey: string;
  readonly home: ToolContext["home"];
  readonly signal: AbortSignal;
  readonly mayLeave?: () => boolean;
}

export interface ChannelDeps {
  /** Posts a message, once for a key. `messageId` is null when the platform gave none. */
  readonly post: (
    request: ChannelPost,
  ) => Promise<ToolResult<{ readonly messageId: string | null; readonly channel: string }>>;
}

const input = z.strictObject({
  channel: z
    .string()
    .trim()
    .max(100)
    // No `pattern` in the schema: endpoints disagree about \p in patterns.
    .refine((channel) => /^[^\s\p{C}]+$/u.test(channel), "expected a channel such as #ops")
    .describe("#ops"),
  text: z.string().trim().min(1).max(10_000),
});

const output = z.object({ messageId: z.string().nullable(), channel: z.string() });

export function channelTools(deps: ChannelDeps): readonly ToolContract[] {
  return [
    defineTool({
      name: "channel_post",
      description: "Posts a message to another channel. The run's own thread gets the report by itself.",
      input,
      output,
      effect: "write",
      egress: "by_argument",
      retry: "idempotent",
      timeoutMs: 10_000,
      outputTrust: "trusted",
      destination: ({ channel }) => channel,
      where: ["channel"],
      preview: ({ channel, text }) => ({
        action: `post to ${channel}`,
        diff: addedLines(text),
        target: channel,
      }),
      execute: ({ channel, text }, { idempotencyKey, home, signal, mayLeave }) =>
        deps.post({
          workspaceId: home.workspaceId,
          channel,
          text,
          idempotencyKey,
          home,
          signal,
          ...(mayLeave && { mayLeave }),
        }),
    }),
  ];
}
