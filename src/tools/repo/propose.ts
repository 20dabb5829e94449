/** A change proposed to a repository: exactly what was allowed, on a branch of its own, as a pull request where there are any. */
import { createHash, randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { defineTool, fail, ok, type ToolContext, type ToolContract, type ToolResult } from "../contract.ts";
import { notOurs } from "../leaving.ts";
import { addedLines, visible } from "../text.ts";
import { Changes, changed, shownChange } from "./change.ts";
import { type Clone, type Clones, gitFailed, type ListedRepository } from "./clone.ts";
import type { GitAnswer } from "./git.ts";
import { fileAt } from "./reads.ts";
import { Commit } from "./words.ts";

/** Opens the pull request of a branch, or finds the one there is. @returns its address */
export type OpenPull = (
  pull: {
    readonly repo: string;
    readonly head: string;
    readonly base: string;
    readonly title: string;
    readonly body: string;
  },
  ctx: ToolContext,
) => Promise<ToolResult<string>>;

const Title = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((text) => !/\n/.test(text), "expected one line");

const output = z.object({
  branch: z.string(),
  commit: z.string(),
  /** Null where there are no pull requests. */
  pullRequest: z.string().nullable(),
});

/** Where a repository's data lives: `github.com/acme/docs`; a folder of this machine by the name it is listed under. */
export function placeOf({ name, url }: ListedRepository): string {
  const ssh = /^[^@/\s]+@([^:/\s]+):(.+)$/.exec(url);
  const parsed = ssh ? null : URL.canParse(url) ? new URL(url) : null;
  const host = ssh?.[1] ?? parsed?.host ?? "";
  if (host === "") return `repo/${name}`;
  return `${host}/${(ssh?.[2] ?? parsed?.pathname ?? "").replace(/^\/+|\/+$|\.git$/g, "")}`.toLowerCase();
}

export function proposeTool(
  clones: Clones,
  Name: z.ZodType<string>,
  listed: readonly ListedRepository[],
  openPull: OpenPull,
): ToolContract {
  const place = (name: string): string => {
    const found = listed.find((each) => each.name === name);
    return found ? placeOf(found) : name;
  };
  return defineTool({
    name: "repo_propose",
    description: "Proposes a change of files: a commit on a new branch, and a pull request.",
    input: z.strictObject({
      repo: Name,
      base: Commit.describe("the commit that repo_read gave"),
      title: Title,
      body: z.string().trim().max(10_000),
      changes: Changes,
    }),
    output,
    effect: "write",
    egress: "by_argument",
    retry: "idempotent",
    timeoutMs: 120_000,
    outputTrust: "trusted",
    destination: ({ repo }) => place(repo),
    where: ["repo"],
    preview: ({ repo, base, title, body, changes }) => ({
      action: `propose a change to ${repo}, on top of ${base.slice(0, 10)}`,
      diff: [`+ ${visible(title)}`, ...(body === "" ? [] : addedLines(body)), ...changes.flatMap(shownChange)],
      target: place(repo),
    }),
    execute: async ({ repo, base, title, body, changes }, ctx) => {
      const opened = await clones.open(repo, ctx, true);
      if (!opened.ok) return unsent<never>(opened);
      const clone = opened.value;
      const branch = branchOf(title, ctx.idempotencyKey);
      const pushed =
        (await pushedBefore(clone, branch, ctx)) ?? (await push(clone, { base, title, body, changes, branch }, ctx));
      if (!pushed.ok) return pushed;
      const { github, branch: into } = clone.listed;
      if (github === null) return ok({ branch, commit: pushed.value, pullRequest: null });
      const pull = await openPull({ repo: github, head: branch, base: into, title, body }, ctx);
      return pull.ok ? ok({ branch, commit: pushed.value, pullRequest: pull.value }) : pull;
    },
  });
}

/** The same for every attempt of one step, and no other's. */
function branchOf(title: string, idempotencyKey: string): string {
  const words = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
  return `claw/${words || "change"}-${createHash("sha256").update(idempotencyKey).digest("hex").slice(0, 10)}`;
}

/** The commit of an attempt before this one; null when there was none. */
async function pushedBefore({ git }: Clone, branch: string, ctx: ToolContext): Promise<ToolResult<string> | null> {
  const found = await git(["rev-parse", "--verify", "--quiet", `refs/remotes/origin/${branch}^{commit}`], ctx);
  return found.code === 0 ? ok(found.out.toString("utf8").trim()) : null;
}

interface Proposal {
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly changes: z.infer<typeof Changes>;
  readonly branch: string;
}

async function push(clone: Clone, proposal: Proposal, ctx: ToolContext): Promise<ToolResult<string>> {
  const { git, listed } = clone;
  const { base, branch, title, body } = proposal;
  const into = `refs/remotes/origin/${listed.branch}`;
  const known = await git(["merge-base", "--is-ancestor", base, into], ctx);
  if (known.code !== 0) {
    return unsent(
      fail("invalid_input", `${listed.branch} of ${listed.name} does not have the commit ${base}; read it again`),
    );
  }
  const entries = await entriesOf(clone, proposal, ctx);
  if (!entries.ok) return unsent<never>(entries);
  const index = join(tmpdir(), `claw-index-${randomUUID()}`);
  const when = `@${Math.floor(ctx.now() / 1_000)} +0000`;
  const env = { GIT_INDEX_FILE: index, GIT_AUTHOR_DATE: when, GIT_COMMITTER_DATE: when };
  try {
    const tree = await inOrder([
      () => git(["read-tree", base], { ...ctx, env }),
      () => git(["update-index", "-z", "--index-info"], { ...ctx, env, input: entries.value }),
      () => git(["write-tree"], { ...ctx, env }),
    ]);
    if (tree.code !== 0)
      return unsent(fail("invalid_input", `the change does not fit into ${listed.name}: ${tree.said.slice(0, 200)}`));
    const message = body === "" ? title : `${title}\n\n${body}`;
    const args = ["commit-tree", tree.out.toString("utf8").trim(), "-p", base, "-F", "-"];
    const commit = await git(args, { ...ctx, env, input: message });
    if (commit.code !== 0) return unsent(gitFailed(listed.name, commit));
    const hash = commit.out.toString("utf8").trim();
    if (ctx.mayLeave?.() === false) return notOurs;
    const sent = await git(["push", "--quiet", "--no-verify", "--", listed.url, `${hash}:refs/heads/${branch}`], ctx);
    return sent.code === 0 ? ok(hash) : gitFailed(listed.name, sent);
  } finally {
    await rm(index, { force: true });
    await rm(`${index}.lock`, { force: true });
  }
}

/** The last answer, or the first that is not good. */
async function inOrder(steps: readonly (() => Promise<GitAnswer>)[]): Promise<GitAnswer> {
  let answer: GitAnswer = { code: 0, out: Buffer.alloc(0), truncated: false, said: "" };
  for (const step of steps) {
    answer = await step();
    if (answer.code !== 0) return answer;
  }
  return answer;
}

const NOTHING = "0".repeat(40);

/** The changed files as lines for the index: every one of them, or none. */
async function entriesOf(clone: Clone, { base, changes }: Proposal, ctx: ToolContext): Promise<ToolResult<string>> {
  const files = new Map<string, { readonly text: string | null; readonly mode: string }>();
  for (const change of changes) {
    const { path } = change;
    const known = files.get(path) ?? (await textAt(clone, base, path, ctx));
    if ("ok" in known) return known;
    const after = changed(change, known.text);
    if (!after.ok) return after;
    files.set(path, { text: after.value, mode: known.mode });
  }
  const lines: string[] = [];
  for (const [path, { text, mode }] of files) {
    if (text === null) {
      lines.push(`0 ${NOTHING}\t${path}\0`);
      continue;
    }
    const blob = await clone.git(["hash-object", "-w", "--stdin", "--no-filters"], { ...ctx, input: text });
    if (blob.code !== 0) return gitFailed(clone.listed.name, blob);
    lines.push(`${mode} ${blob.out.toString("utf8").trim()}\t${path}\0`);
  }
  return ok(lines.join(""));
}

async function textAt(clone: Clone, commit: string, path: string, ctx: ToolContext) {
  const file = await fileAt(clone, commit, path, ctx);
  if (!file.ok) return file;
  if (file.value === null) {
    // git would put a folder in the place of a file or a link that stands in the way, which nobody was shown.
    const parts = path.split("/").slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const parent = parts.slice(0, depth).join("/");
      const listing = await clone.git(["ls-tree", "-z", "--end-of-options", commit, "--", parent], ctx);
      const [, type] = listing.out.toString("utf8").split(" ");
      if (type !== undefined && type !== "tree") return fail("invalid_input", `${parent} is not a folder`);
    }
    return { text: null, mode: "100644" };
  }
  const text = file.value.bytes.toString("utf8");
  // What does not come back the same would be changed where nobody asked for it.
  return Buffer.from(text).equals(file.value.bytes)
    ? { text, mode: file.value.mode }
    : fail("invalid_input", `${path} is not text in UTF-8`);
}

/** Says of a failure that nothing was sent. */
function unsent<T>(result: ToolResult<T>): ToolResult<T> {
  return result.ok ? result : { ok: false, error: { ...result.error, mayHaveHappened: false } };
}
