import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { PodReport } from "../../src/control/protocol.ts";
import { buildPaths, type ClusterPaths } from "../../src/core/paths.ts";
import type { PodStatus } from "../../src/pod/types.ts";
import { createRunner, type Runner } from "../../src/runner/run-runner.ts";
import { parseRunnerConfig } from "../../src/runner/settings/parse-runner-config.ts";
import { createHostRuntime } from "../../src/runtime/create-host-runtime.ts";
import { createSystem } from "../../src/system/create-system.ts";
import { readMessages } from "./runtime-fixture.ts";

/** A runner with no cluster in this process, over a root of its own, that runs real processes. */
export interface PodRunner {
  readonly root: string;
  readonly paths: ClusterPaths;
  /** What it has logged, one `level message {fields}` each. */
  readonly logged: readonly string[];
  /** Writes a manifest for a pod of that name; `spec` as in YAML, with defaults for what a test does not care about. */
  apply(name: string, pod: PodSketch): void;
  remove(name: string): void;
  report(name: string): PodReport | undefined;
  /** All pods, of whatever namespace. */
  reports(): readonly PodReport[];
  /** Resolves with the pod's status when it passes. */
  waitFor(name: string, passes: (status: PodStatus) => boolean): Promise<PodStatus>;
  /** What a container has said on stdout by now. */
  output(name: string, container: string): readonly string[];
  /** Stops the runner and starts another over the same root; pods go on. */
  restart(): Promise<void>;
  /** Stops the runner; pods go on. */
  close(): Promise<void>;
  /** Stops pods and runner and removes the root. */
  destroy(): Promise<void>;
}

/** A pod for a test: what is not named is a container `main` that runs this shell script once. */
export interface PodSketch {
  readonly script?: string;
  readonly container?: Readonly<Record<string, unknown>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly namespace?: string;
}

export async function startPodRunner(): Promise<PodRunner> {
  const root = mkdtempSync(join(tmpdir(), "slipway-pods-"));
  const paths = buildPaths({ root, uid: process.getuid?.() ?? 0 });
  for (const dir of [paths.manifestDir, paths.stateDir, paths.runDir])
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  const logged: string[] = [];
  let runner = await startRunner(paths, logged);
  const fileOf = (name: string): string => join(paths.manifestDir, `${name}.yaml`);
  const report = (name: string): PodReport | undefined => runner.store.get("default", `${name}-node-1`);
  return {
    root,
    paths,
    logged,
    apply: (name, pod) => writeFileSync(fileOf(name), JSON.stringify(buildManifest(name, pod))),
    remove: (name) => rmSync(fileOf(name)),
    report,
    reports: () => runner.store.list(),
    waitFor: async (name, passes) => {
      await expect
        .poll(() => passes(report(name)?.pod.status ?? { phase: "Unknown" }), {
          timeout: 20_000,
          interval: 20,
        })
        .toBe(true);
      return report(name)?.pod.status ?? { phase: "Unknown" };
    },
    output: (name, container) => {
      const logPath = report(name)?.containers.find((candidate) => candidate.name === container)?.logPath;
      return logPath === undefined ? [] : readMessages(logPath, "stdout");
    },
    restart: async () => {
      await runner.stop({ pods: false });
      await runner.done;
      runner = await startRunner(paths, logged);
    },
    close: async () => {
      await runner.stop({ pods: false });
      await runner.done;
    },
    destroy: async () => {
      await runner.stop({ pods: true });
      await runner.done;
      rmSync(root, { recursive: true });
    },
  };
}

async function startRunner(paths: ClusterPaths, logged: string[]): Promise<Runner> {
  const at =
    (level: string) =>
    (message: string, fields: unknown = {}): void =>
      void logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const system = createSystem({
    log: { error: at("error"), warn: at("warn"), info: at("info"), debug: () => undefined },
  });
  const { kubelet } = parseRunnerConfig({ text: buildRunnerConfig(paths), path: "runner.yaml" });
  return createRunner(system, {
    root: paths.root,
    kubelet,
    nodeName: "node-1",
    nodeIp: "192.0.2.7",
    nodeLabels: {},
    badManifest: "keep",
    version: "0.0.0",
    kubeletVersion: "v1.37.2",
    paths,
    runtime: await createHostRuntime(system, {
      containersDir: paths.containersDir,
      logs: { maxSizeBytes: 10 * 1024 * 1024, maxFiles: 5 },
      locateImage: () => Promise.resolve(undefined),
      version: "0.0.0",
    }),
    credentials: undefined,
    renewal: undefined,
  });
}

/** The configuration of a runner without a cluster, with a manifest directory that is listed each second. */
export function buildRunnerConfig(paths: ClusterPaths, nodeIp = "192.0.2.7"): string {
  const kubelet = {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    staticPodPath: paths.manifestDir,
    podLogsDir: paths.podLogsDir,
    podPidsLimit: 100,
    enableServer: false,
    healthzPort: 0,
    fileCheckFrequency: "1s",
    clusterDNS: ["192.0.2.54"],
    clusterDomain: "cluster.test",
  };
  const runner = {
    apiVersion: "slipway.dev/v1",
    kind: "RunnerConfiguration",
    nodeName: "node-1",
    nodeIP: nodeIp,
    kubernetesVersion: "v1.37.2",
  };
  return `${JSON.stringify(kubelet)}\n---\n${JSON.stringify(runner)}\n`;
}

/** The manifest of a sketch. */
export function buildManifest(
  name: string,
  { script = "true", container, spec, ...metadata }: PodSketch,
): object {
  const main = { name: "main", image: "example.org/program:1", command: ["sh", "-c", script], ...container };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: {}, ...metadata },
    spec: {
      hostNetwork: true,
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 1,
      containers: [main],
      ...spec,
    },
  };
}
