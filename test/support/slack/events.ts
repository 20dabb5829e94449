/** What happens in a workspace, told to the app where it has subscribed, has the scope and can see it. */
import { scopeOfEvent } from "./app.ts";
import type { Json } from "./json.ts";
import { messageOnWire } from "./message.ts";
import type { State } from "./state.ts";
import type { Channel, ChannelKind, Message, Workspace } from "./world.ts";

const TYPE_OF = { public: "channel", private: "group", im: "im", mpim: "mpim" } as const;
const SUBSCRIPTION: Readonly<Record<ChannelKind, string>> = {
  public: "message.channels",
  private: "message.groups",
  im: "message.im",
  mpim: "message.mpim",
};

/** Tells the app of an event; what it did not ask for or may not see is not told. */
export function tell(
  state: State,
  workspace: Workspace,
  subscription: string,
  event: Json,
  channel: Channel | null = null,
): void {
  state.changes.emit("change");
  const scope = scopeOfEvent(subscription);
  const { install } = workspace;
  if (!state.app.events.includes(subscription)) return;
  if (scope !== null && !install.scopes.has(scope)) return;
  const goodbye = subscription === "app_uninstalled" || subscription === "tokens_revoked";
  if (install.tokenState !== "valid" && !goodbye) return;
  const seconds = Math.floor(state.now() / 1000);
  void state.deliveries.deliver("event", workspace.id, {
    token: state.verificationToken,
    team_id: workspace.id,
    context_team_id: workspace.id,
    context_enterprise_id: null,
    api_app_id: state.appId,
    event: { ...event, event_ts: event.event_ts ?? event.ts ?? `${seconds}.000000` },
    type: "event_callback",
    event_id: state.ids.next("Ev"),
    event_time: seconds,
    authorizations: [
      {
        enterprise_id: null,
        team_id: workspace.id,
        user_id: workspace.botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: (channel?.sharedWith.size ?? 0) > 0,
    event_context: `4-${state.ids.opaque(20)}`,
  });
}

const canSee = (workspace: Workspace, channel: Channel): boolean => channel.members.has(workspace.botUserId);

function wire(state: State, workspace: Workspace, channel: Channel, message: Message): Json {
  return messageOnWire(workspace, channel, message, { metadata: true, appId: state.appId });
}

/** A message, and besides, when it names the app in a channel, the mention: two events of one message. */
export function messagePosted(state: State, workspace: Workspace, channel: Channel, message: Message): void {
  state.changes.emit("change");
  if (!canSee(workspace, channel)) return;
  const { reply_count: _, reply_users: __, latest_reply: ___, ...body } = wire(state, workspace, channel, message);
  const home = workspace.users.get(message.user ?? "")?.teamId;
  const outside = home !== undefined && home !== workspace.id ? { user_team: home, source_team: home } : {};
  const event = { ...body, ...outside, channel: channel.id, event_ts: message.ts };
  tell(state, workspace, SUBSCRIPTION[channel.kind], { ...event, channel_type: TYPE_OF[channel.kind] }, channel);
  const named = message.text.includes(`<@${workspace.botUserId}>`);
  if (named && channel.kind !== "im" && message.botId === null && message.subtype === null) {
    tell(state, workspace, "app_mention", { ...event, type: "app_mention" }, channel);
  }
}

export function messageChanged(
  state: State,
  workspace: Workspace,
  channel: Channel,
  message: Message,
  before: Json,
): void {
  changed(state, workspace, channel, message, { subtype: "message_changed", previous_message: before });
}

export function messageDeleted(
  state: State,
  workspace: Workspace,
  channel: Channel,
  message: Message,
  before: Json,
): void {
  changed(state, workspace, channel, message, {
    subtype: "message_deleted",
    previous_message: before,
    deleted_ts: message.ts,
  });
}

function changed(state: State, workspace: Workspace, channel: Channel, message: Message, parts: Json): void {
  state.changes.emit("change");
  if (!canSee(workspace, channel)) return;
  const ts = `${Math.floor(state.now() / 1000)}.${state.ids.opaque(6).replace(/\D/g, "0")}`;
  tell(
    state,
    workspace,
    SUBSCRIPTION[channel.kind],
    {
      type: "message",
      channel: channel.id,
      channel_type: TYPE_OF[channel.kind],
      hidden: true,
      ts,
      event_ts: ts,
      ...(parts.subtype === "message_changed" && { message: wire(state, workspace, channel, message) }),
      ...parts,
    },
    channel,
  );
}

/** `channel_…` of a public channel, `group_…` of a private one. */
export const channelEvent = (channel: Channel, what: string): string =>
  `${channel.kind === "public" ? "channel" : "group"}_${what}`;
