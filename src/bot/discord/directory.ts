/** Who people are and which channels take messages, asked of Discord and remembered for a few minutes. */
import { Routes } from "discord.js";
import { z } from "zod";
import type { Clock, Introduction, Role } from "../../orchestrator/index.ts";
import { createRemembered } from "../chat/remembered.ts";
import { inTime } from "../chat/waiting.ts";
import { type ChannelByName, channelByName } from "./channel-names.ts";
import type { Log, RoleNames } from "./deps.ts";
import { type CallFailure, CODE, isCode, wordsFor } from "./failures.ts";
import { CHANNEL, DiscordChannel, DiscordGuild, isForum, isThread, Member } from "./payloads.ts";
import { has, inChannel, inGuild, missingIn } from "./permissions.ts";
import { channelIn, guildOf, userIn } from "./places.ts";
import type { Web } from "./web.ts";

export type Found<T> =
  | { readonly kind: "known"; readonly value: T }
  /** Discord says that there is none, or that it is not Claw's to see. */
  | { readonly kind: "gone"; readonly failure: CallFailure }
  | { readonly kind: "unavailable"; readonly failure: CallFailure };

type Unavailable = Extract<Found<never>, { kind: "unavailable" }>;

export interface Directory {
  introduce(memberId: string, workspaceId: string): Promise<Introduction | null>;
  whyNotPost(channelId: string, workspaceId: string): Promise<string | null>;
  /** A channel or a thread of that server. One of another server is gone: servers do not see one another. */
  channel(guild: string, channel: string): Promise<Found<DiscordChannel>>;
  /** The channel of a name, of those of that server that Claw can see. */
  named(guild: string, name: string): Promise<ChannelByName | Unavailable>;
  /** The channel of the conversation with somebody, opened when it is not yet. */
  direct(user: string): Promise<Found<string>>;
  /** Whether somebody reads what is said in a channel or thread of that server; null when Discord does not say. */
  sees(guild: string, channel: string, user: string): Promise<boolean | null>;
  /** Whether that person is in that server; null when Discord does not say. */
  isMember(guild: string, user: string): Promise<boolean | null>;
  /** What Discord said by itself. */
  note(channel: unknown, guild: string): void;
  /** Whoever acts comes with their roles, which may be newer than what was asked. */
  noteMember(guild: string, member: unknown): void;
  forgetChannel(channel: string): void;
  /** Something changed in a server: the next question about it is asked anew. */
  forget(guild: string): void;
}

export interface DirectoryDeps {
  readonly web: Web;
  readonly roles: RoleNames;
  /** The bot's user id; null until Discord has said it. */
  readonly self: () => string | null;
  readonly clock: Clock;
  readonly log: Log;
  /** False: nothing is heard of what changes, so that it is asked about more often. Absent: it is. */
  readonly listens?: boolean;
}

const LIMIT_MS = 2_000;
/** What Discord does not tell of by itself, such as a role that was taken away, is seen after so many milliseconds. */
const LISTED_MS = 30_000;
/** Kinds of channels in which no thread can be opened, so that a workflow has no home there. */
const UNTHREADED: ReadonlySet<number> = new Set([CHANNEL.category, CHANNEL.stage, CHANNEL.voice]);
const ORDER = ["admin", "approver", "member", "viewer"] as const satisfies readonly Role[];

