import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ControlClient, connectRunner } from "../../src/control/control-client.ts";
import type { PodReport } from "../../src/control/protocol.ts";
import { buildPaths, type ClusterPaths } from "../../src/core/paths.ts";
import { createSystem } from "../../src/system/create-system.ts";
import { MAIN } from "./plane.ts";
import { buildManifest, buildRunnerConfig, type PodSketch } from "./pod-runner.ts";

/** A runner in a process of its own over a root of its own, to be killed. */
export interface RunnerProcess {
  readonly paths: ClusterPaths;
  /** Starts `slipway runner run`; resolves when it answers. */
  start(main?: string): Promise<void>;
  /** Kills it as hard as can be; resolves when it is gone. */
  kill(): Promise<void>;
  client(): Promise<ControlClient>;
  apply(name: string, pod: PodSketch): void;
  remove(name: string): void;
  pod(name: string): Promise<PodReport | undefined>;
  /** Kills the runner, then stops all pods with another, and removes the root. */
  destroy(): Promise<void>;
}

/** A root with a runner's configuration; nothing is started yet. */
export function createRunnerProcess(): RunnerProcess {
  const root = mkdtempSync(join(tmpdir(), "slipway-life-"));
  const paths = buildPaths({ root, uid: process.getuid?.() ?? 0 });
  for (const dir of [paths.manifestDir, paths.stateDir, paths.runDir])
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(paths.runnerConfigPath, buildRunnerConfig(paths, "127.0.0.1"));
  const silent = (): void => undefined;
  const system = createSystem({ log: { error: silent, warn: silent, info: silent, debug: silent } });
  const client = (): Promise<ControlClient> =>
    connectRunner(system, { socketPath: paths.controlSocketPath, root });
  const fileOf = (name: string): string => join(paths.manifestDir, `${name}.yaml`);
  let child: ChildProcess | undefined;
  const start = async (main = MAIN): Promise<void> => {
    const log = openSync(join(root, "runner.log"), "a");
    const started = spawn(process.execPath, [main, "runner", "run", "--root", root], {
      stdio: ["ignore", "ignore", log],
    });
    closeSync(log);
    child = started;
    while (!(await answers(client, started))) await sleep(20);
  };
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child?.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  };
  return {
    paths,
    start,
    kill,
    client,
    apply: (name, pod) => writeFileSync(fileOf(name), JSON.stringify(buildManifest(name, pod))),
    remove: (name) => rmSync(fileOf(name)),
    pod: async (name) =>
      (await (await client()).pods()).find(({ pod }) => pod.metadata.name === `${name}-node-1`),
    destroy: async () => {
      await kill();
      await start();
      await (await client()).stop({ pods: true, timeoutMs: 60_000 });
      rmSync(root, { recursive: true });
    },
  };
}

async function answers(client: () => Promise<ControlClient>, child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null)
    throw new Error(`the runner ended with ${child.exitCode}; see runner.log in its root`);
  try {
    return (await (await client()).info()).pid === child.pid;
  } catch {
    return false;
  }
}

/** The shims that live and stand for containers of this root, as text of their arguments. */
export function listShims(root: string): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/cmdline`))
    .map(readArguments)
    .filter((text) => text.includes("\0slipway-shim\0") && text.includes(`\0${root}/`));
}

function readArguments(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
