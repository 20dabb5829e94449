/** conversations.*: channels and what was said in them. */
import { messagePosted, tell } from "../events.ts";
import type { Json } from "../json.ts";
import { messageOnWire, repliesTo } from "../message.ts";
import type { Channel, ChannelKind, Message, Workspace } from "../world.ts";
import { type CallContext, channelOf, type MethodSpec, missingScope, needsScope, page, Refusal } from "./method.ts";

const paging = { cursor: "text?", limit: "count?" } as const;
const timeline = {
  ...paging,
  latest: "text?",
  oldest: "text?",
  inclusive: "flag?",
  include_all_metadata: "flag?",
} as const;

const READ = ["channels:read", "groups:read", "im:read", "mpim:read"] as const;
const HISTORY = ["channels:history", "groups:history", "im:history", "mpim:history"] as const;

export const conversations: Readonly<Record<string, MethodSpec>> = {
  "conversations.info": {
    token: "bot",
    scopes: [],
    anyScope: READ,
    args: { channel: "text", include_locale: "flag?", include_num_members: "flag?" },
    handle: (context) => {
      const channel = channelOf(context);
      needsScope(context, channel.kind, "read");
      const count = context.args.flag("include_num_members") ? { num_members: channel.members.size } : {};
      return { channel: { ...channelOnWire(context.workspace, channel), ...count } };
    },
  },
  "conversations.list": {
    token: "bot",
    scopes: [],
    anyScope: READ,
    args: { ...paging, exclude_archived: "flag?", types: "text?" },
    handle: (context) => {
      const { workspace } = context;
      const kinds = kindsOf(context);
      const all = [...workspace.channels.values()].filter(
        (each) =>
          kinds.has(each.kind) &&
          (each.kind === "public" || each.members.has(workspace.botUserId)) &&
          !(context.args.flag("exclude_archived") && each.archived),
      );
      const { items, nextCursor } = page(context, all, { otherwise: 100 });
      return {
        channels: items.map((each) => ({ ...channelOnWire(workspace, each), num_members: each.members.size })),
        response_metadata: { next_cursor: nextCursor },
      };
    },
  },
  "conversations.history": {
    token: "bot",
    scopes: [],
    anyScope: HISTORY,
    args: { channel: "text", ...timeline },
    handle: history,
  },
  "conversations.replies": {
    token: "bot",
    scopes: [],
    anyScope: HISTORY,
    args: { channel: "text", ts: "text", ...timeline },
    handle: replies,
  },
  "conversations.members": {
    token: "bot",
    scopes: [],
    anyScope: READ,
    args: { channel: "text", ...paging },
    handle: (context) => {
      const channel = channelOf(context);
      needsScope(context, channel.kind, "read");
      const { items, nextCursor } = page(context, [...channel.members], { otherwise: 100 });
      return { members: items, response_metadata: { next_cursor: nextCursor } };
    },
  },
  "conversations.join": {
    token: "bot",
    scopes: ["channels:join"],
    args: { channel: "text" },
    handle: join,
  },
  "conversations.open": {
    token: "bot",
    scopes: [],
    anyScope: ["im:write", "mpim:write"],
    args: { channel: "text?", users: "text?", prevent_creation: "flag?", return_im: "flag?" },
    handle: open,
  },
};

/** The kinds that were asked for. @throws Refusal invalid_types, missing_scope */
export function kindsOf({ workspace, args }: CallContext): Set<ChannelKind> {
  const names = { public_channel: "public", private_channel: "private", im: "im", mpim: "mpim" } as const;
  const scopes = { public: "channels:read", private: "groups:read", im: "im:read", mpim: "mpim:read" } as const;
  const wanted = args.has("types") ? args.names("types") : ["public_channel"];
  const kinds = wanted.map((each) => {
    if (!Object.hasOwn(names, each)) throw new Refusal("invalid_types");
    return names[each as keyof typeof names];
  });
  const missing = kinds.map((each) => scopes[each]).filter((each) => !workspace.install.scopes.has(each));
  if (missing.length > 0) throw missingScope(workspace, missing.join(","));
  return new Set(kinds);
}

export function channelOnWire(workspace: Workspace, channel: Channel): Json {
  const shared = channel.sharedWith.size > 0;
  const common = {
    id: channel.id,
    created: channel.created,
    creator: channel.creator,
    is_archived: channel.archived,
    is_im: channel.kind === "im",
    is_mpim: channel.kind === "mpim",
    is_private: channel.kind !== "public",
    is_org_shared: false,
    is_ext_shared: shared,
    is_shared: shared,
    context_team_id: workspace.id,
    updated: channel.created * 1000,
  };
  if (channel.kind === "im") {
    const other = [...channel.members].find((each) => each !== workspace.botUserId) ?? workspace.botUserId;
    return { ...common, user: other, is_user_deleted: workspace.users.get(other)?.deleted ?? false, is_open: true };
  }
  return {
    ...common,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: channel.kind === "public" || channel.kind === "private",
    is_group: false,
    is_general: channel.name === "general",
    is_member: channel.members.has(workspace.botUserId),
    is_pending_ext_shared: false,
    is_read_only: channel.readOnly,
    last_read: "0000000000.000000",
    shared_team_ids: [workspace.id, ...channel.sharedWith],
    ...(shared && { connected_team_ids: [...channel.sharedWith], internal_team_ids: [workspace.id] }),
    pending_shared: [],
    pending_connected_team_ids: [],
    previous_names: [...channel.previousNames],
    topic: { value: channel.topic, creator: "", last_set: 0 },
    purpose: { value: channel.purpose, creator: "", last_set: 0 },
  };
}

