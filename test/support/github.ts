/** A GitHub that a third party wrote, with one repository whose world a test sets up through the real client. */
import { Octokit } from "@octokit/rest";
import { createEmulator, type Emulator } from "emulate";
import {
  githubTools,
  type InvokeContext,
  invokeTool,
  type ToolContract,
  type ToolResult,
  validateInput,
} from "../../src/tools/index.ts";
import { freePort } from "./ports.ts";
import { toolContext } from "./tool-context.ts";

export interface GitHub {
  readonly apiUrl: string;
  /** Claw's. */
  readonly token: string;
  /** A person who works in `acme/api`. */
  readonly lin: Octokit;
  close(): Promise<void>;
}

export const REPO = { owner: "acme", repo: "api" } as const;

export async function startGitHub(): Promise<GitHub> {
  const emulator: Emulator = await createEmulator({
    service: "github",
    port: await freePort(),
    seed: {
      tokens: {
        ghp_claw: { login: "claw-bot", scopes: ["repo", "workflow"] },
        ghp_lin: { login: "acme", scopes: ["repo", "workflow"] },
      },
      github: {
        users: [{ login: "acme", name: "Lin" }, { login: "claw-bot" }],
        repos: [{ owner: "acme", name: "api", description: "The API" }],
      },
    },
  });
  const quiet = () => undefined;
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const lin = new Octokit({ baseUrl: emulator.url, auth: "ghp_lin", log });
  await lin.request("PUT /repos/{owner}/{repo}/collaborators/{username}", {
    ...REPO,
    username: "claw-bot",
    permission: "push",
  });
  return { apiUrl: emulator.url, token: "ghp_claw", lin, close: () => emulator.close() };
}

/** A branch with one file on it and a pull request for it. @returns its number and its head */
export async function openPull({ lin }: GitHub, branch: string, title: string) {
  const { data: main } = await lin.rest.repos.getBranch({ ...REPO, branch: "main" });
  await lin.rest.git.createRef({ ...REPO, ref: `refs/heads/${branch}`, sha: main.commit.sha });
  await commitFile({ lin }, branch, `${branch}.md`, `# ${branch}\n`);
  const { data } = await lin.rest.pulls.create({ ...REPO, title, head: branch, base: "main", body: "Please look." });
  return { number: data.number, sha: data.head.sha };
}

export async function commitFile({ lin }: Pick<GitHub, "lin">, branch: string, path: string, text: string) {
  const { data } = await lin.rest.repos.createOrUpdateFileContents({
    ...REPO,
    branch,
    path,
    message: `Write ${path}`,
    content: Buffer.from(text).toString("base64"),
  });
  return data.commit.sha ?? "";
}

export interface GitHubCall {
  readonly apiUrl: string;
  /** The workspace's. */
  readonly token?: string | null;
  readonly ctx?: Partial<InvokeContext>;
}

export function githubTool(name: string, { apiUrl }: GitHubCall): ToolContract {
  const tool = githubTools({ apiUrl, userAgent: "Claw/test" }).find((each) => each.name === name);
  if (!tool) throw new Error(`no ${name}`);
  return tool;
}

/** As the runner does: arguments are validated, then the tool is invoked. */
export async function callGitHub(name: string, args: unknown, options: GitHubCall): Promise<ToolResult<unknown>> {
  const tool = githubTool(name, options);
  const input = validateInput(tool, JSON.stringify(args));
  if (!input.ok) return input;
  const secret = async (of: string) => (of === "github_token" ? (options.token ?? null) : null);
  return invokeTool(tool, input.value, toolContext({ now: () => Date.now(), secret, ...options.ctx }));
}
