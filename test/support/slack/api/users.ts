/** users.*, usergroups.* and reactions.*: the people, their groups, and what they think of a message. */
import { tell } from "../events.ts";
import type { Json } from "../json.ts";
import type { User, UserGroup, Workspace } from "../world.ts";
import { channelOnWire, kindsOf } from "./conversations.ts";
import { type CallContext, channelOf, type MethodSpec, page, Refusal, userOf } from "./method.ts";

const paging = { cursor: "text?", limit: "count?" } as const;

export const users: Readonly<Record<string, MethodSpec>> = {
  "users.info": {
    token: "bot",
    scopes: ["users:read"],
    args: { user: "text", include_locale: "flag?" },
    handle: (context) => ({ user: userOnWire(context, userOf(context)) }),
  },
  "users.list": {
    token: "bot",
    scopes: ["users:read"],
    args: { ...paging, include_locale: "flag?" },
    handle: (context) => {
      const all = [...context.workspace.users.values()].filter((each) => each.teamId === context.workspace.id);
      const { items, nextCursor } = page(context, all, { otherwise: 1000 });
      return {
        members: items.map((each) => userOnWire(context, each)),
        cache_ts: Math.floor(context.state.now() / 1000),
        response_metadata: { next_cursor: nextCursor },
      };
    },
  },
  "users.lookupByEmail": {
    token: "bot",
    scopes: ["users:read.email"],
    args: { email: "text" },
    handle: (context) => {
      const email = context.args.the("email").toLowerCase();
      const user = [...context.workspace.users.values()].find(
        (each) => each.email.toLowerCase() === email && !each.deleted && each.teamId === context.workspace.id,
      );
      if (!user) throw new Refusal("users_not_found");
      return { user: userOnWire(context, user) };
    },
  },
  "users.conversations": {
    token: "bot",
    scopes: [],
    anyScope: ["channels:read", "groups:read", "im:read", "mpim:read"],
    args: { ...paging, exclude_archived: "flag?", types: "text?", user: "text?" },
    handle: (context) => {
      const { workspace, args } = context;
      const kinds = kindsOf(context);
      const user = args.has("user") ? userOf(context).id : workspace.botUserId;
      const all = [...workspace.channels.values()].filter(
        (each) =>
          kinds.has(each.kind) &&
          each.members.has(user) &&
          // Private ones of others show only where the app is too.
          (each.kind === "public" || each.members.has(workspace.botUserId)) &&
          !(args.flag("exclude_archived") && each.archived),
      );
      const { items, nextCursor } = page(context, all, { otherwise: 100, max: 999 });
      return {
        channels: items.map((each) => channelOnWire(workspace, each)),
        response_metadata: { next_cursor: nextCursor },
      };
    },
  },
  "usergroups.list": {
    token: "bot",
    scopes: ["usergroups:read"],
    args: { include_count: "flag?", include_disabled: "flag?", include_users: "flag?" },
    handle: ({ workspace, args }) => ({
      usergroups: [...workspace.groups.values()]
        .filter((each) => args.flag("include_disabled") || !each.disabled)
        .map((each) => groupOnWire(workspace, each, args.flag("include_users"), args.flag("include_count"))),
    }),
  },
  "usergroups.users.list": {
    token: "bot",
    scopes: ["usergroups:read"],
    args: { usergroup: "text", include_disabled: "flag?" },
    handle: ({ workspace, args }) => {
      const group = workspace.groups.get(args.the("usergroup"));
      if (!group || (group.disabled && !args.flag("include_disabled"))) throw new Refusal("no_such_subteam");
      return { users: [...group.users] };
    },
  },
  "reactions.add": { token: "bot", scopes: ["reactions:write"], args: reaction(), handle: react },
  "reactions.remove": { token: "bot", scopes: ["reactions:write"], args: reaction(), handle: unreact },
};

function reaction() {
  return { channel: "text", timestamp: "text", name: "text" } as const;
}

