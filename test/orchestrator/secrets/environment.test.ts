/** Whom GITHUB_TOKEN serves, and what wins over it. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { type EnvironmentSecret, withEnvironment } from "../../../src/orchestrator/secrets/environment.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.close());

const add = (...ids: string[]) =>
  database.sql`insert into workspaces (id, platform, team, name, timezone, created_at)
    select id, split_part(id, ':', 1)::platform, id, id, 'UTC', now() from unnest(${ids}::text[]) as t (id)`;
const own = { get: async (workspaceId: string) => (workspaceId === "slack:TOWN" ? "ghp_own" : null) };
const secrets = (whom: EnvironmentSecret["for"]) =>
  withEnvironment(own, database.db, [{ name: "github_token", value: "ghp_env", for: whom }]);
const tokens = (whom: EnvironmentSecret["for"], ...ids: string[]) =>
  Promise.all(ids.map((id) => secrets(whom).get(id, "github_token")));

it("the environment's token serves the console and the only other workspace, until there is a second one", async () => {
  await add("console:demo", "slack:TA");
  expect(await tokens("only", "console:demo", "slack:TA", "slack:TB")).toEqual(["ghp_env", "ghp_env", null]);
  await add("discord:1");
  expect(await tokens("only", "console:demo", "slack:TA", "discord:1")).toEqual(["ghp_env", null, null]);
});

it("it serves those that are named, or all, and no secret of another name", async () => {
  await add("slack:TA", "slack:TB");
  expect(await tokens(["slack:TB"], "slack:TA", "slack:TB")).toEqual([null, "ghp_env"]);
  expect(await tokens("all", "slack:TA", "slack:TB")).toEqual(["ghp_env", "ghp_env"]);
  expect(await secrets("all").get("slack:TA", "other")).toBeNull();
});

it("a workspace's own secret wins, also when it cannot be opened", async () => {
  await add("slack:TOWN");
  expect(await tokens("all", "slack:TOWN")).toEqual(["ghp_own"]);
  const broken = withEnvironment({ get: () => Promise.reject(new Error("sealed with another key")) }, database.db, [
    { name: "github_token", value: "ghp_env", for: "all" },
  ]);
  await expect(broken.get("slack:TOWN", "github_token")).rejects.toThrow("another key");
});
