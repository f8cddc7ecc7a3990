import { createHash } from "node:crypto";
import type { System } from "../system/system.ts";

/** Large enough that reading costs little beside hashing, small enough for a runner's memory. */
const CHUNK_BYTES = 1024 * 1024;

/** The SHA-256 of a file as lower-case hex. Some 100 ms for a binary of 120 MB. */
export async function hashFile(system: System, path: string): Promise<string> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  const handle = await system.fs.open(path, { flags: "r" });
  try {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}
