import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PodRunner, startPodRunner } from "../support/pod-runner.ts";

/** Times that no timer of Node can be set to: it fires at once instead. */
const MAX_INT32 = 2 ** 31 - 1;
const FOREVER = Number.MAX_SAFE_INTEGER;

let runner: PodRunner;
beforeAll(async () => {
  runner = await startPodRunner();
});
afterAll(() => runner.destroy());

test.each([MAX_INT32, FOREVER])("hook and program are given a grace of %d s", async (seconds) => {
  const journal = join(runner.root, `journal-${seconds}`);
  const command = ["sh", "-c", `sleep 0.5; echo hook >>${journal}`];
  runner.apply("patient", {
    script: `trap 'sleep 0.5; echo end >>${journal}; exit' TERM; while :; do sleep 0.05; done`,
    container: { lifecycle: { preStop: { exec: { command } } } },
    spec: { terminationGracePeriodSeconds: seconds },
  });
  await runner.waitFor("patient", isReady);
  runner.remove("patient");
  await expect.poll(() => runner.report("patient")).toBeUndefined();
  expect(readFileSync(journal, "utf8")).toBe("hook\nend\n");
});

test("probes wait for their answer, and not a millisecond is spent on waiting for years", async () => {
  const answer = { exec: { command: ["sleep", "0.5"] }, timeoutSeconds: MAX_INT32 };
  runner.apply("slow", {
    script: "exec sleep 1000",
    container: {
      startupProbe: { ...answer, periodSeconds: 1 },
      livenessProbe: { ...answer, initialDelaySeconds: MAX_INT32 },
      readinessProbe: { ...answer, periodSeconds: MAX_INT32 },
    },
    spec: { activeDeadlineSeconds: MAX_INT32 },
  });
  await runner.waitFor("slow", isReady);
  const before = process.cpuUsage();
  await sleep(2000);
  const { user, system } = process.cpuUsage(before);
  // A timer that fires at once again and again took all of a core.
  expect((user + system) / 2_000_000).toBeLessThan(0.5);
});

function isReady({ containerStatuses = [] }: { readonly containerStatuses?: readonly { ready: boolean }[] }) {
  return containerStatuses[0]?.ready === true;
}
