/** Reading a git repository and proposing changes to it, with git itself. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type InvokeContext,
  invokeTool,
  ok,
  repoTools,
  type ToolResult,
  validateInput,
} from "../../../src/tools/index.ts";
import { type GitRemote, gitRemote } from "../../support/git-remote.ts";
import { toolContext } from "../../support/tool-context.ts";

let remote: GitRemote;
let pulls: unknown[];
beforeEach(() => {
  remote = gitRemote();
  pulls = [];
  remote.write("README.md", "# Docs\n\nSee [the guide](guide/old.md).\n");
  remote.write("guide/new.md", "The guide\n");
  remote.push("Write the docs");
});
afterEach(() => remote.close());

let now = Date.parse("2026-11-23T09:00:00Z");

function tools({ github = null }: { readonly github?: string | null } = {}) {
  return repoTools({
    repositories: [{ name: "docs", url: remote.url, branch: "main", github }],
    folder: remote.folder,
    environment: process.env,
    githubHost: "github.com",
    openPull: async (pull) => {
      pulls.push(pull);
      return ok("https://github.com/acme/docs/pull/1");
    },
  });
}

async function callOf(
  name: string,
  args: object,
  ctx: Partial<InvokeContext> = {},
  of: Parameters<typeof tools>[0] = {},
): Promise<ToolResult<unknown>> {
  const tool = tools(of).find((each) => each.name === name);
  if (!tool) throw new Error(`no ${name}`);
  const input = validateInput(tool, JSON.stringify({ repo: "docs", ...args }));
  const context = toolContext({ now: () => now, ...ctx });
  const result = input.ok ? await invokeTool(tool, input.value, context) : input;
  if (context.bugs.length > 0) throw context.bugs[0];
  return result;
}
const read = (path: string, more: object = {}) => callOf("repo_read", { path, ...more });
const head = () => remote.bare("rev-parse", "main");

describe("reading", () => {
  test("files, folders and what somebody pushed since", async () => {
    const commit = head();
    expect(await read("README.md")).toEqual({
      ok: true,
      value: {
        commit,
        path: "README.md",
        text: "# Docs\n\nSee [the guide](guide/old.md).\n",
        entries: null,
        truncated: false,
      },
    });
    expect(await callOf("repo_read", {})).toMatchObject({ value: { entries: ["README.md", "guide/"] } });
    expect(await read("guide")).toMatchObject({ value: { entries: ["new.md"] } });
    remote.write("guide/new.md", "The new guide\n");
    remote.push("Better");
    now += 60_000;
    expect(await read("guide/new.md")).toMatchObject({ value: { text: "The new guide\n" } });
    expect(await read("guide/new.md", { ref: commit })).toMatchObject({ value: { text: "The guide\n" } });
  });

  test("lines that hold a text, whatever it means to git", async () => {
    expect(await callOf("repo_search", { text: "GUIDE" })).toMatchObject({
      value: {
        more: false,
        matches: [
          { path: "README.md", line: 3 },
          { path: "guide/new.md", line: 1, text: "The guide" },
        ],
      },
    });
    expect(await callOf("repo_search", { text: "--open-files-in-pager=id" })).toMatchObject({ value: { matches: [] } });
    expect(await callOf("repo_search", { text: "guide", path: "guide" })).toMatchObject({
      value: { matches: { length: 1 } },
    });
  });

  test("commits, and what changed between two", async () => {
    const from = head();
    remote.write("README.md", "# Docs\n");
    const to = remote.push("Shorter: a%n subject");
    expect(await callOf("repo_log", { limit: 1 })).toMatchObject({
      value: { commits: [{ commit: to, author: "Lin", subject: "Shorter: a%n subject" }] },
    });
    expect(await callOf("repo_diff", { from, to: "main" })).toMatchObject({
      value: { from, to, diff: expect.stringContaining("-See [the guide](guide/old.md).") },
    });
  });

  test.each([
    ["repo_read", { path: "../../etc/passwd" }],
    ["repo_read", { path: "/etc/passwd" }],
    ["repo_read", { path: ".git/config" }],
    ["repo_read", { path: "a/.GIT/config" }],
    ["repo_read", { path: "README.md", ref: "--output=/tmp/x" }],
    ["repo_read", { path: "README.md", ref: "main..other" }],
    ["repo_diff", { from: "main", to: "-Gx" }],
    ["repo_log", { ref: "main@{upstream}" }],
    ["repo_read", { repo: "other", path: "README.md" }],
  ])("%s refuses %j", async (name, args) => {
    expect(await callOf(name, args)).toMatchObject({ ok: false, error: { code: "invalid_input" } });
  });

  test("does not follow a link out of the repository", async () => {
    remote.link("passwd", "/etc/passwd");
    remote.link("etc", "/etc");
    remote.push("Links");
    expect(await read("passwd")).toMatchObject({ error: { message: expect.stringContaining("symbolic link") } });
    expect(await read("etc/passwd")).toMatchObject({ ok: false });
    expect(await callOf("repo_search", { text: "root:" })).toMatchObject({ value: { matches: [] } });
  });

  test("says what is not there", async () => {
    expect(await read("nothing.md")).toMatchObject({
      error: { code: "not_found", message: expect.stringContaining("nothing.md") },
    });
    expect(await read("README.md", { ref: "gone" })).toMatchObject({ error: { code: "not_found" } });
    remote.write("image.png", "\u0000\u0001");
    remote.push("Image");
    expect(await read("image.png")).toMatchObject({ error: { message: expect.stringContaining("not text") } });
  });

  test("says that the remote is not there, without its address", async () => {
    const [tool] = repoTools({
      repositories: [{ name: "docs", url: "https://127.0.0.1:1/secret-path", branch: "main", github: null }],
      folder: remote.folder,
      environment: process.env,
      githubHost: "github.com",
      openPull: async () => ok(""),
    });
    if (!tool) throw new Error("no tool");
    const result = await invokeTool(tool, { repo: "docs" }, toolContext());
    expect(result).toMatchObject({ error: { code: "service_unavailable" } });
    expect(JSON.stringify(result)).not.toContain("secret-path");
  });
});

const FIX = [{ path: "README.md", old: "guide/old.md", new: "guide/new.md" }];
const propose = (args: object = {}, key = "run-1/3/1", of: Parameters<typeof tools>[0] = {}) =>
  callOf(
    "repo_propose",
    { base: head(), title: "Fix the broken link", body: "It pointed nowhere.", changes: FIX, ...args },
    { idempotencyKey: key },
    of,
  );
const branches = () => remote.bare("for-each-ref", "--format=%(refname:short)").split("\n");

describe("proposing a change", () => {
  test("pushes exactly that, on a branch of its own", async () => {
    const base = head();
    const result = await propose();
    expect(result).toMatchObject({
      ok: true,
      value: { branch: expect.stringMatching(/^claw\/fix-the-broken-link-[0-9a-f]{10}$/), pullRequest: null },
    });
    const { branch, commit } = (result as { value: { branch: string; commit: string } }).value;
    expect(remote.bare("rev-parse", branch)).toBe(commit);
    expect(remote.bare("rev-parse", `${branch}^`)).toBe(base);
    expect(remote.bare("diff", "--numstat", base, branch)).toBe("1\t1\tREADME.md");
    expect(remote.bare("show", `${branch}:README.md`)).toContain("[the guide](guide/new.md)");
    expect(remote.bare("log", "-1", "--format=%an|%B", branch)).toBe("Claw|Fix the broken link\n\nIt pointed nowhere.");
    expect(head()).toBe(base);
  });

  test("once, however often the step is tried, also by another process", async () => {
    const first = await propose();
    now += 60_000;
    expect(await propose()).toEqual(first);
    expect(branches()).toHaveLength(2);
    expect(await propose({}, "run-2/3/1")).toMatchObject({ ok: true });
    expect(branches()).toHaveLength(3);
  });

  test("opens a pull request where there are any", async () => {
    expect(await propose({}, "k", { github: "acme/docs" })).toMatchObject({
      value: { pullRequest: "https://github.com/acme/docs/pull/1" },
    });
    expect(pulls).toEqual([
      {
        repo: "acme/docs",
        head: expect.stringMatching(/^claw\//),
        base: "main",
        title: "Fix the broken link",
        body: "It pointed nowhere.",
      },
    ]);
  });

  test("makes, changes and deletes files together, and keeps what can be executed so", async () => {
    remote.write("run.sh", "echo old\n", 0o755);
    remote.push("A script");
    const result = await propose({
      changes: [
        { path: "run.sh", old: "old", new: "new" },
        { path: "guide/new.md", old: "The", new: null },
        { path: "deep/er/file.md", old: null, new: "fresh\n" },
        { path: "README.md", old: "# Docs", new: "# The docs" },
        { path: "README.md", old: "old.md", new: "file.md" },
      ],
    });
    const { branch } = (result as { value: { branch: string } }).value;
    expect(remote.bare("ls-tree", "-r", "--format=%(objectmode) %(path)", branch).split("\n")).toEqual([
      "100644 README.md",
      "100644 deep/er/file.md",
      "100755 run.sh",
    ]);
    expect(remote.bare("show", `${branch}:README.md`)).toBe("# The docs\n\nSee [the guide](guide/file.md).");
  });

  test.each([
    ["text that is not there", [{ path: "README.md", old: "guide/gone.md", new: "x" }], /does not hold/],
    ["text that stands there twice", [{ path: "README.md", old: "guide", new: "x" }], /more than once/],
    ["a new file that exists", [{ path: "README.md", old: null, new: "x" }], /exists already/],
    ["a file that does not", [{ path: "no.md", old: "a", new: "b" }], /no no\.md/],
    ["one change that fits and one that does not", [...FIX, { path: "no.md", old: "a", new: "b" }], /no no\.md/],
    ["a file where a folder is", [{ path: "guide", old: null, new: "x" }], /folder/],
    ["a file under a file", [{ path: "README.md/x", old: null, new: "x" }], /is not a folder/],
    ["nothing", [{ path: "README.md", old: "a", new: "a" }], /the same/],
    ["git's own files", [{ path: ".git/hooks/pre-push", old: null, new: "x" }], /path/],
    ["a way out", [{ path: "../x", old: null, new: "x" }], /path/],
  ])("refuses %s and changes nothing", async (_name, changes, message) => {
    expect(await propose({ changes })).toMatchObject({
      ok: false,
      error: { code: "invalid_input", message: expect.stringMatching(message) },
    });
    expect(branches()).toEqual(["main"]);
  });

  test("refuses what would go through a link, or replace one", async () => {
    remote.link("etc", "/tmp");
    remote.push("A link");
    for (const path of ["etc/claw-was-here", "etc"]) {
      expect(await propose({ changes: [{ path, old: null, new: "x" }] })).toMatchObject({ ok: false });
    }
    expect(existsSync("/tmp/claw-was-here")).toBe(false);
    expect(branches()).toEqual(["main"]);
  });

  test("refuses a base that is not on the branch", async () => {
    expect(await propose({ base: "a".repeat(40) })).toMatchObject({
      error: { code: "invalid_input", message: expect.stringContaining("read it again"), mayHaveHappened: false },
    });
  });

  test("runs no hooks, of the clone or of anybody", async () => {
    await read("README.md");
    const ran = join(remote.folder, "ran");
    const hooks = join(remote.folder, "docs.git", "hooks");
    mkdirSync(hooks, { recursive: true });
    for (const hook of ["pre-push", "reference-transaction", "post-index-change", "pre-commit", "commit-msg"]) {
      writeFileSync(join(hooks, hook), `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 });
    }
    remote.write(".gitattributes", "*.md filter=evil diff=evil\n");
    remote.push("Attributes");
    now += 60_000;
    expect(await propose()).toMatchObject({ ok: true });
    expect(existsSync(ran)).toBe(false);
  });

  test("shows what it would change before it does", () => {
    const tool = tools().find(({ name }) => name === "repo_propose");
    const input = {
      repo: "docs",
      base: "0123456789".repeat(4),
      title: "Fix",
      body: "",
      changes: [
        { path: "a.md", old: "one\ntwo\n", new: "one\nzwei\u202e\n" },
        { path: "b.md", old: null, new: "b\n" },
        { path: "c.md", old: "c", new: null },
      ],
    };
    expect(tool?.preview?.(input)).toEqual({
      action: "propose a change to docs, on top of 0123456789",
      target: "repo/docs",
      diff: [
        "+ Fix",
        "  a.md",
        "  one",
        "- two",
        "+ zwei\\u{202e}",
        "  b.md (new)",
        "+ b",
        "  c.md (deleted)",
        "- the whole file",
      ],
    });
  });
});

describe("where a token goes", () => {
  const at = (url: string) => {
    const listed = { name: "docs", url, branch: "main", github: null };
    const deps = { folder: remote.folder, environment: {}, githubToken: null, githubHost: "github.com" };
    const found = repoTools({ ...deps, repositories: [listed], openPull: async () => ok("") });
    const tool = found.find(({ name }) => name === "repo_propose");
    return tool?.destination?.({ repo: "docs", base: "", title: "", body: "", changes: [] });
  };

  test.each([
    ["https://github.com/Acme/Docs.git", "github.com/acme/docs"],
    ["git@github.com:acme/docs.git", "github.com/acme/docs"],
    ["ssh://git@git.acme.example:2222/docs", "git.acme.example:2222/docs"],
    ["/srv/git/docs.git", "repo/docs"],
  ])("%s is %s", (url, place) => expect(at(url)).toBe(place));
});
