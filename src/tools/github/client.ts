/** GitHub's own client, bounded: one host, no redirect elsewhere, no retries of its own. */
import type { Octokit } from "@octokit/rest";
import { ok, type ToolContext, type ToolResult } from "../contract.ts";
import { createWrites, isNotSent, NOT_OURS } from "../leaving.ts";
import { Elsewhere, failureOf } from "./failure.ts";

export interface GitHubDeps {
  /** `https://api.github.com`, or an enterprise server's `https://host/api/v3`. The operator's choice, never a model's. */
  readonly apiUrl: string;
  readonly userAgent: string;
}

/** The secret of a workspace that holds its token; without it, public reads only. */
export const TOKEN_SECRET = "github_token";

export interface Repository {
  readonly owner: string;
  readonly repo: string;
}

export const repositoryOf = (name: string): Repository => {
  const [owner = "", repo = ""] = name.split("/");
  return { owner, repo };
};

/** Where a repository's data lives, as policies and approvers name it: `github.com/acme/api`. */
export const placeOf = (apiUrl: string, repo: string): string => `${gitHostOf(apiUrl)}/${repo.toLowerCase()}`;

/** The host that people and git know: `github.com`. */
export function gitHostOf(apiUrl: string): string {
  const { host } = new URL(apiUrl);
  return host === "api.github.com" ? "github.com" : host;
}

const MAX_REDIRECTS = 3;

/**
 * `fetch` that follows redirects (a renamed repository) only on the same server and only for reads, so that the token goes
 * nowhere else.
 */
async function sameServer(from: string, init: RequestInit, send: typeof fetch): Promise<Response> {
  let url = new URL(from);
  for (let hops = 0; ; hops += 1) {
    const response = await send(url, { ...init, redirect: "manual" });
    const location = response.headers.get("location");
    const redirected = response.status >= 301 && response.status <= 308 && location !== null;
    if (!redirected || (init.method ?? "GET") !== "GET" || hops === MAX_REDIRECTS) return response;
    const next = new URL(location, url);
    await response.body?.cancel();
    if (next.origin !== url.origin) throw new Elsewhere();
    url = next;
  }
}

/**
 * Makes calls with the workspace's token.
 * @returns what `call` returns; a failure in words for what GitHub answers or does not answer. Never throws for those.
 */
export async function asGitHub<T>(
  deps: GitHubDeps,
  ctx: ToolContext,
  call: (client: Octokit) => Promise<T>,
): Promise<ToolResult<T>> {
  const token = await ctx.secret(TOKEN_SECRET);
  // Loaded when first needed: most processes that know these tools never call one.
  const { Octokit } = await import("@octokit/rest");
  const quiet = () => undefined;
  let wrote = false;
  const mayLeave = (): boolean => {
    const may = ctx.mayLeave?.() ?? true;
    wrote ||= may;
    return may;
  };
  const writes = createWrites();
  const client = new Octokit({
    baseUrl: deps.apiUrl.replace(/\/+$/, ""),
    userAgent: deps.userAgent,
    ...(token !== null && { auth: token }),
    request: {
      signal: ctx.signal,
      fetch: async (url: string, init: RequestInit) =>
        sameServer(url, init, init.method === "GET" ? fetch : await writes.fetch(mayLeave)),
    },
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
  try {
    return ok(await call(client));
  } catch (error) {
    if (isNotSent(error)) return { ok: false, error: { ...NOT_OURS, mayHaveHappened: wrote } };
    if (error instanceof Refused) {
      return { ok: false, error: { code: "invalid_input", message: error.message, mayHaveHappened: false } };
    }
    const failure = failureOf(error, new URL(deps.apiUrl).host, token !== null, ctx);
    return { ok: false, error: wrote ? failure : { ...failure, mayHaveHappened: false } };
  } finally {
    writes.close();
  }
}

/** Thrown within a call that finds, before anything was changed, that it cannot be made. The message is for the model. */
export class Refused extends Error {}
