import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { cp, mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { MAIN, type Outcome, PROGRAM_HOME } from "../plane.ts";
import { findMachinePrograms, type MachinePrograms } from "./machine-programs.ts";

/** Where the program is in the machine, and how it is called. */
export const SLIPWAY = `${process.execPath} ${join("/opt/slipway", relative(PROGRAM_HOME, MAIN))}`;

/** Emulated on two quiet cores systemd takes 18 s to start, and a command of ours some 5 s; these are for worse. */
const BOOT_TIMEOUT_MS = 180_000;
const COMMAND_TIMEOUT_MS = 90_000;

/** A machine of its own: its own kernel, systemd as PID 1, cgroup version 2, and the programs of the one it runs on. */
export interface VirtualMachine {
  /** The machine sees this directory as /mnt. */
  readonly sharedDir: string;
  /** Switches it on; resolves when it takes commands. */
  boot(): Promise<void>;
  /** Runs a shell script in it, as root. */
  run(script: string): Promise<Outcome>;
  /** Resolves when it has gone down by itself. */
  whenDown(): Promise<void>;
  /** It loses what it has not written to its disk. */
  cutPower(): Promise<void>;
  destroy(): Promise<void>;
}

interface Wait {
  readonly isThere: () => boolean;
  readonly timeoutMs: number;
}

/**
 * A machine that is switched off; needs neither root nor network. It is emulated always: of a /dev/kvm that can be
 * opened one only knows when a machine has booted with it or not, and here, in a virtual machine, none does.
 */
export async function createVirtualMachine(): Promise<VirtualMachine> {
  const programs = await findMachinePrograms();
  const dir = await mkdtemp(join(tmpdir(), "slipway-machine-"));
  const sharedDir = join(dir, "shared");
  const commandsDir = join(sharedDir, "commands");
  await fillSharedDir(sharedDir);
  await buildInitrd({ programs, dir });
  await makeDisk(join(dir, "disk"));
  let qemu: ReturnType<typeof startQemu> | undefined;
  let count = 0;
  const isOff = (): boolean => qemu === undefined || qemu.exitCode !== null || qemu.signalCode !== null;
  const waitFor = async (what: string, options: Wait): Promise<void> => {
    const deadlineMs = Date.now() + options.timeoutMs;
    while (!options.isThere()) {
      const problem = Date.now() > deadlineMs ? "takes too long" : isOff() ? "it went down" : undefined;
      if (problem !== undefined) {
        const console = await readFile(join(dir, "console"), "utf8");
        throw new Error(`the machine: ${what}: ${problem}\n${console.slice(-3000)}`);
      }
      await sleep(50);
    }
  };
  const waitForFile = (path: string, options: { what: string; timeoutMs: number }): Promise<void> =>
    waitFor(options.what, { ...options, isThere: () => existsSync(path) });
  const cutPower = async (): Promise<void> => {
    if (qemu === undefined || isOff()) return;
    const ended = once(qemu, "exit");
    qemu.kill("SIGKILL");
    await ended;
  };
  return {
    sharedDir,
    boot: async () => {
      await rm(commandsDir, { recursive: true, force: true });
      await mkdir(commandsDir);
      qemu = startQemu({ programs, dir });
      await waitForFile(join(commandsDir, "up"), { what: "boot", timeoutMs: BOOT_TIMEOUT_MS });
    },
    run: async (script) => {
      count += 1;
      const path = join(commandsDir, String(count));
      await writeFile(`${path}.new`, script);
      await rename(`${path}.new`, `${path}.sh`);
      await waitForFile(`${path}.code`, { what: script, timeoutMs: COMMAND_TIMEOUT_MS });
      const read = (name: string): Promise<string> => readFile(`${path}.${name}`, "utf8");
      return { exitCode: Number(await read("code")), stdout: await read("out"), stderr: await read("err") };
    },
    whenDown: () => waitFor("going down", { isThere: isOff, timeoutMs: BOOT_TIMEOUT_MS }),
    cutPower,
    destroy: async () => {
      await cutPower();
      await rm(dir, { recursive: true });
    },
  };
}

async function fillSharedDir(sharedDir: string): Promise<void> {
  await mkdir(sharedDir);
  for (const name of ["agent.sh", "agent.service"])
    await cp(join(import.meta.dirname, name), join(sharedDir, name));
  for (const name of ["bin", "dist", "package.json", "templates"])
    await cp(join(PROGRAM_HOME, name), join(sharedDir, "slipway", name), { recursive: true });
}

/** Source: Documentation/driver-api/early-userspace/buffer-format.rst. */
async function buildInitrd({ programs, dir }: { programs: MachinePrograms; dir: string }): Promise<void> {
  const tree = join(dir, "initrd.d");
  await mkdir(join(tree, "bin"), { recursive: true });
  await cp(join(programs.dir, "bin/busybox"), join(tree, "bin/busybox"));
  await cp(join(programs.dir, "lib/modules"), join(tree, "lib/modules"), { recursive: true });
  await cp(join(import.meta.dirname, "init.sh"), join(tree, "init"));
  const pack = 'find . | "$1" cpio --quiet -o -H newc >"$2"';
  await execa("sh", ["-c", pack, "sh", join(tree, "bin/busybox"), join(dir, "initrd")], { cwd: tree });
}

/** What the machine writes in a test is some megabytes. */
async function makeDisk(path: string): Promise<void> {
  const disk = await open(path, "w");
  await disk.truncate(1 << 30);
  await disk.close();
  await execa("/sbin/mke2fs", ["-q", "-t", "ext4", path]);
}

/** Its console goes to a file. It does not reboot: it ends, and is started again. */
function startQemu({ programs, dir }: { programs: MachinePrograms; dir: string }) {
  const { qemu, kernelPath } = programs;
  const share = "local,security_model=none,multidevs=remap";
  const options = {
    accel: ["tcg"],
    M: ["q35"],
    cpu: ["max"],
    smp: ["2"],
    m: ["1024"],
    kernel: [kernelPath],
    initrd: [join(dir, "initrd")],
    append: ["console=ttyS0 quiet panic=-1 random.trust_cpu=on systemd.getty_auto=0 systemd.show_status=1"],
    virtfs: [
      `${share},path=/,mount_tag=machine,readonly=on`,
      `${share},path=${join(dir, "shared")},mount_tag=shared`,
    ],
    drive: [`file=${join(dir, "disk")},if=virtio,format=raw`],
    serial: ["stdio"],
    display: ["none"],
    monitor: ["none"],
    L: qemu.dataDirs,
  };
  const words = Object.entries(options).flatMap(([name, values]) =>
    values.flatMap((value) => [`-${name}`, value]),
  );
  const console = openSync(join(dir, "console"), "a");
  const child = spawn(qemu.path, ["-nodefaults", "-no-user-config", "-no-reboot", ...words], {
    env: qemu.env,
    stdio: ["ignore", console, console],
  });
  closeSync(console);
  return child;
}
