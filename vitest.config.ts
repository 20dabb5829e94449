import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { DRIVER_FILE, fixDriver } from "./scripts/postgres-fixes.js";

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
    // A poll's limit only ends a hang.
    expect: { poll: { timeout: 40_000 } },
    // By default one core is left free; but most files wait more than they compute.
    maxWorkers: availableParallelism() + 1,
    // A worker reads each module once for all its files, which is half of what a test file costs; a module keeps no state.
    isolate: false,
    restoreMocks: true,
  },
});
