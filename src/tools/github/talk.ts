/** Writing into issues and pull requests: comments, labels, new issues, closing. */
import { createHash } from "node:crypto";
import type { Octokit } from "@octokit/rest";
import { z } from "zod";
import { defineTool, type ToolContract } from "../contract.ts";
import { addedLines, visible } from "../text.ts";
import { asGitHub, type GitHubDeps, placeOf, type Repository, repositoryOf } from "./client.ts";
import { Body, ItemNumber, Repo } from "./words.ts";

const WRITE = { egress: "by_argument", retry: "idempotent", timeoutMs: 15_000, outputTrust: "trusted" } as const;

const Label = z.string().trim().min(1).max(50);
const Title = z.string().trim().min(1).max(256);
const Posted = z.object({ number: z.int(), url: z.string() });

/** GitHub knows no idempotency keys: this invisible line in a text lets the next attempt find what the last one wrote. */
export const markOf = (idempotencyKey: string): string =>
  `<!-- claw:${createHash("sha256").update(idempotencyKey).digest("hex").slice(0, 32)} -->`;
export const marked = (body: string, mark: string): string => `${body}\n\n${mark}`;
export const MARK_LINE = "  (and an invisible mark, so that it is not written twice)";

/** Attempts of one step are never further apart; older texts are not looked through. */
const LOOK_BACK_MS = 7 * 86_400_000;
const PER_PAGE = 100;

async function commentOf(client: Octokit, at: Repository & { issue_number: number }, mark: string, now: number) {
  const since = new Date(now - LOOK_BACK_MS).toISOString();
  for await (const { data } of client.paginate.iterator(client.rest.issues.listComments, {
    ...at,
    since,
    per_page: PER_PAGE,
  })) {
    const found = data.find(({ body }) => body?.includes(mark));
    if (found) return found;
  }
  return null;
}

const comment = (deps: GitHubDeps): ToolContract =>
  defineTool({
    ...WRITE,
    name: "github_comment",
    description: "Comments on an issue or pull request.",
    input: z.strictObject({ repo: Repo, number: ItemNumber, body: Body }),
    output: Posted,
    effect: "write",
    destination: ({ repo }) => placeOf(deps.apiUrl, repo),
    where: ["repo"],
    preview: ({ repo, number, body }) => ({
      action: `comment on #${number} in ${repo}`,
      diff: [...addedLines(body), MARK_LINE],
      target: placeOf(deps.apiUrl, repo),
    }),
    execute: ({ repo, number, body }, ctx) =>
      asGitHub(deps, ctx, async (client) => {
        const at = { ...repositoryOf(repo), issue_number: number };
        const mark = markOf(ctx.idempotencyKey);
        const written =
          (await commentOf(client, at, mark, ctx.now())) ??
          (await client.rest.issues.createComment({ ...at, body: marked(body, mark) })).data;
        return { number, url: written.html_url };
      }),
  });

const openIssue = (deps: GitHubDeps): ToolContract =>
  defineTool({
    ...WRITE,
    name: "github_open_issue",
    description: "Opens an issue.",
    input: z.strictObject({ repo: Repo, title: Title, body: Body, labels: z.array(Label).max(20).optional() }),
    output: Posted,
    effect: "write",
    destination: ({ repo }) => placeOf(deps.apiUrl, repo),
    where: ["repo"],
    preview: ({ repo, title, body, labels = [] }) => ({
      action: `open an issue in ${repo}`,
      diff: [
        `+ title: ${visible(title)}`,
        ...(labels.length > 0 ? [`+ labels: ${labels.map(visible).join(", ")}`] : []),
        ...addedLines(body),
        MARK_LINE,
      ],
      target: placeOf(deps.apiUrl, repo),
    }),
    execute: ({ repo, title, body, labels }, ctx) =>
      asGitHub(deps, ctx, async (client) => {
        const at = repositoryOf(repo);
        const mark = markOf(ctx.idempotencyKey);
        const since = new Date(ctx.now() - LOOK_BACK_MS).toISOString();
        const recent = { ...at, state: "all", since, per_page: PER_PAGE } as const;
        for await (const { data } of client.paginate.iterator(client.rest.issues.listForRepo, recent)) {
          const found = data.find((issue) => issue.body?.includes(mark));
          if (found) return { number: found.number, url: found.html_url };
        }
        const { data } = await client.rest.issues.create({
          ...at,
          title,
          body: marked(body, mark),
          ...(labels && { labels }),
        });
        return { number: data.number, url: data.html_url };
      }),
  });

