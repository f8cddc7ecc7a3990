import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  buildFaultyProgram,
  type FaultPlane,
  type FaultyProgram,
  prepareFaultPlane,
} from "../support/faults/fault-plane.ts";
import type { Moment } from "../support/faults/reach-point.ts";
import { installStandInKubelet } from "../support/kubelet/stand-in-kubelet.ts";
import { processesNaming } from "../support/machine.ts";
import { runSlipway, succeed } from "../support/plane.ts";
import { COMPONENTS } from "../support/soak/plane-processes.ts";

// One control plane of real components goes to a kubelet that is none, and back; `real-kubelet` has a real one.

let program: FaultyProgram;
let plane: FaultPlane;
let kubelet: Awaited<ReturnType<typeof installStandInKubelet>>;

beforeAll(async () => {
  program = await buildFaultyProgram();
  plane = await prepareFaultPlane(program);
  await plane.bringUp();
  kubelet = await installStandInKubelet(plane);
});
afterAll(async () => {
  await plane.destroy();
  await program.remove();
});

function handOver(target: "kubelet" | "runner", fault: Readonly<Record<string, string>> = {}) {
  const ignored = "--ignore-preflight-errors=CRI,Cgroups,Swap";
  const command = [kubelet.service, target === "kubelet" ? "start" : "stop"];
  const words = ["handoff", target, "--yes", ignored, "--root", plane.root, "--", ...command];
  const env = { PATH: `${kubelet.binDir}:${process.env["PATH"]}`, ...fault };
  return runSlipway(words, { home: program.home, env });
}

async function kill(target: "kubelet" | "runner", moment: Moment, step: string): Promise<void> {
  const { exitCode, stderr } = await handOver(target, {
    SLIPWAY_FAULT_POINT: `${moment} ${step}`,
    SLIPWAY_FAULT_COMMAND: "kill -9 $PPID",
  });
  expect([exitCode, stderr], `${moment} ${step}`).toEqual([undefined, expect.any(String)]);
}

/** How often each component runs. */
function countComponents(): readonly number[] {
  const programs = processesNaming(plane.root).map(({ args: [name = ""] }) => name.replace(/.*\//, ""));
  return COMPONENTS.map((component) => programs.filter((name) => name === component).length);
}

function taints(): Promise<string> {
  return plane.kubectl("get", "node", "node-a", "-o", "jsonpath={.spec.taints[*].key}");
}

test("a hand-over to the kubelet that is killed at any moment goes on when it is begun again", async () => {
  await kill("kubelet", "in", "stop");
  await kill("kubelet", "after", "stop-runner");
  await kill("kubelet", "after", "record");
  await kill("kubelet", "after", "kubelet");
  await kill("kubelet", "before", "mark-node");
  expect(await taints()).toContain("slipway.dev/host-runtime");
  expect(succeed(await handOver("kubelet"))).toContain("The kubelet runs the control plane now.");
  expect(await taints()).not.toContain("slipway.dev/host-runtime");
  expect(countComponents()).toEqual(COMPONENTS.map(() => 1));
  expect(succeed(await handOver("kubelet"))).toBe("The kubelet runs the control plane already.\n");
});

test("of pods that the kubelet runs ps and restart tell who does, and status how they are", async () => {
  expect(succeed(await plane.slipway("status"))).toMatch(/kubelet +pid \d+ runs the pods/);
  for (const words of [["ps"], ["restart", "etcd"]]) {
    const { exitCode, stderr } = await plane.slipway(...words);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/SLIPWAY_KUBELET_RUNS/)]);
    expect(stderr).toMatch(/kubectl get pods -A/);
  }
});

test("a manifest that is edited between two tries of the hand-over back is what the runner runs", async () => {
  await kill("runner", "after", "keep-manifests");
  const path = plane.path("etc/kubernetes/manifests/kube-apiserver.yaml");
  const edited = readFileSync(path, "utf8").replace(
    /^(\s*- )kube-apiserver$/m,
    "$&\n$1--max-requests-inflight=401",
  );
  writeFileSync(path, edited);
  await kill("runner", "after", "remove/kube-apiserver");
  await kill("runner", "before", "runner");
  await kill("runner", "before", "mark-node");
  expect(succeed(await handOver("runner"))).toContain("The runner runs the control plane now.");
  expect(readFileSync(path, "utf8")).toBe(edited);
  expect(processesNaming(plane.root).flatMap(({ args }) => args)).toContain("--max-requests-inflight=401");
  expect(countComponents()).toEqual(COMPONENTS.map(() => 1));
  expect(await taints()).toContain("slipway.dev/host-runtime");
});
