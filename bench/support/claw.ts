/** Claw as a user starts it, in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packageRoot } from "../../src/package-root.ts";
import { CONSOLE_TOKEN } from "../../test/support/claw-process.ts";
import { note, until } from "./bench.ts";

/** What a process has used; see gauge.js. */
export interface Sample {
  /** Milliseconds of a core since it began. */
  readonly cpuMs: number;
  /** Resident bytes. */
  readonly rss: number;
  /** Milliseconds that the event loop was late since the sample before. */
  readonly loop: { readonly p50: number; readonly p99: number; readonly max: number };
}

export interface BenchClaw {
  readonly pid: number;
  /** The console, without a key. */
  readonly url: string;
  readonly folder: string;
  /** Milliseconds from the spawn to the lines that say ready. */
  readonly readyMs: number;
  sample(): Promise<Sample>;
  /** SIGKILL; its folder stays. */
  kill(): Promise<void>;
  /** SIGTERM, and SIGKILL when that takes too long. A second call does no harm. */
  stop(): Promise<void>;
}

export interface ClawOptions {
  readonly databaseUrl: string;
  readonly env: Readonly<Record<string, string>>;
  readonly yaml?: string;
  /** That of a Claw that was killed. */
  readonly folder?: string;
  readonly onSpawn?: () => void;
}

/** What the tools must be allowed: the fake site is on this machine. */
export const YAML = `egress: { allow: ["127.0.0.1"] }\n`;
const STOP_MS = 20_000;

/** @throws Error with what it said when it ends before it is ready */
export async function startClaw(options: ClawOptions): Promise<BenchClaw> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "claw-bench-run-")));
  await writeFile(join(folder, "claw.config.yaml"), options.yaml ?? YAML);
  const gauge = join(folder, "gauge.json");
  const preload = pathToFileURL(join(import.meta.dirname, "gauge.js")).href;
  const profile = process.env.BENCH_PROFILE ? ["--cpu-prof", `--cpu-prof-dir=${process.env.BENCH_PROFILE}`] : [];
  const began = performance.now();
  const child = spawn(
    process.execPath,
    ["--import", preload, ...profile, join(packageRoot(), "bin", "claw.js"), "start"],
    {
      cwd: folder,
      env: {
        PATH: process.env.PATH ?? "",
        HOME: folder,
        CLAW_CONSOLE_PORT: "0",
        CLAW_CONSOLE_TOKEN: CONSOLE_TOKEN,
        LOG_LEVEL: "warn",
        DATABASE_URL: options.databaseUrl,
        BENCH_GAUGE: gauge,
        ...options.env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  options.onSpawn?.();
  const said = await ready(child);
  return {
    pid: child.pid ?? 0,
    url: /(http:\/\/\S+?)\/\?key=/.exec(said())?.[1] ?? "",
    folder,
    readyMs: performance.now() - began,
    async sample() {
      await rm(gauge, { force: true });
      child.kill("SIGUSR2");
      const text = await until(() => readFile(gauge, "utf8").catch(() => null), {
        what: "Claw's process tells what it uses",
        limitMs: 30_000,
        everyMs: 10,
      });
      return JSON.parse(text) as Sample;
    },
    async kill() {
      await ended(child, "SIGKILL");
    },
    async stop() {
      await ended(child, "SIGTERM");
      const complaints = said()
        .split("\n")
        .filter((line) => /\b(warn|error|fatal)\b/i.test(line));
      if (complaints.length > 0) note(`Claw complained ${complaints.length} times, first: ${complaints[0]}`);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when it is ready, with a look at all it says. */
function ready(child: ChildProcess): Promise<() => string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      if (/^model /m.test(said)) resolve(() => said);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.on("exit", (code, signal) => reject(new Error(`Claw ended with ${code ?? signal}:\n${said.slice(-4_000)}`)));
  });
}

async function ended(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  const hard = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await gone;
  clearTimeout(hard);
}
