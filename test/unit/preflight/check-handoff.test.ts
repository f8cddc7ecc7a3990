import { expect, test } from "vitest";
import { checkHandoff, type HandoffCheckInput } from "../../../src/preflight/check-handoff.ts";

type Facts = HandoffCheckInput["facts"];

const RUNNER = { pid: 10, command: "slipway" };
const KUBELET = { pid: 20, command: "kubelet" };

/** A machine on which everything is as a hand-over needs it, but for what a test changes. */
function check(change: Partial<HandoffCheckInput> = {}, facts: Partial<Facts> = {}): readonly string[] {
  const target = change.target ?? "kubelet";
  const findings = checkHandoff({
    target,
    kubernetesVersion: "v1.37.2",
    manifestDir: "/etc/kubernetes/manifests",
    command: ["systemctl", "start", "kubelet"],
    otherPods: [],
    ...change,
    facts: {
      watchers: [target === "kubelet" ? RUNNER : KUBELET],
      componentPids: [1, 2, 3, 4],
      kubelet: {
        programPath: "/usr/bin/kubelet",
        version: "v1.37.2",
        configPath: "/var/lib/kubelet/config.yaml",
        config: { staticPodPath: "/etc/kubernetes/manifests" },
      },
      containerRuntime: { kind: "answers", endpoint: "unix:///run/c.sock", missingImages: [] },
      swapOn: false,
      cgroup: "v2",
      ...facts,
    },
  });
  return findings.map(({ name, severity }) => `${severity} ${name}`);
}

function kubelet(change: Partial<Facts["kubelet"]>): Partial<Facts> {
  return {
    kubelet: {
      programPath: "/usr/bin/kubelet",
      version: "v1.37.2",
      configPath: "/var/lib/kubelet/config.yaml",
      config: { staticPodPath: "/etc/kubernetes/manifests" },
      ...change,
    },
  };
}

const CONFIG = { staticPodPath: "/etc/kubernetes/manifests" };

test("a machine with a kubelet, a runtime and the images may hand over, either way", () => {
  expect(check()).toEqual([]);
  expect(check({ target: "runner" })).toEqual([]);
});

test.each<[string, Partial<Facts>, string]>([
  ["a kubelet reads the manifests already", { watchers: [RUNNER, KUBELET] }, "OtherRunner"],
  ["there is no kubelet", kubelet({ programPath: undefined, version: undefined }), "FileExisting-kubelet"],
  ["the kubelet is newer than the API server", kubelet({ version: "v1.38.0" }), "KubeletVersion"],
  ["the kubelet is four minors older", kubelet({ version: "v1.33.0" }), "KubeletVersion"],
  ["the kubelet does not tell its version", kubelet({ version: undefined }), "KubeletVersion"],
  ["the kubelet is not configured", kubelet({ config: undefined }), "FileExisting-config.yaml"],
  ["the kubelet reads elsewhere", kubelet({ config: { staticPodPath: "/a" } }), "StaticPodPath"],
  ["cgroups are of version 1", { cgroup: "hybrid" }, "Cgroups"],
  ["the machine swaps", { swapOn: true }, "Swap"],
  [
    "the runtime is silent",
    { containerRuntime: { kind: "silent", endpoint: "unix:///run/c.sock", why: "ENOENT" } },
    "CRI",
  ],
  ["no runtime is named", { containerRuntime: undefined }, "CRI"],
  [
    "an image is missing",
    { containerRuntime: { kind: "answers", endpoint: "unix:///run/c.sock", missingImages: ["a:1"] } },
    "ImagePull",
  ],
])("nothing is handed to a kubelet when %s", (_case, facts, name) => {
  expect(check({}, facts)).toEqual([`error ${name}`]);
});

test("a kubelet that is told to bear cgroup v1 and swap gets the pods, and so does an older one", () => {
  const config = { ...CONFIG, failCgroupV1: false, failSwapOn: false };
  expect(check({}, { ...kubelet({ config, version: "v1.34.4" }), cgroup: "v1", swapOn: true })).toEqual([]);
});

test("how to start or stop the kubelet must be known", () => {
  expect(check({ command: undefined })).toEqual(["error Service-kubelet"]);
  expect(check({ command: undefined, target: "runner" })).toEqual(["error Service-kubelet"]);
});

test("containers without their kubelet cannot be handed back", () => {
  expect(check({ target: "runner" }, { watchers: [] })).toEqual(["error Service-kubelet"]);
  expect(check({ target: "runner" }, { watchers: [], componentPids: [] })).toEqual([]);
});

test("other pods of the node keep their kubelet; those of DaemonSets are told", () => {
  const otherPods = [
    { name: "a/web", ofDaemonSet: false },
    { name: "a/proxy", ofDaemonSet: true },
  ];
  expect(check({ target: "runner", otherPods })).toEqual(["error NodePods", "warning NodePods"]);
});
