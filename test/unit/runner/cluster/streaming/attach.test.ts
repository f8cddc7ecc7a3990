import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { findRunningContainer } from "../../../../../src/runner/cluster/streaming/find-container.ts";
import { runAttach } from "../../../../../src/runner/cluster/streaming/run-attach.ts";
import { createSystem } from "../../../../../src/system/create-system.ts";
import { buildPod, buildReport, createFakePodStore } from "../../../../support/cluster-values.ts";
import { createTempTree } from "../../../../support/temp-tree.ts";

const silent = () => undefined;
const system = createSystem({ log: { error: silent, warn: silent, info: silent, debug: silent } });

test("a client that has input is told that it goes nowhere, and sees what the container writes", async () => {
  const logPath = join(createTempTree({ "0.log": "" }), "0.log");
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let output = "";
  stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  let ended = false;
  const streams = { stdin, stdout, stderr, closed: new Promise<void>(() => undefined) };
  const attached = runAttach(system, { logPath, hasEnded: () => ended, streams });
  await vi.waitFor(async () => {
    await appendFile(logPath, "2026-11-22T17:00:00.000000000Z stdout F here\n");
    expect(output).toContain("here\n");
  });
  ended = true;
  await attached;
  expect(stderr.read().toString()).toBe(
    "this container has no input: what you type goes nowhere; kubectl exec -it opens a shell\n",
  );
});

test("a container whose manifest asks for a terminal is known as such", () => {
  const web = {
    lastState: {},
    ready: true,
    restartCount: 0,
    image: "i",
    imageID: "i",
    containerID: "slipway://1",
  };
  const state = { running: { startedAt: "2026-11-22T17:00:00Z" } };
  const pod = buildPod({
    status: {
      phase: "Running",
      containerStatuses: ["plain", "talks"].map((name) => ({ ...web, name, state })),
    },
  });
  const spec = {
    ...pod.spec,
    containers: [
      { name: "plain", image: "i" },
      { name: "talks", image: "i", tty: true },
    ],
  };
  const containers = ["plain", "talks"].map((name) => ({
    ...{ name, pid: 1, logPath: "/0.log", previousLogPath: undefined },
    ...{ lastProbeFailure: undefined, stopping: false, nextStartAt: undefined },
  }));
  const store = createFakePodStore([buildReport({ ...pod, spec }, { containers })]);
  const find = (name: string) => findRunningContainer(store, ["kube-system", "web-n1", name]);
  expect(find("plain")).toEqual({ kind: "found", id: "1", logPath: "/0.log", wantsTerminal: false });
  expect(find("talks")).toMatchObject({ wantsTerminal: true });
});
