import { defineConfig } from "vitest/config";
import { viteTemplates } from "./templates/precompile.mjs";

const INTEGRATION = "test/integration/**/*.test.ts";

/** These load the machine on purpose, look at all of it, or hold a short time against a bound: nothing runs beside them. */
const ALONE = [
  "cold-start",
  "lost-etcd",
  "runtime-lifecycle",
  "soak",
  "virtual-machine",
  "whole-machine",
].map((name) => `test/integration/${name}.test.ts`);

const integration = {
  globalSetup: ["test/support/run-temp-dir.ts", "test/support/build-program.ts"],
  setupFiles: ["test/support/own-temp-dir.ts"],
  testTimeout: 120_000,
  hookTimeout: 180_000,
  expect: { poll: { timeout: 30_000, interval: 100 } },
};

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
          sequence: { groupOrder: 0 },
        },
      },
      {
        plugins: [viteTemplates],
        test: {
          ...integration,
          name: "integration",
          include: [INTEGRATION],
          exclude: ALONE,
          // They wait for the most part: two of them are more than one core each can do, and not too much for either.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        plugins: [viteTemplates],
        test: {
          ...integration,
          name: "integration-alone",
          include: ALONE,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
