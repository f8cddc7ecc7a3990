import type { System } from "../system/system.ts";
import type { BinaryName } from "./types.ts";
import { recallVersion, rememberVersion } from "./version-memory.ts";

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
  const remembered = await recallVersion(system, { path: options.path, stamp });
  if (remembered !== undefined) return { kind: "known", version: remembered };
  const answer = await ask(system, options);
  if (answer.kind === "known")
    await rememberVersion(system, { path: options.path, stamp, version: answer.version });
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
