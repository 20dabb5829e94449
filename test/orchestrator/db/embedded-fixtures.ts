/** What the tests of the embedded server share: folders that vanish, and other processes that use the server. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { onTestFinished } from "vitest";
import type { EmbeddedPostgres } from "../../../src/orchestrator/db/embedded/embedded-postgres.ts";
import { compiled } from "../../support/compiled.ts";
import { makeDataFolder } from "../../support/data-folder.ts";

const LAUNCHER = fileURLToPath(new URL("../../../src/orchestrator/db/embedded/embedded-postgres.ts", import.meta.url));

/** The pid of the server of that data folder, as its own file says; null when there is no such file. */
export function serverPid(dataDir: string): number | null {
  try {
    return Number(readFileSync(join(dataDir, "data", "postmaster.pid"), "utf8").split("\n")[0]);
  } catch {
    return null;
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A new folder; whatever server is left in one of `dataDirs` below it at the end of the test is killed. */
export async function folder(...dataDirs: readonly string[]): Promise<string> {
  const path = await makeDataFolder("claw-embedded-");
  onTestFinished(() => {
    for (const dataDir of ["", ...dataDirs]) {
      const pid = serverPid(join(path, dataDir));
      if (pid !== null && pid > 1 && pid !== process.pid && isRunning(pid)) process.kill(pid, "SIGQUIT");
    }
    rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
  return path;
}

export async function query(url: string, statement: string): Promise<postgres.RowList<postgres.Row[]>> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => {} });
  try {
    return await sql.unsafe(statement);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

export interface Owner {
  readonly child: ChildProcess;
  /** What the launcher returned there, or the message of what it threw. */
  readonly started: Promise<Pick<EmbeddedPostgres, "url" | "attached"> | { readonly error: string }>;
  /** Ends it in order: it stops its server, if it is the last. */
  readonly quit: () => Promise<void>;
}

const OWNER = `
  import { startEmbeddedPostgres } from ${JSON.stringify(LAUNCHER)};
  const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log };
  const say = (value) => process.stdout.write(JSON.stringify(value) + "\\n");
  try {
    const { url, attached, stop } = await startEmbeddedPostgres({ dataDir: process.argv[2], log });
    say({ url, attached });
    process.stdin.on("data", async () => { await stop(); process.exit(0); });
  } catch (error) {
    say({ error: error.message });
  }`;

/** Another process that starts the embedded server and keeps it until told otherwise, as Claw does. */
export async function owner(
  dataDir: string,
  identity: { readonly uid?: number; readonly gid?: number } = {},
): Promise<Owner> {
  const child = spawn(process.execPath, [await compiled(OWNER), dataDir], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { PATH: process.env.PATH, HOME: tmpdir() },
    ...identity,
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const started = new Promise<string>((resolve, reject) => {
    let said = "";
    child.stdout?.on("data", (chunk) => {
      said += chunk;
      if (said.includes("\n")) resolve(said);
    });
    child.once("exit", () => reject(new Error("the other process ended without a word")));
  }).then((line) => JSON.parse(line));
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const quit = async (): Promise<void> => {
    child.stdin?.write("quit\n");
    await exited;
  };
  return { child, started, quit };
}
