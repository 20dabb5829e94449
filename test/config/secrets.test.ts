/** Where secrets go, as claw.config.yaml says it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Config, ConfigError, loadConfig } from "../../src/config.ts";

function load(yaml: string, env: Record<string, string> = {}): Config {
  const cwd = mkdtempSync(path.join(tmpdir(), "claw-config-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(path.join(cwd, "claw.config.yaml"), yaml);
  return loadConfig({ env, cwd });
}
const problems = (yaml: string): readonly string[] => {
  try {
    load(yaml);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ key, problem }) => `${key} ${problem}`);
  }
};

describe("http.secrets", () => {
  test("a bare host means https, and Authorization a bearer; a whole origin and another header mean what they say", () => {
    const { placeSecrets } = load(`http:
  secrets:
    API.example.com: { secret: example_token }
    api.example.com:8443: { secret: other, header: X-Api-Key }
    "http://127.0.0.1:3000": { secret: third, prefix: "Token " }
`);
    expect(placeSecrets).toEqual([
      { origin: "https://api.example.com", header: "authorization", secret: "example_token", prefix: "Bearer " },
      { origin: "https://api.example.com:8443", header: "x-api-key", secret: "other", prefix: "" },
      { origin: "http://127.0.0.1:3000", header: "authorization", secret: "third", prefix: "Token " },
    ]);
  });

  test.each([
    ['"*.example.com": { secret: a }', "must be a host"],
    ["example.com/path: { secret: a }", "must be a host"],
    ['"https://user:pass@example.com": { secret: a }', "must be a host"],
    ["example.com: { secret: 9 }", "must be a secret's name"],
    ["example.com: { secret: a, header: Host }", "must be a header"],
    ['example.com: { secret: a, header: "two words" }', "must be a header"],
    ['example.com: { secret: a, prefix: "x\\r\\ny" }', "must be what stands before"],
    ["example.com: { header: X-Key }", "must be a secret's name"],
  ])("%s is refused with what to write", (entry, why) => {
    expect(problems(`http:\n  secrets:\n    ${entry}\n`).join("\n")).toContain(why);
  });
});

test("github.tokenFor is only, all, or workspaces by their ids", () => {
  expect(load("{}").githubTokenFor).toBe("only");
  expect(load("github: { tokenFor: all }").githubTokenFor).toBe("all");
  expect(load("github: { tokenFor: [slack:T0123ABC] }").githubTokenFor).toEqual(["slack:T0123ABC"]);
  expect(problems("github: { tokenFor: [acme] }")[0]).toContain("must be all, only, or a list of workspaces");
});
