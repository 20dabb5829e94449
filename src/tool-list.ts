/** The tools that a configuration gives, but for those of MCP servers: for `claw start`, and for who only wants to look. */
import { join } from "node:path";
import type { Config } from "./config.ts";
import { momentWords, readMoment } from "./orchestrator/schedules/moment.ts";
import { version } from "./package-root.ts";
import {
  ask,
  type ChannelDeps,
  channelTools,
  createEgressGuard,
  feedTools,
  finish,
  gitHostOf,
  githubTools,
  type HttpDeps,
  httpTools,
  type MemoryDeps,
  memoryTools,
  openPull,
  readOutput,
  repoTools,
  sqlTools,
  type ToolContract,
  type WorkflowDeps,
  waitTool,
  workflowTools,
} from "./tools/index.ts";

/** What goes out to the web, as the operator allows it. */
export const httpOf = (config: Config): HttpDeps => ({
  guard: createEgressGuard({ allow: config.egress.allow }),
  userAgent: `Claw/${version()}`,
  secrets: config.placeSecrets,
});

/** In the order in which models are shown them, with those of MCP servers in between. */
export interface OwnTools {
  readonly first: readonly ToolContract[];
  readonly last: readonly ToolContract[];
}

/** What the tools need of Claw. */
export interface ToolDeps {
  readonly channels: ChannelDeps;
  readonly workflows: WorkflowDeps;
  readonly memory: MemoryDeps;
}

export function ownTools(config: Config, http: HttpDeps, { channels, workflows, memory }: ToolDeps): OwnTools {
  const github = { apiUrl: config.github.apiUrl, userAgent: http.userAgent };
  const first = [
    ...httpTools(http),
    ...feedTools(http),
    ...githubTools(github),
    ...repoTools({
      repositories: config.repositories,
      folder: join(config.dataDir, "repos"),
      environment: config.gitEnvironment,
      githubHost: gitHostOf(github.apiUrl),
      openPull: openPull(github),
    }),
    ...sqlTools(config.databases),
  ];
  const ours = [...channelTools(channels), ...workflowTools(workflows), ...memoryTools(memory)];
  const waiting = [waitTool({ moment: readMoment, words: momentWords }), ask];
  return { first, last: [...ours, ...waiting, readOutput, finish] };
}
