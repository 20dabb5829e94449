/** The GitHub tools. */
import type { ToolContract } from "../contract.ts";
import type { GitHubDeps } from "./client.ts";
import { decidingTools } from "./deciding.ts";
import { issueTools } from "./issues.ts";
import { pullTools } from "./pulls.ts";
import { repositoryTools } from "./repository.ts";
import { talkTools } from "./talk.ts";

export { gitHostOf } from "./client.ts";
export { openPull } from "./open-pull.ts";

/** Talk of GitHub, of what it has, or of a repository by its name. */
const CALLED_BY =
  /\bgithub\b|\b(?:pull|merge) ?requests?\b|\bprs?\b|\bissues?\b|\bcommits?\b|\breleases?\b|\bci\b|\bworkflow runs?\b|(?<![\w./:-])[a-z0-9][a-z0-9-]*\/[a-z0-9._-]*[a-z][a-z0-9._-]*(?![\w/])/i;

/** Reads of pull requests, issues, checks, commits, releases, runs and files; comments, labels, issues, reviews, merges, dispatches. */
export const githubTools = (deps: GitHubDeps): readonly ToolContract[] =>
  [...pullTools(deps), ...issueTools(deps), ...repositoryTools(deps), ...talkTools(deps), ...decidingTools(deps)].map(
    (tool) => ({ ...tool, calledBy: CALLED_BY }),
  );
