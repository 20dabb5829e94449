import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callGitHub, type GitHub, githubTool, openPull, REPO, startGitHub } from "../../support/github.ts";

let github: GitHub;
beforeAll(async () => {
  github = await startGitHub();
});
afterAll(() => github.close());

const repo = "acme/api";
const write = (name: string, args: Record<string, unknown>, idempotencyKey: string) =>
  callGitHub(name, { repo, ...args }, { ...github, ctx: { idempotencyKey } });

async function openIssue(title: string): Promise<number> {
  return (await github.lin.rest.issues.create({ ...REPO, title })).data.number;
}
const commentsOf = async (number: number) =>
  (await github.lin.rest.issues.listComments({ ...REPO, issue_number: number })).data;

describe("writing, each step once however often it is tried", () => {
  test("a comment", async () => {
    const number = await openIssue("Talk");
    const first = await write("github_comment", { number, body: "Looking into it" }, "run-1/2/1");
    expect(first).toMatchObject({ ok: true, value: { number } });
    expect(await write("github_comment", { number, body: "Looking into it" }, "run-1/2/1")).toEqual(first);
    await write("github_comment", { number, body: "Looking into it" }, "run-2/2/1");
    const said = await commentsOf(number);
    expect(said.map(({ body }) => body?.split("\n")[0])).toEqual(["Looking into it", "Looking into it"]);
    expect(said[0]?.user?.login).toBe("claw-bot");
  });

  test("a new issue with labels", async () => {
    const args = { title: "Broken link", body: "docs/a.md points nowhere", labels: ["docs"] };
    const first = await write("github_open_issue", args, "run-3/1/1");
    expect(await write("github_open_issue", args, "run-3/1/1")).toEqual(first);
    const { data } = await github.lin.rest.issues.listForRepo({ ...REPO, labels: "docs" });
    expect(data.map(({ title }) => title)).toEqual(["Broken link"]);
  });

  test("labels, to and fro", async () => {
    const number = await openIssue("Labels");
    expect(await write("github_label", { number, add: ["bug", "later"] }, "a")).toMatchObject({
      value: { labels: ["bug", "later"] },
    });
    const change = { number, add: ["bug", "now"], remove: ["later", "never there"] };
    expect(await write("github_label", change, "b")).toMatchObject({ value: { labels: ["bug", "now"] } });
    expect(await write("github_label", change, "b")).toMatchObject({ value: { labels: ["bug", "now"] } });
    expect(await write("github_label", { number }, "c")).toMatchObject({ error: { code: "invalid_input" } });
  });

  test("closing an issue with a comment", async () => {
    const number = await openIssue("Stale");
    const args = { number, comment: "Closing as stale", reason: "not_planned" };
    for (const _ of [1, 2]) {
      expect(await write("github_close_issue", args, "run-4/1/1")).toMatchObject({ value: { state: "closed" } });
    }
    expect(await commentsOf(number)).toHaveLength(1);
    expect((await github.lin.rest.issues.get({ ...REPO, issue_number: number })).data.state_reason).toBe("not_planned");
  });

  test("a review, at the commit that was looked at", async () => {
    const { number, sha } = await openPull(github, "reviewed", "Reviewed");
    const args = { number, sha, event: "APPROVE", body: "Fine" };
    const first = await write("github_review", args, "run-5/1/1");
    expect(first).toMatchObject({ ok: true, value: { state: "APPROVED" } });
    expect(await write("github_review", args, "run-5/1/1")).toEqual(first);
    const { data } = await github.lin.rest.pulls.listReviews({ ...REPO, pull_number: number });
    expect(data).toHaveLength(1);
  });

  test("a merge, and only of what was approved", async () => {
    const { number, sha } = await openPull(github, "merged", "Merged");
    const older = "a".repeat(40);
    expect(await write("github_merge", { number, sha: older }, "run-6/1/1")).toEqual({
      ok: false,
      error: {
        code: "invalid_input",
        message: `#${number} has changed: it is at ${sha} now. Look at it again.`,
        mayHaveHappened: false,
      },
    });
    expect(await write("github_merge", { number, sha }, "run-6/2/1")).toMatchObject({
      ok: true,
      value: { alreadyMerged: false },
    });
    expect(await write("github_merge", { number, sha }, "run-6/2/1")).toMatchObject({
      ok: true,
      value: { alreadyMerged: true },
    });
  });
});

describe("what an approver sees", () => {
  const preview = (name: string, args: Record<string, unknown>) =>
    githubTool(name, github).preview?.({ repo, ...args });

  test("says what changes, and where", () => {
    expect(preview("github_close_issue", { number: 77, comment: "Closing as stale…" })).toEqual({
      action: "close issue #77 in acme/api",
      diff: [
        "- state: open",
        "+ state: closed (completed)",
        "+ Closing as stale…",
        "  (and an invisible mark, so that it is not written twice)",
      ],
      target: expect.stringMatching(/^localhost:\d+\/acme\/api$/),
    });
  });

  test("shows what cannot be seen", () => {
    expect(preview("github_comment", { number: 1, body: "fine\u202e" })?.diff[0]).toBe("+ fine\\u{202e}");
  });

  test("names github.com by the name that people know", () => {
    const tool = githubTool("github_comment", { apiUrl: "https://api.github.com" });
    expect(tool.destination?.({ repo: "Acme/API", number: 1, body: "x" })).toBe("github.com/acme/api");
  });
});
