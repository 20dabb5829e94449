/** The README's example workflows, for real: a GitHub that others wrote, a bare git repository, a status page. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type GitRemote, gitRemote } from "../support/git-remote.ts";
import { type GitHub, openPull, REPO, startGitHub } from "../support/github.ts";
import { html } from "../support/http-server.ts";
import { calls, finishes } from "../support/model-server.ts";
import { type ModelClaw, modelYaml, resultsIn, startModelClaw } from "./model-claw.ts";

let github: GitHub;
let remote: GitRemote;
let set: ModelClaw;
beforeAll(async () => {
  github = await startGitHub();
  remote = gitRemote();
  remote.write("README.md", "# Docs\n\nSee [the guide](guide/old.md).\n");
  remote.write("guide/new.md", "The guide\n");
  remote.push("Write the docs");
  set = await startModelClaw({
    yaml: modelYaml(`repos: { docs: { url: ${remote.url} } }`),
    env: { GITHUB_API_URL: github.apiUrl, GITHUB_TOKEN: github.token },
  });
});
afterAll(async () => {
  await set?.close();
  remote?.close();
  await github?.close();
  expect(set.model.complaints).toEqual([]);
});

test("a morning digest of pull requests", async () => {
  const first = await openPull(github, "fix-login", "Fix the login");
  await openPull(github, "new-icons", "New icons");
  await github.lin.rest.checks.create({
    ...REPO,
    name: "e2e-login",
    head_sha: first.sha,
    status: "completed",
    conclusion: "failure",
  });
  set.script(
    "digest",
    calls({ name: "github_list_pulls", arguments: { repo: "acme/api" } }),
    calls({ name: "github_checks", arguments: { repo: "acme/api", ref: first.sha } }),
    finishes("report", "2 open PRs in acme/api, 1 needs you\n- #1 is red: e2e-login"),
  );
  const story = await set.story("give a digest of open PRs in acme/api");
  await story.see(/2 open PRs in acme\/api, 1 needs you/);
  await story.ends("succeeded");
  const [offered, listed, checked] = story.requests();
  expect(offered?.tools).toEqual(expect.arrayContaining(["github_list_pulls", "github_comment"]));
  expect(offered?.tools).not.toContain("repo_propose");
  expect(resultsIn(listed)).toEqual([{ ok: true, text: expect.stringContaining("New icons") }]);
  expect(resultsIn(checked)).toEqual([{ ok: true, text: expect.stringContaining('"conclusion":"failure"') }]);
});

test("fix the broken link in docs: the diff that was approved is pushed, and nothing else", async () => {
  const base = remote.bare("rev-parse", "main");
  const change = { path: "README.md", old: "guide/old.md", new: "guide/new.md" };
  const proposal = { repo: "docs", base, title: "Fix the broken link", body: "It pointed nowhere.", changes: [change] };
  set.script(
    "broken link",
    calls({ name: "repo_read", arguments: { repo: "docs", path: "README.md" } }),
    calls({ name: "repo_propose", arguments: proposal }),
    finishes("report", "The link points to guide/new.md now, on a branch of its own."),
  );
  const story = await set.story("fix the broken link in docs");
  const asked = await story.see(/May I propose a change to docs/);
  expect(asked.words).toMatch(/- guide\/old\.md\s+\+ guide\/new\.md/);
  expect(remote.bare("for-each-ref", "--format=%(refname:short)")).toBe("main");
  await set.restart();
  const lin = await set.at("lin");
  await story.press(asked, "Approve", lin);
  await lin.waitFor(/points to guide\/new\.md now/, story.channel, story.root);
  await story.ends("succeeded");
  const [branch = "", ...others] = remote
    .bare("for-each-ref", "--format=%(refname:short)")
    .split("\n")
    .filter((name) => name !== "main");
  expect(others).toEqual([]);
  expect(remote.bare("diff", base, branch)).toContain(
    "-See [the guide](guide/old.md).\n+See [the guide](guide/new.md).",
  );
  expect(remote.bare("rev-parse", "main")).toBe(base);
});

test("when the status page changes, #ops is told", async () => {
  set.site.page("/status", html("<title>Status</title><p>The database is on fire</p>"));
  const url = `${set.site.url}/status`;
  set.script(
    "status page",
    calls({ name: "http_get", arguments: { url } }),
    calls({ name: "channel_post", arguments: { channel: "#room-39", text: "The database is on fire" } }),
    finishes("report", "Told #room-39 that the database is on fire."),
  );
  const story = await set.story(`when the status page ${url} is bad tell #room-39`);
  const asked = await story.see(/May I post to #room-39/);
  expect(asked.words).toMatch(/read text from outside/);
  await story.press(asked, "Approve", await set.at("lin"));
  await story.ends("succeeded");
  const lin = await set.at("lin");
  await lin.waitFor(/The database is on fire/, "room-39");
});
