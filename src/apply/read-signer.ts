import { checkAuthority } from "../pki/check-authority.ts";
import type { KeyPair } from "../pki/types.ts";
import { readThere } from "../system/read-if-there.ts";
import type { System } from "../system/system.ts";

/**
 * A CA's certificate and key, when it can sign now: nothing that another key signs, or a CA that has ended, would be
 * trusted. Raises SLIPWAY_FILE_ACCESS for a file that is not there or cannot be read, and SLIPWAY_CERT_*.
 */
export async function readSigner(
  system: Pick<System, "fs" | "clock">,
  files: { readonly certPath: string; readonly keyPath: string },
): Promise<KeyPair> {
  const pair = {
    certPem: await readThere(system, files.certPath),
    keyPem: await readThere(system, files.keyPath),
  };
  checkAuthority({ ...files, ...pair, nowMs: system.clock.nowMs() });
  return pair;
}