const label = (deps: GitHubDeps): ToolContract =>
  defineTool({
    ...WRITE,
    name: "github_label",
    description: "Adds and takes labels of an issue or pull request.",
    input: z
      .strictObject({
        repo: Repo,
        number: ItemNumber,
        add: z.array(Label).max(20).optional(),
        remove: z.array(Label).max(20).optional(),
      })
      .refine(({ add = [], remove = [] }) => add.length + remove.length > 0, "expected labels to add or to remove"),
    output: z.object({ labels: z.array(z.string()) }),
    effect: "write",
    destination: ({ repo }) => placeOf(deps.apiUrl, repo),
    where: ["repo"],
    preview: ({ repo, number, add = [], remove = [] }) => ({
      action: `label #${number} in ${repo}`,
      diff: [...remove.map((name) => `- ${visible(name)}`), ...add.map((name) => `+ ${visible(name)}`)],
      target: placeOf(deps.apiUrl, repo),
    }),
    execute: ({ repo, number, add = [], remove = [] }, ctx) =>
      asGitHub(deps, ctx, async ({ rest }) => {
        const at = { ...repositoryOf(repo), issue_number: number };
        const now = new Set(
          (await rest.issues.listLabelsOnIssue({ ...at, per_page: PER_PAGE })).data.map((l) => l.name),
        );
        const missing = add.filter((name) => !now.has(name));
        if (missing.length > 0) await rest.issues.addLabels({ ...at, labels: missing });
        for (const name of remove.filter((each) => now.has(each))) await rest.issues.removeLabel({ ...at, name });
        const { data } = await rest.issues.listLabelsOnIssue({ ...at, per_page: PER_PAGE });
        return { labels: data.map(({ name }) => name) };
      }),
  });

const closeIssue = (deps: GitHubDeps): ToolContract =>
  defineTool({
    ...WRITE,
    name: "github_close_issue",
    description: "Closes an issue, with a comment if one is given.",
    input: z.strictObject({
      repo: Repo,
      number: ItemNumber,
      comment: Body.optional(),
      reason: z.enum(["completed", "not_planned"]).optional(),
    }),
    output: Posted.extend({ state: z.string() }),
    effect: "destructive",
    destination: ({ repo }) => placeOf(deps.apiUrl, repo),
    where: ["repo"],
    preview: ({ repo, number, comment: text, reason = "completed" }) => ({
      action: `close issue #${number} in ${repo}`,
      diff: ["- state: open", `+ state: closed (${reason})`, ...(text ? [...addedLines(text), MARK_LINE] : [])],
      target: placeOf(deps.apiUrl, repo),
    }),
    execute: ({ repo, number, comment: text, reason = "completed" }, ctx) =>
      asGitHub(deps, ctx, async (client) => {
        const at = { ...repositoryOf(repo), issue_number: number };
        const mark = markOf(ctx.idempotencyKey);
        if (text && (await commentOf(client, at, mark, ctx.now())) === null) {
          await client.rest.issues.createComment({ ...at, body: marked(text, mark) });
        }
        const { data } = await client.rest.issues.update({ ...at, state: "closed", state_reason: reason });
        return { number, url: data.html_url, state: data.state };
      }),
  });

/** Writes into issues and the talk of pull requests. */
export const talkTools = (deps: GitHubDeps): readonly ToolContract[] => [
  comment(deps),
  openIssue(deps),
  label(deps),
  closeIssue(deps),
];
