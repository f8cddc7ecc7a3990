import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { unpackPackages } from "../debian/unpack-packages.ts";

/** What the first program of the machine needs to reach its disks and directories. Source: names of Linux 6.1. */
const MODULES = [
  "virtio[a-z_]*",
  "9p|9pnet|9pnet_virtio|netfs|fscache",
  "ext4|jbd2|mbcache|crc16|crc32c_generic|libcrc32c",
  "overlay",
];

/** Some 20 of 4,000 modules, with the list of which needs which. */
const TRIM = `
  find lib/modules -name '*.ko' | grep -vE '/(${MODULES.join("|")})\\.ko$' | xargs rm
  bin/busybox depmod -b . "$(ls lib/modules)"`;

/** QEMU, and what a machine of it begins with. */
export interface MachinePrograms {
  readonly qemu: {
    readonly path: string;
    readonly env: Readonly<Record<string, string>>;
    /** The machine's firmware. */
    readonly dataDirs: readonly string[];
  };
  readonly kernelPath: string;
  /** A tree with `bin/busybox` and `lib/modules`. */
  readonly dir: string;
}

/** Debian's packages (90 MB to fetch); its kernel for clouds would be smaller, but cannot share directories by 9p. */
export async function findMachinePrograms(): Promise<MachinePrograms> {
  const dir = await unpackPackages({
    name: "virtual-machine",
    packages: ["qemu-system-x86", "linux-image-amd64", "busybox-static"],
    needed: "^(lib|qemu-system-|seabios|linux-image-)",
    trim: TRIM,
  });
  const [kernel = ""] = (await readdir(join(dir, "boot"))).filter((name) => name.startsWith("vmlinuz"));
  const libraries = ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"].map((path) => join(dir, path));
  return {
    qemu: {
      path: join(dir, "usr/bin/qemu-system-x86_64"),
      env: {
        LD_LIBRARY_PATH: libraries.join(":"),
        QEMU_MODULE_DIR: join(dir, "usr/lib/x86_64-linux-gnu/qemu"),
      },
      dataDirs: ["qemu", "seabios"].map((name) => join(dir, "usr/share", name)),
    },
    kernelPath: join(dir, "boot", kernel),
    dir,
  };
}
