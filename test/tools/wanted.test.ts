import { describe, expect, test } from "vitest";
import { githubTools, wantedTools } from "../../src/tools/index.ts";

const github = githubTools({ apiUrl: "https://api.github.com", userAgent: "Claw/test" });
const TOOLS = [
  { name: "http_get" },
  { name: "http_request" },
  { name: "channel_post" },
  ...github.filter(({ name }) => /list_pulls|comment/.test(name)),
  { name: "notion_search", calledBy: /\bnotion\b/i },
  { name: "finish" },
];
const BASIC = ["http_get", "http_request", "channel_post"];
const GITHUB = ["github_list_pulls", "github_comment"];

describe("a workflow is given the tools that its instruction speaks of", () => {
  test.each([
    "summarise open PRs in acme/api",
    "summarise acme/api",
    "look at GitHub",
    "label new issues",
    "tell me whether CI is red",
    "list pull requests that wait",
  ])("%s: GitHub's", (instruction) => {
    expect(wantedTools(instruction, TOOLS)).toEqual([...BASIC, ...GITHUB]);
  });

  test.each([
    "check https://status.example.com/api/v2",
    "remind us to drink water",
    "watch 24/7 and tell #ops",
    "compare prices on example.com/shop",
  ])("%s: no more than every workflow has", (instruction) => {
    expect(wantedTools(instruction, TOOLS)).toEqual(BASIC);
  });

  test("a family by its name, a tool by its own", () => {
    expect(wantedTools("look into Notion for the minutes", TOOLS)).toEqual([...BASIC, "notion_search"]);
    expect(wantedTools("call github_list_pulls", TOOLS)).toContain("github_list_pulls");
    expect(wantedTools("use github list pulls", TOOLS)).toContain("github_list_pulls");
  });
});
