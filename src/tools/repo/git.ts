/** git itself, without what a repository or a machine could make it do beside: no hooks, no prompts, no configuration of others. */
import { spawn } from "node:child_process";

export interface GitOptions {
  readonly signal: AbortSignal;
  /** Sent to its standard input. */
  readonly input?: string | Buffer;
  /** Further variables of its environment, such as an index of one's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Bytes of output read at most; what is longer is cut and said so. */
  readonly most?: number;
}

export interface GitAnswer {
  readonly code: number;
  readonly out: Buffer;
  readonly truncated: boolean;
  /** Its last words, for messages; without the URL of a remote, which may hold a password. */
  readonly said: string;
}

export type Git = (args: readonly string[], options: GitOptions) => Promise<GitAnswer>;

/** There is no git on this machine. */
export class NoGit extends Error {}

const MOST = 8 * 1024 * 1024;
const MOST_SAID = 2_000;

/** Settings that hold whatever the repository's own configuration says. */
const SETTINGS: readonly (readonly [string, string])[] = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["core.sshCommand", "ssh -o BatchMode=yes"],
  ["core.quotePath", "false"],
  ["protocol.ext.allow", "never"],
  ["submodule.recurse", "false"],
  ["fetch.recurseSubmodules", "false"],
  ["gc.auto", "0"],
  ["diff.external", ""],
  ["user.name", "Claw"],
  ["user.email", "claw@localhost"],
];

/**
 * @param folder the repository's own, bare: there is no working tree that a link could lead out of
 * @param header sent with requests to an HTTP remote, such as `Authorization: …`; null for none. Never in an argument
 * @param environment of this process, of which git is given what it needs to run
 */
export function gitIn(
  folder: string,
  header: string | null,
  environment: Readonly<Record<string, string | undefined>>,
): Git {
  const settings = header === null ? SETTINGS : [...SETTINGS, ["http.extraHeader", header] as const];
  const { PATH, SSH_AUTH_SOCK, HOME } = environment;
  const env: Record<string, string> = {
    ...(PATH !== undefined && { PATH }),
    // For ssh's keys alone: git's own settings of the user are not read.
    ...(HOME !== undefined && { HOME }),
    ...(SSH_AUTH_SOCK !== undefined && { SSH_AUTH_SOCK }),
    GIT_DIR: folder,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "true",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_ATTR_NOSYSTEM: "1",
    LC_ALL: "C.UTF-8",
    GIT_CONFIG_COUNT: `${settings.length}`,
    ...Object.fromEntries(
      settings.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
  };
  return (args, options) => run(args, { ...env, ...options.env }, options);
}

function run(args: readonly string[], env: Record<string, string>, options: GitOptions): Promise<GitAnswer> {
  const { signal, input, most = MOST } = options;
  return new Promise((resolve, reject) => {
    const child = spawn("git", args, { env, signal, stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
    const out: Buffer[] = [];
    let size = 0;
    let said = "";
    child.on("error", (error) => {
      reject("code" in error && error.code === "ENOENT" ? new NoGit("git is not installed") : error);
    });
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= most) out.push(chunk);
      else if (size - chunk.length < most) out.push(chunk.subarray(0, most - (size - chunk.length)));
    });
    child.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString("utf8")).slice(-MOST_SAID);
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.on("close", (code) => {
      resolve({ code: code ?? -1, out: Buffer.concat(out), truncated: size > most, said: withoutUrls(said) });
    });
  });
}

const withoutUrls = (text: string): string => text.replace(/\b[a-z+]+:\/\/[^\s'"]+/gi, "<remote>").trim();
