import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { findShims } from "../processes.mjs";

/** A root with a runner of its own and no cluster; `close` stops its pods and removes it. */
export async function openPlainRoot(tools, name) {
  const root = join(tools.dir, name);
  const manifestDir = join(root, "etc/kubernetes/manifests");
  const stateDir = join(root, "var/lib/slipway");
  for (const dir of [manifestDir, stateDir, join(root, "var/log/slipway"), join(root, "run/slipway")]) {
    await mkdir(dir, { recursive: true });
  }
  await writeFile(join(stateDir, "runner.yaml"), formatRunnerConfig({ root, manifestDir }));
  const close = tools.cleanUp.add(async () => {
    await tools.slipway("runner", "stop", "--pods", "--root", root);
    await rm(root, { recursive: true, force: true });
  });
  return {
    root,
    close,
    start: () => tools.slipway("runner", "start", "--root", root),
    readPid: async () => {
      const { stdout } = await tools.slipway("runner", "status", "--root", root, "-o", "json");
      return JSON.parse(stdout).pid;
    },
    /** Writes a pod's manifest beside and renames it, as an editor does. */
    writePod: async (pod) => {
      const path = join(manifestDir, `${pod.metadata.name}.json`);
      await writeFile(join(root, "next.json"), JSON.stringify(pod));
      await rename(join(root, "next.json"), path);
    },
  };
}

/** A pod of one container that runs a shell script and ends at once on SIGTERM. */
export function buildPod(name, { script = "exec sleep infinity", env = [] } = {}) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      hostNetwork: true,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "main", image: "sh:1", command: ["/bin/sh", "-c", script], env }],
    },
  };
}

/** Waits until that many containers of the root run. */
export async function waitForShims(root, count) {
  for (let attempt = 0; attempt < 1200; attempt += 1) {
    if ((await findShims(root)).length === count) return;
    await sleep(50);
  }
  throw new Error(`the runner did not start ${count} containers within a minute`);
}

/** Waits until a file says something else than `before`; tells what. */
export async function waitForText(path, before) {
  for (let attempt = 0; attempt < 10_000; attempt += 1) {
    const text = await readFile(path, "utf8").catch(() => "");
    if (text !== "" && text !== before) return text;
    await sleep(2);
  }
  throw new Error(`${path} did not change within 20 s`);
}

function formatRunnerConfig({ root, manifestDir }) {
  const kubelet = {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    staticPodPath: manifestDir,
    podLogsDir: join(root, "var/log/pods"),
    enableServer: false,
    healthzPort: 0,
    maxPods: 1000,
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
