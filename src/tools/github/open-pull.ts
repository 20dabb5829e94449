/** Opening the pull request of a branch that was pushed. */
import type { ToolContext, ToolResult } from "../contract.ts";
import { asGitHub, type GitHubDeps, repositoryOf } from "./client.ts";

export interface NewPull {
  /** `acme/docs`. */
  readonly repo: string;
  /** Branches of that repository. */
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

/** Opens it, or finds the one there is: a second call does no harm. @returns its address */
export const openPull =
  (deps: GitHubDeps) =>
  ({ repo, head, base, title, body }: NewPull, ctx: ToolContext): Promise<ToolResult<string>> =>
    asGitHub(deps, ctx, async ({ rest }) => {
      const at = repositoryOf(repo);
      const { data } = await rest.pulls.list({ ...at, head: `${at.owner}:${head}`, state: "all" });
      const there = data.find((pull) => pull.head.ref === head);
      if (there) return there.html_url;
      return (await rest.pulls.create({ ...at, head, base, title, body })).data.html_url;
    });
