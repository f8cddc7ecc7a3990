import { existsSync, readFileSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { type LedgerEntry, writeLedger } from "../../src/apply/ledger.ts";
import { runReset } from "../../src/commands/reset.ts";
import { createSystem } from "../../src/system/create-system.ts";
import { createFakeSystem } from "../support/fake-system.ts";
import { startPodRunner } from "../support/pod-runner.ts";
import { sampleResetOptions } from "../support/reset-options.ts";

const system = createSystem({ log: createFakeSystem().log });

test("reset ends what a runner that is gone has left, and unmounts it", async () => {
  const runner = await startPodRunner();
  runner.apply("left", {
    script: "sleep 1000",
    container: { volumeMounts: [{ name: "m", mountPath: "/m" }] },
    spec: { volumes: [{ name: "m", emptyDir: { medium: "Memory" } }] },
  });
  await runner.waitFor("left", (status) => status.containerStatuses?.[0]?.state?.running !== undefined);
  const [{ pid = 0 } = {}] = runner.report("left")?.containers ?? [];
  await runner.close();
  expect(readFileSync("/proc/self/mountinfo", "utf8")).toContain(runner.root);
  const { root, paths } = runner;
  await writeLedger(system, { paths, ledger: { ...LEDGER, root, entries: [stateTree(paths.stateDir)] } });
  await runReset(system, sampleResetOptions(root));
  expect(existsSync(`/proc/${pid}`)).toBe(false);
  expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(runner.root);
  expect(existsSync(paths.stateDir)).toBe(false);
  rmSync(root, { recursive: true });
});

const LEDGER = {
  apiVersion: "slipway.dev/v1",
  kind: "Ledger",
  kubernetesVersion: "v1.37.2",
  nodeName: "node-1",
} as const;

function stateTree(path: string): LedgerEntry {
  return { kind: "tree", path, existedBefore: false };
}
