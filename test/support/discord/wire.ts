/** People, places and messages as the API tells them. */
import { type Json, present } from "../slack/json.ts";
import { permissionsOf } from "./permissions.ts";
import type { Attachment, Channel, Guild, Member, Message, Role, User, World } from "./world.ts";
import { CHANNEL, FLAGS } from "./world.ts";

/** As Discord writes it: microseconds, and the zone as an offset. */
export const instant = (ms: number): string => new Date(ms).toISOString().replace("Z", "000+00:00");

export const userOnWire = (user: User): Json => ({
  id: user.id,
  username: user.username,
  avatar: null,
  discriminator: user.bot ? "0001" : "0",
  public_flags: 0,
  flags: 0,
  ...(user.bot && { bot: true }),
  banner: null,
  accent_color: null,
  global_name: user.globalName,
  avatar_decoration_data: null,
  collectibles: null,
  primary_guild: null,
});

/** Without `user`, as it stands beside a message's author. */
export const memberPart = (member: Member): Json => ({
  avatar: null,
  banner: null,
  communication_disabled_until: null,
  flags: 0,
  joined_at: instant(member.joinedAt),
  nick: member.nick,
  pending: false,
  premium_since: null,
  roles: [...member.roles],
  mute: false,
  deaf: false,
});

export const memberOnWire = (world: World, member: Member): Json => ({
  ...memberPart(member),
  user: userOnWire(knownUser(world, member.userId)),
});

export const roleOnWire = (role: Role): Json => ({
  id: role.id,
  name: role.name,
  permissions: String(role.permissions),
  position: role.position,
  color: 0,
  colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
  hoist: false,
  managed: role.managed,
  mentionable: role.mentionable,
  icon: null,
  unicode_emoji: null,
  flags: 0,
  ...(role.botId !== null && { tags: { bot_id: role.botId } }),
});

/** A channel, a DM or a thread; a thread with the viewer's own membership where there is one. */
export function channelOnWire(world: World, channel: Channel, viewerId: string | null = null): Json {
  const last = channel.messages.findLast((each) => !each.deleted && each.onlyFor === null)?.id ?? null;
  const common = { id: channel.id, type: channel.type, flags: channel.requiresTag ? 1 << 4 : 0 };
  const { thread, guildId } = channel;
  if (guildId === null) {
    const recipients = channel.recipients.filter((id) => id !== viewerId).map((id) => userOnWire(knownUser(world, id)));
    return { ...common, last_message_id: last, last_pin_timestamp: null, recipients };
  }
  const inGuild = { ...common, guild_id: guildId, name: channel.name, last_message_id: last };
  if (thread) return { ...inGuild, ...threadPart(channel, viewerId) };
  return {
    ...inGuild,
    parent_id: null,
    rate_limit_per_user: 0,
    topic: channel.topic,
    position: channel.position,
    nsfw: false,
    permission_overwrites: [...channel.overwrites.values()].map(({ id, type, allow, deny }) => ({
      id,
      type,
      allow: String(allow),
      deny: String(deny),
    })),
    ...(channel.type === CHANNEL.forum && {
      available_tags: channel.tags.map((tag) => ({ ...tag, emoji_id: null, emoji_name: null })),
      default_reaction_emoji: null,
      default_sort_order: null,
      default_forum_layout: 0,
    }),
  };
}

function threadPart(channel: Channel, viewerId: string | null): Json {
  const { thread } = channel;
  if (!thread) return {};
  // The message it began with is not counted among its messages.
  const count = channel.messages.filter((each) => !each.deleted && each.id !== channel.id && each.type !== 21).length;
  return {
    parent_id: thread.parentId,
    owner_id: thread.ownerId,
    rate_limit_per_user: 0,
    thread_metadata: {
      archived: thread.archived,
      archive_timestamp: instant(thread.archivedAt),
      auto_archive_duration: thread.autoArchive,
      locked: thread.locked,
      create_timestamp: instant(thread.createdAt),
      ...(channel.type === 12 && { invitable: thread.invitable }),
    },
    message_count: count,
    member_count: Math.min(50, thread.members.size),
    total_message_sent: thread.totalSent,
    ...(thread.tags.length > 0 && { applied_tags: thread.tags }),
    ...(viewerId !== null && thread.members.has(viewerId) && { member: threadMember(channel, viewerId) }),
  };
}

export const threadMember = (channel: Channel, userId: string): Json => ({
  id: channel.id,
  user_id: userId,
  join_timestamp: instant(channel.thread?.createdAt ?? 0),
  flags: 0,
});

