import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { makeCacheDir } from "../../../src/components/cache-dirs.ts";
import { unpackPackages } from "../debian/unpack-packages.ts";
import { openQuietSystem } from "../kubeadm/find-kubeadm.ts";
import { type Outcome, PROGRAM_HOME } from "../plane.ts";

/** What starts a machine's services, as Debian has it. */
export type InitSystem = "openrc" | "sysv";

const PROGRAMS: Readonly<Record<InitSystem, { packages: readonly string[]; needed: string; path: string }>> =
  {
    openrc: { packages: ["openrc"], needed: "^(libeinfo1|librc1)$", path: "/sbin/openrc-init" },
    sysv: {
      packages: ["sysvinit-core", "sysv-rc", "initscripts", "insserv", "startpar"],
      needed: "^$",
      path: "/sbin/init",
    },
  };

/** Where /bin, /sbin and /lib are links, a tree that is copied over a machine must have them in /usr. */
const TRIM = `
  for dir in bin sbin lib; do
    if [ -d $dir ]; then mkdir -p usr/$dir; cp -a $dir/. usr/$dir; rm -r $dir; fi
  done
  rm -rf usr/share var`;

/**
 * A machine that shares this one's kernel and files, which it cannot change, and has a disk, processes and a network
 * (nothing but loopback) of its own. Needs root.
 */
export interface BootedMachine {
  /** Starts its init system as PID 1. */
  boot(): Promise<void>;
  /** Runs a shell script in it. */
  run(script: string): Promise<Outcome>;
  /** Resolves when it has gone down by itself: its init system asked the kernel for it. */
  whenDown(): Promise<void>;
  /** What its init system has printed since it was made. */
  readConsole(): Promise<string>;
  destroy(): Promise<void>;
}

export async function createBootedMachine(init: InitSystem): Promise<BootedMachine> {
  const { packages, needed, path } = PROGRAMS[init];
  const programs = await unpackPackages({ name: `init-${init}`, packages, needed, trim: TRIM });
  const shown = [PROGRAM_HOME, await makeCacheDir(openQuietSystem())];
  const dir = await mkdtemp(join(tmpdir(), "slipway-booted-"));
  // The disk outlives the machine's processes in a mount namespace, which goes with this one.
  const holder = spawn("unshare", [
    "--mount",
    "sh",
    "-c",
    `mount -t tmpfs tmpfs "$0" && echo && read -r _`,
    dir,
  ]);
  await once(holder.stdout, "data");
  const onDisk = ["--target", String(holder.pid), "--mount"];
  const installed = join(dir, "installed");
  const holderDir = join(`/proc/${holder.pid}/root`, installed);
  await mkdir(join(holderDir, "etc"), { recursive: true });
  await cp(programs, holderDir, { recursive: true, verbatimSymlinks: true });
  await cp(join(import.meta.dirname, `set-up-${init}.sh`), join(holderDir, "etc/set-up"));
  const consolePath = join(`/proc/${holder.pid}/root`, dir, "console");
  let machine: ChildProcess | undefined;
  const end = async (): Promise<void> => {
    if (machine === undefined || hasEnded(machine)) return;
    const ended = once(machine, "exit");
    machine.kill("SIGKILL");
    await ended;
  };
  return {
    boot: async () => {
      const spaces = ["--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--kill-child"];
      const script = join(import.meta.dirname, "boot.sh");
      machine = spawn("nsenter", [...onDisk, "unshare", ...spaces, script, dir, path, ...shown], {
        stdio: ["ignore", "ignore", "inherit"],
      });
      while ((await findInit(machine, path)) === undefined) await sleep(50);
    },
    run: async (script) => {
      const pid = await findInit(machine, path);
      if (pid === undefined) throw new Error("the machine is going down");
      const words = ["--target", pid, "--all", "--root", "--wd=/", "sh", "-c", script];
      const { exitCode, stdout, stderr } = await execa("nsenter", words, { reject: false, stdin: "ignore" });
      return { exitCode: exitCode ?? -1, stdout, stderr };
    },
    whenDown: async () => {
      if (machine !== undefined && !hasEnded(machine)) await once(machine, "exit");
    },
    readConsole: () => readFile(consolePath, "utf8").then((text) => text.replaceAll("\0", "")),
    destroy: async () => {
      await end();
      const ended = once(holder, "exit");
      holder.stdin.end();
      await ended;
      await rm(dir, { recursive: true });
    },
  };
}

/**
 * The machine's PID 1, by the number that it has here; undefined until it is the init system, which has the machine's
 * disk for its root: what is run there before is run on this machine's.
 */
async function findInit(machine: ChildProcess | undefined, path: string): Promise<string | undefined> {
  if (machine === undefined || hasEnded(machine)) throw new Error("the machine is down");
  const read = (name: string): Promise<string> => readFile(`/proc/${name}`, "utf8").catch(() => "");
  const [pid = ""] = (await read(`${machine.pid}/task/${machine.pid}/children`)).trim().split(" ");
  const program = (await read(`${pid}/comm`)).trim();
  return program === basename(path) ? pid : undefined;
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;
