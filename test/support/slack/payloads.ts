/** What Slack sends when a person does something: commands, clicks, submissions, shortcuts. */
import { viewOnWire } from "./api/views.ts";
import { copyOf, type Json } from "./json.ts";
import { asReturned, messageOnWire } from "./message.ts";
import type { State } from "./state.ts";
import { initialState, type ViewState } from "./view-state.ts";
import type { Channel, Message, StoredView, User, Workspace } from "./world.ts";

export interface Scene {
  readonly state: State;
  readonly workspace: Workspace;
  readonly user: User;
}

const channelName = (channel: Channel): string =>
  channel.kind === "private" ? "privategroup" : channel.kind === "im" ? "directmessage" : channel.name;

export function commandPayload(
  { state, workspace, user }: Scene,
  channel: Channel,
  command: string,
  text: string,
): Json {
  const url = state.links.responseUrl({ workspace, channel, userId: user.id, message: null });
  return {
    token: state.verificationToken,
    team_id: workspace.id,
    team_domain: workspace.domain,
    channel_id: channel.id,
    channel_name: channelName(channel),
    user_id: user.id,
    user_name: user.name,
    command,
    text,
    api_app_id: state.appId,
    is_enterprise_install: "false",
    response_url: `${state.url()}/response/${url.id}`,
    trigger_id: state.links.trigger(workspace, user.id),
  };
}

function common({ state, workspace, user }: Scene): Json {
  return {
    team: { id: workspace.id, domain: workspace.domain },
    user: { id: user.id, username: user.name, name: user.name, team_id: user.teamId },
    api_app_id: state.appId,
    token: state.verificationToken,
    enterprise: null,
    is_enterprise_install: false,
  };
}

/** A click in a message. @param action the element as it stands there, with what was chosen */
export function messageActionPayload(
  scene: Scene,
  channel: Channel,
  message: Message,
  action: Json,
  chosen: ViewState,
): Json {
  const { state, workspace, user } = scene;
  const url = state.links.responseUrl({ workspace, channel, userId: user.id, message });
  const ephemeral = message.onlyFor !== null;
  return {
    type: "block_actions",
    ...common(scene),
    container: {
      type: "message",
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: ephemeral,
      ...(message.threadTs !== null && { thread_ts: message.threadTs }),
    },
    trigger_id: state.links.trigger(workspace, user.id),
    channel: { id: channel.id, name: channelName(channel) },
    // Of a message that only one person sees, Slack does not send the content.
    ...(!ephemeral && {
      message: messageOnWire(workspace, channel, message, { metadata: true, appId: state.appId }),
    }),
    state: { values: { ...initialState(message.blocks ?? []), ...copyOf(chosen) } },
    response_url: `${state.url()}/response/${url.id}`,
    actions: [asReturned({ ...action, action_ts: actionTs(state) })],
  };
}

/** A click in a modal or on the Home tab. */
export function viewActionPayload(scene: Scene, view: StoredView, action: Json): Json {
  const { state, workspace, user } = scene;
  return {
    type: "block_actions",
    ...common(scene),
    container: { type: "view", view_id: view.id },
    trigger_id: state.links.trigger(workspace, user.id, view.id),
    view: viewOnWire(state, workspace, view),
    actions: [{ ...action, action_ts: actionTs(state) }],
  };
}

export function submissionPayload(scene: Scene, view: StoredView): Json {
  const { state, workspace, user } = scene;
  return {
    type: "view_submission",
    ...common(scene),
    trigger_id: state.links.trigger(workspace, user.id, view.id),
    view: viewOnWire(state, workspace, view),
    response_urls: [],
  };
}

export function closedPayload(scene: Scene, view: StoredView, cleared: boolean): Json {
  const { state, workspace } = scene;
  return { type: "view_closed", ...common(scene), view: viewOnWire(state, workspace, view), is_cleared: cleared };
}

export function messageShortcutPayload(scene: Scene, channel: Channel, message: Message, callbackId: string): Json {
  const { state, workspace, user } = scene;
  const url = state.links.responseUrl({ workspace, channel, userId: user.id, message });
  return {
    type: "message_action",
    ...common(scene),
    action_ts: actionTs(state),
    callback_id: callbackId,
    trigger_id: state.links.trigger(workspace, user.id),
    response_url: `${state.url()}/response/${url.id}`,
    channel: { id: channel.id, name: channelName(channel) },
    message_ts: message.ts,
    message: messageOnWire(workspace, channel, message, { metadata: false, appId: state.appId }),
  };
}

export function globalShortcutPayload(scene: Scene, callbackId: string): Json {
  const { state, workspace, user } = scene;
  return {
    type: "shortcut",
    ...common(scene),
    action_ts: actionTs(state),
    callback_id: callbackId,
    trigger_id: state.links.trigger(workspace, user.id),
  };
}

/** Differs for every click, also within a millisecond. */
const actionTs = (state: State): string =>
  `${Math.floor(state.now() / 1000)}.${state.ids.opaque(6).replace(/[a-f]/g, "1")}`;
