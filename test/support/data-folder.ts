/** Where a test's PostgreSQL keeps its data: in memory, where there is room, because a disk makes a new database in twenty times the time. */
import { mkdtemp, readFile, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Linux's; a container's is 64 MB unless it was told otherwise. */
const MEMORY = "/dev/shm";
const ROOM_BYTES = 2 * 1024 ** 3;

/** Some data folders hold a copy of the server's programs too. */
const FORBIDS_PROGRAMS = /^\S+ \/dev\/shm \S+ \S*\bnoexec\b/m;

async function memoryIsUsable(): Promise<boolean> {
  const space = await statfs(MEMORY).catch(() => null);
  if (space === null || space.bavail * space.bsize < ROOM_BYTES) return false;
  return !FORBIDS_PROGRAMS.test(await readFile("/proc/mounts", "utf8").catch(() => ""));
}

/** All the places that {@link makeDataFolder} may have chosen. */
export const dataPlaces = (): readonly string[] => [MEMORY, tmpdir()];

/** A new folder. Whoever asked for it removes it. */
export async function makeDataFolder(prefix: string): Promise<string> {
  return await mkdtemp(join((await memoryIsUsable()) ? MEMORY : tmpdir(), prefix));
}
