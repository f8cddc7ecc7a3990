import { spawn, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { processesNaming } from "../support/machine.ts";
import { runSlipway, succeed } from "../support/plane.ts";

const CONFIG = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
enableServer: false
healthzPort: 0
fileCheckFrequency: FREQUENCY
staticPodPath: ROOT/manifests
podLogsDir: ROOT/logs
---
apiVersion: slipway.dev/v1
kind: RunnerConfiguration
nodeName: node-a
nodeIP: 127.0.0.1
kubernetesVersion: v1.37.2
`;

/** A pod that says in ROOT/ended when it was told to end. */
const POD = `apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  hostNetwork: true
  containers:
  - name: web
    image: local/web:1
    command: [/bin/sh, -c, "trap 'echo ended >ROOT/ended; exit' TERM; while :; do sleep 0.05; done"]
`;

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "slipway-boot-"));
  for (const dir of ["manifests", "var/lib/slipway", "var/log/slipway"])
    await mkdir(join(root, dir), { recursive: true });
  await writeConfig("20s");
  await writeFile(join(root, "manifests/web.yaml"), POD.replaceAll("ROOT", root));
});
afterEach(async () => {
  await runSlipway(["runner", "stop", "--pods", "--root", root]);
  const left = processesNaming(root);
  for (const { pid } of left) process.kill(pid, "SIGKILL");
  await rm(root, { recursive: true });
  expect(left).toEqual([]);
});

const configPath = (): string => join(root, "var/lib/slipway/runner.yaml");
const writeConfig = (frequency: string): Promise<void> =>
  writeFile(configPath(), CONFIG.replaceAll("ROOT", root).replace("FREQUENCY", frequency));
const readEnded = (): Promise<string> => readFile(join(root, "ended"), "utf8").catch(() => "");

/** Writes the script for an init system and gives its path. */
async function writeScript(init: string): Promise<string> {
  const path = join(root, init);
  const text = succeed(await runSlipway(["runner", "boot-script", "--init", init, "--root", root]));
  await writeFile(path, text, { mode: 0o755 });
  return path;
}

async function readPods(): Promise<readonly { readonly phase: string; readonly pid: number }[]> {
  const { stdout } = await runSlipway(["ps", "-o", "json", "--root", root]);
  if (stdout === "") return [];
  const { items } = JSON.parse(stdout) as {
    items: { pod: { status: { phase: string } }; containers: { pid: number }[] }[];
  };
  return items.map(({ pod, containers }) => ({ phase: pod.status.phase, pid: containers[0]?.pid ?? 0 }));
}

const readLog = (): Promise<string> => readFile(join(root, "var/log/slipway/runner.log"), "utf8");

test("the sysv script starts, reloads and stops the runner, and its pods only when the machine goes down", async () => {
  const script = await writeScript("sysv");
  const call = (action: string, env = {}) =>
    spawnSync(script, [action], { env: { PATH: process.env["PATH"], ...env } }).status;
  expect(call("status")).toBe(3);
  expect(call("start")).toBe(0);
  await expect.poll(readPods).toMatchObject([{ phase: "Running" }]);
  const before = await readPods();

  await writeConfig("5s");
  expect(call("reload")).toBe(0);
  await expect.poll(readLog).toContain("configuration changed");
  await expect.poll(() => call("status")).toBe(0);
  expect(await readPods()).toEqual(before);

  await writeFile(configPath(), "kind: Nonsense\n");
  expect(call("reload")).not.toBe(0);
  expect(await readPods()).toEqual(before);
  await writeConfig("5s");

  expect(call("stop")).toBe(0);
  expect(processesNaming(join(root, "ended"))).not.toEqual([]);
  expect(call("start")).toBe(0);
  expect(await readPods()).toEqual(before);
  expect(call("stop", { RUNLEVEL: "0" })).toBe(0);
  expect(await readEnded()).toBe("ended\n");
});

test.skipIf(process.getuid?.() !== 0)(
  "as PID 1 the container's script takes in orphans, and TERM ends the pods in order (needs root)",
  async () => {
    const script = await writeScript("container");
    const unshare = spawn("unshare", ["--pid", "--fork", "--mount-proc", "--kill-child", "sh", script], {
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => unshare.once("exit", resolve));
    try {
      await expect.poll(readPods).toMatchObject([{ phase: "Running" }]);
      const [shell] = childrenOf(unshare.pid ?? 0);
      if (shell === undefined) throw new Error("there is no PID 1");
      const orphan = ["--target", shell.pid, "--pid", "--mount", "sh", "-c", "sleep 1 & exit"];
      spawnSync("nsenter", orphan, { stdio: "ignore" });
      // The orphan is there until it ends, and not even as a zombie then.
      await expect.poll(() => childrenOf(Number(shell.pid)).length).toBe(2);
      await expect.poll(() => childrenOf(Number(shell.pid)).length).toBe(1);
      process.kill(Number(shell.pid), "SIGTERM");
      await ended;
      expect(await readEnded()).toBe("ended\n");
    } finally {
      unshare.kill("SIGKILL");
    }
  },
);

function childrenOf(pid: number): readonly { readonly pid: string }[] {
  const { stdout } = spawnSync("ps", ["-o", "pid=", "--ppid", String(pid)]);
  return stdout
    .toString()
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => ({ pid: line.trim() }));
}