export function createDirectory(deps: DirectoryDeps): Directory {
  const { call } = deps.web;
  const forMs = deps.listens === false ? LISTED_MS : undefined;
  const guilds = createRemembered<DiscordGuild>(deps.clock, forMs);
  const members = createRemembered<Member | "gone">(deps.clock, forMs);
  /** For who sees what: a role that was taken away must not be remembered for long. */
  const lately = createRemembered<Member | "gone">(deps.clock, LISTED_MS);
  const channels = createRemembered<Found<DiscordChannel>>(deps.clock, forMs);
  const directs = createRemembered<string>(deps.clock);
  const lists = createRemembered<readonly DiscordChannel[]>(deps.clock, LISTED_MS);
  const refusals = new Map<string, CallFailure>();

  const guildOfId = (guild: string): Promise<DiscordGuild | null> =>
    guilds.of(guild, async () => {
      const found = await call("get", Routes.guild(guild));
      return found.ok ? DiscordGuild.safeParse(found.value).data : unanswered(found.failure, "a server");
    });

  const memberOf = (guild: string, user: string, known = members): Promise<Member | "gone" | null> =>
    known.of(`${guild} ${user}`, async () => {
      const found = await call("get", Routes.guildMember(guild, user));
      if (found.ok) return Member.safeParse(found.value).data;
      return isCode(found.failure, CODE.unknownMember, CODE.unknownUser)
        ? "gone"
        : unanswered(found.failure, "a person");
    });

  const unanswered = (failure: CallFailure, what: string): undefined => {
    deps.log.warn({ ...failure, what }, "Discord did not say");
    return undefined;
  };

  function roleOf(guild: DiscordGuild, { user, roles, pending }: Member): Role {
    const bits = inGuild(guild, user.id, roles);
    const named = guild.roles.filter(({ id }) => roles.includes(id));
    const given = ORDER.find((role) =>
      (deps.roles[role] ?? []).some((wanted) => named.some(({ id, name }) => id === wanted || `@${name}` === wanted)),
    );
    const byServer: Role =
      has(bits, "administrator") || has(bits, "manageGuild") ? "admin" : pending ? "viewer" : "member";
    return ORDER.find((role) => role === given || role === byServer) ?? "viewer";
  }

  async function introduce(guildId: string, userId: string): Promise<Introduction | null> {
    const [guild, member] = await Promise.all([guildOfId(guildId), memberOf(guildId, userId)]);
    if (guild === null || member === null) return null;
    if (member === "gone") return { name: userId, timezone: null, role: "viewer", standing: "gone" };
    const { user, nick } = member;
    const name = nick || user.global_name || user.username || user.id;
    const held = guild.roles.filter(({ id }) => member.roles.includes(id));
    const groups = held.flatMap((role) => [role.id, `@${role.name}`]);
    const isBot = user.bot ? { isBot: true as const } : {};
    return { ...isBot, name, timezone: null, role: roleOf(guild, member), groups, standing: "member" };
  }

  async function channel(guild: string, id: string): Promise<Found<DiscordChannel>> {
    const found = await channels.of(id, async () => {
      const asked = await call("get", Routes.channel(id));
      if (asked.ok) {
        const value = DiscordChannel.safeParse(asked.value).data;
        return value === undefined ? undefined : { kind: "known", value };
      }
      if (isCode(asked.failure, CODE.unknownChannel, CODE.missingAccess))
        return { kind: "gone", failure: asked.failure };
      refusals.set(id, asked.failure);
      return unanswered(asked.failure, "a channel");
    });
    if (found === null) {
      const failure = refusals.get(id) ?? { kind: "unclear", why: "no answer about a channel" };
      refusals.delete(id);
      return { kind: "unavailable", failure };
    }
    // Whoever lets Claw in again is not to wait.
    if (found.kind === "gone") channels.forget(id);
    return found.kind === "known" && found.value.guild_id !== guild ? { kind: "gone", failure: NO_CHANNEL } : found;
  }

  async function named(guildId: string, name: string): Promise<ChannelByName | Unavailable> {
    const self = deps.self();
    const [listed, guild, me] = await Promise.all([
      lists.of(guildId, async () => {
        const asked = await call("get", Routes.guildChannels(guildId));
        return asked.ok ? Channels.safeParse(asked.value).data : unanswered(asked.failure, "the channels");
      }),
      guildOfId(guildId),
      self === null ? null : memberOf(guildId, self),
    ]);
    if (self === null || listed === null || guild === null || me === null || me === "gone") return NO_LIST;
    const seen = listed.filter((each) => has(inChannel(guild, each, self, me.roles), "viewChannel"));
    return channelByName(seen, name);
  }

  async function sees(guildId: string, channelId: string, user: string): Promise<boolean | null> {
    const found = await channel(guildId, channelId);
    if (found.kind !== "known") return found.kind === "gone" ? false : null;
    const { type, parent_id } = found.value;
    // Who is in a private thread is not looked up: it counts as nobody.
    if (type === CHANNEL.privateThread) return false;
    const home = isThread(type) && parent_id ? await channel(guildId, parent_id) : found;
    if (home.kind !== "known") return home.kind === "gone" ? false : null;
    const [guild, member] = await Promise.all([guildOfId(guildId), memberOf(guildId, user, lately)]);
    if (guild === null || member === null) return null;
    if (member === "gone") return false;
    const bits = inChannel(guild, home.value, user, member.roles);
    const isVoice = home.value.type === CHANNEL.voice || home.value.type === CHANNEL.stage;
    return has(bits, "viewChannel") && has(bits, "readHistory") && (!isVoice || has(bits, "connect"));
  }

  async function whyNot(guildId: string, channelId: string): Promise<string | null> {
    const self = deps.self();
    const found = await channel(guildId, channelId);
    if (found.kind === "gone") return found.failure.kind === "refused" ? wordsFor(found.failure.code) : null;
    // What Discord does not say now, the post itself will.
    if (found.kind === "unavailable" || self === null) return null;
    const { type, parent_id } = found.value;
    if (UNTHREADED.has(type)) return wordsFor(50_024);
    const home = isThread(type) && parent_id ? await channel(guildId, parent_id) : found;
    const [guild, me] = await Promise.all([guildOfId(guildId), memberOf(guildId, self)]);
    if (home.kind !== "known" || guild === null || me === null || me === "gone") return null;
    const missing = missingIn(inChannel(guild, home.value, self, me.roles));
    // Posts of a forum are threads that are made with the permission to send.
    const lacks = isForum(home.value.type) ? missing.filter((name) => name !== "Create Public Threads") : missing;
    return lacks.length === 0
      ? null
      : `Discord: Claw lacks ${lacks.join(", ")} in that channel. Allow it in the channel's settings.`;
  }

  return {
    async introduce(memberId, workspaceId) {
      const [guild, user] = [guildOf(workspaceId), userIn(workspaceId, memberId)];
      if (guild === null || user === null) return null;
      return inTime(LIMIT_MS, introduce(guild, user), null);
    },
    async whyNotPost(channelId, workspaceId) {
      const [guild, place] = [guildOf(workspaceId), channelIn(workspaceId, channelId)];
      if (guild === null || place === null) return "Discord: there is no such channel in this server.";
      return place.kind === "direct" ? null : inTime(LIMIT_MS, whyNot(guild, place.id), null);
    },
    channel,
    named: (guild, name) => inTime(LIMIT_MS, named(guild, name), NO_LIST),
    async direct(user) {
      const opened = await directs.of(user, async () => {
        const asked = await call("post", Routes.userChannels(), { body: { recipient_id: user } });
        if (asked.ok) return DiscordChannel.safeParse(asked.value).data?.id;
        refusals.set(user, asked.failure);
        return undefined;
      });
      if (opened !== null) return { kind: "known", value: opened };
      const failure = refusals.get(user) ?? { kind: "unclear", why: "no answer about a conversation" };
      refusals.delete(user);
      return { kind: isCode(failure, CODE.noDirect, CODE.unknownUser) ? "gone" : "unavailable", failure };
    },
    sees,
    async isMember(guild, user) {
      const member = await inTime(LIMIT_MS / 2, memberOf(guild, user), null);
      return member === null ? null : member !== "gone";
    },
    note(given, guild) {
      const value = DiscordChannel.safeParse(given).data;
      lists.forget(guild);
      if (value) channels.put(value.id, { kind: "known", value: { ...value, guild_id: value.guild_id ?? guild } });
    },
    noteMember(guild, given) {
      const member = Member.safeParse(given).data;
      if (!member) return;
      members.put(`${guild} ${member.user.id}`, member);
      lately.put(`${guild} ${member.user.id}`, member);
    },
    forgetChannel(id) {
      channels.forget(id);
      lists.forgetAll("");
    },
    forget(guild) {
      guilds.forget(guild);
      members.forgetAll(`${guild} `);
      lately.forgetAll(`${guild} `);
    },
  };
}

const Channels = z.array(DiscordChannel);
const NO_LIST: Unavailable = { kind: "unavailable", failure: { kind: "unclear", why: "no answer about the channels" } };
const NO_CHANNEL: CallFailure = { kind: "refused", code: CODE.unknownChannel, status: 404, details: "" };
