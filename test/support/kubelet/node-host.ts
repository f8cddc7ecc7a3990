import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, rmdirSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { NetworkHost } from "../network-hosts.ts";

const CGROUP_DIR = "/sys/fs/cgroup";
const START_SCRIPT = join(import.meta.dirname, "node-host.sh");
const ENTER_SCRIPT = join(import.meta.dirname, "in-node-host.sh");

/** Starts and stops the kubelet of a node host: `kubelet-service.sh start|stop`. */
export const KUBELET_SERVICE = join(import.meta.dirname, "kubelet-service.sh");

/** What a machine lacks for node hosts; undefined: nothing. A host is made of the hierarchies of cgroup v1. */
export function missingForNodeHosts(): string | undefined {
  if (process.getuid?.() !== 0) return "not root";
  return existsSync(join(CGROUP_DIR, "memory")) ? undefined : "no cgroup v1";
}

/** A machine of its own, with a network, files, processes and cgroups that end with it. */
export interface NodeHost extends NetworkHost {
  readonly name: string;
  /** Of its first process, as this machine counts them. */
  readonly pid: number;
  /** Runs a program there to its end; gives what it printed. Rejects with what it said when it fails. */
  run(...words: readonly string[]): Promise<string>;
  /** Starts a program there that goes on until the host ends; its output goes to a file there. */
  start(logPath: string, ...words: readonly string[]): Promise<void>;
  /** Whether nothing is left afterwards is for the caller to see: it rejects when something is. */
  destroy(): Promise<void>;
}

/** A machine with this name on that network. Needs root. */
export async function createNodeHost(network: NetworkHost, name: string): Promise<NodeHost> {
  const dir = await mkdtemp(join(tmpdir(), "slipway-node-"));
  const cgroup = `slipway-${randomBytes(4).toString("hex")}`;
  const [program = "", ...words] = [...network.enter, "unshare", "--mount", "--uts", "--pid", "--cgroup"];
  const machine = execa(
    ENTER_SCRIPT,
    [cgroup, "0", program, ...words, "--fork", "--kill-child", START_SCRIPT, dir, name, network.address],
    { reject: false, stdin: "ignore" },
  );
  const destroy = async (pid: string | undefined): Promise<void> => {
    if (pid !== undefined) process.kill(Number(pid), "SIGKILL");
    else machine.kill("SIGKILL");
    await machine;
    removeCgroups(cgroup);
    await rm(dir, { recursive: true });
  };
  const pid = await Promise.race([readPid(join(dir, "pid")), machine.then(() => undefined)]);
  if (pid === undefined) {
    await destroy(undefined);
    throw new Error(`the host ${name} did not start: ${(await machine).stderr}`);
  }
  const enter = [ENTER_SCRIPT, cgroup, pid];
  return {
    address: network.address,
    enter,
    name,
    pid: Number(pid),
    run: async (...command) => {
      const { stdout } = await execa(ENTER_SCRIPT, [cgroup, pid, ...command], { stdin: "ignore" });
      return stdout;
    },
    start: async (logPath, ...command) => {
      const script = 'log=$1; shift; setsid "$@" >>"$log" 2>&1 </dev/null &';
      await execa(ENTER_SCRIPT, [cgroup, pid, "sh", "-c", script, "sh", logPath, ...command], {
        stdio: "ignore",
      });
    },
    destroy: () => destroy(pid),
  };
}

async function readPid(path: string): Promise<string> {
  while (!existsSync(path)) await new Promise((done) => setTimeout(done, 20));
  return (await readFile(path, "utf8")).trim();
}

/** From the bottom up; no process is left in them, for their first process has ended. */
function removeCgroups(name: string): void {
  const remove = (dir: string): void => {
    for (const entry of readdirSync(dir, { withFileTypes: true }))
      if (entry.isDirectory()) remove(join(dir, entry.name));
    rmdirSync(dir);
  };
  for (const hierarchy of readdirSync(CGROUP_DIR)) {
    const dir = join(CGROUP_DIR, hierarchy, name);
    if (existsSync(dir)) remove(dir);
  }
}
