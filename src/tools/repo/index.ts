/** The repository tools: reads of git repositories that the operator lists, and changes proposed to them. */
import { z } from "zod";
import type { ToolContext, ToolContract } from "../contract.ts";
import { type CloneDeps, createClones, type ListedRepository } from "./clone.ts";
import { type OpenPull, proposeTool } from "./propose.ts";
import { readTools } from "./reads.ts";

export interface RepoDeps extends CloneDeps {
  /** The only host whose HTTP remotes are sent the workspace's secret `github_token`. */
  readonly githubHost: string;
  readonly openPull: OpenPull;
}

/** `repo_read`, `repo_search`, `repo_log`, `repo_diff`, `repo_propose`; none when no repository is listed. */
export function repoTools(deps: RepoDeps): readonly ToolContract[] {
  const [first, ...more] = deps.repositories.map(({ name }) => name);
  if (first === undefined) return [];
  const clones = createClones(deps, (listed, ctx) => headerFor(deps, listed, ctx));
  const Name = z.enum([first, ...more]);
  const names = [first, ...more].map((name) => `\\b${name}\\b`).join("|");
  const calledBy = new RegExp(`\\brepos?(?:itor(?:y|ies))?\\b|\\bgit\\b|\\bcode(?:base)?\\b|\\bdocs\\b|${names}`, "i");
  const tools = [...readTools(clones, Name), proposeTool(clones, Name, deps.repositories, deps.openPull)];
  return tools.map((tool) => ({ ...tool, calledBy }));
}

/** The token goes to GitHub's own host, and nowhere else. */
async function headerFor(deps: RepoDeps, { url }: ListedRepository, ctx: ToolContext): Promise<string | null> {
  if (!/^https?:/.test(url) || new URL(url).host !== deps.githubHost) return null;
  const token = await ctx.secret("github_token");
  return token === null ? null : `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
}
