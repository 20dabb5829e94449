/** What there is in a workspace. The Web API and the people in it change the same things. */
import type { Ids } from "./ids.ts";
import type { Json } from "./json.ts";

export interface User {
  readonly id: string;
  name: string;
  realName: string;
  email: string;
  /** The workspace it is at home in; another one than where it is met makes it an outsider of a shared channel. */
  readonly teamId: string;
  readonly isBot: boolean;
  isAdmin: boolean;
  isOwner: boolean;
  /** A guest. */
  isRestricted: boolean;
  deleted: boolean;
  timeZone: string;
  locale: string;
}

export type ChannelKind = "public" | "private" | "im" | "mpim";

export interface Channel {
  readonly id: string;
  name: string;
  kind: ChannelKind;
  readonly creator: string;
  /** Seconds. */
  readonly created: number;
  readonly members: Set<string>;
  archived: boolean;
  /** Only admins may post: `restricted_action`. */
  readOnly: boolean;
  /** Other workspaces that share it over Slack Connect. */
  readonly sharedWith: Set<string>;
  topic: string;
  purpose: string;
  readonly previousNames: string[];
  /** By time of posting; also the ephemeral ones. */
  readonly messages: Message[];
  /** Timestamps of what is pinned. */
  readonly pins: string[];
  lastTs: number;
}

export interface Message {
  /** `1700000000.000100`, unique and growing within its channel. */
  readonly ts: string;
  readonly user: string | null;
  /** Of a message that a bot posted. */
  readonly botId: string | null;
  text: string;
  blocks: Json[] | null;
  attachments: Json[] | null;
  metadata: Json | null;
  readonly threadTs: string | null;
  /** `thread_broadcast`, `channel_join` and the like; null of a plain message. */
  subtype: string | null;
  edited: { readonly user: string; readonly ts: string } | null;
  files: string[];
  readonly reactions: Map<string, string[]>;
  /** The only one who sees it; null when everyone does. */
  readonly onlyFor: string | null;
  deleted: boolean;
  /** Milliseconds. */
  readonly postedAt: number;
  readonly clientMsgId: string | null;
  /** Name and icon it was posted under instead of the app's. */
  readonly username: string | null;
}

export interface UserGroup {
  readonly id: string;
  handle: string;
  name: string;
  users: string[];
  disabled: boolean;
}

export interface StoredFile {
  readonly id: string;
  readonly name: string;
  title: string;
  readonly length: number;
  /** Null until it was uploaded. */
  content: Buffer | null;
  /** An upload counts only once it was completed. */
  completed: boolean;
  readonly channels: string[];
  readonly user: string;
  readonly altText: string | null;
  readonly snippetType: string | null;
}

export interface StoredView {
  readonly id: string;
  /** As the app gave it, checked, with the ids that Slack adds. */
  view: Json;
  hash: string;
  readonly user: string;
  readonly rootId: string;
  readonly previousId: string | null;
  externalId: string | null;
  /** By block and action id: what the person has typed or chosen. */
  state: Record<string, Record<string, Json>>;
  closed: boolean;
}

export type TokenState = "valid" | "revoked" | "inactive" | "uninstalled";

/** The app in one workspace. */
export interface Installation {
  botToken: string;
  readonly botUserId: string;
  readonly botId: string;
  scopes: Set<string>;
  tokenState: TokenState;
}

export class Workspace {
  readonly users = new Map<string, User>();
  readonly channels = new Map<string, Channel>();
  readonly groups = new Map<string, UserGroup>();
  readonly files = new Map<string, StoredFile>();
  readonly views = new Map<string, StoredView>();
  /** By user id. */
  readonly homes = new Map<string, StoredView>();

  constructor(
    readonly id: string,
    readonly name: string,
    readonly domain: string,
    readonly install: Installation,
    private readonly ids: Ids,
    private readonly now: () => number,
  ) {}

  get botUserId(): string {
    return this.install.botUserId;
  }

  addUser(parts: Partial<User> & { readonly name: string }): User {
    const user: User = {
      id: parts.id ?? this.ids.next("U"),
      realName: parts.name.charAt(0).toUpperCase() + parts.name.slice(1),
      email: `${parts.name}@${this.domain}.example`,
      teamId: this.id,
      isBot: false,
      isAdmin: false,
      isOwner: false,
      isRestricted: false,
      deleted: false,
      timeZone: "Europe/Paris",
      locale: "en-US",
      ...parts,
    };
    this.users.set(user.id, user);
    return user;
  }

  addChannel(parts: {
    readonly name: string;
    readonly kind: ChannelKind;
    readonly members: readonly string[];
    readonly creator: string;
  }): Channel {
    const channel: Channel = {
      id: this.ids.next(parts.kind === "im" ? "D" : parts.kind === "mpim" ? "G" : "C"),
      name: parts.name,
      kind: parts.kind,
      creator: parts.creator,
      created: Math.floor(this.now() / 1000),
      members: new Set(parts.members),
      archived: false,
      readOnly: false,
      sharedWith: new Set(),
      topic: "",
      purpose: "",
      previousNames: [],
      messages: [],
      pins: [],
      lastTs: 0,
    };
    this.channels.set(channel.id, channel);
    return channel;
  }

  /** The direct conversation of the app with someone, made when there is none. */
  directWith(userId: string): Channel {
    return this.groupOf([this.botUserId, userId], "im");
  }

  /** The conversation of exactly these people. */
  groupOf(members: readonly string[], kind: "im" | "mpim"): Channel {
    const wanted = [...new Set(members)].sort().join();
    const there = [...this.channels.values()].find(
      (each) => each.kind === kind && [...each.members].sort().join() === wanted,
    );
    if (there) return there;
    const name = kind === "im" ? "directmessage" : `mpdm-${members.join("--").toLowerCase()}-1`;
    return this.addChannel({ name, kind, members, creator: members[0] ?? this.botUserId });
  }

  /** A message with a `ts` of its own. */
  addMessage(
    channel: Channel,
    parts: Partial<Omit<Message, "ts">> & { readonly text: string; readonly user: string | null },
  ): Message {
    const micros = Math.max(this.now() * 1000, channel.lastTs + 10);
    channel.lastTs = micros;
    const message: Message = {
      botId: null,
      blocks: null,
      attachments: null,
      metadata: null,
      threadTs: null,
      subtype: null,
      edited: null,
      files: [],
      reactions: new Map(),
      onlyFor: null,
      deleted: false,
      postedAt: this.now(),
      clientMsgId: null,
      username: null,
      ...parts,
      ts: tsOf(micros),
    };
    channel.messages.push(message);
    return message;
  }

  /** What anyone in the channel can find by its `ts`; ephemeral messages are not among it. */
  messageAt(channel: Channel, ts: string): Message | null {
    return channel.messages.find((each) => each.ts === ts && !each.deleted && each.onlyFor === null) ?? null;
  }

  userNamed(name: string): User | null {
    return [...this.users.values()].find((each) => each.name === name) ?? null;
  }

  channelNamed(name: string): Channel | null {
    return [...this.channels.values()].find((each) => each.name === name) ?? null;
  }
}

/** @param micros microseconds since 1970 */
export const tsOf = (micros: number): string => `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, "0")}`;
