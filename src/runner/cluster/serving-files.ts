import type { SecureContextOptions } from "node:tls";
import type { System } from "../../system/system.ts";
import type { KubeletConfiguration } from "../types.ts";

/** What the kubelet API serves with, and what tells one version of the files from the next. */
export interface ServingFiles {
  readonly context: SecureContextOptions;
  readonly stamp: string;
}

/**
 * Reads the serving certificate, its key and the CA of clients; undefined when they are as they were at `knownStamp`.
 * Rejects with the system error when one cannot be read, and with a plain Error when none is configured.
 */
export async function readServingFiles(
  system: Pick<System, "fs">,
  options: {
    readonly paths: Pick<KubeletConfiguration, "tlsCertFile" | "tlsPrivateKeyFile" | "clientCAFile">;
    readonly knownStamp: string | undefined;
  },
): Promise<ServingFiles | undefined> {
  const { tlsCertFile, tlsPrivateKeyFile, clientCAFile } = options.paths;
  if (tlsCertFile === undefined || tlsPrivateKeyFile === undefined)
    throw new Error("tlsCertFile and tlsPrivateKeyFile are not configured");
  const stamps = await Promise.all(
    [tlsCertFile, tlsPrivateKeyFile, clientCAFile].map((path) => readStamp(system, path)),
  );
  const stamp = stamps.join(" ");
  if (stamp === options.knownStamp) return undefined;
  const [cert, key, ca] = await Promise.all([
    system.fs.readText(tlsCertFile),
    system.fs.readText(tlsPrivateKeyFile),
    clientCAFile === undefined ? undefined : system.fs.readText(clientCAFile),
  ]);
  return { stamp, context: { cert, key, ...(ca === undefined ? {} : { ca }) } };
}

async function readStamp(system: Pick<System, "fs">, path: string | undefined): Promise<string> {
  const status = path === undefined ? undefined : await system.fs.stat(path);
  return status === undefined ? "none" : `${status.ino}:${status.modifiedMs}:${status.sizeBytes}`;
}
