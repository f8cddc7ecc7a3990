import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { findShims } from "../processes.mjs";
import { measureIdle } from "./measure-idle.mjs";

const POD_COUNT = 4;

/** The idle runner without a cluster, with four pods that only sleep. */
export async function benchmarkPlainRunner(tools) {
  const root = join(tools.dir, "plain");
  const manifestDir = join(root, "etc/kubernetes/manifests");
  const stateDir = join(root, "var/lib/slipway");
  for (const dir of [manifestDir, stateDir, join(root, "var/log/slipway"), join(root, "run/slipway")]) {
    await mkdir(dir, { recursive: true });
  }
  await writeFile(join(stateDir, "runner.yaml"), formatRunnerConfig({ root, manifestDir }));
  for (let index = 0; index < POD_COUNT; index += 1) {
    await writeFile(join(manifestDir, `sleep-${index}.yaml`), formatPod(`sleep-${index}`));
  }
  const stop = tools.cleanUp.add(async () => {
    await tools.slipway("runner", "stop", "--pods", "--root", root);
    await rm(root, { recursive: true, force: true });
  });
  await tools.slipway("runner", "start", "--root", root);
  await waitForPods(root);
  const rows = await measureIdle(tools, { root, what: "four sleeping pods" });
  await stop();
  return rows;
}

function formatRunnerConfig({ root, manifestDir }) {
  const kubelet = {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    staticPodPath: manifestDir,
    podLogsDir: join(root, "var/log/pods"),
    enableServer: false,
    healthzPort: 0,
  };
  const runner = {
    apiVersion: "slipway.dev/v1",
    kind: "RunnerConfiguration",
    nodeName: "node-a",
    nodeIP: "127.0.0.1",
    kubernetesVersion: "v1.37.2",
  };
  return `${stringify(kubelet)}---\n${stringify(runner)}`;
}

function formatPod(name) {
  return stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      hostNetwork: true,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "sleep", image: "sleep:1", command: ["/bin/sleep", "infinity"] }],
    },
  });
}

async function waitForPods(root) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if ((await findShims(root)).length === POD_COUNT) return;
    await sleep(100);
  }
  throw new Error(`the runner did not start ${POD_COUNT} pods within 10 s`);
}
