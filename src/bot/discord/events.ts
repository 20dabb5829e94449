/** What Discord's gateway says, by kind: each to whom it concerns. */

import { z } from "zod";
import type { Clock, InboundEvent, Inbox } from "../../orchestrator/index.ts";
import type { Log } from "./deps.ts";
import type { Directory } from "./directory.ts";
import type { Guilds } from "./guilds.ts";
import { readLeft, readReaction } from "./normalize.ts";
import { GuildCreate, GuildDelete, GuildUpdate, InGuild, MemberRemoved, Reaction, Ready } from "./payloads.ts";
import { guildOf } from "./places.ts";

export interface EventsDeps {
  readonly directory: Directory;
  readonly guilds: Guilds;
  readonly clock: Clock;
  readonly log: Log;
  readonly inbox: () => Inbox;
  /** The bot's user id; null until Discord has said it. */
  readonly self: () => string | null;
  readonly onInteraction: (given: unknown) => Promise<void>;
  readonly onMessage: (given: unknown) => Promise<void>;
}

const Channel = z.object({ id: z.string(), guild_id: z.string().nullish() });

/** @returns what takes an event; it never throws, whatever the event is */
export function createEvents(deps: EventsDeps): (type: string, data: unknown, nth: string) => void {
  const { directory, guilds, log } = deps;
  const told = (work: Promise<unknown>, what: string): void => {
    work.catch((error: unknown) => log.error({ err: error, what }, "an event of Discord could not be taken"));
  };

  async function reacted(event: InboundEvent | null): Promise<void> {
    const guild = event && guildOf(event.workspaceId);
    if (event && guild && (await guilds.ensure(guild))) await deps.inbox().receive(event);
  }

  async function left(given: z.infer<typeof MemberRemoved>, nth: string): Promise<void> {
    directory.forget(given.guild_id);
    if (!(await guilds.ensure(given.guild_id))) return;
    // Where it cannot be stored now, they are found to be gone the next time they are asked for.
    await deps.inbox().receive(readLeft(given, nth, deps.clock.now()));
  }

  function take(type: string, data: unknown, nth: string): void {
    switch (type) {
      case "INTERACTION_CREATE":
        told(deps.onInteraction(data), type);
        return;
      case "MESSAGE_CREATE":
        told(deps.onMessage(data), type);
        return;
      case "MESSAGE_REACTION_ADD": {
        const reaction = Reaction.safeParse(data).data;
        const self = deps.self();
        if (reaction && self !== null) told(reacted(readReaction(reaction, self, deps.clock.now())), type);
        return;
      }
      case "READY": {
        const ready = Ready.safeParse(data).data;
        for (const { id } of ready?.guilds ?? []) guilds.add(id);
        return;
      }
      case "GUILD_CREATE": {
        const guild = GuildCreate.safeParse(data).data;
        if (!guild || guild.unavailable) return;
        guilds.add(guild.id, guild.name);
        for (const channel of [...guild.channels, ...guild.threads]) directory.note(channel, guild.id);
        directory.forget(guild.id);
        told(guilds.ensure(guild.id), type);
        return;
      }
      case "GUILD_UPDATE": {
        const guild = GuildUpdate.safeParse(data).data;
        if (!guild) return;
        guilds.add(guild.id, guild.name);
        directory.forget(guild.id);
        return;
      }
      case "GUILD_DELETE": {
        const guild = GuildDelete.safeParse(data).data;
        if (!guild || guild.unavailable) return;
        guilds.remove(guild.id);
        directory.forget(guild.id);
        log.error(
          { guild: guild.id },
          "Claw was removed from a Discord server; nothing is posted there until it is invited again",
        );
        return;
      }
      case "CHANNEL_CREATE":
      case "CHANNEL_UPDATE":
      case "THREAD_CREATE":
      case "THREAD_UPDATE": {
        const channel = Channel.safeParse(data).data;
        if (channel?.guild_id) directory.note(data, channel.guild_id);
        return;
      }
      case "CHANNEL_DELETE":
      case "THREAD_DELETE": {
        const channel = Channel.safeParse(data).data;
        if (channel) directory.forgetChannel(channel.id);
        return;
      }
      case "GUILD_MEMBER_REMOVE": {
        const gone = MemberRemoved.safeParse(data).data;
        if (gone) told(left(gone, nth), type);
        return;
      }
      case "GUILD_MEMBER_ADD":
      case "GUILD_MEMBER_UPDATE":
      case "GUILD_ROLE_CREATE":
      case "GUILD_ROLE_UPDATE":
      case "GUILD_ROLE_DELETE": {
        const within = InGuild.safeParse(data).data;
        if (within) directory.forget(within.guild_id);
        return;
      }
      default:
        return;
    }
  }

  return (type, data, nth) => {
    try {
      take(type, data, nth);
    } catch (error) {
      log.error({ err: error, what: type }, "an event of Discord could not be taken");
    }
  };
}
