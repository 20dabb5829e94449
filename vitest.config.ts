import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { DRIVER_FILE, fixDriver } from "./scripts/postgres-fixes.js";
import { PATIENCE_MS } from "./test/support/patience.ts";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "hono/jsx" } },
  // The driver as the build has it.
  plugins: [
    {
      name: "fixes",
      transform: (code: string, id: string) => (DRIVER_FILE.test(id) ? fixDriver(code) : undefined),
    },
  ],
  test: {
    server: { deps: { inline: ["postgres"] } },
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: PATIENCE_MS } },
    // By default one core is left free; but most files wait more than they compute.
    maxWorkers: availableParallelism() + 1,
    // A worker reads each module once for all its files, which is half of what a test file costs; a module keeps no state.
    isolate: false,
    restoreMocks: true,
  },
});
