/** Where a test's PostgreSQL keeps its data: in memory, where there is room, because a disk makes a new database in twenty times the time. */
import { mkdtemp, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Linux's; a container's is 64 MB unless it was told otherwise. */
const MEMORY = "/dev/shm";
const ROOM_BYTES = 2 * 1024 ** 3;

async function hasRoom(folder: string): Promise<boolean> {
  const space = await statfs(folder).catch(() => null);
  return space !== null && space.bavail * space.bsize >= ROOM_BYTES;
}

/** All the places that {@link makeDataFolder} may have chosen. */
export const dataPlaces = (): readonly string[] => [MEMORY, tmpdir()];

/** A new folder. Whoever asked for it removes it. */
export async function makeDataFolder(prefix: string): Promise<string> {
  return await mkdtemp(join((await hasRoom(MEMORY)) ? MEMORY : tmpdir(), prefix));
}
