/** A workspace as a test arranges it, which tells the app nothing, and what its admins do, which does. */
import { groupOnWire } from "./api/users.ts";
import { channelEvent, messagePosted, tell } from "./events.ts";
import { Person } from "./person.ts";
import { type SeenMessage, seenMessage } from "./seen.ts";
import type { State } from "./state.ts";
import type { Channel, User, UserGroup, Workspace } from "./world.ts";

type Member = Person | "claw";

export class Team {
  constructor(
    private readonly state: State,
    /** What there is, for whoever needs to look or change it directly. */
    readonly world: Workspace,
  ) {}

  get id(): string {
    return this.world.id;
  }

  get botToken(): string {
    return this.world.install.botToken;
  }

  get botUserId(): string {
    return this.world.botUserId;
  }

  person(name: string, parts: Partial<Omit<User, "id" | "name" | "isBot">> = {}): Person {
    const user = this.world.addUser({ name, ...parts });
    return new Person(this.state, this.world, user);
  }

  /** Someone from another company, met in a shared channel. */
  outsider(name: string, teamId = "T0OUTSIDE1"): Person {
    return new Person(this.state, this.world, this.world.addUser({ name, teamId }));
  }

  /** A channel with these members; `"claw"` is the app. Outsiders among them make it a shared one. */
  channel(
    name: string,
    members: readonly Member[] = [],
    options: { readonly private?: boolean; readonly readOnly?: boolean } = {},
  ): Channel {
    const ids = members.map((each) => (each === "claw" ? this.botUserId : each.id));
    const kind = options.private === true ? "private" : "public";
    const creator = ids.find((each) => each !== this.botUserId) ?? this.botUserId;
    const channel = this.world.addChannel({ name, kind, members: ids, creator });
    channel.readOnly = options.readOnly === true;
    for (const each of members) {
      if (each !== "claw" && each.user.teamId !== this.id) channel.sharedWith.add(each.user.teamId);
    }
    return channel;
  }

  /** A user group, such as `platform-leads`. @param told whether the app hears that it was made */
  group(handle: string, members: readonly Person[], { told = false } = {}): UserGroup {
    const group: UserGroup = {
      id: this.state.ids.next("S"),
      handle,
      name: handle,
      users: members.map((each) => each.id),
      disabled: false,
    };
    this.world.groups.set(group.id, group);
    const event = { type: "subteam_created", subteam: this.onWire(group) };
    if (told) tell(this.state, this.world, "subteam_created", event);
    return group;
  }

  changeGroup(group: UserGroup, members: readonly Person[]): void {
    const before = group.users;
    group.users = members.map((each) => each.id);
    tell(this.state, this.world, "subteam_members_changed", {
      type: "subteam_members_changed",
      subteam_id: group.id,
      team_id: this.id,
      added_users: group.users.filter((each) => !before.includes(each)),
      removed_users: before.filter((each) => !group.users.includes(each)),
    });
    tell(this.state, this.world, "subteam_updated", { type: "subteam_updated", subteam: this.onWire(group) });
  }

  /** Lets someone into a channel; `"claw"` is the app. */
  invite(channel: Channel, member: Member, by?: Person): void {
    const user = member === "claw" ? this.botUserId : member.id;
    channel.members.add(user);
    const notice = { user, subtype: "channel_join", text: `<@${user}> has joined the channel` };
    messagePosted(this.state, this.world, channel, this.world.addMessage(channel, notice));
    this.tellMember("member_joined_channel", channel, user, by === undefined ? {} : { inviter: by.id });
  }

  /** Someone leaves a channel, or is removed. */
  remove(channel: Channel, member: Member): void {
    const user = member === "claw" ? this.botUserId : member.id;
    this.tellMember("member_left_channel", channel, user, {});
    channel.members.delete(user);
    if (member === "claw") this.tellChannel("left", channel, { channel: channel.id });
    this.state.changes.emit("change");
  }

  archive(channel: Channel, by?: Person): void {
    channel.archived = true;
    this.tellChannel("archive", channel, { channel: channel.id, user: by?.id ?? channel.creator });
  }

  unarchive(channel: Channel): void {
    channel.archived = false;
    this.tellChannel("unarchive", channel, { channel: channel.id, user: channel.creator });
  }

  rename(channel: Channel, name: string): void {
    channel.previousNames.push(channel.name);
    channel.name = name;
    this.tellChannel("rename", channel, { channel: { id: channel.id, name, created: channel.created } });
  }

  deleteChannel(channel: Channel): void {
    this.world.channels.delete(channel.id);
    this.tellChannel("deleted", channel, { channel: channel.id });
  }

  /** Makes a public channel private, which Slack does not tell apps of. */
  makePrivate(channel: Channel): void {
    channel.kind = "private";
    this.state.changes.emit("change");
  }

  /** Someone leaves the company. */
  deactivate(person: Person): void {
    person.user.deleted = true;
    tell(this.state, this.world, "user_change", {
      type: "user_change",
      user: { id: person.id, name: person.name, team_id: this.id, deleted: true },
    });
  }

  /** The bot's token is void from now on: `token_revoked`. */
  revokeToken(): void {
    this.world.install.tokenState = "revoked";
    tell(this.state, this.world, "tokens_revoked", {
      type: "tokens_revoked",
      tokens: { oauth: [], bot: [this.botUserId] },
    });
  }

  /** An admin removes the app; its token is dead from now on. */
  uninstall(): void {
    this.revokeToken();
    this.world.install.tokenState = "uninstalled";
    this.world.homes.clear();
    tell(this.state, this.world, "app_uninstalled", { type: "app_uninstalled" });
  }

  /** Installs the app again, with another token. @returns the token */
  reinstall(): string {
    const { install } = this.world;
    install.botToken = `xoxb-fake-${this.state.ids.opaque(24)}`;
    install.tokenState = "valid";
    install.scopes = new Set(this.state.app.botScopes);
    return install.botToken;
  }

  /** The code that Slack's consent page sends to the redirect URL; good once for `oauth.v2.access`. */
  consent(): string {
    const code = this.state.ids.opaque(32);
    this.state.oauthCodes.set(code, this.world);
    return code;
  }

  /** Takes a scope away, as an installation from before the manifest asked for it has it. */
  withoutScope(scope: string): void {
    this.world.install.scopes.delete(scope);
  }

  /** Everything in a channel, threads and ephemeral messages included, oldest first. */
  messages(channel: Channel): SeenMessage[] {
    return channel.messages
      .filter((each) => !each.deleted)
      .map((each) => seenMessage(this.state, this.world, channel, each));
  }

  private onWire(group: UserGroup) {
    return groupOnWire(this.world, group, true, true);
  }

  private tellChannel(what: string, channel: Channel, parts: object): void {
    // The app hears of its own leaving and of public channels; of private ones only while it is in them.
    const leaving = what === "left";
    if (channel.kind !== "public" && !leaving && !channel.members.has(this.botUserId)) return;
    const type = channelEvent(channel, what);
    tell(this.state, this.world, type, { type, ...parts }, channel);
  }

  private tellMember(type: string, channel: Channel, user: string, parts: object): void {
    if (!channel.members.has(this.botUserId)) return;
    const where = { channel: channel.id, channel_type: channel.kind === "public" ? "C" : "G", team: this.id };
    tell(this.state, this.world, type, { type, user, ...where, ...parts }, channel);
  }
}
