/**
 * Prints how long `claw start` takes on a warm machine with the embedded database, and what its Node process takes when idle.
 * Run: npm run bench:start [starts]
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const STARTS = Number(process.argv[2] ?? 7);
const IDLE_MS = 10_000;
const LIMITS = { readyMs: 3_000, mebibytes: 150 } as const;
const root = join(import.meta.dirname, "..");

interface Started {
  readonly child: ChildProcess;
  /** From the spawn of the process to the line that says ready. */
  readonly ms: number;
}

function start(folder: string): Promise<Started> {
  const began = performance.now();
  const child = spawn(process.execPath, [join(root, "bin", "claw.js"), "start"], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", HOME: folder, CLAW_CONSOLE_PORT: "0", LOG_LEVEL: "warn" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      if (/^claw \S+ · ready in /m.test(said)) resolve({ child, ms: performance.now() - began });
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("exit", (code) => reject(new Error(`claw start ended with ${code}:\n${said}`)));
  });
}

async function stop({ child }: Started): Promise<void> {
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await exited;
}

/** Resident memory in MiB, by /proc or ps. */
async function residentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => null);
  const kib = status === null ? await byPs(pid) : Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  return kib / 1024;
}

async function byPs(pid: number): Promise<number> {
  const ps = spawn("ps", ["-o", "rss=", "-p", String(pid)], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  for await (const chunk of ps.stdout) text += String(chunk);
  return Number(text.trim());
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`;
const verdict = (isUnder: boolean) => (isUnder ? "under" : "OVER");

const folder = await mkdtemp(join(tmpdir(), "claw-bench-"));
try {
  // Builds what is to be built and creates the database: neither is part of a warm start.
  const first = await start(folder);
  await stop(first);
  const times: number[] = [];
  for (let n = 0; n < STARTS; n++) {
    const started = await start(folder);
    times.push(started.ms);
    await stop(started);
  }
  const idle = await start(folder);
  await sleep(IDLE_MS);
  const mebibytes = await residentOf(idle.child.pid ?? 0);
  await stop(idle);

  const middle = median(times);
  console.log(
    `machine   ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`,
  );
  console.log(`first     ${seconds(first.ms)}, with an empty data directory`);
  console.log(
    `start     ${seconds(middle)} to ready (median of ${STARTS}: ${seconds(Math.min(...times))} to ${seconds(Math.max(...times))}), ${verdict(middle < LIMITS.readyMs)} ${LIMITS.readyMs / 1_000} s`,
  );
  console.log(
    `memory    ${mebibytes.toFixed(0)} MiB of the Node process after ${IDLE_MS / 1_000} s idle, ${verdict(mebibytes < LIMITS.mebibytes)} ${LIMITS.mebibytes} MiB`,
  );
  if (middle >= LIMITS.readyMs || mebibytes >= LIMITS.mebibytes) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
