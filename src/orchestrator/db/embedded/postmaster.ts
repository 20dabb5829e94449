/** The running server of a data folder: finding it, starting it, stopping it. */
import { type ChildProcess, spawn } from "node:child_process";
import { chown, open, readFile, rename, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../../log.ts";
import { ClawError } from "../../errors.ts";
import type { Binaries } from "./binaries.ts";
import { dataArgument, SERVER_ENVIRONMENT } from "./cluster.ts";
import { isPostmasterOf, processFacts } from "./processes.ts";
import type { ServerUser } from "./server-user.ts";

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

/** What `postmaster.pid` says, line by line: pid, folder, start time, port, socket folder, address, memory, state. */
interface PidFile {
  readonly pid: number;
  readonly port: number;
  readonly state: string;
}

const POLL_MS = 10;
const READY_TIMEOUT_MS = 300_000; // recovery after a crash reads all of the log that was written since a checkpoint
const FAST_STOP_MS = 7_000;
const HARD_STOP_MS = 2_000;
const LOG_KEPT_BYTES = 10_000_000;
const PORT_TRIES = 5;

const pidFileOf = (pgdata: string): string => `${pgdata}/postmaster.pid`;

async function readPidFile(pgdata: string): Promise<PidFile | null> {
  const text = await readFile(pidFileOf(pgdata), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return null;
  const lines = text.split("\n").map((line) => line.trim());
  return { pid: Math.abs(Number(lines[0])), port: Number(lines[3]), state: lines[7] ?? "" };
}

/**
 * Finds the server that already runs on this folder, for instance because the Claw that started it was killed.
 * Waits while it starts or stops. A file left by a dead server whose id now belongs to another process, or to a zombie,
 * would make PostgreSQL refuse to start: it is removed.
 * Call it only while holding the claim.
 */
export async function findPostmaster(pgdata: string, log: Log): Promise<Postmaster | null> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const file = await readPidFile(pgdata);
    if (file === null) return null;
    if (!isPostmasterOf(file.pid, pgdata)) {
      log.info({ pid: file.pid }, "removed the mark of a database server that no longer runs");
      await rm(pidFileOf(pgdata), { force: true });
      return null;
    }
    if (file.state === "ready") return { pid: file.pid, port: file.port };
    if (performance.now() > deadline)
      throw new ClawError(
        "database_unavailable",
        `the database server (process ${file.pid}) has been ${file.state || "starting"} for 5 minutes. End it and start again.`,
      );
    await sleep(POLL_MS);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(address)));
    });
  });
}

/** A small application's server: little memory, no replication, no processes for what it never does. */
function settings(port: number, durable: boolean): readonly string[] {
  const values = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: 100,
    shared_buffers: "64MB",
    wal_level: "minimal",
    max_wal_senders: 0,
    max_wal_size: "256MB",
    io_method: "sync",
    jit: "off",
    max_parallel_workers_per_gather: 0,
    client_connection_check_interval: "10s", // a statement of a process that was killed must not hold its locks on
    password_encryption: "scram-sha-256",
    timezone: "UTC",
    log_timezone: "UTC",
    log_min_messages: "warning",
    log_destination: "stderr",
    logging_collector: "off",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

export interface LaunchDeps {
  /** The port it must have, because others know it; null: any that is free. */
  readonly port: number | null;
  readonly binaries: Binaries;
  readonly pgdata: string;
  readonly user: ServerUser | null;
  readonly logFile: string;
  readonly durable: boolean;
  readonly log: Log;
}

async function logTail(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.trim().split("\n").slice(-5).join("\n");
}

/** @returns the process; it lives on when we end, also when we are killed, and Ctrl-C in our terminal spares it. */
async function spawnServer(deps: LaunchDeps, port: number): Promise<ChildProcess> {
  const argument = await dataArgument(deps.pgdata, deps.user);
  if (((await stat(deps.logFile).catch(() => null))?.size ?? 0) > LOG_KEPT_BYTES)
    await rename(deps.logFile, `${deps.logFile}.1`);
  const output = await open(deps.logFile, "a", 0o600);
  try {
    if (deps.user !== null) await chown(deps.logFile, deps.user.uid, deps.user.gid);
    const child = spawn(deps.binaries.postgres, ["-D", argument, ...settings(port, deps.durable)], {
      cwd: deps.pgdata,
      env: SERVER_ENVIRONMENT,
      stdio: ["ignore", output.fd, output.fd],
      detached: true,
      ...deps.user,
    });
    child.on("error", (error) => deps.log.error({ err: error.message }, "the database server could not be started"));
    child.unref();
    return child;
  } finally {
    await output.close();
  }
}

/** @returns null when it ended before it was ready. */
async function untilReady(child: ChildProcess, deps: LaunchDeps): Promise<Postmaster | null> {
  const began = performance.now();
  let toldAt = began;
  while (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const file = await readPidFile(deps.pgdata);
    if (file?.pid === child.pid && file.state === "ready") return { pid: file.pid, port: file.port };
    const now = performance.now();
    if (now - began > READY_TIMEOUT_MS) {
      child.kill("SIGQUIT");
      return null;
    }
    if (now - toldAt > 5_000) {
      toldAt = now;
      deps.log.info({ pid: child.pid }, "the database is still recovering");
    }
    await sleep(POLL_MS);
  }
  return null;
}

/**
 * Starts the server on a port of 127.0.0.1. Tries again when the port was taken meanwhile, and while processes of
 * a server that was killed still hold its memory. Throws `database_unavailable` with the end of the server's own log.
 */
export async function launchPostmaster(deps: LaunchDeps): Promise<Postmaster> {
  for (let tries = 1; ; tries += 1) {
    const before = (await stat(deps.logFile).catch(() => null))?.size ?? 0;
    const child = await spawnServer(deps, deps.port ?? (await freePort()));
    const running = await untilReady(child, deps);
    if (running !== null) return running;
    const said = (await readFile(deps.logFile, "utf8").catch(() => "")).slice(before);
    const passes = said.includes("TCP/IP socket") || said.includes("shared memory block");
    if (!passes || tries === PORT_TRIES)
      throw new ClawError(
        "database_unavailable",
        `the embedded PostgreSQL did not start. The end of ${deps.logFile}:\n${await logTail(deps.logFile)}`,
      );
    await sleep(tries * 500);
  }
}

async function hasEnded(pid: number, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (processFacts(pid) !== null) {
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/**
 * Stops the server: first the fast way, which ends connections and writes everything down, then, after 7 s, the way
 * that leaves the rest to recovery at the next start. Nothing acknowledged is lost either way. Bounded by 10 s.
 */
export async function stopPostmaster(pgdata: string, running: Postmaster, log: Log): Promise<void> {
  for (const [signal, withinMs] of [
    ["SIGINT", FAST_STOP_MS],
    ["SIGQUIT", HARD_STOP_MS],
  ] as const) {
    // Looked at again each time: the id may have passed to a process that must not be stopped.
    if (!isPostmasterOf(running.pid, pgdata)) return;
    process.kill(running.pid, signal);
    if (await hasEnded(running.pid, withinMs)) return;
    log.warn({ pid: running.pid, signal }, "the database server does not stop");
  }
}
