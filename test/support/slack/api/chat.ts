/** chat.*: messages posted, changed, deleted, and found again by a link. */
import { messageChanged, messageDeleted, messagePosted } from "../events.ts";
import type { Json } from "../json.ts";
import { messageOnWire, permalinkOf } from "../message.ts";
import type { Channel, Message } from "../world.ts";
import { contentOf, metadataOf, NEW_MESSAGE, refuseNothing, UPDATE } from "./content.ts";
import { type CallContext, channelOf, type MethodSpec, Refusal, userOf, visible } from "./method.ts";

const content = {
  text: "text?",
  blocks: "list?",
  attachments: "list?",
  markdown_text: "text?",
  link_names: "flag?",
  parse: "text?",
  as_user: "flag?",
} as const;

const authorship = { username: "text?", icon_emoji: "text?", icon_url: "text?" } as const;

export const chat: Readonly<Record<string, MethodSpec>> = {
  "chat.postMessage": {
    token: "bot",
    scopes: ["chat:write"],
    args: {
      channel: "text",
      ...content,
      ...authorship,
      thread_ts: "text?",
      reply_broadcast: "flag?",
      metadata: "json?",
      mrkdwn: "flag?",
      unfurl_links: "flag?",
      unfurl_media: "flag?",
    },
    handle: post,
  },
  "chat.postEphemeral": {
    token: "bot",
    scopes: ["chat:write"],
    args: { channel: "text", user: "text", ...content, ...authorship, thread_ts: "text?" },
    handle: postEphemeral,
  },
  "chat.update": {
    token: "bot",
    scopes: ["chat:write"],
    args: { channel: "text", ts: "text", ...content, metadata: "json?", reply_broadcast: "flag?", file_ids: "list?" },
    handle: update,
  },
  "chat.delete": {
    token: "bot",
    scopes: ["chat:write"],
    args: { channel: "text", ts: "text", as_user: "flag?" },
    handle: remove,
  },
  "chat.getPermalink": {
    token: "bot",
    scopes: [],
    args: { channel: "text", message_ts: "text" },
    handle: (context) => {
      const channel = channelOf(context);
      const message = context.workspace.messageAt(channel, context.args.the("message_ts"));
      if (!message) throw new Refusal("message_not_found");
      return { channel: channel.id, permalink: permalinkOf(context.workspace, channel, message) };
    },
  },
};

/** Where a post may go: a channel's id, `#name` of a public one, or a person, who then gets a direct message. */
export function destination(context: CallContext): Channel {
  const { workspace, args } = context;
  const wanted = args.the("channel");
  const user = workspace.users.get(wanted);
  if (user) {
    if (user.deleted) throw new Refusal("user_disabled");
    if (user.isBot) throw new Refusal("cannot_dm_bot");
    if (!context.state.app.messagesTab) throw new Refusal("messages_tab_disabled");
    return workspace.directWith(user.id);
  }
  const named = wanted.startsWith("#") ? workspace.channelNamed(wanted.slice(1)) : null;
  const channel = visible(workspace, named?.id ?? wanted);
  if (!channel) throw new Refusal("channel_not_found");
  if (channel.archived) throw new Refusal("is_archived");
  if (!channel.members.has(workspace.botUserId) && !workspace.install.scopes.has("chat:write.public")) {
    throw new Refusal("not_in_channel");
  }
  if (channel.kind === "im" && !context.state.app.messagesTab) throw new Refusal("messages_tab_disabled");
  if (channel.readOnly) throw new Refusal("restricted_action");
  return channel;
}

/** The root of the thread it goes to; null is the channel itself. */
function threadFor({ state, workspace, args }: CallContext, channel: Channel): string | null {
  const wanted = args.text("thread_ts");
  if (wanted === null || wanted === "") return null;
  if (!/^\d{1,12}\.\d{6}$/.test(wanted)) throw new Refusal("invalid_thread_ts");
  const root = workspace.messageAt(channel, wanted);
  if (!root) {
    if (state.settings.missingThread === "top_level") return null;
    throw new Refusal("thread_not_found");
  }
  if (root.subtype !== null && root.subtype !== "thread_broadcast") throw new Refusal("cannot_reply_to_message");
  // A reply's own ts leads to its thread.
  return root.threadTs ?? root.ts;
}

/** @throws Refusal ratelimited, when messages come faster to a channel than the settings allow */
function keepPace({ state }: CallContext, channel: Channel): void {
  const every = state.settings.messageEveryMs;
  if (every === null) return;
  const recent = channel.messages.filter((each) => each.botId !== null && each.postedAt > state.now() - every);
  if (recent.length > 0) throw new Refusal("ratelimited", {}, Math.max(1, Math.ceil(every / 1000)));
}

