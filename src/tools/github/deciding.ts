/** What decides about code: a review, a merge, the start of a workflow. */
import { z } from "zod";
import { defineTool, type ToolContract } from "../contract.ts";
import { addedLines, visible } from "../text.ts";
import { asGitHub, type GitHubDeps, placeOf, Refused, repositoryOf } from "./client.ts";
import { MARK_LINE, marked, markOf } from "./talk.ts";
import { Body, ItemNumber, Ref, Repo } from "./words.ts";

const WRITE = { egress: "by_argument", timeoutMs: 15_000, outputTrust: "trusted" } as const;
const VERDICTS = { APPROVE: "approve", REQUEST_CHANGES: "request changes in", COMMENT: "comment on" } as const;

const Sha = z.string().regex(/^[0-9a-f]{40}$/, "expected the whole commit, 40 hex digits");

const review = (deps: GitHubDeps): ToolContract =>
  defineTool({
    ...WRITE,
    name: "github_review",
    description: "Reviews a pull request, as it is at one commit.",
    input: z.strictObject({
      repo: Repo,
      number: ItemNumber,
      sha: Sha,
      event: z.enum(["APPROVE", "REQUEST_CHANGES", "COMMENT"]),
      body: Body,
    }),
    output: z.object({ id: z.int(), state: z.string(), url: z.string() }),
    effect: "write",
    retry: "idempotent",
    destination: ({ repo }) => placeOf(deps.apiUrl, repo),
    where: ["repo"],
    preview: ({ repo, number, sha, event, body }) => ({
      action: `${VERDICTS[event]} pull request #${number} in ${repo}, at ${sha.slice(0, 10)}`,
      diff: [`+ ${event}`, ...addedLines(body), MARK_LINE],
      target: placeOf(deps.apiUrl, repo),
    }),
    execute: ({ repo, number, sha, event, body }, ctx) =>
      asGitHub(deps, ctx, async (client) => {
        const at = { ...repositoryOf(repo), pull_number: number };
        const mark = markOf(ctx.idempotencyKey);
        for await (const { data } of client.paginate.iterator(client.rest.pulls.listReviews, {
          ...at,
          per_page: 100,
        })) {
          const found = data.find((each) => each.body.includes(mark));
          if (found) return { id: found.id, state: found.state, url: found.html_url };
        }
        const { data } = await client.rest.pulls.createReview({
          ...at,
          commit_id: sha,
          event,
          body: marked(body, mark),
        });
        return { id: data.id, state: data.state, url: data.html_url };
      }),
  });

const merge = (deps: GitHubDeps): ToolContract =>
  defineTool({
    ...WRITE,
    name: "github_merge",
    description: "Merges a pull request, only as it is at that commit.",
    input: z.strictObject({
      repo: Repo,
      number: ItemNumber,
      sha: Sha,
      method: z.enum(["merge", "squash", "rebase"]).optional(),
    }),
    output: z.object({ sha: z.string().nullable(), alreadyMerged: z.boolean() }),
    effect: "destructive",
    retry: "idempotent",
    destination: ({ repo }) => placeOf(deps.apiUrl, repo),
    where: ["repo"],
    preview: ({ repo, number, sha, method = "merge" }) => ({
      action: `merge pull request #${number} in ${repo}`,
      diff: ["- state: open", `+ state: merged (${method}), at ${sha}`],
      target: placeOf(deps.apiUrl, repo),
    }),
    execute: ({ repo, number, sha, method = "merge" }, ctx) =>
      asGitHub(deps, ctx, async ({ rest }) => {
        const at = { ...repositoryOf(repo), pull_number: number };
        const { data: pull } = await rest.pulls.get(at);
        if (pull.merged && pull.head.sha === sha) return { sha: pull.merge_commit_sha, alreadyMerged: true };
        if (pull.state !== "open") throw new Refused(`#${number} is ${pull.merged ? "merged" : pull.state} already`);
        if (pull.head.sha !== sha) {
          throw new Refused(`#${number} has changed: it is at ${pull.head.sha} now. Look at it again.`);
        }
        const { data } = await rest.pulls.merge({ ...at, sha, merge_method: method });
        return { sha: data.sha, alreadyMerged: false };
      }),
  });

const dispatch = (deps: GitHubDeps): ToolContract =>
  defineTool({
    ...WRITE,
    name: "github_dispatch",
    description: "Starts a GitHub Actions workflow that has a workflow_dispatch trigger.",
    input: z.strictObject({
      repo: Repo,
      workflow: z
        .string()
        .max(200)
        .regex(/^(?:\d+|[\w .-]+\.ya?ml)$/, "expected a file such as deploy.yml, or the workflow's id"),
      ref: Ref,
      inputs: z.record(z.string().max(100), z.string().max(1_000)).optional(),
    }),
    output: z.object({ started: z.literal(true) }),
    // What a workflow does is anything: a deployment, a release.
    effect: "destructive",
    retry: "never",
    destination: ({ repo }) => placeOf(deps.apiUrl, repo),
    where: ["repo"],
    preview: ({ repo, workflow, ref, inputs = {} }) => ({
      action: `start the workflow ${visible(workflow)} of ${repo} on ${visible(ref)}`,
      diff: Object.entries(inputs).map(([name, value]) => `+ ${visible(name)}: ${visible(value)}`),
      target: placeOf(deps.apiUrl, repo),
    }),
    execute: ({ repo, workflow, ref, inputs }, ctx) =>
      asGitHub(deps, ctx, async ({ rest }) => {
        await rest.actions.createWorkflowDispatch({
          ...repositoryOf(repo),
          workflow_id: workflow,
          ref,
          ...(inputs && { inputs }),
        });
        return { started: true as const };
      }),
  });

/** Reviews, merges and dispatches. */
export const decidingTools = (deps: GitHubDeps): readonly ToolContract[] => [review(deps), merge(deps), dispatch(deps)];
