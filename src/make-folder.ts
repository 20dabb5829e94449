/** Making a folder where none may be made. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it; an existing one is fine. Not `mkdir` with `recursive`: on a file system that answers
 * ENOENT to making anything, as /proc does, Node's tries for ever, and keeps the processor busy with it.
 * @throws what the file system says
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // One that exists, or a file in its place, which making it the usual way tells apart.
    if (code === "EEXIST") await mkdir(path, { recursive: true });
    else if (code !== "ENOENT" || dirname(path) === path) throw error;
    else {
      await makeFolder(dirname(path));
      await mkdir(path).catch((again: NodeJS.ErrnoException) => {
        if (again.code !== "EEXIST") throw again;
      });
    }
  }
}
