/**
 * Prints `N passed, N failed` from the file that vitest's JSON reporter wrote.
 * A test file that could not be loaded counts as one failure. Exits with 1 when anything failed, nothing passed or there is no such file.
 */
import { readFileSync } from "node:fs";

const file = process.argv[2];
try {
  const results = JSON.parse(readFileSync(file ?? "", "utf8"));
  const unloaded = results.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.every((test) => test.status !== "failed"),
  );
  const failed = results.numFailedTests + unloaded.length;
  const skipped = results.numPendingTests + results.numTodoTests;
  console.log(`${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  if (failed > 0 || results.numPassedTests === 0) process.exitCode = 1;
} catch {
  console.error("The test run left no results: it ended before it could.");
  process.exitCode = 1;
}
