/** A guild, as its people and admins shape it. */
import { channelEvent, guildMemberEvent, roleEvent, threadEvent, threadsShown } from "./events.ts";
import { guildCreate } from "./greeting.ts";
import { INTENTS } from "./intents.ts";
import { APP, bitsOf, EVERYONE, may, type Permission } from "./permissions.ts";
import { Person } from "./person.ts";
import { addThread, addThreadOn, letIn } from "./routes/threads.ts";
import { type SeenMessage, seenMessage } from "./seen.ts";
import type { State } from "./state.ts";
import { CHANNEL, type Channel, type Guild, type Member, type Role, type User } from "./world.ts";

export type Whom = Person | Role | "claw" | "everyone";

export interface PersonOptions extends Partial<Pick<User, "globalName" | "acceptsDms" | "bot">> {
  readonly nick?: string;
  readonly roles?: readonly Role[];
}

export interface ChannelOptions {
  /** Only these see it. */
  readonly only?: readonly Whom[];
  readonly type?: keyof typeof CHANNEL;
  readonly topic?: string;
  /** Of a forum. */
  readonly tags?: readonly string[];
  readonly requiresTag?: boolean;
}

/** Makes a guild with the app in it. */
export function newGuild(state: State, name: string, permissions: readonly Permission[] = APP): Community {
  const { ids, world, now, app } = state;
  const owner = world.addUser({ username: `${name.toLowerCase()}-owner` });
  const guild: Guild = {
    id: ids.next(),
    name,
    ownerId: owner.id,
    roles: new Map(),
    members: new Map(),
    available: true,
  };
  world.guilds.set(guild.id, guild);
  const community = new Community(state, guild);
  const role = (id: string, parts: Partial<Role> & { readonly name: string; readonly permissions: bigint }) =>
    guild.roles.set(id, { id, position: guild.roles.size, managed: false, mentionable: false, botId: null, ...parts });
  role(guild.id, { name: "@everyone", permissions: bitsOf(EVERYONE) });
  const own = ids.next();
  role(own, { name: app.name, permissions: bitsOf(permissions), managed: true, botId: app.botId });
  const member = (userId: string, roles: readonly string[]): Member => ({
    userId,
    nick: null,
    roles: new Set(roles),
    joinedAt: now(),
  });
  guild.members.set(owner.id, member(owner.id, []));
  guild.members.set(app.botId, member(app.botId, [own]));
  community.tellCreated();
  return community;
}

export class Community {
  constructor(
    private readonly state: State,
    /** For whoever needs to look or change it directly. */
    readonly guild: Guild,
  ) {}

  get id(): string {
    return this.guild.id;
  }

  /** Who owns it, and may do everything. */
  get owner(): Person {
    const user = this.state.world.users.get(this.guild.ownerId);
    if (!user) throw new Error("a guild without an owner");
    return new Person(this.state, user);
  }

  person(name: string, { nick, roles = [], ...parts }: PersonOptions = {}): Person {
    const person = new Person(this.state, this.state.world.addUser({ username: name, ...parts }));
    this.join(person, { roles, ...(nick !== undefined && { nick }) });
    return person;
  }

  /** Someone from elsewhere comes in. */
  join(person: Person, { nick, roles = [] }: Pick<PersonOptions, "nick" | "roles"> = {}): void {
    const ids = new Set(roles.map((each) => each.id));
    const member: Member = { userId: person.id, nick: nick ?? null, roles: ids, joinedAt: this.state.now() };
    this.guild.members.set(person.id, member);
    guildMemberEvent(this.state, "ADD", this.guild, member);
  }

  role(
    name: string,
    {
      permissions = [],
      mentionable = false,
    }: { readonly permissions?: readonly Permission[]; readonly mentionable?: boolean } = {},
  ): Role {
    const id = this.state.ids.next();
    const role: Role = {
      id,
      name,
      permissions: bitsOf(permissions),
      position: this.guild.roles.size,
      managed: false,
      mentionable,
      botId: null,
    };
    this.guild.roles.set(id, role);
    roleEvent(this.state, "CREATE", this.guild, role);
    return role;
  }

  deleteRole(role: Role): void {
    this.guild.roles.delete(role.id);
    for (const each of this.guild.members.values()) each.roles.delete(role.id);
    roleEvent(this.state, "DELETE", this.guild, role);
  }

  give(person: Person, role: Role): void {
    this.member(person.id).roles.add(role.id);
    guildMemberEvent(this.state, "UPDATE", this.guild, this.member(person.id));
  }

  take(person: Person, role: Role): void {
    this.member(person.id).roles.delete(role.id);
    guildMemberEvent(this.state, "UPDATE", this.guild, this.member(person.id));
  }

  channel(name: string, { only, type = "text", topic, tags = [], requiresTag = false }: ChannelOptions = {}): Channel {
    const channel = this.state.world.addChannel({
      type: CHANNEL[type],
      guildId: this.id,
      name,
      topic: topic ?? null,
      requiresTag,
      tags: tags.map((each) => ({ id: this.state.ids.next(), name: each, moderated: false })),
    });
    if (only) {
      this.overwrite(channel, "everyone", "deny", ["VIEW_CHANNEL"]);
      for (const each of only) this.overwrite(channel, each, "allow", ["VIEW_CHANNEL"]);
    }
    channelEvent(this.state, "CREATE", channel);
    return channel;
  }

  forum(name: string, options: Omit<ChannelOptions, "type"> = {}): Channel {
    return this.channel(name, { ...options, type: "forum" });
  }

