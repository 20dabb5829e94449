/** What there is on this Discord. The REST API and the people on it change the same things. */
import type { Json } from "../slack/json.ts";
import type { Snowflakes } from "./snowflakes.ts";

export interface User {
  readonly id: string;
  username: string;
  globalName: string | null;
  readonly bot: boolean;
  /** False: 50007 for whoever writes to them. */
  acceptsDms: boolean;
}

export interface Role {
  readonly id: string;
  name: string;
  permissions: bigint;
  position: number;
  /** Of an app; nobody can take or give it. */
  readonly managed: boolean;
  mentionable: boolean;
  readonly botId: string | null;
}

export interface Member {
  readonly userId: string;
  nick: string | null;
  readonly roles: Set<string>;
  readonly joinedAt: number;
}

export interface Overwrite {
  readonly id: string;
  readonly type: 0 | 1;
  allow: bigint;
  deny: bigint;
}

export interface ForumTag {
  readonly id: string;
  readonly name: string;
  readonly moderated: boolean;
}

export interface Thread {
  readonly parentId: string;
  readonly ownerId: string;
  archived: boolean;
  locked: boolean;
  /** Minutes. */
  autoArchive: number;
  archivedAt: number;
  readonly createdAt: number;
  invitable: boolean;
  readonly members: Set<string>;
  tags: string[];
  totalSent: number;
}

export const CHANNEL = { text: 0, dm: 1, voice: 2, category: 4, announcement: 5, forum: 15 } as const;

export interface Channel {
  readonly id: string;
  /** https://discord.com/developers/docs/resources/channel#channel-object-channel-types */
  readonly type: number;
  /** Null of a DM. */
  readonly guildId: string | null;
  name: string;
  position: number;
  topic: string | null;
  readonly overwrites: Map<string, Overwrite>;
  /** Of a DM. */
  readonly recipients: readonly string[];
  readonly thread: Thread | null;
  /** Of a forum. */
  readonly tags: ForumTag[];
  /** A forum where each post needs a tag. */
  requiresTag: boolean;
  /** Oldest first; also the ephemeral and the deleted ones. */
  readonly messages: Message[];
}

export interface Attachment {
  readonly id: string;
  readonly filename: string;
  readonly description: string | null;
  readonly contentType: string;
  readonly content: Buffer;
}

export interface Mentions {
  readonly users: readonly string[];
  readonly roles: readonly string[];
  readonly everyone: boolean;
}

export interface Message {
  readonly id: string;
  readonly channelId: string;
  /** https://discord.com/developers/docs/resources/message#message-object-message-types */
  readonly type: number;
  readonly authorId: string;
  content: string;
  embeds: Json[];
  /** As the API tells them, with ids. */
  components: Json[];
  attachments: Attachment[];
  flags: number;
  readonly createdAt: number;
  editedAt: number | null;
  readonly nonce: string | number | null;
  /** `interaction_metadata`; null of what no interaction led to. */
  readonly interaction: Json | null;
  readonly reference: { readonly type: number; readonly channelId: string; readonly messageId: string | null } | null;
  mentions: Mentions;
  /** Whom it made a sound for, when it was posted: ids of people and roles, `everyone`. */
  pings: readonly string[];
  /** The only one who sees it; null when everyone does. */
  readonly onlyFor: string | null;
  deleted: boolean;
  readonly reactions: Map<string, Set<string>>;
  pinned: boolean;
}

export interface Guild {
  readonly id: string;
  name: string;
  ownerId: string;
  readonly roles: Map<string, Role>;
  readonly members: Map<string, Member>;
  /** False during an outage of Discord's own: in READY, without a GUILD_CREATE. */
  available: boolean;
}

export const FLAGS = {
  suppressEmbeds: 1 << 2,
  hasThread: 1 << 5,
  ephemeral: 1 << 6,
  loading: 1 << 7,
  suppressNotifications: 1 << 12,
  voiceMessage: 1 << 13,
  componentsV2: 1 << 15,
} as const;

export class World {
  readonly users = new Map<string, User>();
  readonly guilds = new Map<string, Guild>();
  readonly channels = new Map<string, Channel>();

  constructor(
    private readonly ids: Snowflakes,
    private readonly now: () => number,
  ) {}

  addUser(parts: Partial<User> & { readonly username: string }): User {
    const user: User = { id: this.ids.next(), globalName: null, bot: false, acceptsDms: true, ...parts };
    this.users.set(user.id, user);
    return user;
  }

  addChannel(parts: Partial<Channel> & Pick<Channel, "type" | "guildId" | "name">): Channel {
    const channel: Channel = {
      id: this.ids.next(),
      position: this.channels.size,
      topic: null,
      overwrites: new Map(),
      recipients: [],
      thread: null,
      tags: [],
      requiresTag: false,
      messages: [],
      ...parts,
    };
    this.channels.set(channel.id, channel);
    return channel;
  }

  /** The direct conversation of two, made when there is none. */
  directBetween(one: string, other: string): Channel {
    const both = [one, other];
    const there = [...this.channels.values()].find(
      (each) => each.type === CHANNEL.dm && both.every((id) => each.recipients.includes(id)),
    );
    return there ?? this.addChannel({ type: CHANNEL.dm, guildId: null, name: "", recipients: both });
  }

  addMessage(channel: Channel, parts: Partial<Message> & Pick<Message, "authorId">): Message {
    const message: Message = {
      id: this.ids.next(),
      channelId: channel.id,
      type: 0,
      content: "",
      embeds: [],
      components: [],
      attachments: [],
      flags: 0,
      createdAt: this.now(),
      editedAt: null,
      nonce: null,
      interaction: null,
      reference: null,
      mentions: { users: [], roles: [], everyone: false },
      pings: [],
      onlyFor: null,
      deleted: false,
      reactions: new Map(),
      pinned: false,
      ...parts,
    };
    channel.messages.push(message);
    if (channel.thread) {
      channel.thread.totalSent += 1;
      channel.thread.members.add(message.authorId);
    }
    return message;
  }

  /** What anyone can find by its id; ephemeral messages are not among it. */
  messageIn(channel: Channel, id: string): Message | null {
    return channel.messages.find((each) => each.id === id && !each.deleted && each.onlyFor === null) ?? null;
  }

  threadsOf(channel: Channel): Channel[] {
    return [...this.channels.values()].filter((each) => each.thread?.parentId === channel.id);
  }

  userNamed(name: string): User | null {
    return [...this.users.values()].find((each) => each.username === name) ?? null;
  }
}