function post(context: CallContext): Json {
  const { state, workspace, args } = context;
  const channel = destination(context);
  const parts = contentOf(state, args, NEW_MESSAGE);
  refuseNothing(parts);
  const metadata = metadataOf(args);
  if (args.has("username") || args.has("icon_emoji") || args.has("icon_url")) {
    if (!workspace.install.scopes.has("chat:write.customize")) throw new Refusal("missing_scope", customize(context));
  }
  const threadTs = threadFor(context, channel);
  keepPace(context, channel);
  const broadcast = threadTs !== null && args.flag("reply_broadcast");
  const message = workspace.addMessage(channel, {
    user: workspace.botUserId,
    botId: workspace.install.botId,
    text: parts.text ?? "",
    blocks: parts.blocks,
    attachments: parts.attachments,
    metadata: metadata !== null && Object.keys(metadata).length > 0 ? metadata : null,
    threadTs,
    subtype: broadcast ? "thread_broadcast" : null,
    username: args.text("username"),
  });
  messagePosted(state, workspace, channel, message);
  return { channel: channel.id, ts: message.ts, message: shown(context, channel, message) };
}

const customize = ({ workspace }: CallContext): Json => ({
  needed: "chat:write.customize",
  provided: [...workspace.install.scopes].join(","),
});

function shown({ state, workspace }: CallContext, channel: Channel, message: Message): Json {
  return messageOnWire(workspace, channel, message, { metadata: true, appId: state.appId });
}

function postEphemeral(context: CallContext): Json {
  const { state, workspace, args } = context;
  const channel = visible(workspace, args.the("channel"));
  if (!channel) throw new Refusal("channel_not_found");
  if (channel.archived) throw new Refusal("is_archived");
  if (!channel.members.has(workspace.botUserId)) throw new Refusal("not_in_channel");
  const user = userOf(context);
  if (!channel.members.has(user.id)) throw new Refusal("user_not_in_channel");
  const parts = contentOf(state, args, NEW_MESSAGE);
  refuseNothing(parts);
  const message = workspace.addMessage(channel, {
    user: workspace.botUserId,
    botId: workspace.install.botId,
    text: parts.text ?? "",
    blocks: parts.blocks,
    attachments: parts.attachments,
    threadTs: threadFor(context, channel),
    onlyFor: user.id,
  });
  return { message_ts: message.ts };
}

/** The app's own message. @throws Refusal message_not_found, cant_…_message, edit_window_closed */
function ownMessage(context: CallContext, verb: "update" | "delete"): readonly [Channel, Message] {
  const { state, workspace, args } = context;
  const channel = channelOf(context);
  const message = workspace.messageAt(channel, args.the("ts"));
  if (!message) throw new Refusal("message_not_found");
  if (channel.archived) throw new Refusal("is_archived");
  if (!channel.members.has(workspace.botUserId) && channel.kind !== "public") throw new Refusal("channel_not_found");
  if (message.botId !== workspace.install.botId) throw new Refusal(`cant_${verb}_message`);
  const window = state.settings.editWindowMs;
  if (verb === "update" && window !== null && state.now() - message.postedAt > window) {
    throw new Refusal("edit_window_closed");
  }
  return [channel, message];
}

function update(context: CallContext): Json {
  const { state, workspace, args } = context;
  const [channel, message] = ownMessage(context, "update");
  const parts = contentOf(state, args, UPDATE);
  const files = args.names("file_ids");
  if (parts.text === null && parts.blocks === null && parts.attachments === null && files.length === 0) {
    throw new Refusal("no_text");
  }
  refuseNothing(
    {
      text: parts.text,
      blocks: parts.blocks ?? message.blocks,
      attachments: parts.attachments ?? message.attachments,
    },
    files.length,
  );
  const before = shown(context, channel, message);
  const metadata = metadataOf(args);
  if (parts.text !== null && parts.blocks === null && message.blocks !== null) {
    state.complaints.push(
      "chat.update gave a text and no blocks to a message with blocks: whether they stay depends on whom you ask; say blocks: []",
    );
  }
  // What is not named stays, blocks under a new text too; an empty list takes them away.
  if (parts.blocks !== null) message.blocks = parts.blocks.length > 0 ? parts.blocks : null;
  if (parts.text !== null) message.text = parts.text;
  if (parts.attachments !== null) message.attachments = parts.attachments.length > 0 ? parts.attachments : null;
  if (metadata !== null) message.metadata = Object.keys(metadata).length > 0 ? metadata : null;
  if (args.flag("reply_broadcast") && message.threadTs !== null) message.subtype = "thread_broadcast";
  if (files.length > 0) message.files = files;
  message.edited = { user: workspace.botUserId, ts: `${Math.floor(state.now() / 1000)}.000000` };
  messageChanged(state, workspace, channel, message, before);
  return { channel: channel.id, ts: message.ts, text: message.text, message: shown(context, channel, message) };
}

function remove(context: CallContext): Json {
  const [channel, message] = ownMessage(context, "delete");
  const before = shown(context, channel, message);
  message.deleted = true;
  messageDeleted(context.state, context.workspace, channel, message, before);
  return { channel: channel.id, ts: message.ts };
}
