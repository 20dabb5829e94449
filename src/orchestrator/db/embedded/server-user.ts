/** Who the server runs as. PostgreSQL refuses to run as root, so root hands it to a user with no rights. */
import { realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";

export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** `nobody`, which every system has: initdb wants a user that the system knows by name. */
const NOBODY: ServerUser = process.platform === "darwin" ? { uid: -2, gid: -2 } : { uid: 65_534, gid: 65_534 };

/**
 * @param pgdata where the data is, or will be. Data that a user made is served as that user also when root starts it,
 *   so that the user can start it again afterwards.
 * @returns null when we are not root: the server runs as we do.
 */
export async function serverUser(pgdata: string): Promise<ServerUser | null> {
  if (process.getuid?.() !== 0) return null;
  const owner = await stat(pgdata).catch(() => null);
  return owner === null || owner.uid === 0 ? NOBODY : { uid: owner.uid, gid: owner.gid };
}

async function may(user: ServerUser, path: string, bits: number): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  if (stats === null) return false;
  const shift = stats.uid === user.uid ? 6 : stats.gid === user.gid ? 3 : 0;
  return ((stats.mode >> shift) & bits) === bits;
}

/** May that user go through every folder above this path? */
export async function canReach(user: ServerUser, path: string): Promise<boolean> {
  const real = await realpath(path).catch(() => path);
  for (let folder = dirname(real); ; folder = dirname(folder)) {
    if (!(await may(user, folder, 1))) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** May that user read this file, and get to it? */
export const canRead = async (user: ServerUser, path: string): Promise<boolean> =>
  (await may(user, path, 4)) && (await canReach(user, path));
