import { createHash } from "node:crypto";
import { SlipwayError } from "../core/errors.ts";
import { isObject } from "../core/json.ts";
import type { System } from "../system/system.ts";

/** Says what this process is doing, to whoever wants the lock meanwhile. */
export interface LockRequest {
  readonly root: string;
  /** `init`, `reset`. */
  readonly command: string;
}

/**
 * Runs `work` while no other init or reset works on the same root. Raises SLIPWAY_LOCKED, naming the holder.
 * The lock ends with the process, however it ends, and leaves no file.
 */
export async function withLock<T>(
  system: System,
  options: LockRequest & { readonly work: () => Promise<T> },
): Promise<T> {
  const name = `slipway-lock-${createHash("sha256").update(options.root).digest("hex").slice(0, 32)}`;
  const answer = JSON.stringify({ pid: system.host.pid, command: options.command });
  const claim = await system.net.claimName({ name, answer });
  if (claim.kind === "taken") throw lockedError(options.root, claim.holder);
  try {
    return await options.work();
  } finally {
    await claim.release();
  }
}

function lockedError(root: string, answer: string): SlipwayError {
  const holder = parseHolder(answer);
  return new SlipwayError({
    code: "SLIPWAY_LOCKED",
    what: `the root ${root} is being changed by another slipway`,
    why:
      holder === undefined
        ? "another init or reset holds its lock"
        : `slipway ${holder.command} (pid ${holder.pid}) holds its lock`,
    fix: "wait until it has ended, then run the command again",
  });
}

function parseHolder(answer: string): { readonly pid: number; readonly command: string } | undefined {
  try {
    const value: unknown = JSON.parse(answer);
    if (!isObject(value)) return undefined;
    return { pid: Number(value["pid"]), command: String(value["command"]) };
  } catch {
    return undefined;
  }
}
