/** The line that says how many tests passed must not say more than what passed. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";

const script = path.join(import.meta.dirname, "..", "..", "scripts", "summary.js");

function summary(results: unknown) {
  const folder = mkdtempSync(path.join(tmpdir(), "claw-summary-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, "results.json");
  writeFileSync(file, typeof results === "string" ? results : JSON.stringify(results));
  const { status, stdout } = spawnSync(process.execPath, [script, file], { encoding: "utf8" });
  return { status, stdout };
}

const file = (status: string, tests: string[]) => ({ status, assertionResults: tests.map((one) => ({ status: one })) });
const results = (passed: number, failed: number, files: unknown[], pending = 0) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: pending,
  numTodoTests: 0,
  testResults: files,
});

test.each<[string, unknown, { status: number; stdout: string }]>([
  ["all passed", results(2, 0, [file("passed", ["passed", "passed"])]), { status: 0, stdout: "2 passed, 0 failed\n" }],
  ["one failed", results(1, 1, [file("failed", ["passed", "failed"])]), { status: 1, stdout: "1 passed, 1 failed\n" }],
  [
    "a file that could not be loaded",
    results(1, 0, [file("passed", ["passed"]), file("failed", [])]),
    { status: 1, stdout: "1 passed, 1 failed\n" },
  ],
  [
    "skipped",
    results(1, 0, [file("passed", ["passed", "pending"])], 1),
    { status: 0, stdout: "1 passed, 0 failed, 1 skipped\n" },
  ],
  ["nothing ran", results(0, 0, []), { status: 1, stdout: "0 passed, 0 failed\n" }],
  ["no results", "", { status: 1, stdout: "" }],
])("%s", (_what, given, expected) => expect(summary(given)).toEqual(expected));
