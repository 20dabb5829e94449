/** A test's own program for another process, without a loader that would compile it at every start. */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { packageRoot } from "../../src/package-root.ts";

/** Below the packages, which it imports as Claw does. */
const FOLDER = join(packageRoot(), "node_modules", ".cache", "claw-tests");

/**
 * Compiles it and all of Claw that it imports. A second call does no harm, nor does another process that does the same.
 * @param code an ES module in TypeScript; its imports of files are absolute paths
 * @returns the path of a file that plain node runs
 */
export async function compiled(code: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: packageRoot(), loader: "ts" },
    write: false,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "silent",
  });
  const text = outputFiles.map((file) => file.text).join("");
  const path = join(FOLDER, `${createHash("sha256").update(text).digest("hex").slice(0, 16)}.mjs`);
  const partial = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  await mkdir(FOLDER, { recursive: true });
  await writeFile(partial, text);
  await rename(partial, path);
  return path;
}
