/** What a session is told first: READY, each guild, and members when it asks for them. */
import { type Json, textOf } from "../slack/json.ts";
import type { Session } from "./gateway.ts";
import { INTENTS } from "./intents.ts";
import { may } from "./permissions.ts";
import type { State } from "./state.ts";
import { channelOnWire, guildOnWire, instant, knownUser, memberOnWire, userOnWire } from "./wire.ts";
import type { Guild } from "./world.ts";

export function readyData(state: State, session: Session): Json {
  const { app, world } = state;
  const mine = [...world.guilds.values()].filter((each) => each.members.has(app.botId));
  return {
    v: 10,
    user: { ...userOnWire(knownUser(world, app.botId)), verified: true, mfa_enabled: false, email: null },
    user_settings: {},
    session_type: "normal",
    session_id: session.id,
    resume_gateway_url: state.url().replace("http", "ws"),
    relationships: [],
    private_channels: [],
    presences: [],
    guilds: mine.map(({ id }) => ({ id, unavailable: true })),
    shard: [0, 1],
    application: { id: app.id, flags: applicationFlags(state) },
  };
}

/** https://discord.com/developers/docs/resources/application#application-object-application-flags, of an unverified app. */
export function applicationFlags({ app: { privileged } }: State): number {
  const bit = (on: boolean, at: number) => (on ? 1 << at : 0);
  return (
    bit(privileged.has("GUILD_PRESENCES"), 13) |
    bit(privileged.has("GUILD_MEMBERS"), 15) |
    bit(privileged.has("MESSAGE_CONTENT"), 19)
  );
}

export function guildCreate(state: State, guild: Guild, session: Session): Json {
  const { world, app } = state;
  const own = guild.members.get(app.botId);
  const channels = [...world.channels.values()].filter((each) => each.guildId === guild.id);
  const threads = channels.filter(
    (each) => each.thread?.archived === false && may(world, app.botId, each, "VIEW_CHANNEL"),
  );
  const all = (session.intents & INTENTS.GUILD_MEMBERS) !== 0 && (session.intents & INTENTS.GUILD_PRESENCES) !== 0;
  const members = all ? [...guild.members.values()] : own ? [own] : [];
  return {
    ...guildOnWire(guild),
    joined_at: instant(own?.joinedAt ?? state.now()),
    large: false,
    unavailable: false,
    member_count: guild.members.size,
    voice_states: [],
    members: members.map((each) => memberOnWire(world, each)),
    channels: channels.filter((each) => !each.thread).map((each) => channelOnWire(world, each)),
    threads: threads.map((each) => channelOnWire(world, each, app.botId)),
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

/** https://discord.com/developers/docs/events/gateway-events#request-guild-members */
export function membersChunk(state: State, session: Session, data: Json, tell: (chunk: Json) => void): void {
  const guild = state.world.guilds.get(textOf(data.guild_id));
  if (!guild) return;
  const query = typeof data.query === "string" ? data.query : null;
  const everyone = query === "" && data.limit === 0;
  if (everyone && (session.intents & INTENTS.GUILD_MEMBERS) === 0) {
    state.complaints.push("all members were asked for without the intent GUILD_MEMBERS");
    return;
  }
  const wanted = Array.isArray(data.user_ids)
    ? data.user_ids
    : typeof data.user_ids === "string"
      ? [data.user_ids]
      : null;
  const found = [...guild.members.values()].filter(({ userId }) =>
    wanted ? wanted.includes(userId) : knownUser(state.world, userId).username.startsWith(query ?? ""),
  );
  tell({
    guild_id: guild.id,
    members: found.map((each) => memberOnWire(state.world, each)),
    chunk_index: 0,
    chunk_count: 1,
    not_found: wanted?.filter((id) => !guild.members.has(String(id))) ?? [],
    ...(typeof data.nonce === "string" && { nonce: data.nonce }),
  });
}
