/** Where Claw is installed, from a source file as well as from a bundle in `dist/`. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

interface Manifest {
  readonly name?: string;
  readonly version?: string;
}

const read = (folder: string): Manifest | null => {
  const path = join(folder, "package.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Manifest) : null;
};

/** The folder with Claw's own `package.json`, where `drizzle/` lies too. Throws when the file was moved out of it. */
export function packageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (read(folder)?.name === "claw") return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json named "claw" above ${import.meta.url}`);
  }
}

/** The version in Claw's `package.json`. */
export const version = (): string => read(packageRoot())?.version ?? "0.0.0";
