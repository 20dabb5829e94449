/** The tools that a configuration gives, but for those of MCP servers: for `claw start`, and for who only wants to look. */
import { join } from "node:path";
import type { Config } from "./config.ts";
import { version } from "./package-root.ts";
import {
  channelTools,
  createEgressGuard,
  feedTools,
  finish,
  gitHostOf,
  githubTools,
  type HttpDeps,
  httpTools,
  openPull,
  readOutput,
  repoTools,
  sqlTools,
  type ToolContract,
} from "./tools/index.ts";

/** What goes out to the web, as the operator allows it. */
export const httpOf = (config: Config): HttpDeps => ({
  guard: createEgressGuard({ allow: config.egress.allow }),
  userAgent: `Claw/${version()}`,
  secrets: config.placeSecrets,
});

/** @param more tools of MCP servers */
export function listTools(
  config: Config,
  http: HttpDeps,
  post: Parameters<typeof channelTools>[0]["post"],
  more: readonly ToolContract[],
): readonly ToolContract[] {
  const github = { apiUrl: config.github.apiUrl, userAgent: http.userAgent };
  return [
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
    ...more,
    ...channelTools({ post }),
    readOutput,
    finish,
  ];
}
