import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { makeCacheDir } from "../../../src/components/cache-dirs.ts";
import { openQuietSystem } from "../kubeadm/find-kubeadm.ts";

/** containerd 1.6 has no RuntimeConfig call; kubelets go without it until 1.38. busybox is what images are made of. */
const PACKAGES = ["containerd", "runc", "containernetworking-plugins", "busybox-static"];

/** A container runtime that is not installed on this machine. */
export interface RuntimePrograms {
  /** containerd, its shim and ctr; and runc. */
  readonly binDirs: readonly string[];
  readonly cniDir: string;
  readonly busyboxPath: string;
}

/**
 * The programs of Debian's packages, unpacked in the cache and not installed: no service of this machine is started
 * or replaced. Two processes at once each unpack, and one of both is kept.
 */
export async function findRuntimePrograms(): Promise<RuntimePrograms> {
  const parent = join(await makeCacheDir(openQuietSystem()), "test-tools");
  const dir = join(parent, "debian");
  if (!(await exists(dir))) await unpack(parent, dir);
  return {
    binDirs: [join(dir, "usr/bin"), join(dir, "usr/sbin")],
    cniDir: join(dir, "usr/lib/cni"),
    busyboxPath: join(dir, "bin/busybox"),
  };
}

async function unpack(parent: string, dir: string): Promise<void> {
  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(join(parent, "new-"));
  try {
    const download = () => execa("apt-get", ["download", ...PACKAGES], { cwd: work });
    await download().catch(async () => {
      await execa("apt-get", ["update"]);
      await download();
    });
    const tree = join(work, "tree");
    for (const name of (await readdir(work)).filter((file) => file.endsWith(".deb")))
      await execa("dpkg-deb", ["--extract", join(work, name), tree]);
    await rename(tree, dir).catch(async (error: unknown) => {
      if (!(await exists(dir))) throw error;
    });
  } finally {
    await rm(work, { recursive: true });
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
