import { resolve } from "node:path";
import { describeFileError } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";
import { writeNamedFile } from "../write-named-file.ts";
import { collectBundle } from "./collect-bundle.ts";
import type { DiagnosisAnswer } from "./doctor.ts";

/** The directory that unpacking makes. */
const TOP = "slipway-bundle";

/**
 * Packs what helps others to help into a `.tar.gz` that only its owner can read. Gives its size. Raises
 * SLIPWAY_FILE_ACCESS.
 */
export async function writeBundle(
  system: System,
  options: { readonly root: string; readonly path: string; readonly diagnosis: DiagnosisAnswer },
): Promise<{ readonly path: string; readonly files: number; readonly sizeBytes: number }> {
  const files = await collectBundle(system, options);
  const { Header, Pack, ReadEntry } = await import("tar");
  const pack = new Pack({ gzip: true, portable: true });
  for (const { path, text } of files) {
    const data = Buffer.from(text);
    const mtime = new Date(system.clock.nowMs());
    const entry = new ReadEntry(
      new Header({ path: `${TOP}/${path}`, type: "File", mode: 0o600, size: data.length, mtime }),
    );
    pack.add(entry);
    entry.end(data);
  }
  pack.end();
  const packed = await pack.concat();
  const path = resolve(system.host.workingDir(), options.path);
  try {
    await writeNamedFile(system, { path, data: packed, mode: 0o600 });
  } catch (error) {
    throw describeFileError(error, { action: "write the bundle", path });
  }
  return { path, files: files.length, sizeBytes: packed.length };
}
