#!/usr/bin/env node
/** Starts the command line from `dist/`, which is built first when it is missing or older than its sources. */
import { readdirSync, statSync } from "node:fs";
import path from "node:path";

const root = path.dirname(import.meta.dirname);
const entry = path.join(root, "dist", "cli.js");

/** When a folder or anything in it changed last; a file taken away changes its folder. */
function changedAt(folder) {
  let newest = statSync(folder).mtimeMs;
  for (const item of readdirSync(folder, { withFileTypes: true })) {
    const inner = path.join(folder, item.name);
    if (item.isDirectory()) newest = Math.max(newest, item.name === "public" ? 0 : changedAt(inner));
    else newest = Math.max(newest, statSync(inner).mtimeMs);
  }
  return newest;
}

function isStale() {
  const built = statSync(entry, { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return true;
  // Sources that were left out of an installation cannot be newer.
  if (statSync(path.join(root, "src"), { throwIfNoEntry: false }) === undefined) return false;
  return built < Math.max(changedAt(path.join(root, "src")), changedAt(path.join(root, "scripts")));
}

async function main() {
  if (isStale()) {
    const { build } = await import("../scripts/build.js");
    await build();
  }
  const { runCli } = await import(entry);
  return await runCli(process.argv.slice(2), {
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    events: process,
  });
}

// A reader that went away (`claw … | head`) is no crash.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error) => {
    if (error.code !== "EPIPE") throw error;
  });
}

main().then(
  (exitCode) => process.exit(exitCode),
  (error) => {
    console.error(`Claw could not be built or loaded: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  },
);
