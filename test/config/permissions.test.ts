/** The section `permissions` of claw.config.yaml: strict, and every mistake named by its key with what to write. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { namesGroups, unknownRuleTools } from "../../src/config/permissions.ts";
import { ConfigError, loadConfig } from "../../src/config.ts";
import { fits } from "../../src/orchestrator/policy/pattern.ts";

function load(yaml: string) {
  const cwd = mkdtempSync(join(tmpdir(), "claw-permissions-"));
  writeFileSync(join(cwd, "claw.config.yaml"), yaml);
  return loadConfig({ env: {}, cwd }).permissions;
}
function wrong(yaml: string): string {
  try {
    load(yaml);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("it was taken");
}

describe("permissions", () => {
  test("are what they were when nothing is said", () => {
    for (const yaml of ["", "permissions:\n", "permissions: {}\n"]) {
      expect(load(yaml)).toEqual({
        fallback: "listed",
        rules: [],
        approvals: {},
        limits: { callsPerTool: 50, writesPerHour: 30 },
      });
    }
  });

  test("are read as they are written", () => {
    const policy = load(`
permissions:
  default: deny
  approvals: { by: admin, escalateTo: "#oncall", expiry: 8h }
  limits: { writesPerHour: 5 }
  rules:
    - { allow: "http_*", to: ["*.example.com", "#ops"], workflow: "nightly-*" }
    - { ask: channel_post, with: { channel: "#general" }, by: ["@leads", approver], quorum: 2, authorMayApprove: false, waitTimer: 10m }
    - { deny: http_request, to: internal.example.com }
    - { sendTo: hooks.example.com }
`);
    expect(policy.fallback).toBe("deny");
    expect(policy.approvals).toEqual({ by: ["admin"], escalateTo: "#oncall", expiryMs: 28_800_000 });
    expect(policy.limits).toEqual({ callsPerTool: 50, writesPerHour: 5 });
    expect(policy.rules.map(({ effect, tool, to, workflow }) => ({ effect, tool, to, workflow }))).toEqual([
      { effect: "allow", tool: "http_*", to: ["*.example.com", "#ops"], workflow: "nightly-*" },
      { effect: "ask", tool: "channel_post", to: null, workflow: null },
      { effect: "deny", tool: "http_request", to: ["internal.example.com"], workflow: null },
      { effect: "send", tool: "*", to: ["hooks.example.com"], workflow: null },
    ]);
    expect(policy.rules[1]?.terms).toEqual({
      by: ["@leads", "approver"],
      quorum: 2,
      authorMayApprove: false,
      waitMs: 600_000,
    });
    expect(policy.rules[1]?.name).toBe("permissions.rules[1] of claw.config.yaml");
    expect(namesGroups(policy)).toBe(true);
  });

  test.each([
    ["permissions: { defualt: deny }", /permissions\.defualt.*default/s],
    ["permissions: { default: allow }", /permissions\.default.*one of listed, deny/s],
    [
      "permissions: { rules: [{ allow: http_get, deny: http_get }] }",
      /permissions\.rules\[0\].*one of allow, ask, deny/s,
    ],
    ["permissions: { rules: [{ to: a.example }] }", /permissions\.rules\[0\].*one of allow, ask, deny/s],
    ["permissions: { rules: [{ deny: http_get, quorum: 2 }] }", /permissions\.rules\[0\].*only a rule with ask/s],
    ["permissions: { rules: [{ sendTo: a.example, to: b.example }] }", /permissions\.rules\[0\].*takes no to/s],
    ["permissions: { rules: [{ ask: http_get, by: Lin }] }", /permissions\.rules\[0\]\.by.*@platform-leads/s],
    ["permissions: { rules: [{ ask: http_get, quorum: 0 }] }", /permissions\.rules\[0\]\.quorum.*from 1 to 20/s],
    ["permissions: { rules: [{ ask: http_get, waitTimer: soon }] }", /permissions\.rules\[0\]\.waitTimer.*duration/s],
    ["permissions: { approvals: { expiry: 3 } }", /permissions\.approvals\.expiry.*duration/s],
    ["permissions: { limits: { writesPerHour: -1 } }", /permissions\.limits\.writesPerHour.*whole number/s],
  ])("%s", (yaml, says) => expect(wrong(yaml)).toMatch(says));

  test("that name a tool there is not are found", () => {
    const policy = load("permissions: { rules: [{ deny: htp_get }, { deny: 'http_*' }, { sendTo: x.example }] }");
    expect(unknownRuleTools(policy, ["http_get"], fits)).toEqual([
      { key: "permissions.rules[0].deny", tool: "htp_get" },
    ]);
  });
});
