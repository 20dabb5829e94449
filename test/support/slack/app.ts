/** The app as Slack knows it: what its manifest asks for. What is not asked for here does not come. Pure. */
import { isObject, type Json, objectsOf, textOf } from "./json.ts";

export interface SlashCommand {
  /** With the slash. */
  readonly command: string;
  /** Slack then turns `@ada` and `#eng` of the line into tokens. */
  readonly shouldEscape: boolean;
}

export interface Shortcut {
  readonly name: string;
  readonly type: "message" | "global";
  readonly callbackId: string;
}

export interface AppConfig {
  readonly displayName: string;
  readonly botScopes: readonly string[];
  /** Subscribed bot events, such as `message.channels`. */
  readonly events: readonly string[];
  readonly commands: readonly SlashCommand[];
  readonly shortcuts: readonly Shortcut[];
  readonly homeTab: boolean;
  readonly messagesTab: boolean;
  readonly interactivity: boolean;
  readonly socketMode: boolean;
}

/** Asks for everything that this fake can give; tests of least privilege pass a manifest instead. */
export const GENEROUS_APP: AppConfig = {
  displayName: "claw",
  botScopes: [
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "reactions:read",
    "pins:write",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "users:read",
    "users:read.email",
  ],
  events: [
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_deleted",
    "channel_left",
    "channel_rename",
    "channel_unarchive",
    "group_archive",
    "group_left",
    "group_rename",
    "group_unarchive",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "reaction_added",
    "subteam_created",
    "subteam_members_changed",
    "subteam_updated",
    "team_join",
    "tokens_revoked",
    "user_change",
  ],
  commands: [{ command: "/claw", shouldEscape: false }],
  shortcuts: [{ name: "Ask Claw about this", type: "message", callbackId: "ask_claw" }],
  homeTab: true,
  messagesTab: true,
  interactivity: true,
  socketMode: true,
};

/**
 * Reads an app manifest (the parsed YAML or JSON that a person pastes into Slack).
 * @throws Error when a part has not the form that Slack's manifests have
 */
export function appOfManifest(manifest: unknown): AppConfig {
  const root = part(manifest, "manifest");
  const features = part(root.features, "features");
  const settings = part(root.settings, "settings");
  const scopes = part(part(root.oauth_config, "oauth_config").scopes, "oauth_config.scopes");
  const home = isObject(features.app_home) ? features.app_home : {};
  const interactivity = isObject(settings.interactivity) ? settings.interactivity : {};
  const subscriptions = isObject(settings.event_subscriptions) ? settings.event_subscriptions : {};
  const bot = part(features.bot_user, "features.bot_user");
  return {
    displayName: textOf(bot.display_name),
    botScopes: texts(scopes.bot, "oauth_config.scopes.bot"),
    events: texts(subscriptions.bot_events ?? [], "settings.event_subscriptions.bot_events"),
    commands: objectsOf(features.slash_commands).map((each) => ({
      command: textOf(each.command),
      shouldEscape: each.should_escape === true,
    })),
    shortcuts: objectsOf(features.shortcuts).map((each) => ({
      name: textOf(each.name),
      type: each.type === "global" ? "global" : "message",
      callbackId: textOf(each.callback_id),
    })),
    homeTab: home.home_tab_enabled === true,
    messagesTab: home.messages_tab_enabled === true,
    interactivity: interactivity.is_enabled === true,
    socketMode: settings.socket_mode_enabled === true,
  };
}

function part(value: unknown, name: string): Json {
  if (!isObject(value)) throw new Error(`the manifest has no ${name}`);
  return value;
}

function texts(value: unknown, name: string): string[] {
  if (!Array.isArray(value) || value.some((each) => typeof each !== "string")) {
    throw new Error(`${name} of the manifest is no list of texts`);
  }
  return value as string[];
}

/** What an event needs besides its subscription; null means nothing. */
export function scopeOfEvent(subscription: string): string | null {
  const [family, kind] = subscription.split(".");
  if (family === "message") {
    return { channels: "channels:history", groups: "groups:history", im: "im:history", mpim: "mpim:history" }[
      kind as "channels"
    ];
  }
  if (subscription === "app_mention") return "app_mentions:read";
  if (subscription.startsWith("subteam_")) return "usergroups:read";
  if (subscription.startsWith("channel_")) return "channels:read";
  if (subscription.startsWith("group_")) return "groups:read";
  if (subscription.startsWith("member_")) return "channels:read";
  if (subscription.startsWith("reaction_")) return "reactions:read";
  if (subscription === "user_change" || subscription === "team_join") return "users:read";
  return null;
}
