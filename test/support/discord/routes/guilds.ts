/** Guilds: members and roles. */
import { type Json, textOf } from "../../slack/json.ts";
import { listOf, schemaOf } from "../description.ts";
import { guildMemberEvent } from "../events.ts";
import { INTENTS } from "../intents.ts";
import { permissionsOf } from "../permissions.ts";
import { Refusal } from "../refusal.ts";
import { guildOnWire, knownUser, memberOnWire, roleOnWire } from "../wire.ts";
import type { ApiRequest, Route } from "./route.ts";

const GUILD = "/guilds/{guild_id}";

export const GUILD_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: GUILD,
    answer: schemaOf("GuildWithCountsResponse"),
    handle: (request) => {
      const guild = request.guild();
      const { size } = guild.members;
      const counts = { approximate_member_count: size, approximate_presence_count: size };
      return { ...guildOnWire(guild), ...(request.query.get("with_counts") === "true" && counts) };
    },
  },
  {
    method: "GET",
    path: `${GUILD}/roles`,
    answer: listOf("GuildRoleResponse"),
    handle: (request) => [...request.guild().roles.values()].map(roleOnWire),
  },
  { method: "GET", path: `${GUILD}/members`, answer: listOf("GuildMemberResponse"), handle: listMembers },
  { method: "GET", path: `${GUILD}/members/search`, answer: listOf("GuildMemberResponse"), handle: searchMembers },
  {
    method: "GET",
    path: `${GUILD}/members/{user_id}`,
    answer: schemaOf("GuildMemberResponse"),
    handle: (request) => {
      const guild = request.guild();
      const id = request.id("user_id");
      const member = guild.members.get(id);
      if (!member) throw new Refusal(request.state.world.users.has(id) ? "unknownMember" : "unknownUser");
      return memberOnWire(request.state.world, member);
    },
  },
  {
    method: "GET",
    path: "/users/@me/guilds",
    answer: listOf("MyGuildResponse"),
    handle: ({ state, botId }) =>
      [...state.world.guilds.values()]
        .filter((each) => each.members.has(botId))
        .map((each) => ({
          id: each.id,
          name: each.name,
          icon: null,
          banner: null,
          owner: each.ownerId === botId,
          permissions: String(permissionsOf(state.world, botId, each, null)),
          features: [],
        })),
  },
  { method: "DELETE", path: "/users/@me/guilds/{guild_id}", answer: null, handle: leave },
];

function listMembers(request: ApiRequest): Json[] {
  const guild = request.guild();
  // https://discord.com/developers/docs/resources/guild#list-guild-members: only with the privileged intent.
  if (!request.state.app.privileged.has("GUILD_MEMBERS")) throw new Refusal("missingAccess");
  const limit = request.limit("limit", 1, 1000, 1);
  const after = request.snowflake("after") ?? "0";
  return [...guild.members.values()]
    .filter(({ userId }) => BigInt(userId) > BigInt(after))
    .sort((one, other) => (BigInt(one.userId) < BigInt(other.userId) ? -1 : 1))
    .slice(0, limit)
    .map((each) => memberOnWire(request.state.world, each));
}

function searchMembers(request: ApiRequest): Json[] {
  const guild = request.guild();
  const limit = request.limit("limit", 1, 1000, 1);
  const query = textOf(request.query.get("query")).toLowerCase();
  const { world } = request.state;
  return [...guild.members.values()]
    .filter(({ userId, nick }) => {
      const { username, globalName } = knownUser(world, userId);
      return [username, globalName, nick].some((each) => each?.toLowerCase().startsWith(query) === true);
    })
    .slice(0, limit)
    .map((each) => memberOnWire(world, each));
}

function leave(request: ApiRequest): void {
  const guild = request.guild();
  const own = guild.members.get(request.botId);
  guild.members.delete(request.botId);
  if (own) guildMemberEvent(request.state, "REMOVE", guild, own);
  request.state.gateway.dispatch("GUILD_DELETE", INTENTS.GUILDS, { id: guild.id });
}
