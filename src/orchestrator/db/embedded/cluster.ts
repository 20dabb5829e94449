/** The data of the embedded server: made once, found again at every later start. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../../log.ts";
import { ClawError } from "../../errors.ts";
import type { Binaries } from "./binaries.ts";
import { canReach, type ServerUser } from "./server-user.ts";

export const SUPERUSER = "claw";

/** No `PG…` variable of the caller may change what the server does. */
export const SERVER_ENVIRONMENT = { LC_ALL: "C", TZ: "UTC", PATH: "/usr/local/bin:/usr/bin:/bin" } as const;

/**
 * How PostgreSQL's programs are told where the data is. Under a folder that the server's user may not enter, such as
 * `/root`, no absolute path works; but a process keeps the working folder that root gave it, and Linux lets it name
 * that folder without walking down to it. So the data stays where the operator wanted it.
 */
export async function dataArgument(pgdata: string, user: ServerUser | null): Promise<string> {
  if (user === null || (await canReach(user, pgdata))) return pgdata;
  if (process.platform === "linux") return "/proc/self/cwd";
  throw new ClawError(
    "database_unavailable",
    `${pgdata} is under a folder that only root may enter, and PostgreSQL does not run as root. ` +
      "Start Claw as another user, or set CLAW_DATA_DIR to a folder that everybody may enter.",
  );
}

async function hand(path: string, user: ServerUser | null): Promise<void> {
  if (user !== null) await chown(path, user.uid, user.gid);
}

/** Reads the password, or makes one on the first start. Only this user, and the server's, can read the file. */
async function password(path: string, user: ServerUser | null): Promise<string> {
  const known = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  if (known.trim() !== "") return known.trim();
  const fresh = randomBytes(24).toString("base64url");
  await rm(path, { force: true });
  await writeFile(path, `${fresh}\n`, { mode: 0o600, flag: "wx" });
  await hand(path, user);
  return fresh;
}

async function runInitdb(deps: ClusterDeps, folder: string, passwordFile: string): Promise<void> {
  const argument = await dataArgument(folder, deps.user);
  // As an open file, because the server's user may be unable to walk down to it.
  const handle = await open(passwordFile, "r");
  try {
    const options = [
      "--auth=scram-sha-256",
      "--pwfile=/dev/fd/3",
      "--encoding=UTF8",
      "--locale=C",
      "--no-instructions",
    ];
    const locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", ...(deps.durable ? [] : ["--no-sync"])];
    const child = spawn(deps.binaries.initdb, ["-D", argument, "-U", SUPERUSER, ...options, ...locale], {
      cwd: folder,
      env: SERVER_ENVIRONMENT,
      stdio: ["ignore", "pipe", "pipe", handle.fd],
      ...deps.user,
    });
    const said: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => said.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => said.push(chunk));
    const ended = await new Promise<string | null>((resolve) => {
      child.on("error", (error) => resolve(error.message));
      child.on("close", (code) => resolve(code === 0 ? null : `it ended with code ${code}`));
    });
    if (ended === null) return;
    const text = Buffer.concat(said).toString("utf8").trim().split("\n").slice(-4).join(" ");
    throw new ClawError(
      "database_unavailable",
      `initdb could not make a database: ${ended}. ${text} ${hint(text, ended)}`,
    );
  } finally {
    await handle.close();
  }
}

function hint(text: string, ended: string): string {
  if (text.includes("could not look up effective user"))
    return "This machine has no name for the user that Claw runs as; run it as a user that /etc/passwd lists, or set DATABASE_URL.";
  if (ended.includes("ENOENT")) return "It needs glibc; on Alpine set DATABASE_URL to a PostgreSQL server instead.";
  return "Set DATABASE_URL to use a PostgreSQL server of your own.";
}

export interface ClusterDeps {
  readonly home: string;
  readonly user: ServerUser | null;
  readonly binaries: Binaries;
  /** False trades safety against power loss for speed; for tests. */
  readonly durable: boolean;
  readonly log: Log;
}

export interface Cluster {
  readonly pgdata: string;
  readonly password: string;
}

/** Where the data of an embedded server in `home` lies. */
export const pgdataOf = (home: string): string => join(home, "data");

/**
 * Makes the data folder unless it is there. A start that died half-way leaves nothing behind that a later one takes for
 * a database: initdb works beside it, and its result is moved in place whole. Call it only while holding the claim.
 */
export async function ensureCluster(deps: ClusterDeps): Promise<Cluster> {
  const pgdata = pgdataOf(deps.home);
  const passwordFile = join(deps.home, "password");
  const isNew = (await stat(join(pgdata, "PG_VERSION")).catch(() => null)) === null;
  if (!isNew) {
    if ((await stat(passwordFile).catch(() => null)) === null)
      throw new ClawError(
        "database_unavailable",
        `${passwordFile} is missing; without it the data beside it cannot be opened. Put it back, or move ${pgdata} away to start empty.`,
      );
    return { pgdata, password: await password(passwordFile, deps.user) };
  }
  for (const name of await readdir(deps.home))
    if (name.startsWith("data.new")) await rm(join(deps.home, name), { recursive: true, force: true });
  const folder = `${pgdata}.new`;
  await mkdir(folder, { mode: 0o700 });
  await hand(folder, deps.user);
  const secret = await password(passwordFile, deps.user);
  await runInitdb(deps, folder, passwordFile);
  await rename(folder, pgdata);
  deps.log.info({ pgdata }, "database created");
  return { pgdata, password: secret };
}
