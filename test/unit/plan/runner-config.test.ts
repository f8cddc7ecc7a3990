import { expect, test } from "vitest";
import { buildPaths } from "../../../src/core/paths.ts";
import { formatRunnerConfig } from "../../../src/plan/runner-config.ts";
import { parseRunnerConfig } from "../../../src/runner/settings/parse-runner-config.ts";
import { sampleInitConfig } from "../../support/init-config.ts";

const PATHS = buildPaths({ root: "/r", uid: 0 });

function roundTrip(changes: Parameters<typeof sampleInitConfig>[0] = {}, componentDir?: string) {
  const text = formatRunnerConfig({ config: sampleInitConfig(changes), paths: PATHS, componentDir });
  return parseRunnerConfig({ text, path: "runner.yaml" });
}

test("the runner reads what the plan has written", () => {
  const { kubelet, runner } = roundTrip();
  expect(kubelet).toMatchObject({
    staticPodPath: "/r/etc/kubernetes/manifests",
    port: 10_250,
    healthzPort: 10_248,
    clientCAFile: "/etc/kubernetes/pki/ca.crt",
    tlsCertFile: "/r/var/lib/slipway/pki/kubelet.crt",
    tlsPrivateKeyFile: "/r/var/lib/slipway/pki/kubelet.key",
    podLogsDir: "/r/var/log/pods",
    anonymousAuth: false,
    webhookAuth: true,
    authorizationMode: "Webhook",
  });
  expect(runner).toEqual({
    apiVersion: "slipway.dev/v1",
    badManifest: "keep",
    kind: "RunnerConfiguration",
    kubeconfig: "/r/etc/kubernetes/kubelet.conf",
    kubernetesVersion: "v1.37.2",
    nodeIP: "10.77.0.1",
    nodeLabels: {},
    nodeName: "node01",
  });
});

test("the kubelet's arguments for labels and taints reach the runner, over those of the KubeletConfiguration", () => {
  const document = { registerWithTaints: [{ key: "file", effect: "NoSchedule" }] };
  const { kubelet, runner } = roundTrip({
    kubelet: { port: 10_250, healthzPort: 10_248, document },
    kubeletExtraArgs: [
      { name: "node-labels", value: "rack=7,disk=ssd" },
      { name: "register-with-taints", value: "a=b:NoExecute,c:NoSchedule" },
      { name: "node-labels", value: "zone=1" },
      { name: "v", value: "4" },
    ],
  });
  expect(runner.nodeLabels).toEqual({ rack: "7", disk: "ssd", zone: "1" });
  expect(kubelet.registerWithTaints).toEqual([
    { key: "a", value: "b", effect: "NoExecute" },
    { key: "c", effect: "NoSchedule" },
  ]);
  expect(
    roundTrip({ kubelet: { port: 10_250, healthzPort: 10_248, document } }).kubelet.registerWithTaints,
  ).toEqual(document.registerWithTaints);
});

test("ports of the kubelet API are those of the configuration", () => {
  const { kubelet } = roundTrip({ kubelet: { port: 20_250, healthzPort: 20_248, document: undefined } });
  expect(kubelet).toMatchObject({ port: 20_250, healthzPort: 20_248 });
});

test("the user's KubeletConfiguration reaches the runner, but for where the pods and logs lie", () => {
  const document = { maxPods: 7, staticPodPath: "/elsewhere", authorization: { mode: "AlwaysAllow" } };
  const { kubelet } = roundTrip({ kubelet: { port: 10_250, healthzPort: 10_248, document } });
  expect(kubelet).toMatchObject({
    maxPods: 7,
    authorizationMode: "AlwaysAllow",
    staticPodPath: "/r/etc/kubernetes/manifests",
  });
});

test.each([
  ["10.77.0.1", "0.0.0.0"],
  ["fd00::1", "::"],
  ["127.0.0.1", "127.0.0.1"],
  ["127.9.9.9", "127.9.9.9"],
  ["::1", "::1"],
])("a node at %s serves the kubelet API on %s", (advertiseAddress, address) => {
  expect(roundTrip({ advertiseAddress }).kubelet.address).toBe(address);
});

test("a directory with the user's own binaries is handed on", () => {
  expect(roundTrip({}, "/opt/bin").runner.componentDir).toBe("/opt/bin");
});

test("names that YAML would read as something else stay names", () => {
  expect(roundTrip({ nodeName: "1e3" }).runner.nodeName).toBe("1e3");
  expect(roundTrip({ nodeName: "true" }).runner.nodeName).toBe("true");
});
