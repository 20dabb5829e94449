/** pins.*: what is kept at hand in a channel. */
import { messagePosted } from "../events.ts";
import type { Json } from "../json.ts";
import { messageOnWire } from "../message.ts";
import { type CallContext, channelOf, type MethodSpec, Refusal } from "./method.ts";

export const pins: Readonly<Record<string, MethodSpec>> = {
  "pins.add": { token: "bot", scopes: ["pins:write"], args: { channel: "text", timestamp: "text?" }, handle: pin },
  "pins.list": {
    token: "bot",
    scopes: ["pins:read"],
    args: { channel: "text" },
    handle: (context) => {
      const { state, workspace } = context;
      const channel = channelOf(context);
      if (!channel.members.has(workspace.botUserId)) throw new Refusal("not_in_channel");
      const items = channel.pins.flatMap((ts) => {
        const message = workspace.messageAt(channel, ts);
        const options = { metadata: false, appId: state.appId };
        return message
          ? [{ type: "message", channel: channel.id, message: messageOnWire(workspace, channel, message, options) }]
          : [];
      });
      return { items };
    },
  },
};

/** https://docs.slack.dev/reference/methods/pins.add */
function pin(context: CallContext): Json {
  const { state, workspace, args } = context;
  const channel = channelOf(context);
  if (!channel.members.has(workspace.botUserId)) throw new Refusal("not_in_channel");
  if (channel.archived) throw new Refusal("is_archived");
  const ts = args.text("timestamp");
  if (ts === null || ts === "") throw new Refusal("no_item_specified");
  if (!/^\d{1,12}\.\d{6}$/.test(ts)) throw new Refusal("bad_timestamp");
  const message = workspace.messageAt(channel, ts);
  if (!message) throw new Refusal("message_not_found");
  if (channel.pins.includes(ts)) throw new Refusal("already_pinned");
  if (message.subtype !== null && !["thread_broadcast", "bot_message", "file_share"].includes(message.subtype)) {
    throw new Refusal("not_pinnable");
  }
  channel.pins.push(ts);
  const note = { user: workspace.botUserId, subtype: "pinned_item", text: "pinned a message to this channel." };
  messagePosted(state, workspace, channel, workspace.addMessage(channel, note));
  return {};
}
