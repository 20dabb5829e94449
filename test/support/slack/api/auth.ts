/** auth.*, apps.*, bots.*, team.* and oauth.*: who the app is and where. */
import type { Json } from "../json.ts";
import type { State } from "../state.ts";
import type { Workspace } from "../world.ts";
import { type MethodSpec, Refusal } from "./method.ts";

export const auth: Readonly<Record<string, MethodSpec>> = {
  "auth.test": {
    token: "bot",
    scopes: [],
    args: {},
    handle: ({ workspace, state }) => ({
      url: `https://${workspace.domain}.slack.com/`,
      team: workspace.name,
      user: state.app.displayName,
      team_id: workspace.id,
      user_id: workspace.botUserId,
      bot_id: workspace.install.botId,
      is_enterprise_install: false,
    }),
  },
  "auth.revoke": {
    token: "bot",
    scopes: [],
    args: { test: "flag?" },
    handle: ({ workspace, args }) => {
      if (!args.flag("test")) workspace.install.tokenState = "revoked";
      return { revoked: !args.flag("test") };
    },
  },
  "apps.connections.open": {
    token: "app",
    scopes: ["connections:write"],
    args: {},
    handle: ({ state }) => {
      const url = state.socketUrl();
      if (url === null) throw new Refusal("forbidden_team");
      return { url };
    },
  },
  "bots.info": {
    token: "bot",
    scopes: ["users:read"],
    args: { bot: "text?" },
    handle: ({ workspace, args, state }) => {
      const bot = args.text("bot");
      if (bot !== null && bot !== workspace.install.botId) throw new Refusal("bot_not_found");
      return {
        bot: {
          id: workspace.install.botId,
          deleted: false,
          name: state.app.displayName,
          updated: 0,
          app_id: state.appId,
          user_id: workspace.botUserId,
          icons: {},
        },
      };
    },
  },
  "team.info": {
    token: "bot",
    scopes: ["team:read"],
    args: { team: "text?", domain: "text?" },
    handle: ({ workspace, args }) => {
      const team = args.text("team");
      if (team !== null && team !== workspace.id) throw new Refusal("team_not_found");
      return {
        team: {
          id: workspace.id,
          name: workspace.name,
          domain: workspace.domain,
          email_domain: "",
          url: `https://${workspace.domain}.slack.com/`,
          icon: { image_default: true },
        },
      };
    },
  },
  "oauth.v2.access": {
    token: "none",
    scopes: [],
    args: {
      code: "text?",
      client_id: "text?",
      client_secret: "text?",
      redirect_uri: "text?",
      grant_type: "text?",
      refresh_token: "text?",
    },
    handle: ({ state, args }) => {
      if (args.text("client_id") !== state.clientId) throw new Refusal("invalid_client_id");
      if (args.text("client_secret") !== state.clientSecret) throw new Refusal("bad_client_secret");
      const code = args.the("code");
      const workspace = state.oauthCodes.get(code);
      if (!workspace) throw new Refusal("invalid_code");
      // A code is good once.
      state.oauthCodes.delete(code);
      return granted(state, workspace);
    },
  },
  "apps.uninstall": {
    token: "bot",
    scopes: [],
    args: { client_id: "text", client_secret: "text" },
    handle: ({ state, args, workspace }) => {
      if (args.text("client_id") !== state.clientId) throw new Refusal("invalid_client_id");
      if (args.text("client_secret") !== state.clientSecret) throw new Refusal("bad_client_secret");
      workspace.install.tokenState = "uninstalled";
      return {};
    },
  },
};

function granted(state: State, workspace: Workspace): Json {
  const { install } = workspace;
  install.tokenState = "valid";
  install.scopes = new Set(state.app.botScopes);
  return {
    access_token: install.botToken,
    token_type: "bot",
    scope: [...install.scopes].join(","),
    bot_user_id: install.botUserId,
    app_id: state.appId,
    team: { id: workspace.id, name: workspace.name },
    enterprise: null,
    is_enterprise_install: false,
    authed_user: { id: [...workspace.users.values()].find((each) => each.isAdmin)?.id ?? "" },
  };
}
