import { join } from "node:path";
import { unpackPackages } from "../debian/unpack-packages.ts";

/** containerd 1.6 has no RuntimeConfig call; kubelets go without it until 1.38. busybox is what images are made of. */
const PACKAGES = ["containerd", "runc", "containernetworking-plugins", "busybox-static"];

/** A container runtime that is not installed on this machine. */
export interface RuntimePrograms {
  /** containerd, its shim and ctr; and runc. */
  readonly binDirs: readonly string[];
  readonly cniDir: string;
  readonly busyboxPath: string;
}

/** The programs of Debian's packages. */
export async function findRuntimePrograms(): Promise<RuntimePrograms> {
  const dir = await unpackPackages({ name: "debian", packages: PACKAGES });
  return {
    binDirs: [join(dir, "usr/bin"), join(dir, "usr/sbin")],
    cniDir: join(dir, "usr/lib/cni"),
    busyboxPath: join(dir, "bin/busybox"),
  };
}
