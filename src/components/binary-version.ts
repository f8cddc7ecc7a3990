import { createHash } from "node:crypto";
import { join } from "node:path";
import { isObject } from "../core/json.ts";
import type { System } from "../system/system.ts";
import { makeCacheDir, selectCacheDirs } from "./cache-dirs.ts";
import { parseJson, parseStamp, type Stamp, sameStamp } from "./cache-record.ts";
import { makeDirs } from "./directories.ts";
import type { BinaryName } from "./types.ts";

/** Below a cache directory: the versions that programs outside the cache have told. */
export const VERSIONS_DIR = "versions";

/** A program that only prints its version takes 0.2 s here; a busy machine may need many times that. */
const VERSION_TIMEOUT_MS = 15_000;

/** What a program says of itself, or why it says nothing. */
export type BinaryVersion =
  | { readonly kind: "known"; readonly version: string }
  | { readonly kind: "unknown"; readonly reason: string };

/**
 * Asks a program for its version. The answer is remembered in the cache for as long as the file is the same, so that
 * the next time costs no start of the program.
 */
export async function readBinaryVersion(
  system: System,
  options: { readonly name: BinaryName; readonly path: string },
): Promise<BinaryVersion> {
  const status = await system.fs.stat(options.path);
  if (status === undefined) return { kind: "unknown", reason: "it is not there" };
  const { sizeBytes, modifiedMs, dev, ino } = status;
  const stamp = { sizeBytes, modifiedMs, dev, ino };
  const remembered = await recall(system, { path: options.path, stamp });
  if (remembered !== undefined) return { kind: "known", version: remembered };
  const answer = await ask(system, options);
  if (answer.kind === "known") await remember(system, { path: options.path, stamp, version: answer.version });
  return answer;
}

async function ask(
  system: System,
  options: { readonly name: BinaryName; readonly path: string },
): Promise<BinaryVersion> {
  const result = await system.exec.run({
    command: options.path,
    args: VERSION_ARGS[options.name] ?? ["--version"],
    timeoutMs: VERSION_TIMEOUT_MS,
  });
  if (result.startError !== undefined)
    return { kind: "unknown", reason: `it cannot be started (${result.startError})` };
  if (result.timedOut)
    return { kind: "unknown", reason: `it did not tell its version in ${VERSION_TIMEOUT_MS / 1000} s` };
  const version = parseVersionOutput(result.stdout);
  if (result.exitCode === 0 && version !== undefined) return { kind: "known", version };
  return { kind: "unknown", reason: "it does not tell its version" };
}

const VERSION_ARGS: Readonly<Partial<Record<BinaryName, readonly string[]>>> = {
  kubectl: ["version", "--client", "-o", "json"],
  kubeadm: ["version", "-o", "short"],
};

/** `Kubernetes v1.37.2`, `etcd Version: 3.7.0`, kubectl's JSON, kubeadm's `v1.37.2`. */
function parseVersionOutput(stdout: string): string | undefined {
  const match =
    /"gitVersion":\s*"(v[^"]+)"/.exec(stdout) ??
    /^(?:Kubernetes )?(v\d\S*)/m.exec(stdout) ??
    /^etcd Version: (\d\S*)/m.exec(stdout);
  const version = match?.[1];
  return version === undefined || version.startsWith("v") ? version : `v${version}`;
}

async function recall(
  system: System,
  options: { readonly path: string; readonly stamp: Stamp },
): Promise<string | undefined> {
  for (const cacheDir of selectCacheDirs(system)) {
    const text = await system.fs.readTextIfExists(memoryPath(cacheDir, options.path)).catch(() => undefined);
    const value = parseJson(text);
    if (!isObject(value) || value["path"] !== options.path || typeof value["version"] !== "string") continue;
    const stamp = parseStamp(value["stamp"]);
    if (stamp !== undefined && sameStamp(stamp, options.stamp)) return value["version"];
  }
  return undefined;
}

async function remember(
  system: System,
  options: { readonly path: string; readonly stamp: Stamp; readonly version: string },
): Promise<void> {
  try {
    const cacheDir = await makeCacheDir(system);
    await makeDirs(system, { path: join(cacheDir, VERSIONS_DIR), mode: 0o755 });
    const data = `${JSON.stringify(options)}\n`;
    await system.fs.writeAtomic(memoryPath(cacheDir, options.path), { data, mode: 0o644, durable: false });
  } catch (error) {
    system.log.debug("the version of a program is not remembered", {
      path: options.path,
      reason: String(error),
    });
  }
}

function memoryPath(cacheDir: string, path: string): string {
  const hash = createHash("sha256").update(path).digest("hex").slice(0, 32);
  return join(cacheDir, VERSIONS_DIR, `${hash}.json`);
}
