import { defineConfig } from "vitest/config";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "hono/jsx" } },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // By default one core is left free, which on two cores means one file after the other; most files wait more than they compute.
    maxWorkers: "100%",
    restoreMocks: true,
  },
});
