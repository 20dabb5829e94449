/** Reading a repository: files, what stands in them, what happened to them. */
import { z } from "zod";
import { defineTool, fail, ok, type ToolContext, type ToolContract, type ToolResult } from "../contract.ts";
import { cut, storableText } from "../text.ts";
import { type Clone, type Clones, gitFailed } from "./clone.ts";
import { FilePath, Revision } from "./words.ts";

const READ = { effect: "read", egress: "fixed", retry: "safe", timeoutMs: 60_000, outputTrust: "untrusted" } as const;
const MAX_TEXT = 20_000;
const MAX_ENTRIES = 500;
const MAX_MATCHES = 100;

/** The commit that a name means now; branches of the remote come before tags. */
export async function commitOf(
  { git, listed }: Clone,
  revision: string,
  ctx: ToolContext,
): Promise<ToolResult<string>> {
  for (const name of [`refs/remotes/origin/${revision}`, `refs/tags/${revision}`, revision]) {
    const found = await git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`], ctx);
    if (found.code === 0) return ok(found.out.toString("utf8").trim());
  }
  return fail("not_found", `${listed.name} has no branch, tag or commit ${revision}`);
}

export interface FileFound {
  readonly bytes: Buffer;
  /** `100644`, or `100755` when it can be executed. */
  readonly mode: string;
}

/** A file at a commit. Null when there is none. Links are not followed: what they point to may be anywhere. */
export async function fileAt(
  { git, listed }: Clone,
  commit: string,
  path: string,
  ctx: ToolContext,
): Promise<ToolResult<FileFound | null>> {
  const listing = await git(["ls-tree", "-z", "--end-of-options", commit, "--", path], ctx);
  if (listing.code !== 0) return gitFailed(listed.name, listing);
  const [mode, type, hash] = listing.out.toString("utf8").split("\t")[0]?.split(" ") ?? [];
  if (!mode || !hash) return ok(null);
  if (mode === "120000") return fail("invalid_input", `${path} is a symbolic link, which is not followed`);
  if (type !== "blob") return fail("invalid_input", `${path} is a folder; repo_read lists it`);
  const blob = await git(["cat-file", "blob", hash], ctx);
  if (blob.code !== 0) return gitFailed(listed.name, blob);
  if (blob.truncated) return fail("too_large", `${path} is too large to read`);
  return ok({ bytes: blob.out, mode });
}

const Read = z.object({
  /** What was read; `repo_propose` needs it as its base. */
  commit: z.string(),
  path: z.string(),
  text: z.string(),
  /** Names of a folder; null for a file. */
  entries: z.array(z.string()).nullable(),
  truncated: z.boolean(),
});

export function readTools(clones: Clones, Name: z.ZodType<string>): readonly ToolContract[] {
  /** Opens the clone and finds the commit, then goes on. */
  async function at<T>(
    { repo, ref }: { readonly repo: string; readonly ref?: string | undefined },
    ctx: ToolContext,
    then: (clone: Clone, commit: string) => Promise<ToolResult<T>>,
  ): Promise<ToolResult<T>> {
    const clone = await clones.open(repo, ctx);
    if (!clone.ok) return clone;
    const commit = await commitOf(clone.value, ref ?? clone.value.listed.branch, ctx);
    return commit.ok ? then(clone.value, commit.value) : commit;
  }

  const read = defineTool({
    ...READ,
    name: "repo_read",
    description: "Reads a file of a repository, or lists a folder (path left out: the root).",
    input: z.strictObject({ repo: Name, path: FilePath.optional(), ref: Revision.optional() }),
    output: Read,
    execute: ({ repo, path = "", ref }, ctx) =>
      at({ repo, ref }, ctx, async (clone, commit): Promise<ToolResult<z.infer<typeof Read>>> => {
        const tree = path === "" ? commit : `${commit}:${path}`;
        const listing = await clone.git(["ls-tree", "-z", "--end-of-options", tree], ctx);
        if (listing.code === 0) {
          const names = listing.out.toString("utf8").split("\0").filter(Boolean).map(entryOf);
          const truncated = names.length > MAX_ENTRIES;
          return ok({ commit, path, text: "", entries: names.slice(0, MAX_ENTRIES), truncated });
        }
        const file = await fileAt(clone, commit, path, ctx);
        if (!file.ok) return file;
        if (file.value === null) return fail("not_found", `there is no ${path} in ${repo} at ${commit.slice(0, 10)}`);
        if (file.value.bytes.includes(0)) return fail("invalid_input", `${path} is not text`);
        const { text, truncated } = cut(storableText(file.value.bytes.toString("utf8")), MAX_TEXT);
        return ok({ commit, path, text, entries: null, truncated });
      }),
  });

  const search = defineTool({
    ...READ,
    name: "repo_search",
    description: "Finds lines in a repository's text files that hold a text.",
    input: z.strictObject({
      repo: Name,
      text: z
        .string()
        .min(1)
        .max(200)
        .refine((text) => !/[\n\0]/.test(text), "expected one line"),
      path: FilePath.optional(),
      ref: Revision.optional(),
    }),
    output: z.object({
      commit: z.string(),
      matches: z.array(z.object({ path: z.string(), line: z.int(), text: z.string() })),
      more: z.boolean(),
    }),
    execute: ({ repo, text, path, ref }, ctx) =>
      at({ repo, ref }, ctx, async (clone, commit) => {
        const args = [
          "grep",
          "-I",
          "-n",
          "-z",
          "-F",
          "-i",
          "-e",
          text,
          commit,
          "--",
          ...(path ? [`:(literal)${path}`] : []),
        ];
        const found = await clone.git(args, { ...ctx, most: 1024 * 1024 });
        // 1: nothing was found.
        if (found.code > 1) return gitFailed(repo, found);
        const lines = found.out.toString("utf8").split("\n").filter(Boolean);
        const matches = lines.flatMap((line) => {
          const [file = "", number = "", ...rest] = line.split("\0");
          const at = Number(number);
          return at > 0
            ? [{ path: file.slice(commit.length + 1), line: at, text: cut(storableText(rest.join("")), 300).text }]
            : [];
        });
        return ok({
          commit,
          matches: matches.slice(0, MAX_MATCHES),
          more: matches.length > MAX_MATCHES || found.truncated,
        });
      }),
  });

  const log = defineTool({
    ...READ,
    name: "repo_log",
    description: "Lists commits of a repository, the newest first.",
    input: z.strictObject({
      repo: Name,
      path: FilePath.optional(),
      ref: Revision.optional(),
      limit: z.int().min(1).max(100).optional(),
    }),
    output: z.object({
      commits: z.array(z.object({ commit: z.string(), author: z.string(), at: z.string(), subject: z.string() })),
    }),
    execute: ({ repo, path, ref, limit = 20 }, ctx) =>
      at({ repo, ref }, ctx, async (clone, commit) => {
        const format = "--format=%H%x00%an%x00%cI%x00%s";
        const args = [
          "log",
          `-n${limit}`,
          format,
          "--end-of-options",
          commit,
          "--",
          ...(path ? [`:(literal)${path}`] : []),
        ];
        const listed = await clone.git(args, ctx);
        if (listed.code !== 0) return gitFailed(repo, listed);
        const commits = listed.out
          .toString("utf8")
          .split("\n")
          .filter(Boolean)
          .map((line) => {
            const [hash = "", author = "", at = "", subject = ""] = line.split("\0").map(storableText);
            return { commit: hash, author, at, subject: cut(subject, 300).text };
          });
        return ok({ commits });
      }),
  });

  const diff = defineTool({
    ...READ,
    name: "repo_diff",
    description: "Shows what changed between two branches, tags or commits of a repository.",
    input: z.strictObject({ repo: Name, from: Revision, to: Revision.optional(), path: FilePath.optional() }),
    output: z.object({ from: z.string(), to: z.string(), diff: z.string(), truncated: z.boolean() }),
    execute: ({ repo, from, to, path }, ctx) =>
      at({ repo, ref: to }, ctx, async (clone, commit) => {
        const base = await commitOf(clone, from, ctx);
        if (!base.ok) return base;
        const options = ["diff", "--no-color", "--no-ext-diff", "--no-textconv", "--end-of-options"];
        const args = [...options, base.value, commit, "--", ...(path ? [`:(literal)${path}`] : [])];
        const shown = await clone.git(args, { ...ctx, most: 1024 * 1024 });
        if (shown.code !== 0) return gitFailed(repo, shown);
        const { text, truncated } = cut(storableText(shown.out.toString("utf8")), MAX_TEXT);
        return ok({ from: base.value, to: commit, diff: text, truncated: truncated || shown.truncated });
      }),
  });

  return [read, search, log, diff];
}

/** `100644 blob <hash>\tname` to `name`, a folder with a slash, a link with an @. */
function entryOf(line: string): string {
  const [meta = "", name = ""] = line.split("\t");
  if (meta.startsWith("120000")) return `${name}@`;
  return meta.includes(" tree ") ? `${name}/` : name;
}
