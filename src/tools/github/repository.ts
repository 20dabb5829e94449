/** Reading what happens in a repository: commits, releases, workflow runs, files. */
import { z } from "zod";
import { defineTool, type ToolContract } from "../contract.ts";
import { cut } from "../text.ts";
import { asGitHub, type GitHubDeps, Refused, repositoryOf } from "./client.ts";
import { DEFAULT_LIMIT, Limit, login, Ref, Repo, Since, shortened } from "./words.ts";

const READ = { effect: "read", egress: "fixed", retry: "safe", timeoutMs: 15_000, outputTrust: "untrusted" } as const;

/** Characters of a file that a model is given. */
const MAX_FILE = 20_000;

const FilePath = z
  .string()
  .max(1_000)
  .refine((path) => !path.startsWith("/") && !path.split("/").includes(".."), "expected a path such as docs/index.md")
  .describe("docs/index.md");

const commits = (deps: GitHubDeps): ToolContract =>
  defineTool({
    ...READ,
    name: "github_list_commits",
    description: "Lists commits, the newest first.",
    input: z.strictObject({ repo: Repo, ref: Ref.optional(), path: FilePath.optional(), since: Since, limit: Limit }),
    output: z.object({
      commits: z.array(
        z.object({ sha: z.string(), author: z.string(), at: z.string(), message: z.string(), url: z.string() }),
      ),
    }),
    execute: ({ repo, ref, path, since, limit = DEFAULT_LIMIT }, ctx) =>
      asGitHub(deps, ctx, async ({ rest }) => {
        const { data } = await rest.repos.listCommits({
          ...repositoryOf(repo),
          per_page: limit,
          ...(ref && { sha: ref }),
          ...(path && { path }),
          ...(since && { since }),
        });
        const found = data.map(({ sha, commit, author, html_url }) => ({
          sha,
          author: author?.login ?? commit.author?.name ?? "unknown",
          at: commit.committer?.date ?? commit.author?.date ?? "",
          message: shortened(commit.message, 500),
          url: html_url,
        }));
        return { commits: found };
      }),
  });

const releases = (deps: GitHubDeps): ToolContract =>
  defineTool({
    ...READ,
    name: "github_list_releases",
    description: "Lists releases, the newest first.",
    input: z.strictObject({ repo: Repo, limit: Limit }),
    output: z.object({
      releases: z.array(
        z.object({
          tag: z.string(),
          name: z.string(),
          prerelease: z.boolean(),
          publishedAt: z.string().nullable(),
          author: z.string(),
          body: z.string(),
          url: z.string(),
        }),
      ),
    }),
    execute: ({ repo, limit = 10 }, ctx) =>
      asGitHub(deps, ctx, async ({ rest }) => {
        const { data } = await rest.repos.listReleases({ ...repositoryOf(repo), per_page: limit });
        const found = data
          .filter(({ draft }) => !draft)
          .map((release) => ({
            tag: release.tag_name,
            name: release.name ?? "",
            prerelease: release.prerelease,
            publishedAt: release.published_at,
            author: login(release.author),
            body: shortened(release.body, 3_000),
            url: release.html_url,
          }));
        return { releases: found };
      }),
  });

const runs = (deps: GitHubDeps): ToolContract =>
  defineTool({
    ...READ,
    name: "github_list_runs",
    description: "Lists runs of GitHub Actions workflows, the newest first.",
    input: z.strictObject({
      repo: Repo,
      branch: Ref.optional(),
      status: z.enum(["queued", "in_progress", "completed", "success", "failure", "cancelled"]).optional(),
      limit: Limit,
    }),
    output: z.object({
      total: z.int(),
      runs: z.array(
        z.object({
          id: z.int(),
          name: z.string(),
          branch: z.string(),
          event: z.string(),
          status: z.string(),
          conclusion: z.string().nullable(),
          sha: z.string(),
          at: z.string(),
          url: z.string(),
        }),
      ),
    }),
    execute: ({ repo, branch, status, limit = DEFAULT_LIMIT }, ctx) =>
      asGitHub(deps, ctx, async ({ rest }) => {
        const { data } = await rest.actions.listWorkflowRunsForRepo({
          ...repositoryOf(repo),
          per_page: limit,
          ...(branch && { branch }),
          ...(status && { status }),
        });
        const found = data.workflow_runs.map((run) => ({
          id: run.id,
          name: run.name ?? "",
          branch: run.head_branch ?? "",
          event: run.event,
          status: run.status ?? "",
          conclusion: run.conclusion,
          sha: run.head_sha,
          at: run.created_at,
          url: run.html_url,
        }));
        return { total: data.total_count, runs: found };
      }),
  });

const readFile = (deps: GitHubDeps): ToolContract =>
  defineTool({
    ...READ,
    name: "github_read_file",
    description: "Reads a file of a repository, or lists a folder.",
    input: z.strictObject({ repo: Repo, path: FilePath, ref: Ref.optional() }),
    output: z.object({
      path: z.string(),
      sha: z.string().nullable(),
      text: z.string(),
      /** Names of a folder, those of folders with a slash; null for a file. */
      entries: z.array(z.string()).nullable(),
      truncated: z.boolean(),
    }),
    execute: ({ repo, path, ref }, ctx) =>
      asGitHub(deps, ctx, async ({ rest }) => {
        const { data } = await rest.repos.getContent({ ...repositoryOf(repo), path, ...(ref && { ref }) });
        if (Array.isArray(data)) {
          const entries = data.map(({ name, type }) => (type === "dir" ? `${name}/` : name));
          return { path, sha: null, text: "", entries, truncated: false };
        }
        if (data.type !== "file") throw new Refused(`${path} is a ${data.type}, not a file`);
        const bytes = Buffer.from(data.content, "base64");
        // GitHub leaves the content of files over 1 MB out.
        if (bytes.length < data.size) throw new Refused(`${path} has ${data.size} bytes, which is too large to read`);
        if (bytes.includes(0)) throw new Refused(`${path} is not text`);
        const { text, truncated } = cut(bytes.toString("utf8"), MAX_FILE);
        return { path, sha: data.sha, text, entries: null, truncated };
      }),
  });

/** Reads of a repository. */
export const repositoryTools = (deps: GitHubDeps): readonly ToolContract[] => [
  commits(deps),
  releases(deps),
  runs(deps),
  readFile(deps),
];
