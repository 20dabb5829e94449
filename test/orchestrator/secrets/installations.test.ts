import { expect, it } from "vitest";
import { environmentInstallations } from "../../../src/orchestrator/secrets/installations.ts";

const both = environmentInstallations({ slackBotToken: "xoxb-1", discordBotToken: "discord-1" });

it("answers the token of the workspace's platform", async () => {
  expect(await both.for("slack:T1")).toEqual({ platform: "slack", botToken: "xoxb-1" });
  expect(await both.for("discord:123")).toEqual({ platform: "discord", botToken: "discord-1" });
});

it.each(["console:local", "teams:T1", "slack", ""])("has none for %j", async (workspaceId) => {
  expect(await both.for(workspaceId)).toBeNull();
});

it("has none for a platform that is off", async () => {
  const off = environmentInstallations({ slackBotToken: null, discordBotToken: "discord-1" });
  expect(await off.for("slack:T1")).toBeNull();
});
