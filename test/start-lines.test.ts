import { expect, it } from "vitest";
import { loadConfig } from "../src/config.ts";
import { createRulesModel } from "../src/orchestrator/model/rules.ts";
import { startLines } from "../src/start-lines.ts";

const lines = (
  env: Record<string, string> = {},
  url: string | null = "http://127.0.0.1:3141/?key=fG81rCv-GpL2Deb0Idcg3M",
) =>
  startLines({
    config: loadConfig({ env, cwd: "/nowhere" }),
    model: createRulesModel(),
    url,
    database: "embedded PostgreSQL 18.4",
    ms: 1_420,
  });

it("says in six lines what is on, what is off and which variable turns it on, in columns", () => {
  expect(lines()).toEqual([
    expect.stringMatching(/^claw \S+ · ready in 1\.4 s$/),
    "database  embedded PostgreSQL 18.4, data in /nowhere/.claw   (set DATABASE_URL for your own)",
    "console   http://127.0.0.1:3141/?key=fG81rCv-GpL2Deb0Idcg3M  open it and type /claw help",
    'slack     off                                                (SLACK_BOT_TOKEN, SLACK_APP_TOKEN; README "Slack")',
    'discord   off                                                (DISCORD_BOT_TOKEN; README "Discord")',
    "model     rules: fetches, compares, reminds, no reasoning    (OPENAI_API_KEY, or OPENAI_BASE_URL for a local one)",
  ]);
});

it("keeps its columns with a long URL", () => {
  const [, ...rest] = lines({}, `http://claw.internal.example.com:13141/?key=${"k".repeat(60)}`);
  expect(new Set(rest.map((line) => line.search(/\(|open it/))).size).toBe(1);
});

it("says how Slack reaches it", () => {
  const bot = { SLACK_BOT_TOKEN: "xoxb-1-2-abcdef" };
  expect(lines({ ...bot, SLACK_APP_TOKEN: "xapp-1-2-abcdef" }).join("\n")).toMatch(/slack {5}Socket Mode/);
  const http = lines({ ...bot, SLACK_SIGNING_SECRET: "abcdef0123456789", CLAW_SLACK_PORT: "4000" }).join("\n");
  expect(http).toContain("slack     requests at http://127.0.0.1:4000/slack/events");
});

it("says that Discord is on, and where the way in is", () => {
  const said = lines({ DISCORD_BOT_TOKEN: "abcdef" }).join("\n");
  expect(said).toMatch(/discord {3}gateway +type \/claw help there; claw doctor has the invite link/);
  expect(said).not.toContain("abcdef");
});

it("says that Slack and Discord are left to others, and which roles this process has", () => {
  const said = lines({
    SLACK_BOT_TOKEN: "xoxb-1-2-abcdef",
    SLACK_APP_TOKEN: "xapp-1-2-abcdef",
    DISCORD_BOT_TOKEN: "abcdef",
    DATABASE_URL: "postgres://u:p@h/d",
    CLAW_ROLES: "worker",
  }).join("\n");
  expect(said).toMatch(/ready in 1\.4 s · worker\n/);
  expect(said).toContain("slack     left to processes with the role bot\n");
  expect(said).toContain("discord   left to processes with the role bot\n");
  expect(said).not.toContain("xoxb");
});

it("says of every MCP server whether it was there", () => {
  const said = startLines({
    config: loadConfig({ env: {}, cwd: "/nowhere" }),
    model: createRulesModel(),
    url: null,
    database: "PostgreSQL",
    mcp: [
      { name: "files", ready: true, tools: 4 },
      { name: "weather", ready: false, tools: 1 },
    ],
    ms: 1,
  });
  expect(said.at(-2)).toMatch(/^mcp {7}files: ready, 4 tools$/);
  expect(said.at(-1)).toMatch(/^mcp {7}weather: does not answer, 1 tool +they fail until it does \(claw doctor\)$/);
});
