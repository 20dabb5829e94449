/** `services` in claw.config.yaml. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigError, loadConfig } from "../../../src/config.ts";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), "claw-limits-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const load = (yaml: string) => {
  writeFileSync(path.join(cwd, "claw.config.yaml"), yaml);
  return loadConfig({ env: {}, cwd });
};

test("limits are named by model, host, host and port, or tool", () => {
  const yaml = `
services:
  model: { perMinute: 60 }
  API.example.com: { perMinute: 30 }
  "db:5432": { perMinute: 5 }
  "[::1]:80": { perMinute: 4 }
  "tool:weather": { perMinute: 2 }
`;
  expect(load(yaml).services.limits).toEqual({
    model: 60,
    "api.example.com": 30,
    "db:5432": 5,
    "[::1]:80": 4,
    "tool:weather": 2,
  });
});

test.each(["", "services:\n", "services: {}"])("without any there is none: %j", (yaml) => {
  expect(load(yaml).services.limits).toEqual({});
});

test.each([
  [
    "services: { 'https://api.example.com/': { perMinute: 3 } }",
    "services.https://api.example.com/",
    /host:port or tool:name/,
  ],
  ["services: { '10.0.0.0/8': { perMinute: 3 } }", "services.10.0.0.0/8", /host:port or tool:name/],
  ["services: { a.example: { perMinute: 0 } }", "services.a.example.perMinute", /whole number from 1/],
  ["services: { a.example: { perMinut: 3 } }", "services.a.example.perMinut", /did you mean perMinute\?/],
  ["services: { a.example: 3 }", "services.a.example", /section of keys, such as { perMinute: 60 }/],
  ["services: [a.example]", "services", /section of keys/],
])("%j is refused at %s", (yaml, key, expected) => {
  let problems: ConfigError["problems"] = [];
  try {
    load(yaml);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems = error.problems;
  }
  expect(problems.find((problem) => problem.key === key)?.problem, JSON.stringify(problems)).toMatch(expected);
});
