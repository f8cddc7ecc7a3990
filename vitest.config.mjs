import { defineConfig } from "vitest/config";
import { viteTemplates } from "./templates/precompile.mjs";

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [viteTemplates],
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts", "test/fuzz/**/*.test.ts"],
          globalSetup: ["test/support/run-temp-dir.ts"],
          setupFiles: ["test/support/own-temp-dir.ts"],
          testTimeout: 20_000,
        },
      },
      {
        plugins: [viteTemplates],
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          globalSetup: ["test/support/run-temp-dir.ts", "test/support/build-program.ts"],
          setupFiles: ["test/support/own-temp-dir.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          expect: { poll: { timeout: 30_000, interval: 100 } },
          fileParallelism: false,
        },
      },
    ],
  },
});
