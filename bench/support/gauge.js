/**
 * Loaded into Claw's process before it (`node --import`): on SIGUSR2 it writes what the process has used, and how late
 * its event loop was since the last time, to the file that BENCH_GAUGE names.
 */
import { renameSync, writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

const RESOLUTION_MS = 5;
const file = process.env.BENCH_GAUGE;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

process.on("SIGUSR2", () => {
  const { user, system } = process.cpuUsage();
  // What is recorded is the time between two looks: the part beyond the resolution is the delay.
  const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  const sample = {
    cpuMs: (user + system) / 1_000,
    rss: process.memoryUsage.rss(),
    loop: { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) },
  };
  delay.reset();
  writeFileSync(`${file}.part`, JSON.stringify(sample));
  renameSync(`${file}.part`, file);
});