/** The address is told only to an app with the scope for it. */
export function userOnWire({ workspace, args, state }: CallContext, user: User): Json {
  const outsider = user.teamId !== workspace.id;
  return {
    id: user.id,
    team_id: user.teamId,
    name: user.name,
    deleted: user.deleted,
    real_name: user.realName,
    tz: user.timeZone,
    tz_label: user.timeZone,
    tz_offset: offsetOf(user.timeZone, state.now()),
    profile: {
      real_name: user.realName,
      display_name: user.name,
      real_name_normalized: user.realName,
      display_name_normalized: user.name,
      team: user.teamId,
      title: "",
      phone: "",
      skype: "",
      status_text: "",
      status_emoji: "",
      status_emoji_display_info: [],
      status_expiration: 0,
      image_48: `https://avatars.example/${user.id}_48.png`,
      image_72: `https://avatars.example/${user.id}_72.png`,
      image_192: `https://avatars.example/${user.id}_192.png`,
      ...(user.isBot &&
        user.id === workspace.botUserId && { bot_id: workspace.install.botId, api_app_id: state.appId }),
      ...(workspace.install.scopes.has("users:read.email") && !user.isBot && !outsider && { email: user.email }),
    },
    is_bot: user.isBot,
    is_app_user: false,
    updated: Math.floor(state.now() / 1000),
    ...(outsider
      ? { is_stranger: true }
      : {
          is_admin: user.isAdmin || user.isOwner,
          is_owner: user.isOwner,
          is_primary_owner: user.isOwner,
          is_restricted: user.isRestricted,
          is_ultra_restricted: false,
        }),
    ...(args.flag("include_locale") && { locale: user.locale }),
  };
}

/** Seconds east of Greenwich at a moment. */
function offsetOf(timeZone: string, at: number): number {
  const named = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }).formatToParts(at);
  const offset = named.find((each) => each.type === "timeZoneName")?.value ?? "GMT";
  const [, sign, hours, minutes] = /GMT([+-])(\d+):(\d+)/.exec(offset) ?? [];
  if (hours === undefined) return 0;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

export function groupOnWire(workspace: Workspace, group: UserGroup, withUsers: boolean, withCount: boolean): Json {
  return {
    id: group.id,
    team_id: workspace.id,
    is_usergroup: true,
    is_subteam: true,
    name: group.name,
    description: "",
    handle: group.handle,
    is_external: false,
    date_create: 0,
    date_update: 0,
    date_delete: group.disabled ? 1 : 0,
    auto_type: null,
    prefs: { channels: [], groups: [] },
    ...(withUsers && { users: [...group.users] }),
    ...(withCount && { user_count: group.users.length }),
  };
}

function react(context: CallContext): Json {
  const { state, workspace, args } = context;
  const channel = channelOf(context);
  if (!channel.members.has(workspace.botUserId)) throw new Refusal("not_in_channel");
  if (channel.archived) throw new Refusal("is_archived");
  const message = workspace.messageAt(channel, args.the("timestamp"));
  if (!message) throw new Refusal("message_not_found");
  const name = args.the("name");
  if (!/^[a-z0-9_+'-]+$/.test(name)) throw new Refusal("invalid_name");
  const there = message.reactions.get(name) ?? [];
  if (there.includes(workspace.botUserId)) throw new Refusal("already_reacted");
  message.reactions.set(name, [...there, workspace.botUserId]);
  const item = { type: "message", channel: channel.id, ts: message.ts };
  const event = { type: "reaction_added", user: workspace.botUserId, reaction: name, item };
  tell(state, workspace, "reaction_added", { ...event, item_user: message.user }, channel);
  return {};
}

function unreact(context: CallContext): Json {
  const { workspace, args } = context;
  const message = workspace.messageAt(channelOf(context), args.the("timestamp"));
  if (!message) throw new Refusal("message_not_found");
  const there = message.reactions.get(args.the("name")) ?? [];
  if (!there.includes(workspace.botUserId)) throw new Refusal("no_reaction");
  const rest = there.filter((each) => each !== workspace.botUserId);
  if (rest.length > 0) message.reactions.set(args.the("name"), rest);
  else message.reactions.delete(args.the("name"));
  return {};
}
