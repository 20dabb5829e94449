import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callGitHub, commitFile, type GitHub, openPull, REPO, startGitHub } from "../../support/github.ts";

let github: GitHub;
beforeAll(async () => {
  github = await startGitHub();
});
afterAll(() => github.close());

const read = (name: string, args: unknown) => callGitHub(name, args, github);

describe("reading a repository", () => {
  test("lists pull requests, and reads one with its reviews", async () => {
    const { number, sha } = await openPull(github, "fix-login", "Fix the login");
    await github.lin.rest.issues.addLabels({ ...REPO, issue_number: number, labels: ["bug"] });
    await callGitHub(
      "github_review",
      { repo: "acme/api", number, sha, event: "REQUEST_CHANGES", body: "A test is missing" },
      github,
    );
    const listed = await read("github_list_pulls", { repo: "acme/api" });
    expect(listed).toMatchObject({
      ok: true,
      value: {
        more: false,
        pulls: [{ number, title: "Fix the login", author: "acme", state: "open", labels: ["bug"], headSha: sha }],
      },
    });
    expect(await read("github_get_pull", { repo: "acme/api", number })).toMatchObject({
      ok: true,
      value: {
        body: "Please look.",
        base: "main",
        merged: false,
        reviews: [{ author: "claw-bot", state: "CHANGES_REQUESTED" }],
      },
    });
  });

  test("says whether there is more than was listed", async () => {
    await openPull(github, "second", "Second");
    expect(await read("github_list_pulls", { repo: "acme/api", limit: 1 })).toMatchObject({
      value: { more: true, pulls: [{ title: expect.any(String) }] },
    });
  });

  test("lists issues without the pull requests among them, and reads one with its talk", async () => {
    const { data: issue } = await github.lin.rest.issues.create({ ...REPO, title: "It is slow", body: "Very." });
    const number = issue.number;
    for (let at = 1; at <= 23; at += 1) {
      await github.lin.rest.issues.createComment({ ...REPO, issue_number: number, body: `comment ${at}` });
    }
    const listed = await read("github_list_issues", { repo: "acme/api" });
    expect(listed).toMatchObject({ ok: true, value: { more: false, issues: [{ number, title: "It is slow" }] } });
    expect(await read("github_get_issue", { repo: "acme/api", number })).toMatchObject({
      value: {
        body: "Very.",
        comments: 23,
        lastComments: [{ body: "comment 21" }, { body: "comment 22" }, { body: "comment 23" }],
      },
    });
  });

  test("reads files, folders, commits and checks", async () => {
    const sha = await commitFile(github, "main", "docs/index.md", "Welcome to the docs\n");
    expect(await read("github_read_file", { repo: "acme/api", path: "docs/index.md" })).toMatchObject({
      value: { text: "Welcome to the docs\n", entries: null, truncated: false },
    });
    expect(await read("github_read_file", { repo: "acme/api", path: "docs" })).toMatchObject({
      value: { entries: ["index.md"] },
    });
    expect(await read("github_list_commits", { repo: "acme/api", limit: 1 })).toMatchObject({
      value: { commits: [{ sha, message: "Write docs/index.md" }] },
    });
    await github.lin.rest.checks.create({
      ...REPO,
      name: "e2e",
      head_sha: sha,
      status: "completed",
      conclusion: "failure",
    });
    expect(await read("github_checks", { repo: "acme/api", ref: sha })).toMatchObject({
      value: { total: 1, checks: [{ name: "e2e", status: "completed", conclusion: "failure" }] },
    });
  });

  test("lists releases without drafts", async () => {
    await github.lin.rest.repos.createRelease({ ...REPO, tag_name: "v1.0.0", name: "One", body: "First." });
    await github.lin.rest.repos.createRelease({ ...REPO, tag_name: "v2.0.0", draft: true });
    expect(await read("github_list_releases", { repo: "acme/api" })).toMatchObject({
      value: { releases: [{ tag: "v1.0.0", name: "One", body: "First." }] },
    });
    expect(await read("github_list_releases", { repo: "acme/api" })).toMatchObject({
      value: { releases: { length: 1 } },
    });
  });

  test("lists workflow runs", async () => {
    expect(await read("github_list_runs", { repo: "acme/api", status: "failure" })).toMatchObject({
      ok: true,
      value: { total: 0, runs: [] },
    });
  });

  test("says that there is nothing where there is nothing", async () => {
    expect(await read("github_list_pulls", { repo: "acme/nothing" })).toEqual({
      ok: false,
      error: { code: "not_found", message: "GitHub knows nothing there (404), or the token may not see it" },
    });
  });

  test.each([
    ["github_list_pulls", { repo: "acme" }, /owner\/name/],
    ["github_list_pulls", { repo: "acme/api/../secret" }, /owner\/name/],
    ["github_read_file", { repo: "acme/api", path: "../../etc/passwd" }, /path such as/],
    ["github_read_file", { repo: "acme/api", path: "a", ref: "main..other" }, /branch, tag or commit/],
    ["github_list_pulls", { repo: "acme/api", limit: 1000 }, /limit/],
  ])("%s refuses %j", async (name, args, message) => {
    expect(await read(name, args)).toMatchObject({
      ok: false,
      error: { code: "invalid_input", message: expect.stringMatching(message) },
    });
  });
});
