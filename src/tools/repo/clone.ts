/** Claw's own clone of a repository that the operator listed: bare, and fetched anew before it is read. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, type ToolContext, type ToolResult } from "../contract.ts";
import { type Git, type GitAnswer, gitIn, NoGit } from "./git.ts";

/** A repository as the operator listed it. */
export interface ListedRepository {
  readonly name: string;
  /** `https://…`, `ssh://…`, `git@host:…`, or a folder on this machine. */
  readonly url: string;
  /** What is read unless something else is named, and where changes are proposed for. */
  readonly branch: string;
  /** `acme/docs`, where a pull request is opened for a proposed change; null: the branch is pushed and no more. */
  readonly github: string | null;
}

export interface CloneDeps {
  readonly repositories: readonly ListedRepository[];
  /** Where clones are kept; made when first needed. */
  readonly folder: string;
  /** Of this process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface Clone {
  readonly listed: ListedRepository;
  readonly git: Git;
}

/** Fetched again at the earliest after so many milliseconds: many reads of one run look at the same state. */
const FRESH_MS = 10_000;

export interface Clones {
  readonly names: readonly string[];
  /**
   * The clone, as new as its remote was within the last {@link FRESH_MS}.
   * @param anew fetches whatever the age
   */
  open(name: string, ctx: ToolContext, anew?: boolean): Promise<ToolResult<Clone>>;
}

/** @param secretHeader the header for an HTTP remote's requests, from the workspace's secrets; null: none is needed */
export function createClones(
  deps: CloneDeps,
  secretHeader: (listed: ListedRepository, ctx: ToolContext) => Promise<string | null>,
): Clones {
  const fetchedAt = new Map<string, number>();
  /** One git at a time changes a clone. */
  const turns = new Map<string, Promise<unknown>>();

  async function open(name: string, ctx: ToolContext, anew = false): Promise<ToolResult<Clone>> {
    const listed = deps.repositories.find((each) => each.name === name);
    if (!listed) return fail("not_found", `there is no repository ${name}; there are ${names.join(", ")}`);
    const folder = join(deps.folder, `${name}.git`);
    const git = gitIn(folder, await secretHeader(listed, ctx), deps.environment);
    const mine = (turns.get(name) ?? Promise.resolve()).then(async () => {
      const age = ctx.now() - (fetchedAt.get(name) ?? Number.NEGATIVE_INFINITY);
      if (!anew && age >= 0 && age < FRESH_MS) return ok({ listed, git });
      const fetched = await refresh(listed, folder, git, ctx);
      if (fetched.ok) fetchedAt.set(name, ctx.now());
      return fetched.ok ? ok({ listed, git }) : fetched;
    });
    turns.set(
      name,
      mine.catch(() => undefined),
    );
    return mine;
  }

  const names = deps.repositories.map(({ name }) => name);
  return { names, open };
}

async function refresh(
  { name, url }: ListedRepository,
  folder: string,
  git: Git,
  { signal }: ToolContext,
): Promise<ToolResult<null>> {
  try {
    await mkdir(folder, { recursive: true });
    const made = await git(["init", "--bare", "--quiet", folder], { signal });
    if (made.code !== 0) return gitFailed(name, made);
    const refspec = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"];
    const fetched = await git(["fetch", "--quiet", "--prune", "--no-write-fetch-head", "--", url, ...refspec], {
      signal,
    });
    return fetched.code === 0 ? ok(null) : gitFailed(name, fetched);
  } catch (error) {
    if (error instanceof NoGit) return fail("not_permitted", "git is not installed on Claw's machine");
    throw error;
  }
}

const CREDENTIALS = /authentication failed|permission denied|could not read username|access denied|\b40[13]\b/i;

/** What a remote's refusal means. Before anything was changed. */
export function gitFailed(name: string, { said }: GitAnswer): ToolResult<never> {
  const why = said.split("\n").at(-1)?.slice(0, 300) ?? "";
  return CREDENTIALS.test(said)
    ? fail("bad_credentials", `${name}: the remote does not let Claw in (${why})`)
    : fail("service_unavailable", `${name}: git says: ${why}`);
}
