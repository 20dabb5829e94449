/** The tokens of workspaces, as the environment has them: at most one of Slack and one of Discord. */
import { platformOf } from "../ids.ts";
import type { Installations } from "../ports.ts";

export interface EnvironmentTokens {
  /** Null: not set. */
  readonly slackBotToken: string | null;
  readonly discordBotToken: string | null;
}

/** Answers null for the console, which needs no token, for a platform without one, and for an id of no platform. */
export function environmentInstallations({ slackBotToken, discordBotToken }: EnvironmentTokens): Installations {
  const tokens = { slack: slackBotToken, discord: discordBotToken };
  return {
    async for(workspaceId) {
      const platform = platformOf(workspaceId);
      if (platform !== "slack" && platform !== "discord") return null;
      const botToken = tokens[platform];
      return botToken === null ? null : { platform, botToken };
    },
  };
}
