/** Reading issues. */
import { z } from "zod";
import { defineTool, type ToolContract } from "../contract.ts";
import { asGitHub, type GitHubDeps, repositoryOf } from "./client.ts";
import { DEFAULT_LIMIT, ItemNumber, Limit, login, Repo, Since, shortened } from "./words.ts";

const READ = { effect: "read", egress: "fixed", retry: "safe", timeoutMs: 15_000, outputTrust: "untrusted" } as const;

const Issue = z.object({
  number: z.int(),
  title: z.string(),
  author: z.string(),
  state: z.string(),
  labels: z.array(z.string()),
  assignees: z.array(z.string()),
  comments: z.int(),
  createdAt: z.string(),
  updatedAt: z.string(),
  url: z.string(),
});

interface IssueAnswer {
  readonly number: number;
  readonly title: string;
  readonly user: { readonly login: string } | null;
  readonly state: string;
  readonly labels: readonly (string | { readonly name?: string })[];
  readonly assignees?: readonly { readonly login: string }[] | null | undefined;
  readonly comments: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly html_url: string;
}

const issueOf = (issue: IssueAnswer): z.infer<typeof Issue> => ({
  number: issue.number,
  title: shortened(issue.title, 300),
  author: login(issue.user),
  state: issue.state,
  labels: issue.labels.map((label) => (typeof label === "string" ? label : (label.name ?? ""))),
  assignees: (issue.assignees ?? []).map(login),
  comments: issue.comments,
  createdAt: issue.created_at,
  updatedAt: issue.updated_at,
  url: issue.html_url,
});

const listIssues = (deps: GitHubDeps): ToolContract =>
  defineTool({
    ...READ,
    name: "github_list_issues",
    description: "Lists issues of a repository (no pull requests), the last changed first.",
    input: z.strictObject({
      repo: Repo,
      state: z.enum(["open", "closed", "all"]).optional(),
      labels: z.array(z.string().min(1).max(100)).max(10).optional(),
      since: Since,
      limit: Limit,
    }),
    output: z.object({ issues: z.array(Issue), more: z.boolean() }),
    execute: ({ repo, state = "open", labels, since, limit = DEFAULT_LIMIT }, ctx) =>
      asGitHub(deps, ctx, async (client) => {
        const found: IssueAnswer[] = [];
        const pages = client.paginate.iterator(client.rest.issues.listForRepo, {
          ...repositoryOf(repo),
          state,
          sort: "updated",
          direction: "desc",
          per_page: 100,
          ...(labels && { labels: labels.join(",") }),
          ...(since && { since }),
        });
        // GitHub lists pull requests among the issues: those are passed over, so a page may hold few.
        let seen = 0;
        for await (const { data } of pages) {
          found.push(...data.filter((issue) => !issue.pull_request));
          seen += 1;
          if (found.length > limit || seen === MAX_PAGES) break;
        }
        return { issues: found.slice(0, limit).map(issueOf), more: found.length > limit || seen === MAX_PAGES };
      }),
  });

/** Pages of a list that one call reads at most. */
const MAX_PAGES = 5;

const Comment = z.object({ author: z.string(), body: z.string(), at: z.string() });

const getIssue = (deps: GitHubDeps): ToolContract =>
  defineTool({
    ...READ,
    name: "github_get_issue",
    description: "Reads one issue or pull request's talk: text and the last comments.",
    input: z.strictObject({ repo: Repo, number: ItemNumber }),
    output: Issue.extend({ body: z.string(), lastComments: z.array(Comment) }),
    execute: ({ repo, number }, ctx) =>
      asGitHub(deps, ctx, async ({ rest }) => {
        const at = { ...repositoryOf(repo), issue_number: number };
        const { data: issue } = await rest.issues.get(at);
        const last = Math.max(1, Math.ceil(issue.comments / PER_PAGE));
        const { data } = await rest.issues.listComments({ ...at, per_page: PER_PAGE, page: last });
        const comments = data.map(({ user, body, created_at }) => ({
          author: login(user),
          body: shortened(body, 2_000),
          at: created_at,
        }));
        return { ...issueOf(issue), body: shortened(issue.body), lastComments: comments };
      }),
  });

/** Comments read: the last page of the talk. */
const PER_PAGE = 20;

/** Reads of issues. */
export const issueTools = (deps: GitHubDeps): readonly ToolContract[] => [listIssues(deps), getIssue(deps)];
