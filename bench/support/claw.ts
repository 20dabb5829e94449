/** Claw as a user starts it, in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../src/package-root.ts";

export interface BenchClaw {
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

export async function startClaw(env: Readonly<Record<string, string>>, yaml: string): Promise<BenchClaw> {
  const folder = await mkdtemp(join(tmpdir(), "claw-bench-run-"));
  await writeFile(join(folder, "claw.config.yaml"), yaml);
  const profile = process.env.BENCH_PROFILE ? ["--cpu-prof", `--cpu-prof-dir=${process.env.BENCH_PROFILE}`] : [];
  const child = spawn(process.execPath, [...profile, join(packageRoot(), "bin", "claw.js"), "start"], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", HOME: folder, CLAW_CONSOLE_PORT: "0", LOG_LEVEL: "warn", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<void>((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (/^model /m.test(said)) resolve();
    });
    child.on("exit", () => reject(new Error(`claw ended: ${said}`)));
  });
  return {
    child,
    async stop() {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
