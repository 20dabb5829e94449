/** What every tool that works in a channel takes, and how it is told for whom. */
import { z } from "zod";
import { type ActsFor, fail, ok, type ToolContext, type ToolResult } from "../contract.ts";

export const Channel = z
  .string()
  .trim()
  .max(100)
  // No `pattern` in the schema: endpoints disagree about \p in patterns.
  .refine((channel) => /^[^\s\p{C}]+$/u.test(channel), "expected a channel such as #ops")
  .describe("#ops");

/** As `channel_history` and what started the run name it. */
export const MessageName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((id) => /^[\w.:-]+$/.test(id), "expected the id of a message");

/** A call that works in a channel. */
export interface ChannelCall {
  readonly workspaceId: string;
  /** Only what this workflow's owner sees can be worked in. */
  readonly actsFor: ActsFor;
  /** As the model wrote it: `#ops`, `ops` or an id. */
  readonly channel: string;
  /** The whole call: rules that name its channel otherwise hold for it too. */
  readonly call: { readonly tool: string; readonly input: unknown };
  readonly signal: AbortSignal;
  /** Asked last of all: false when another process may be making the same call by now. */
  readonly mayLeave?: () => boolean;
}

/** @returns `not_permitted` when it is not known for whom the call is made */
export function channelCall(
  tool: string,
  input: { readonly channel: string },
  { actsFor, home, signal, mayLeave }: ToolContext,
): ToolResult<ChannelCall> {
  if (!actsFor) return fail("not_permitted", "It is not known whose workflow this is, so it may see no channel.");
  const { workspaceId } = home;
  const { channel } = input;
  return ok({ workspaceId, actsFor, channel, call: { tool, input }, signal, ...(mayLeave && { mayLeave }) });
}