/** A channel whose messages the app may read. @throws Refusal channel_not_found, not_in_channel, missing_scope */
function readable(context: CallContext): Channel {
  const channel = channelOf(context);
  needsScope(context, channel.kind, "history");
  if (!channel.members.has(context.workspace.botUserId)) throw new Refusal("not_in_channel");
  return channel;
}

function within({ args }: CallContext, message: Message): boolean {
  const oldest = args.text("oldest") ?? "0";
  const latest = args.text("latest");
  const at = Number(message.ts);
  const edges = args.flag("inclusive");
  const late = latest === null || at < Number(latest) || (edges && message.ts === latest);
  return late && (at > Number(oldest) || (edges && message.ts === oldest));
}

function checkTimes({ args }: CallContext): void {
  for (const [name, code] of [
    ["oldest", "invalid_ts_oldest"],
    ["latest", "invalid_ts_latest"],
  ] as const) {
    const value = args.text(name);
    if (value !== null && Number.isNaN(Number(value))) throw new Refusal(code);
  }
}

function history(context: CallContext): Json {
  const { state, workspace, args } = context;
  const channel = readable(context);
  checkTimes(context);
  const all = channel.messages
    .filter((each) => !each.deleted && each.onlyFor === null)
    .filter((each) => each.threadTs === null || each.subtype === "thread_broadcast")
    .filter((each) => within(context, each))
    .reverse();
  const { items, nextCursor } = page(context, all, { otherwise: 100, max: 999 });
  const options = { metadata: args.flag("include_all_metadata"), appId: state.appId };
  return {
    messages: items.map((each) => messageOnWire(workspace, channel, each, options)),
    has_more: nextCursor !== "",
    pin_count: 0,
    channel_actions_ts: null,
    channel_actions_count: 0,
    ...(nextCursor !== "" && { response_metadata: { next_cursor: nextCursor } }),
  };
}

/** The root, then its replies from the oldest on; a reply's own ts finds only that reply. */
function replies(context: CallContext): Json {
  const { state, workspace, args } = context;
  const channel = readable(context);
  checkTimes(context);
  const root = workspace.messageAt(channel, args.the("ts"));
  if (!root) throw new Refusal("thread_not_found");
  const rest = repliesTo(channel, root.ts).filter((each) => within(context, each));
  const { items, nextCursor } = page(context, rest, { otherwise: 999 });
  const options = { metadata: args.flag("include_all_metadata"), appId: state.appId };
  return {
    // Every page begins with the root.
    messages: [root, ...items].map((each) => messageOnWire(workspace, channel, each, options)),
    has_more: nextCursor !== "",
    ...(nextCursor !== "" && { response_metadata: { next_cursor: nextCursor } }),
  };
}

function join(context: CallContext): Json {
  const { state, workspace } = context;
  const channel = channelOf(context);
  if (channel.kind !== "public") throw new Refusal("method_not_supported_for_channel_type");
  if (channel.archived) throw new Refusal("is_archived");
  const already = channel.members.has(workspace.botUserId);
  channel.members.add(workspace.botUserId);
  if (already) {
    return {
      channel: channelOnWire(workspace, channel),
      warning: "already_in_channel",
      response_metadata: { warnings: ["already_in_channel"] },
    };
  }
  const joined = { user: workspace.botUserId, subtype: "channel_join" };
  const notice = workspace.addMessage(channel, { ...joined, text: `<@${workspace.botUserId}> has joined the channel` });
  messagePosted(state, workspace, channel, notice);
  const event = { type: "member_joined_channel", user: workspace.botUserId, channel: channel.id, channel_type: "C" };
  tell(state, workspace, "member_joined_channel", { ...event, team: workspace.id }, channel);
  return { channel: channelOnWire(workspace, channel) };
}

function open(context: CallContext): Json {
  const { workspace, args } = context;
  const given = args.text("channel");
  if (given !== null) {
    const channel = channelOf(context);
    if (channel.kind !== "im" && channel.kind !== "mpim") throw new Refusal("method_not_supported_for_channel_type");
    return { no_op: true, already_open: true, channel: { id: channel.id } };
  }
  const users = args.names("users");
  if (users.length === 0) throw new Refusal("users_list_not_supplied");
  if (users.length > 8) throw new Refusal("too_many_users");
  for (const id of users) {
    const user = workspace.users.get(id);
    if (!user) throw new Refusal("user_not_found");
    if (user.deleted) throw new Refusal("user_disabled");
    if (user.isBot) throw new Refusal("cannot_dm_bot");
  }
  needsScope(context, users.length === 1 ? "im" : "mpim", "write");
  const channel = workspace.groupOf([workspace.botUserId, ...users], users.length === 1 ? "im" : "mpim");
  return { channel: args.flag("return_im") ? channelOnWire(workspace, channel) : { id: channel.id } };
}
