/** A bare repository on this machine that Claw has as its remote, and a person who works in it with git. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface GitRemote {
  /** The bare repository's folder. */
  readonly url: string;
  /** A folder of one's own, for clones. */
  readonly folder: string;
  /** git in the bare repository. @returns what it prints */
  bare(...args: readonly string[]): string;
  write(path: string, text: string, mode?: number): void;
  link(path: string, target: string): void;
  /** Commits everything and pushes it. @returns the commit */
  push(message: string): string;
  close(): void;
}

export function gitRemote(): GitRemote {
  const root = mkdtempSync(join(tmpdir(), "claw-git-"));
  const url = join(root, "remote.git");
  const work = join(root, "work");
  const env = {
    PATH: process.env.PATH ?? "",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "Lin",
    GIT_AUTHOR_EMAIL: "lin@acme.example",
    GIT_COMMITTER_NAME: "Lin",
    GIT_COMMITTER_EMAIL: "lin@acme.example",
  };
  const run = (cwd: string, args: readonly string[]) =>
    execFileSync("git", args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  run(root, ["init", "--quiet", "--bare", "-b", "main", url]);
  run(root, ["init", "--quiet", "-b", "main", work]);
  const place = (path: string): string => {
    const file = join(work, path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  };
  return {
    url,
    folder: join(root, "clones"),
    bare: (...args) => run(url, args),
    write: (path, text, mode = 0o644) => writeFileSync(place(path), text, { mode }),
    link: (path, target) => symlinkSync(target, place(path)),
    push(message) {
      run(work, ["add", "-A"]);
      run(work, ["commit", "--quiet", "-m", message]);
      run(work, ["push", "--quiet", "--all", url]);
      return run(work, ["rev-parse", "HEAD"]);
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}
