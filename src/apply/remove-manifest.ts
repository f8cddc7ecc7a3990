import { basename } from "node:path";
import { SlipwayError } from "../core/errors.ts";
import { findManifestProcesses } from "../facts/find-manifest-processes.ts";
import type { System } from "../system/system.ts";
import { endDeafServer } from "./end-deaf-server.ts";

/** Often enough that it does not show in the time without a control plane. */
const POLL_MS = 50;

/** Of the kubelet, for a pod: its own look at the directory and the pod's grace, twice over. */
const STOP_TIMEOUT_MS = 120_000;

/**
 * Takes a manifest from a kubelet that reads its directory, and waits until its process has ended; kube-apiserver is not
 * let wait for its clients. Raises SLIPWAY_WAIT_TIMEOUT when it does not end.
 */
export async function removeManifest(
  system: System,
  options: {
    readonly path: string;
    readonly manifest: string;
    readonly onWait: (detail: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { path, manifest } = options;
  await system.fs.removeFile(path);
  const work = (): Promise<void> => waitUntilEnded(system, options);
  await (basename(path) === "kube-apiserver.yaml" ? endDeafServer(system, { manifest, work }) : work());
}

/**
 * Waits until a kubelet has ended what a manifest said that is no more, or has become another: `except`.
 * Raises SLIPWAY_WAIT_TIMEOUT.
 */
export async function waitUntilEnded(
  system: System,
  options: Parameters<typeof removeManifest>[1] & { readonly except?: string },
): Promise<void> {
  const { path, manifest, except = "", onWait, signal } = options;
  const name = basename(path, ".yaml");
  const deadlineMs = system.clock.monotonicMs() + STOP_TIMEOUT_MS;
  for (;;) {
    const kept = new Set(await findManifestProcesses(system, except));
    const pids = (await findManifestProcesses(system, manifest)).filter((pid) => !kept.has(pid));
    if (pids.length === 0) return;
    if (system.clock.monotonicMs() > deadlineMs)
      throw new SlipwayError({
        code: "SLIPWAY_WAIT_TIMEOUT",
        what: `${name} (pid ${pids.join(", ")}) still runs`,
        why: `no kubelet has ended it within ${STOP_TIMEOUT_MS / 1000} s of the ${except === "" ? "removal" : "change"} of its manifest`,
        fix: "see why in the kubelet's log (journalctl -u kubelet), then run the command again",
      });
    onWait(`the kubelet stops ${name} (pid ${pids.join(", ")})`);
    await system.clock.sleep(POLL_MS, signal);
  }
}
