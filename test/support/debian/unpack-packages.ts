import { join } from "node:path";
import { execa } from "execa";
import { makeCacheDir } from "../../../src/components/cache-dirs.ts";
import { openQuietSystem } from "../kubeadm/find-kubeadm.ts";

/** Beside this file, also in the benchmarks' bundle, which takes a room beside it for its own. */
const SCRIPT = join(import.meta.dirname, "../debian/unpack-packages.sh");

/**
 * The directory below which Debian's packages lie unpacked, in the cache: fetched once, installed never. Says on
 * stderr when they have to be fetched.
 */
export async function unpackPackages(options: {
  /** The directory's name: what is in it stays as long as the name does. */
  readonly name: string;
  readonly packages: readonly string[];
  /** Which packages are wanted of those that these need and the machine lacks; an extended regular expression. */
  readonly needed?: string;
  /** A shell script that takes away what is not needed. */
  readonly trim?: string;
}): Promise<string> {
  const dir = join(await makeCacheDir(openQuietSystem()), "test-tools", options.name);
  const words = [dir, options.needed ?? "^$", options.trim ?? ":", ...options.packages];
  await execa(SCRIPT, words, { stdin: "ignore", stdout: "ignore", stderr: "inherit" });
  return dir;
}
