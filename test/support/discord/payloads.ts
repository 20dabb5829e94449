/** What an INTERACTION_CREATE says of what a person did. */
import type { Json } from "../slack/json.ts";
import type { Interaction } from "./interactions.ts";
import { permissionsIn } from "./permissions.ts";
import { type State, viewOf } from "./state.ts";
import { channelOnWire, memberInChannel, memberPart, messageOnWire, roleOnWire, userOnWire } from "./wire.ts";
import type { Channel, Guild, Message, User, World } from "./world.ts";

/** https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object */
export function interactionPayload(state: State, interaction: Interaction, data: Json): Json {
  const { world, app } = state;
  const { channel, user, source } = interaction;
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId);
  const member = guild?.members.get(user.id);
  return {
    id: interaction.id,
    application_id: app.id,
    type: interaction.type,
    token: interaction.token,
    version: 1,
    data,
    channel_id: channel.id,
    channel: {
      ...channelOnWire(world, channel, app.botId),
      permissions: String(permissionsIn(world, user.id, channel)),
    },
    ...(guild && member
      ? {
          guild_id: guild.id,
          guild: { id: guild.id, locale: "en-US", features: [] },
          guild_locale: "en-US",
          member: memberInChannel(world, guild, member, channel),
        }
      : { user: userOnWire(user) }),
    ...(source && { message: messageOnWire(viewOf(state, true), source) }),
    app_permissions: String(permissionsIn(world, app.botId, channel)),
    locale: "en-US",
    entitlements: [],
    authorizing_integration_owners: ownersOf(channel),
    context: guild ? 0 : 1,
    attachment_size_limit: 10 * 1024 * 1024,
  };
}

/** What ids in a menu's values stand for. */
export function resolvedOf(world: World, guild: Guild | null, ids: readonly string[]): Json {
  const byId = <T>(find: (id: string) => T | undefined, tell: (found: T) => Json): Json =>
    Object.fromEntries(
      ids.flatMap((id) => {
        const found = find(id);
        return found === undefined ? [] : [[id, tell(found)]];
      }),
    );
  return {
    users: byId((id) => world.users.get(id), userOnWire),
    members: byId((id) => guild?.members.get(id), memberPart),
    roles: byId((id) => guild?.roles.get(id), roleOnWire),
    channels: byId(
      (id) => world.channels.get(id),
      (channel) => channelOnWire(world, channel),
    ),
  };
}

/** Of an app that is installed to guilds; in a DM with it, none but 0. */
const ownersOf = (channel: Channel): Json => ({ "0": channel.guildId ?? "0" });

/** `interaction_metadata` of the messages that an interaction leads to, still without its id. */
export function metadataOf(
  type: number,
  channel: Channel,
  user: User,
  source: Message | null,
  before: Json | null,
): Json {
  return {
    type,
    user: userOnWire(user),
    authorizing_integration_owners: ownersOf(channel),
    ...(type === 3 && source && { interacted_message_id: source.id }),
    ...(type === 5 && { triggering_interaction_metadata: before ?? {} }),
  };
}
