/** Channels of the run's own platform, as far as the workflow's owner sees them: history, posts, pins, reactions. */
import type { ToolContract } from "../contract.ts";
import { channelHistory, type Read } from "./history.ts";
import { channelPin, channelReact, type Pin, type React } from "./mark.ts";
import { channelPost, type Post } from "./post.ts";

export type { ChannelRead } from "./history.ts";
export type { ChannelMark } from "./mark.ts";
export type { ChannelPost } from "./post.ts";
export type { ChannelCall } from "./words.ts";

export interface ChannelDeps {
  readonly post: Post;
  readonly read: Read;
  readonly pin: Pin;
  readonly react: React;
}

export const channelTools = (deps: ChannelDeps): readonly ToolContract[] => [
  channelPost(deps.post),
  channelHistory(deps.read),
  channelPin(deps.pin),
  channelReact(deps.react),
];