export function guildOnWire(guild: Guild): Json {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    description: null,
    home_header: null,
    splash: null,
    discovery_splash: null,
    features: [],
    banner: null,
    owner_id: guild.ownerId,
    application_id: null,
    region: "deprecated",
    afk_channel_id: null,
    afk_timeout: 300,
    system_channel_id: null,
    system_channel_flags: 0,
    widget_enabled: false,
    widget_channel_id: null,
    verification_level: 0,
    roles: [...guild.roles.values()].map(roleOnWire),
    default_message_notifications: 0,
    mfa_level: 0,
    explicit_content_filter: 0,
    max_presences: null,
    max_members: 500_000,
    max_stage_video_channel_users: 50,
    max_video_channel_users: 25,
    vanity_url_code: null,
    premium_tier: 0,
    premium_subscription_count: 0,
    preferred_locale: "en-US",
    rules_channel_id: null,
    safety_alerts_channel_id: null,
    public_updates_channel_id: null,
    premium_progress_bar_enabled: false,
    nsfw: false,
    nsfw_level: 0,
    emojis: [],
    stickers: [],
    incidents_data: null,
  };
}

export const attachmentOnWire = (base: string, channelId: string, file: Attachment, ephemeral: boolean): Json => ({
  id: file.id,
  filename: file.filename,
  size: file.content.length,
  url: `${base}/attachments/${channelId}/${file.id}/${encodeURIComponent(file.filename)}`,
  proxy_url: `${base}/attachments/${channelId}/${file.id}/${encodeURIComponent(file.filename)}`,
  content_type: file.contentType,
  ...(file.description !== null && { description: file.description }),
  ...(ephemeral && { ephemeral: true }),
});

export interface MessageView {
  readonly world: World;
  readonly appId: string;
  readonly base: string;
  /** Whether content that no mention, DM or ownership entitles to is told. */
  readonly contentAllowed: boolean;
  readonly botId: string;
}

export function messageOnWire(view: MessageView, message: Message): Json {
  const { world, appId, base } = view;
  const author = knownUser(world, message.authorId);
  const { reference } = message;
  const referenced =
    reference?.messageId == null ? null : messageAnywhere(world, reference.channelId, reference.messageId);
  const thread = (message.flags & FLAGS.hasThread) === 0 ? undefined : world.channels.get(message.id);
  const channel = world.channels.get(message.channelId);
  const hidden = !mayRead(view, message, channel);
  return present({
    id: message.id,
    channel_id: message.channelId,
    type: message.type,
    content: hidden ? "" : message.content,
    author: userOnWire(author),
    mentions: message.mentions.users.map((id) => userOnWire(knownUser(world, id))),
    mention_roles: message.mentions.roles,
    mention_everyone: message.mentions.everyone,
    attachments: hidden
      ? []
      : message.attachments.map((each) => attachmentOnWire(base, message.channelId, each, message.onlyFor !== null)),
    embeds: hidden ? [] : message.embeds,
    components: hidden ? [] : message.components,
    timestamp: instant(message.createdAt),
    edited_timestamp: message.editedAt === null ? null : instant(message.editedAt),
    flags: message.flags,
    pinned: message.pinned,
    tts: false,
    reactions: message.reactions.size > 0 ? reactionsOnWire(message, view.botId) : undefined,
    application_id: message.interaction === null ? undefined : appId,
    webhook_id: message.interaction === null ? undefined : appId,
    interaction_metadata: message.interaction ?? undefined,
    thread: thread && channelOnWire(world, thread, view.botId),
    message_reference: reference
      ? present({
          type: reference.type,
          channel_id: reference.channelId,
          message_id: reference.messageId ?? undefined,
          guild_id: channel?.guildId ?? undefined,
        })
      : undefined,
    ...(reference &&
      (message.type === 19 || message.type === 21) && {
        referenced_message: referenced
          ? messageOnWire(view, { ...referenced, reference: null, reactions: new Map() })
          : null,
      }),
  });
}

/** https://discord.com/developers/docs/events/gateway#message-content-intent */
function mayRead(view: MessageView, message: Message, channel: Channel | undefined): boolean {
  if (view.contentAllowed || message.authorId === view.botId || channel?.guildId === null) return true;
  return message.mentions.users.includes(view.botId);
}

function reactionsOnWire(message: Message, viewerId: string): Json[] {
  return [...message.reactions].map(([emoji, users]) => ({
    emoji: { id: null, name: emoji },
    count: users.size,
    count_details: { burst: 0, normal: users.size },
    burst_colors: [],
    me_burst: false,
    me: users.has(viewerId),
  }));
}

const messageAnywhere = (world: World, channelId: string, id: string): Message | null => {
  const channel = world.channels.get(channelId);
  return channel ? world.messageIn(channel, id) : null;
};

export function knownUser(world: World, id: string): User {
  const user = world.users.get(id);
  if (!user) throw new Error(`there is no user ${id}`);
  return user;
}

/** `permissions` is what the member may do in the channel, as an interaction tells it. */
export const memberInChannel = (world: World, guild: Guild, member: Member, channel: Channel): Json => ({
  ...memberOnWire(world, member),
  permissions: String(permissionsOf(world, member.userId, guild, channel)),
});
