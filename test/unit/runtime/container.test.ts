import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { watchContainer } from "../../../src/runtime/container.ts";
import { openContainerStore } from "../../../src/runtime/container-store.ts";
import type { Processes } from "../../../src/runtime/processes.ts";
import type { ContainerSpec, RuntimeContainer } from "../../../src/runtime/types.ts";
import { createFakeSystem, systemError } from "../../support/fake-system.ts";

test("an end that cannot be written down on a full disk is told all the same", async () => {
  const dir = mkdtempSync(join(tmpdir(), "slipway-container-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const ended: RuntimeContainer[] = [];
  const system = createFakeSystem({ fs: { writeAtomic: () => Promise.reject(systemError("ENOSPC")) } });
  const container = watchContainer(system, {
    store: await openContainerStore(system, dir),
    processes: NOTHING_LIVES,
    logs: { maxSizeBytes: 0, maxFiles: 1 },
    record: { id: "a".repeat(64), spec: SPEC(dir), imageId: "", argv: ["true"], startedAtMs: 0 },
    identity: { pid: 1, startTicks: "1", bootId: "boot" },
    onEnd: (told) => void ended.push(told.describe()),
  });
  await container.checkAlive({ thorough: true });
  const seen = container.checkAlive({ thorough: true });
  while (ended.length === 0) await system.clock.advance(1_000);
  await seen;
  await container.close();
  expect(ended.map(({ state }) => state)).toMatchObject([
    { kind: "exited", exitCode: 137, reason: "ContainerStatusUnknown" },
  ]);
});

const NOTHING_LIVES: Processes = {
  bootId: "boot",
  isAlive: () => Promise.resolve(false),
  isTaken: () => false,
  signal: () => Promise.resolve(false),
  findMarked: () => Promise.resolve([]),
  listMarked: () => Promise.resolve(new Map()),
  identify: () => Promise.resolve(undefined),
};

function SPEC(dir: string): ContainerSpec {
  return {
    podUid: "uid-1",
    podName: "web",
    podNamespace: "default",
    containerName: "main",
    attempt: 0,
    image: "example.org/program:1",
    command: ["true"],
    args: [],
    workingDir: undefined,
    env: {},
    logPath: join(dir, "logs/0.log"),
    logLinkPrefix: join(dir, "links/web"),
    graceSeconds: 1,
    oomScoreAdjust: undefined,
    annotations: {},
  };
}
