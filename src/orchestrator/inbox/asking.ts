/** What the platform says before anything is done: no transaction waits for an answer from outside. */
import type { Database } from "../db/client.ts";
import type { ChannelWork, ChatPlatform, InboundEvent, Introduction, MemberId, PlatformName, Sight } from "../ports.ts";
import { type ChannelsNamed, namedChannels } from "../triggers/named.ts";
import { sightsOf } from "../triggers/sights.ts";

export interface AskingDeps {
  readonly db: Database;
  readonly platforms: ReadonlyMap<PlatformName, ChatPlatform>;
  /** The platforms it can ask about channels, whether or not it listens to them. */
  readonly reach: ReadonlyMap<PlatformName, ChannelWork>;
}

export interface Asked {
  /** Null when it could not be asked. */
  readonly actor: Introduction | null;
  /** Null when Claw can post in the event's channel, else what a person can do about it. */
  readonly cannotPost: string | null;
  readonly channels: ChannelsNamed;
  /** Of those whose workflows it may start: whether they see the channel it happened in. */
  readonly sights: ReadonlyMap<MemberId, Sight>;
  /** The message that was reacted to. */
  readonly message: string | null;
}

const NOTHING_ASKED: Asked = {
  actor: null,
  cannotPost: null,
  channels: { seen: new Map(), unseen: [] },
  sights: new Map(),
  message: null,
};

export async function ask(deps: AskingDeps, event: InboundEvent): Promise<Asked> {
  const platform = deps.platforms.get(event.platform);
  const { body, workspaceId, channelId } = event;
  if (body.kind === "introduction") return { ...NOTHING_ASKED, actor: body.introduction };
  const sights = await sightsOf(deps, event);
  if (!platform || body.kind === "webhook") return { ...NOTHING_ASKED, sights };
  const [actor, cannotPost, channels, message] = await Promise.all([
    platform.introduce(event.actor.memberId, event.workspaceId),
    body.kind === "command" ? platform.whyNotPost(channelId, workspaceId) : null,
    namedChannels(platform, event),
    body.kind === "reaction" ? (platform.readMessage?.(channelId, body.messageId, workspaceId) ?? null) : null,
  ]);
  return { actor, cannotPost, channels, sights, message };
}
