/** A process for a command to run in: what it prints is kept, signals are sent by hand. */
import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { CliIo } from "../../src/cli/io.ts";

export interface SampleIo extends CliIo {
  readonly events: EventEmitter;
  readonly out: () => string;
  readonly err: () => string;
}

/** In an empty folder of its own, which ends with the test. */
export function sampleIo(env: Record<string, string> = {}): SampleIo {
  const cwd = mkdtempSync(path.join(tmpdir(), "claw-cli-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const out: string[] = [];
  const err: string[] = [];
  return {
    env,
    cwd,
    events: new EventEmitter(),
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
    out: () => out.join(""),
    err: () => err.join(""),
  };
}