  /** Takes permissions away in a channel. */
  deny(channel: Channel, whom: Whom, ...permissions: readonly Permission[]): void {
    this.overwrite(channel, whom, "deny", permissions);
    channelEvent(this.state, "UPDATE", channel);
  }

  allow(channel: Channel, whom: Whom, ...permissions: readonly Permission[]): void {
    const { world, app } = this.state;
    const saw = may(world, app.botId, channel, "VIEW_CHANNEL");
    this.overwrite(channel, whom, "allow", permissions);
    channelEvent(this.state, "UPDATE", channel);
    if (!saw && may(world, app.botId, channel, "VIEW_CHANNEL")) threadsShown(this.state, channel);
  }

  /** What the app's own role may do from now on. */
  permit(...permissions: readonly Permission[]): void {
    const role = [...this.guild.roles.values()].find((each) => each.botId === this.state.app.botId);
    if (!role) throw new Error("the app is not here");
    role.permissions = bitsOf(permissions);
    roleEvent(this.state, "UPDATE", this.guild, role);
  }

  /** A person starts a thread, on a message or without one. @param hidden only who is let in sees it */
  thread(person: Person, name: string, where: Channel, root?: SeenMessage | null, { hidden = false } = {}): Channel {
    const { state } = this;
    const message = root && state.world.messageIn(where, root.id);
    if (message) return addThreadOn(state, where, message, person.id, { name });
    const thread = addThread(state, where, { type: hidden ? 12 : 11, ownerId: person.id, body: { name } });
    threadEvent(state, "CREATE", thread);
    return thread;
  }

  /** Lets someone into a thread; `"claw"` is the app. */
  letIn(thread: Channel, whom: Person | "claw"): void {
    letIn(this.state, thread, whom === "claw" ? this.state.app.botId : whom.id);
  }

  /** The thread that begins with a message, or that it stands in; null when there is none. */
  threadOf(seen: SeenMessage): Channel | null {
    return this.state.world.channels.get(seen.threadId ?? seen.id) ?? null;
  }

  archive(thread: Channel, { locked = false } = {}): void {
    if (!thread.thread) throw new Error(`#${thread.name} is no thread`);
    Object.assign(thread.thread, {
      archived: true,
      archivedAt: this.state.now(),
      locked: locked || thread.thread.locked,
    });
    threadEvent(this.state, "UPDATE", thread);
  }

  lock(thread: Channel): void {
    if (!thread.thread) throw new Error(`#${thread.name} is no thread`);
    thread.thread.locked = true;
    threadEvent(this.state, "UPDATE", thread);
  }

  rename(channel: Channel, name: string): void {
    channel.name = name;
    if (channel.thread) threadEvent(this.state, "UPDATE", channel);
    else channelEvent(this.state, "UPDATE", channel);
  }

  /** Deletes a channel with its threads, or a thread. */
  remove(channel: Channel): void {
    const { world } = this.state;
    if (channel.thread) threadEvent(this.state, "DELETE", channel);
    else channelEvent(this.state, "DELETE", channel);
    for (const each of [channel, ...world.threadsOf(channel)]) world.channels.delete(each.id);
    this.state.changes.emit("change");
  }

  /** Someone leaves or is thrown out; `"claw"` is the app. */
  kick(whom: Person | "claw"): void {
    const id = whom === "claw" ? this.state.app.botId : whom.id;
    const member = this.member(id);
    if (whom !== "claw") guildMemberEvent(this.state, "REMOVE", this.guild, member);
    this.guild.members.delete(id);
    if (whom === "claw") this.state.gateway.dispatch("GUILD_DELETE", INTENTS.GUILDS, { id: this.id });
  }

  /** The app is invited again. */
  invite(permissions: readonly Permission[] = APP): void {
    const role = [...this.guild.roles.values()].find((each) => each.botId === this.state.app.botId);
    if (role) role.permissions = bitsOf(permissions);
    const roles = new Set(role ? [role.id] : []);
    this.guild.members.set(this.state.app.botId, {
      userId: this.state.app.botId,
      nick: null,
      roles,
      joinedAt: this.state.now(),
    });
    this.tellCreated();
  }

  /** An outage of Discord's own takes the guild away for a while, or brings it back. */
  setAvailable(available: boolean): void {
    this.guild.available = available;
    if (available) this.tellCreated();
    else this.state.gateway.dispatch("GUILD_DELETE", INTENTS.GUILDS, { id: this.id, unavailable: true });
  }

  /** Everything in a channel or thread, ephemeral messages included, oldest first. */
  messages(channel: Channel): SeenMessage[] {
    return channel.messages
      .filter((each) => !each.deleted && each.type !== 21)
      .map((each) => seenMessage(this.state, channel, each));
  }

  tellCreated(): void {
    this.state.gateway.dispatch("GUILD_CREATE", INTENTS.GUILDS, (session) =>
      guildCreate(this.state, this.guild, session),
    );
  }

  private member(id: string): Member {
    const member = this.guild.members.get(id);
    if (!member) throw new Error(`${this.state.world.users.get(id)?.username ?? id} is not in ${this.guild.name}`);
    return member;
  }

  private overwrite(channel: Channel, whom: Whom, what: "allow" | "deny", permissions: readonly Permission[]): void {
    const person = whom instanceof Person || whom === "claw";
    const id = whom === "claw" ? this.state.app.botId : whom === "everyone" ? this.id : whom.id;
    const bits = bitsOf(permissions);
    const old = channel.overwrites.get(id) ?? { id, type: person ? (1 as const) : (0 as const), allow: 0n, deny: 0n };
    const other = what === "allow" ? "deny" : "allow";
    channel.overwrites.set(id, { ...old, [what]: old[what] | bits, [other]: old[other] & ~bits });
  }
}
