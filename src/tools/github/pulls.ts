/** Reading pull requests and their checks. */
import { z } from "zod";
import { defineTool, type ToolContract } from "../contract.ts";
import { asGitHub, type GitHubDeps, repositoryOf } from "./client.ts";
import { DEFAULT_LIMIT, ItemNumber, Limit, login, Ref, Repo, shortened } from "./words.ts";

const READ = { effect: "read", egress: "fixed", retry: "safe", timeoutMs: 15_000, outputTrust: "untrusted" } as const;

const Pull = z.object({
  number: z.int(),
  title: z.string(),
  author: z.string(),
  state: z.string(),
  draft: z.boolean(),
  labels: z.array(z.string()),
  reviewers: z.array(z.string()),
  createdAt: z.string(),
  updatedAt: z.string(),
  headSha: z.string(),
  url: z.string(),
});

interface PullAnswer {
  readonly number: number;
  readonly title: string;
  readonly user: { readonly login: string } | null;
  readonly state: string;
  readonly draft?: boolean | undefined;
  readonly labels: readonly { readonly name?: string }[];
  readonly requested_reviewers?: readonly { readonly login: string }[] | null | undefined;
  readonly created_at: string;
  readonly updated_at: string;
  readonly head: { readonly sha: string };
  readonly html_url: string;
}

const pullOf = (pull: PullAnswer): z.infer<typeof Pull> => ({
  number: pull.number,
  title: shortened(pull.title, 300),
  author: login(pull.user),
  state: pull.state,
  draft: pull.draft ?? false,
  labels: pull.labels.map(({ name }) => name ?? ""),
  reviewers: (pull.requested_reviewers ?? []).map(login),
  createdAt: pull.created_at,
  updatedAt: pull.updated_at,
  headSha: pull.head.sha,
  url: pull.html_url,
});

const listPulls = (deps: GitHubDeps): ToolContract =>
  defineTool({
    ...READ,
    name: "github_list_pulls",
    description: "Lists pull requests of a repository, the last changed first.",
    input: z.strictObject({ repo: Repo, state: z.enum(["open", "closed", "all"]).optional(), limit: Limit }),
    output: z.object({ pulls: z.array(Pull), more: z.boolean() }),
    execute: ({ repo, state = "open", limit = DEFAULT_LIMIT }, ctx) =>
      asGitHub(deps, ctx, async ({ rest }) => {
        const order = { sort: "updated", direction: "desc" } as const;
        const { data, headers } = await rest.pulls.list({ ...repositoryOf(repo), state, ...order, per_page: limit });
        return { pulls: data.map(pullOf), more: (headers.link ?? "").includes('rel="next"') };
      }),
  });

const Review = z.object({ author: z.string(), state: z.string(), body: z.string(), at: z.string() });
const File = z.object({ path: z.string(), status: z.string(), additions: z.int(), deletions: z.int() });

const getPull = (deps: GitHubDeps): ToolContract =>
  defineTool({
    ...READ,
    name: "github_get_pull",
    description: "Reads one pull request: text, files, reviews, whether it can be merged.",
    input: z.strictObject({ repo: Repo, number: ItemNumber }),
    output: Pull.extend({
      body: z.string(),
      base: z.string(),
      merged: z.boolean(),
      /** Null while GitHub works it out. */
      mergeable: z.boolean().nullable(),
      files: z.array(File),
      reviews: z.array(Review),
    }),
    execute: ({ repo, number }, ctx) =>
      asGitHub(deps, ctx, async ({ rest }) => {
        const at = { ...repositoryOf(repo), pull_number: number };
        const [{ data: pull }, { data: files }, { data: reviews }] = await Promise.all([
          rest.pulls.get(at),
          rest.pulls.listFiles({ ...at, per_page: 100 }),
          rest.pulls.listReviews({ ...at, per_page: 100 }),
        ]);
        return {
          ...pullOf(pull),
          body: shortened(pull.body),
          base: pull.base.ref,
          merged: pull.merged,
          mergeable: pull.mergeable,
          files: files.map(({ filename, status, additions, deletions }) => ({
            path: filename,
            status,
            additions,
            deletions,
          })),
          reviews: reviews.map((review) => ({
            author: login(review.user),
            state: review.state,
            body: shortened(review.body, 1_000),
            at: review.submitted_at ?? "",
          })),
        };
      }),
  });

const Check = z.object({ name: z.string(), status: z.string(), conclusion: z.string().nullable(), url: z.string() });

const checks = (deps: GitHubDeps): ToolContract =>
  defineTool({
    ...READ,
    name: "github_checks",
    description: "Reads the check runs of a commit, branch or tag.",
    input: z.strictObject({ repo: Repo, ref: Ref }),
    output: z.object({ total: z.int(), checks: z.array(Check) }),
    execute: ({ repo, ref }, ctx) =>
      asGitHub(deps, ctx, async ({ rest }) => {
        const { data } = await rest.checks.listForRef({ ...repositoryOf(repo), ref, per_page: 100 });
        const found = data.check_runs.map(({ name, status, conclusion, html_url }) => ({
          name,
          status,
          conclusion,
          url: html_url ?? "",
        }));
        return { total: data.total_count, checks: found };
      }),
  });

/** Reads of pull requests. */
export const pullTools = (deps: GitHubDeps): readonly ToolContract[] => [listPulls(deps), getPull(deps), checks(deps)];
