/** The GitHub tools. */
import type { ToolContract } from "../contract.ts";
import type { GitHubDeps } from "./client.ts";
import { decidingTools } from "./deciding.ts";
import { issueTools } from "./issues.ts";
import { pullTools } from "./pulls.ts";
import { repositoryTools } from "./repository.ts";
import { talkTools } from "./talk.ts";

export type { GitHubDeps };

/** Reads of pull requests, issues, checks, commits, releases, runs and files; comments, labels, issues, reviews, merges, dispatches. */
export const githubTools = (deps: GitHubDeps): readonly ToolContract[] => [
  ...pullTools(deps),
  ...issueTools(deps),
  ...repositoryTools(deps),
  ...talkTools(deps),
  ...decidingTools(deps),
];
