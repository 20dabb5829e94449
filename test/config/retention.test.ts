import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigError, loadConfig } from "../../src/config.ts";

const DAY = 86_400_000;
let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), "claw-retention-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function retention(yaml: string) {
  writeFileSync(path.join(cwd, "claw.config.yaml"), yaml);
  return loadConfig({ env: {}, cwd }).retention;
}

function problem(yaml: string): string {
  try {
    retention(yaml);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((each) => `${each.key} ${each.problem}`).join("\n");
    throw error;
  }
  return "none";
}

test("left out, everything is kept as long as the defaults say", () => {
  expect(retention("")).toEqual({
    journals: 90 * DAY,
    firings: 400 * DAY,
    inbound: 30 * DAY,
    deliveries: 90 * DAY,
    ledger: 400 * DAY,
  });
});

test("each can be set in days, also beyond a year", () => {
  expect(retention('retention: { journals: "7d", ledger: "1000 days", inbound: "48h" }')).toMatchObject({
    journals: 7 * DAY,
    ledger: 1_000 * DAY,
    inbound: 2 * DAY,
    firings: 400 * DAY,
  });
});

test("what would do harm is refused, with the bounds", () => {
  expect(problem('retention: { inbound: "1d" }')).toMatch(/^retention\.inbound must be a duration from 2d to 3650d/);
  expect(problem('retention: { journals: "12h" }')).toMatch(/^retention\.journals must be a duration from 1d/);
  expect(problem('retention: { ledger: "11000d" }')).toMatch(/^retention\.ledger /);
  expect(problem("retention: { journals: 90 }")).toMatch(/such as 90d/);
  expect(problem('retention: { audit: "90d" }')).toMatch(/^retention\.audit /);
});

test("a limit of a run is still at most a year", () => {
  expect(problem('policies: { runTimeLimit: "400d" }')).toMatch(/^policies\.runTimeLimit /);
});
