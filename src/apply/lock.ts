import { createHash } from "node:crypto";
import { SlipwayError } from "../core/errors.ts";
import { isObject } from "../core/json.ts";
import { findNameHolder } from "../facts/find-name-holder.ts";
import type { System } from "../system/system.ts";
import { refuseForeignRoot } from "./refuse-foreign-root.ts";

/** Says what this process is doing, to whoever wants the lock meanwhile. */
export interface LockRequest {
  readonly root: string;
  /** `init` and `reset` keep each other out; `runner` keeps out a second runner. */
  readonly command: "init" | "reset" | "certs renew" | "handoff" | "runner";
}

/**
 * Runs `work` while no other init or reset (or no other runner) works on the same root. Raises SLIPWAY_LOCKED or
 * SLIPWAY_RUNNER_RUNNING, naming the holder. The lock ends with the process, however it ends, and leaves no file.
 * Raises SLIPWAY_FOREIGN_ROOT on the root of another user; but root may reset it, which ends with nothing of either, and
 * is the way out where root has been at work.
 */
export async function withLock<T>(
  system: System,
  options: LockRequest & { readonly work: () => Promise<T> },
): Promise<T> {
  if (options.command !== "reset" || system.host.uid !== 0) await refuseForeignRoot(system, options.root);
  const name = nameLock(options.root, options.command === "runner" ? "runner" : "change");
  const answer = JSON.stringify({ pid: system.host.pid, command: options.command });
  const claim = await system.net.claimName({ name, answer });
  if (claim.kind === "taken") {
    const holder = parseHolder(claim.holder) ?? (await findHolder(system, name));
    throw lockedError(options, holder);
  }
  try {
    return await options.work();
  } finally {
    await claim.release();
  }
}

/** Whether an init, a reset or another command is at work on a root. */
export async function isBeingChanged(system: System, root: string): Promise<boolean> {
  return (await findNameHolder(system, nameLock(root, "change"))) !== undefined;
}

function nameLock(root: string, purpose: "runner" | "change"): string {
  return `slipway-${purpose}-${createHash("sha256").update(root).digest("hex").slice(0, 32)}`;
}

interface Holder {
  readonly pid: number;
  readonly command: string;
}

/** One that is stopped, or too busy to answer. */
async function findHolder(system: System, name: string): Promise<Holder | undefined> {
  const holder = await findNameHolder(system, name);
  if (holder === undefined) return undefined;
  const { pid, argv } = holder;
  return { pid, command: argv.find((word) => COMMANDS.includes(word)) ?? "" };
}

/** The first word of each command that takes a lock. */
const COMMANDS: readonly string[] = ["init", "reset", "certs", "handoff", "runner"];

function lockedError({ root, command }: LockRequest, holder: Holder | undefined): SlipwayError {
  const who = holder === undefined ? "another slipway" : `slipway ${holder.command} (pid ${holder.pid})`;
  if (command === "runner") {
    return new SlipwayError({
      code: "SLIPWAY_RUNNER_RUNNING",
      what: `a second runner cannot be started on ${root}`,
      why: `${who} runs there already`,
      fix: "to see it: slipway runner status; to replace it: slipway runner restart",
    });
  }
  return new SlipwayError({
    code: "SLIPWAY_LOCKED",
    what: `the root ${root} is being changed already`,
    why: `${who} holds its lock`,
    fix: "wait until it has ended, then run the command again",
  });
}

function parseHolder(answer: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(answer);
    if (!isObject(value)) return undefined;
    return { pid: Number(value["pid"]), command: String(value["command"]) };
  } catch {
    return undefined;
  }
}
