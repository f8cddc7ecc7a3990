import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { mountsBelow } from "../machine.ts";

/** A small file system of a plane's own, which a test can fill, or take the right to write from. Needs root. */
export interface SmallDisk {
  /** Shell commands for a moment of a step. */
  readonly fill: string;
  readonly forbidWrites: string;
  /** Undo them; nothing happens when they have not been run. */
  free(): Promise<void>;
  allowWritesAgain(): Promise<void>;
  unmount(): Promise<void>;
}

/** Mounts one at a path, which is made. */
export async function mountSmallDisk(path: string): Promise<SmallDisk> {
  await mkdir(path);
  await execa("mount", ["-t", "tmpfs", "-o", "size=24m,mode=755", "none", path]);
  const filler = join(path, "filler");
  return {
    fill: `dd if=/dev/zero of=${filler} bs=4k 2>/dev/null`,
    // What is open stays writable: else a disk in use could not be made read-only.
    // What is opened between the two commands keeps it busy; then a new mount is tried.
    forbidWrites: `for try in 1 2 3 4 5 6 7 8 9; do mount --bind ${path} ${path}; mount -o remount,bind,ro ${path} 2>/dev/null && break; umount --lazy ${path}; done`,
    free: () => rm(filler, { force: true }),
    // A runner that has looked through it holds it busy.
    allowWritesAgain: async () => {
      if (mountsBelow(path).filter((mountPoint) => mountPoint === path).length > 1)
        await execa("umount", ["--lazy", path]);
    },
    unmount: async () => void (await execa("umount", [path])),
  };
}
