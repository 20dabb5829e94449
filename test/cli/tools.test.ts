/** `claw tools`: what there is, who may use it, how it fares; also where there is nothing to look into. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "../../src/cli/index.ts";
import { fieldLines } from "../../src/cli/schema-words.ts";
import { testDatabase } from "../support/database.ts";
import { sampleIo } from "./sample-io.ts";

async function tools(args: readonly string[], env: Record<string, string> = {}, yaml = "") {
  const io = sampleIo(env);
  if (yaml !== "") writeFileSync(join(io.cwd, "claw.config.yaml"), yaml);
  const exitCode = await runCli(["tools", ...args], io);
  return { exitCode, out: io.out(), err: io.err() };
}

describe("claw tools", () => {
  test("lists every tool also where there is no database yet, and says that there are no figures", async () => {
    const { exitCode, out } = await tools([]);
    expect(exitCode).toBe(0);
    expect(out).toMatch(
      /^http_get +read · asks after outside text · sends to where the call says · repeated at will$/m,
    );
    expect(out).toMatch(/^http_request +write · asks unless a grant covers it/m);
    expect(out).toContain("There is no database yet: claw start makes one");
    expect(out).not.toContain("not called yet");
  });

  test("says who may use a tool, as the file has it", async () => {
    const rules = `permissions:
  rules:
    - { deny: http_request }
    - { allow: http_get, to: "*.example.com", workflow: "nightly-*" }
`;
    const { out } = await tools([], {}, rules);
    expect(out).toContain("nobody: it must not call http_request (permissions.rules[0] of claw.config.yaml)");
    expect(out).toContain("it may call http_get to *.example.com, in nightly-* (permissions.rules[1]");
    const denied = await tools(["feed_read"], {}, "permissions: { default: deny }");
    expect(denied.out).toContain("nobody: permissions.default is deny, and no rule allows it");
  });

  test("shows one whole, with what it takes in plain words", async () => {
    const { out } = await tools(["http_get"]);
    expect(out).toContain("url: text, at most 4000 characters; needed");
    expect(out).toContain("changed_only: true or false; may be left out");
    expect(out).toContain("sends      to where the call says\nrepeated   at will\nlimit      10 s an attempt");
  });

  test("says what there is instead of a tool or a workspace that there is not", async () => {
    expect(await tools(["htp_get"])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("There is no tool htp_get"),
    });
    expect(await tools(["--workspace", "slack:T"])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("slack:T"),
    });
  });

  test("tells the figures of one workspace, or of all when none is named", async () => {
    const database = await testDatabase();
    try {
      const env = { DATABASE_URL: database.url };
      await database.sql`insert into workspaces (id, platform, team, name, timezone, created_at)
        values ('slack:TA', 'slack', 'TA', 'A', 'UTC', now()), ('slack:TB', 'slack', 'TB', 'B', 'UTC', now())`;
      const all = await tools([], env);
      expect(all.out).toContain("No workspace is named: these are the figures of all 2 together");
      expect(all.out).toContain("not called yet");
      const one = await tools(["--workspace", "slack:TB"], env);
      expect(one.out).not.toContain("No workspace is named");
      expect(await tools(["--workspace", "slack:TX"], env)).toMatchObject({
        exitCode: 2,
        err: "There is no workspace slack:TX. There are: slack:TA, slack:TB.\n",
      });
      const { out } = await tools(["http_get", "--json"], env);
      expect(JSON.parse(out)).toMatchObject({ tool: { name: "http_get", effect: "read", figures: null } });
    } finally {
      await database.close();
    }
  });
});

test("a schema is told in plain words", () => {
  const lines = fieldLines({
    type: "object",
    properties: {
      many: {
        type: "array",
        items: { type: "object", properties: { n: { type: "integer", minimum: 1, maximum: 9 } } },
        maxItems: 3,
      },
      one: { anyOf: [{ enum: ["a", "b"] }, { type: "null" }], description: "which" },
    },
    required: ["many"],
  });
  expect(lines).toEqual([
    "many: a list of fields, at most 3 entries; needed",
    "  n: a whole number, from 1, up to 9; may be left out",
    "one: one of a, b, or nothing; may be left out; which",
  ]);
});
