import { constants } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../core/errors.ts";
import type { Container, FileKeySelector, Pod } from "../../pod/types.ts";
import { isWithin } from "../../runtime/isolation.ts";
import type { System } from "../../system/system.ts";
import { volumeDir } from "../volumes/volume-dir.ts";

/** The text of an environment file, or why it cannot be had, as a sentence. */
export type EnvFile =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "problem"; readonly message: string };

/** Environment files by volume and path. */
export type EnvFiles = ReadonlyMap<string, EnvFile>;

/** Ours: more than the kernel hands to a process, and little enough to read at once. */
const MAX_BYTES = 4 * 1024 * 1024;

/** A pipe that nobody writes to must not hold up the runner. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** The name of a file among the environment files of a pod. */
export function envFileKey({ volumeName, path }: FileKeySelector): string {
  return `${volumeName}/${path}`;
}

/** Reads the files that a container's variables name in the pod's emptyDir volumes. */
export async function readEnvFiles(
  system: Pick<System, "fs">,
  options: { readonly pod: Pod; readonly container: Container; readonly podsDir: string },
): Promise<EnvFiles> {
  const files = new Map<string, EnvFile>();
  for (const { valueFrom } of options.container.env ?? []) {
    const selector = valueFrom?.fileKeyRef;
    if (selector === undefined || files.has(envFileKey(selector))) continue;
    const { pod, podsDir } = options;
    const dir = volumeDir({ podsDir, pod, kind: "emptyDir", name: selector.volumeName });
    files.set(envFileKey(selector), await readEnvFile(system, { dir, path: selector.path }));
  }
  return files;
}

/** A container may have put anything there; the kernel tells what was opened, and it counts only within the volume. */
async function readEnvFile(
  system: Pick<System, "fs">,
  { dir, path }: { readonly dir: string; readonly path: string },
): Promise<EnvFile> {
  try {
    const handle = await system.fs.open(join(dir, path), { flags: OPEN_FLAGS });
    try {
      const within = await system.fs.realPath(dir);
      if (!isWithin(await system.fs.readLink(`/proc/self/fd/${handle.fd}`), within))
        return problem(`${path} leads out of the volume`);
      const status = await handle.stat();
      if (!status.isFile()) return problem(`${path} is no file`);
      if (status.size > MAX_BYTES) return problem(`${path} is larger than 4 MiB`);
      return { kind: "text", text: await handle.readFile("utf8") };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return problem(messageOf(error));
  }
}

function problem(message: string): EnvFile {
  return { kind: "problem", message };
}
